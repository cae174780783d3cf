/** What to do after the server closed the socket: the three bands of docs/wire.md. */

export type AfterClose =
  | { readonly next: "stop" }
  | { readonly next: "at_once" }
  | { readonly next: "back_off"; readonly atLeastSeconds: number };

/** 4100-4199 says that coming again soon makes it worse, so the wait has a floor. */
const BACK_OFF_FLOOR_SECONDS = 5;
/** A server that restarts may name any wait; a page must not be put to sleep by it. */
const LONGEST_HINT_SECONDS = 120;

export function afterClose(code: number, reason: string): AfterClose {
  if (code >= 4000 && code <= 4099) return { next: "stop" };
  if (code >= 4200 && code <= 4299) return { next: "at_once" };
  const hint = retryAfterSeconds(reason);
  const floor = code >= 4100 && code <= 4199 ? BACK_OFF_FLOOR_SECONDS : 0;
  return { next: "back_off", atLeastSeconds: Math.max(floor, hint) };
}

/** Seconds named in a close reason such as `retry_after=4` or `{"retry_after": 4}`; 0 when none is. */
export function retryAfterSeconds(reason: string): number {
  const found = /retry_after(?:_seconds)?["':= ]{1,4}(\d{1,6}(?:\.\d{1,3})?)/.exec(reason);
  return found?.[1] ? Math.min(Number(found[1]), LONGEST_HINT_SECONDS) : 0;
}
