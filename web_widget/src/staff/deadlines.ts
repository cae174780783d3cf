/** The timers of the desk: by when a shopper should have a word, how much is left, which became late. Pure. */
import type { Deadline, Summary } from "../wire/staff_frames.ts";

/** From this share of the time that is left a timer is shown as near, where the server does not say. */
const SOON_SECONDS = 60;

export interface Countdown {
  readonly kind: Deadline["kind"];
  /** Until it is due; below zero when it is late. Null while the desk is closed and does not open soon. */
  readonly seconds: number | null;
  readonly state: "running" | "soon" | "late";
}

/**
 * Counts from the page's clock; `late` and `soon` of the server are kept, so a page whose clock is slow
 * does not take back what the server said.
 *
 * Args:
 *   now: milliseconds by the wall clock.
 */
export function countdown(deadline: Deadline | undefined, now: number): Countdown | null {
  if (!deadline) return null;
  const { kind, due_at, state } = deadline;
  const due = due_at === undefined ? Number.NaN : Date.parse(due_at);
  if (Number.isNaN(due)) return { kind, seconds: null, state };
  const seconds = (due - now) / 1000;
  if (seconds <= 0 || state === "late") return { kind, seconds: Math.min(seconds, 0), state: "late" };
  return { kind, seconds, state: state === "soon" || seconds <= SOON_SECONDS ? "soon" : "running" };
}

/** One name for one timer of one conversation: a new wait is a new timer, and rings anew. */
export function timerName({ conversation, deadline }: Summary): string {
  return `late/${conversation}/${deadline?.kind ?? ""}/${deadline?.due_at ?? ""}`;
}

/** Those that became late and concern this person: their own, and those nobody has yet. */
export function lateFor(me: string, summaries: readonly Summary[], now: number): readonly Summary[] {
  return summaries.filter(
    ({ stage, holder, deadline, left_message }) =>
      (stage === "waiting_for_staff" || holder?.id === me || (left_message && !holder)) &&
      countdown(deadline, now)?.state === "late",
  );
}
