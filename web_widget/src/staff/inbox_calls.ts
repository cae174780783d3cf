/** When the inbox calls its person: a handoff, a message, a mention, a reply that is overdue. Each once. */
import type { StaffMentioned, Summary } from "../wire/staff_frames.ts";
import type { Alerts } from "./alerts.ts";
import { lateFor, timerName } from "./deadlines.ts";
import { plain } from "./intent_names.ts";
import type { InboxTexts } from "./texts.ts";

export class InboxCalls {
  /** Timers that were overdue when the page came, or were called for: an alarm sounds once. */
  private readonly told = new Set<string>();
  private isFirstLook = true;

  constructor(
    private readonly alerts: Pick<Alerts, "call">,
    private readonly texts: () => InboxTexts,
  ) {}

  waiting(summary: Summary): void {
    this.call(
      "handoff",
      summary,
      `waits/${summary.waiting_since ?? summary.last_at}`,
      this.texts().calls.handoff,
    );
  }

  given(summary: Summary): void {
    this.call("handoff", summary, `given/${summary.last_seq}`, this.texts().calls.given);
  }

  said(summary: Summary): void {
    this.call("message", summary, `said/${summary.last_seq}`, this.texts().calls.message);
  }

  mentioned({ conversation, seq, by }: StaffMentioned): void {
    const title = this.texts().calls.mention(by.name);
    this.alerts.call({
      occasion: "mention",
      name: `mention/${conversation}/${seq}`,
      conversation,
      title,
      body: "",
    });
  }

  /** Gives the conversations that became late since the last look and concern this person. */
  lookForLate(me: string, summaries: readonly Summary[], now: number): readonly Summary[] {
    const late = lateFor(me, summaries, now).filter((one) => !this.told.has(timerName(one)));
    for (const one of late) this.told.add(timerName(one));
    const isFirst = this.isFirstLook;
    this.isFirstLook = false;
    if (isFirst) return [];
    for (const one of late) this.call("late", one, timerName(one), this.texts().calls.late);
    return late;
  }

  private call(
    occasion: "handoff" | "message" | "late",
    { conversation, reason }: Summary,
    what: string,
    title: string,
  ): void {
    const body = reason ? (this.texts().reasons[reason] ?? plain(reason)) : "";
    this.alerts.call({ occasion, name: `${what}/${conversation}`, conversation, title, body });
  }
}
