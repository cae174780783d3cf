/**
 * Whether a key press belongs to an input method: Enter picks a word then, Escape drops one. Safari ends the
 * composition before it reports that key, and marks it by the key code 229 alone.
 */
export function isComposed(event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Whether a key press means "send". */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || isComposed(event)) return false;
  return !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
}
