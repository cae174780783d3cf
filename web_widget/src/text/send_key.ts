/**
 * Whether a key press means "send". While an input method composes, Enter picks a word; Safari ends the
 * composition before it reports that Enter, and marks it by the key code 229 alone.
 */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  return !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
}
