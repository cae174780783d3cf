/** Which conversations stand in which list, and in which order. Pure. */
import type { Summary } from "../wire/staff_frames.ts";

export type Tab = "queue" | "mine" | "others" | "all";
export const TABS: readonly Tab[] = ["queue", "mine", "others", "all"];

export function listed(tab: Tab, summaries: readonly Summary[], me: string): readonly Summary[] {
  if (tab === "queue") return summaries.filter(waits).sort(longestWaitingFirst);
  const held = summaries.filter(({ stage }) => stage === "with_staff");
  if (tab === "mine") return held.filter(({ holder }) => holder?.id === me).sort(newestFirst);
  if (tab === "others") return held.filter(({ holder }) => holder?.id !== me).sort(newestFirst);
  return [...summaries].sort(newestFirst);
}

/** Who waits for a person: in the queue, or with a message left that nobody has dealt with, in any stage. */
export function waits(summary: Summary): boolean {
  return summary.stage === "waiting_for_staff" || (summary.left_message && summary.stage !== "with_staff");
}

/** The server's place where it is told, else the time of waiting. */
function longestWaitingFirst(a: Summary, b: Summary): number {
  if (a.place !== undefined && b.place !== undefined && a.place !== b.place) return a.place - b.place;
  return (a.waiting_since ?? a.last_at).localeCompare(b.waiting_since ?? b.last_at);
}

function newestFirst(a: Summary, b: Summary): number {
  return b.last_at.localeCompare(a.last_at);
}
