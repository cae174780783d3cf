/** One line of the list: why it is here, how long it waits, what was said last, and the facts as chips. */
import { css, html, nothing, type TemplateResult } from "lit";
import { clockTime, dateAndTime, lasting } from "../text/moments.ts";
import type { Language } from "../wire/frames.ts";
import type { Summary } from "../wire/staff_frames.ts";
import { deadlineChip } from "./deadline_chip.ts";
import { intentWords, plain } from "./intent_names.ts";
import { type Tab, waits } from "./lists.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const TAGS_SHOWN = 2;
const DAY_MS = 86_400_000;

export interface Line {
  readonly summary: Summary;
  /** The message in which the searched words stand, where one does. */
  readonly snippet: string | undefined;
  readonly tab: Tab;
  readonly me: string;
  readonly now: number;
  readonly language: Language;
  readonly isOpened: boolean;
  readonly isSelected: boolean;
  /** Whether a note here calls this person and was not looked at yet. */
  readonly callsYou: boolean;
}

export function lineView(line: Line, open: () => void): TemplateResult {
  const { summary, isOpened, isSelected } = line;
  const texts = inboxTexts[line.language];
  const kind = ["line", isOpened ? "opened" : "", isSelected ? "selected" : ""].join(" ");
  return html`<button
    class=${kind}
    aria-current=${isOpened ? "true" : "false"}
    data-conversation=${summary.conversation}
    @click=${open}
  >
    <span class="first">
      ${moodDot(summary.mood, texts)}
      <span class="topic">${topicOf(summary, line.language)}</span>
      ${when(line)}
    </span>
    <span class="last" dir="auto">${line.snippet ?? summary.last_text}</span>
    <span class="facts">${chips(line, texts)}</span>
  </button>`;
}

/** Why it is here, and what it is about. */
export function topicOf({ reason, intent }: Summary, language: Language): string {
  const texts = inboxTexts[language];
  const why = reason ? (texts.reasons[reason] ?? plain(reason)) : "";
  return [why, intent ? intentWords(intent, language) : ""].filter(Boolean).join(" · ") || texts.shopper;
}

function moodDot(mood: string | undefined, texts: InboxTexts): TemplateResult | typeof nothing {
  if (mood === undefined || mood === "neutral") return nothing;
  const words = texts.moods[mood] ?? mood;
  return html`<i class="mood ${mood}" role="img" aria-label=${words} title=${words}></i>`;
}

/** Who waits is told by how long; everything else by when it was. */
function when({ summary, now, language }: Line): TemplateResult {
  const since = waits(summary) ? Date.parse(summary.waiting_since ?? "") : Number.NaN;
  if (!Number.isNaN(since)) {
    const time = lasting((now - since) / 1000, language);
    const words = inboxTexts[language].waited(time);
    return html`<time class="when figure" title=${words}>${time}</time>`;
  }
  const last = Date.parse(summary.last_at);
  const today = now - last < DAY_MS;
  return html`<time class="when">${today ? clockTime(last, language) : dateAndTime(summary.last_at, language)}</time>`;
}

function chips(line: Line, texts: InboxTexts): TemplateResult {
  const { summary, now, language, callsYou } = line;
  const { unread, tags } = summary;
  return html`
    ${summary.language ? html`<span class="chip">${texts.languages[summary.language]}</span>` : nothing}
    ${deadlineChip(summary.deadline, now, language)} ${whoChip(line, texts)}
    ${summary.left_message ? html`<span class="chip accent">${texts.leftMessage}</span>` : nothing}
    ${summary.score === undefined ? nothing : ratingChip(summary.score, texts)}
    ${tags.slice(0, TAGS_SHOWN).map((tag) => html`<span class="chip named tag">${tag}</span>`)}
    ${tags.length > TAGS_SHOWN ? html`<span class="chip">+${tags.length - TAGS_SHOWN}</span>` : nothing}
    ${callsYou ? html`<span class="chip warn" role="img" aria-label=${texts.calledYou}>@</span>` : nothing}
    ${unread > 0 ? html`<span class="unread figure" title=${texts.unread(unread)}>${unread}</span>` : nothing}
  `;
}

export function ratingChip(score: number, texts: InboxTexts): TemplateResult {
  const kind = score >= 4 ? "good" : score <= 2 ? "bad" : "";
  return html`<span class="chip ${kind}" title=${texts.rating(score)}><span aria-hidden="true">★</span> ${score}</span>`;
}

/** Who has it; in the lists of those who wait and of one's own it goes without saying. */
function whoChip({ summary, tab, me }: Line, texts: InboxTexts): TemplateResult | typeof nothing {
  const { holder, stage } = summary;
  if (tab === "queue" || tab === "mine") return nothing;
  if (stage === "waiting_for_staff") return html`<span class="chip warn">${texts.stages[stage]}</span>`;
  if (holder && stage === "with_staff") {
    const mine = holder.id === me;
    return html`<span class="chip named ${mine ? "accent" : ""}">${mine ? texts.heldByYou : texts.heldBy(holder.name)}</span>`;
  }
  return html`<span class="chip">${texts.stages[stage]}</span>`;
}

export const lineLook = css`
  .line {
    position: relative;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 3px;
    inline-size: 100%;
    padding: 11px 16px;
    border: 0;
    border-block-end: 1px solid var(--sk-line);
    background: none;
    text-align: start;
  }
  .line:hover {
    background: var(--sk-hover);
  }
  .line.opened {
    background: var(--sk-accent-soft);
  }
  .line.selected::before {
    content: "";
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    inline-size: 3px;
    background: var(--sk-accent);
  }
  .line:focus-visible {
    box-shadow: inset 0 0 0 2px var(--sk-accent);
  }
  .first {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  .topic {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 14px;
    font-weight: 600;
  }
  .when {
    flex: none;
    font-size: 12.5px;
    color: var(--sk-ink-soft);
  }
  .last {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    font-size: 14px;
    line-height: 1.45;
    color: var(--sk-ink-soft);
    overflow-wrap: anywhere;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 5px;
    min-block-size: 22px;
  }
  .facts .tag {
    max-inline-size: 120px;
    border: 1px solid var(--sk-line-strong);
    background: none;
    line-height: 18px;
  }
  .mood {
    flex: none;
    inline-size: 9px;
    block-size: 9px;
    border-radius: 50%;
    background: var(--sk-line-strong);
  }
  .mood.angry {
    background: var(--sk-bad);
  }
  .mood.negative {
    background: #d98a1f;
  }
  .mood.positive {
    background: #2e9e5b;
  }
  .unread {
    margin-inline-start: auto;
    min-inline-size: 20px;
    padding: 0 6px;
    border-radius: 10px;
    background: var(--sk-accent);
    font-size: 12px;
    font-weight: 600;
    line-height: 20px;
    text-align: center;
    color: var(--sk-on-accent);
  }
`;
