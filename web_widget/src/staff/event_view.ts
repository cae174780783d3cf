/** How one event of a conversation is shown to staff, kind by kind. */
import { html, nothing, type TemplateResult } from "lit";
import { linkedText } from "../desk/linked_text.ts";
import { picture } from "../desk/pictures.ts";
import { clockTime } from "../text/moments.ts";
import type { ChatEvent, Contact, Language } from "../wire/frames.ts";
import type { Unaccepted } from "../wire/staff_unsent.ts";
import { type Named, pieces } from "./mentions.ts";
import { type HappeningFacts, type InboxTexts, inboxTexts } from "./texts.ts";

const STARS = 5;

/** What a view of an event needs beside the event. */
export interface EventScene {
  readonly language: Language;
  readonly me: string;
  readonly colleagues: readonly Named[];
  /** "Why this answer?", where there is a trace. */
  readonly why: (event: ChatEvent) => TemplateResult | typeof nothing;
  /** The trace itself, where it is opened. */
  readonly trace: (event: ChatEvent) => TemplateResult | typeof nothing;
  readonly useDraft: (text: string) => void;
}

export function eventView(event: ChatEvent, scene: EventScene): TemplateResult | typeof nothing {
  switch (event.kind) {
    case "staff_noted":
      return noteView(event, scene);
    case "bot_drafted":
      return draftView(event, scene);
    case "message_left":
      return leftView(event, scene);
    case "rated":
      return ratedView(event, scene);
    default:
      return event.text === "" ? happeningView(event, scene) : messageView(event, scene);
  }
}

function messageView(event: ChatEvent, scene: EventScene): TemplateResult {
  const { role } = event.author;
  return html`<article class="message ${role}">
    <header>
      ${role === "bot" ? picture("assistant") : nothing} <b>${authorName(event, scene)}</b> ${time(event, scene)}
      ${scene.why(event)}
    </header>
    <p class="text" dir="auto">${linkedText(event.text)}</p>
    ${choicesView(event)} ${scene.trace(event)}
  </article>`;
}

function choicesView({ choices }: ChatEvent): TemplateResult | typeof nothing {
  if (!choices || choices.length === 0) return nothing;
  return html`<p class="choices">${choices.map(({ label }) => html`<span class="chip">${label}</span>`)}</p>`;
}

function noteView(event: ChatEvent, scene: EventScene): TemplateResult {
  const { language, me, colleagues } = scene;
  const words = pieces(event.text, colleagues).map(({ text, who }) =>
    who ? html`<span class=${who.id === me ? "called me" : "called"}>${text}</span>` : linkedText(text),
  );
  return html`<article class="message note">
    <header>
      ${picture("note")} <b>${inboxTexts[language].note} · ${authorName(event, scene)}</b> ${time(event, scene)}
    </header>
    <p class="text" dir="auto">${words}</p>
  </article>`;
}

function draftView(event: ChatEvent, scene: EventScene): TemplateResult {
  const texts = inboxTexts[scene.language];
  return html`<article class="message draft">
    <header>
      ${picture("assistant")} <b>${texts.draft}</b> ${time(event, scene)}
      <button class="link why" @click=${() => scene.useDraft(event.text)}>${texts.useDraft}</button>
    </header>
    <p class="text" dir="auto">${linkedText(event.text)}</p>
  </article>`;
}

/** A message left for later, with how to reach the shopper. */
function leftView(event: ChatEvent, scene: EventScene): TemplateResult {
  const texts = inboxTexts[scene.language];
  const kinds = Object.entries(texts.contactKinds) as [keyof Contact, string][];
  const ways = kinds.flatMap(([kind, words]) => {
    const value = event.contact?.[kind];
    return value ? [html`<span><span class="soft">${words}</span> ${value}</span>`] : [];
  });
  return html`<article class="message shopper left">
    <header><b>${texts.shopper} · ${texts.leftMessage}</b> ${time(event, scene)}</header>
    <p class="text" dir="auto">${linkedText(event.text)}</p>
    <p class="ways">${ways}</p>
  </article>`;
}

function ratedView(event: ChatEvent, scene: EventScene): TemplateResult {
  const score = Math.min(event.score ?? 0, STARS);
  const words = inboxTexts[scene.language].rating(score);
  return html`<div class="happening rated">
    <span class="stars" aria-hidden="true">${"★".repeat(score)}${"☆".repeat(STARS - score)}</span> ${words} ·
    ${time(event, scene)} ${event.text === "" ? nothing : html`<q dir="auto">${event.text}</q>`}
  </div>`;
}

function happeningView(event: ChatEvent, scene: EventScene): TemplateResult | typeof nothing {
  const tell = inboxTexts[scene.language].happenings[happeningOf(event)];
  if (!tell) return nothing;
  const kind = event.kind === "reply_late" ? "happening late" : "happening";
  return html`<div class=${kind}>${tell(factsOf(event, scene))} · ${time(event, scene)}</div>`;
}

/** The kind, or a nearer one that has words of its own. */
function happeningOf({ kind, author, away, routed }: ChatEvent): string {
  if (kind === "staff_released" && away === true) return "staff_released_away";
  if (kind === "staff_claimed" && routed === true) return "staff_claimed_routed";
  if (kind === "closed" && author.role === "shopper") return "closed_shopper";
  return kind;
}

function factsOf(event: ChatEvent, scene: EventScene): HappeningFacts {
  const { author, to_name, added, removed } = event;
  const named = author.name ?? scene.colleagues.find(({ id }) => id === author.id)?.name;
  const joined = (tags: readonly string[] | undefined): string => (tags ?? []).join(", ");
  return { name: named ?? "", to: to_name ?? "", added: joined(added), removed: joined(removed) };
}

/** Written here and not stored yet. */
export function unacceptedView(
  { id, type, text, failed }: Unaccepted,
  texts: InboxTexts,
  tell: (name: string, id: string) => void,
): TemplateResult {
  return html`<article class="message ${type === "note" ? "note" : "staff"} unaccepted">
    <header>
      <b>${failed ? texts.failed : texts.sending}</b>
      ${
        failed
          ? html`<button class="link" @click=${() => tell("again", id)}>${texts.tryAgain}</button>
            <button class="link" @click=${() => tell("discard", id)}>${texts.remove}</button>`
          : nothing
      }
    </header>
    <p class="text" dir="auto">${text}</p>
  </article>`;
}

function authorName({ author }: ChatEvent, { language }: EventScene): string {
  const texts = inboxTexts[language];
  if (author.role === "shopper") return texts.shopper;
  return author.role === "bot" ? texts.assistant : (author.name ?? "");
}

function time({ at }: ChatEvent, { language }: EventScene): TemplateResult {
  return html`<time>${clockTime(at, language)}</time>`;
}
