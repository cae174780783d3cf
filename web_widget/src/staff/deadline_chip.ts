/** The running timer of a conversation as a chip: calm, near or overdue. */
import { html, nothing, type TemplateResult } from "lit";
import { lasting } from "../text/moments.ts";
import type { Language } from "../wire/frames.ts";
import type { Deadline } from "../wire/staff_frames.ts";
import { countdown } from "./deadlines.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const LOOKS = { running: "", soon: "warn", late: "bad" } as const;

export function deadlineChip(
  deadline: Deadline | undefined,
  now: number,
  language: Language,
): TemplateResult | typeof nothing {
  const left = countdown(deadline, now);
  if (!left) return nothing;
  return html`<span class="chip figure ${LOOKS[left.state]}">${words(left, inboxTexts[language], language)}</span>`;
}

function words(
  { kind, seconds, state }: NonNullable<ReturnType<typeof countdown>>,
  texts: InboxTexts,
  language: Language,
): string {
  const first = kind === "first_reply";
  if (seconds === null) return first ? texts.firstReplyLater : texts.nextReplyLater;
  const time = lasting(Math.abs(seconds), language);
  if (state === "late") return texts.overdue(time);
  return first ? texts.firstReply(time) : texts.nextReply(time);
}
