/** Draws one event, or one unsent message, as an element. Text goes in as text; links come from linkify alone. */
import { linkify } from "../text/linkify.ts";
import { clockTime } from "../text/moments.ts";
import type { ChatEvent, Contact, Language } from "../wire/frames.ts";
import type { Unsent } from "../wire/unsent_box.ts";
import { icon, make } from "./make.ts";
import type { Texts } from "./texts.ts";

/** What a message is drawn with. */
export interface Manner {
  readonly language: Language;
  readonly texts: Texts;
  /** "Automatic assistant", in the words of the shop. */
  readonly label: string;
}

export interface UnsentActions {
  again(id: string): void;
  remove(id: string): void;
}

const BUBBLES = new Set([
  "shopper_said",
  "bot_answered",
  "bot_asked",
  "bot_gave_up",
  "bot_notice",
  "staff_said",
  "message_left",
]);

/** Whether an event is a message with a text, by whoever. */
export function isMessage(event: ChatEvent): boolean {
  return BUBBLES.has(event.kind) && event.text !== "";
}

/** The element of an event, null for what a shopper is not shown. */
export function eventView(event: ChatEvent, manner: Manner): HTMLElement | null {
  if (isMessage(event)) return bubble(event, manner);
  const words = happening(event, manner.texts);
  return words ? make("div", { class: "happening" }, make("span", {}, words)) : null;
}

function happening(event: ChatEvent, texts: Texts): string {
  if (event.kind === "rated") return texts.rating.given(event.score ?? 0);
  return texts.events[event.kind]?.(event.author.name ?? texts.staff, event.to_name ?? texts.staff) ?? "";
}

export function greetingView(greeting: string, manner: Manner): HTMLElement {
  return make(
    "div",
    { class: "message bot greeting" },
    face("bot", manner.label),
    make("div", { class: "body" }, byline(manner.label, ""), textView(greeting)),
  );
}

function bubble(event: ChatEvent, manner: Manner): HTMLElement {
  const { role } = event.author;
  const time = clockTime(event.at, manner.language);
  const written = event.source === "written" && role === "bot" ? manner.texts.written : "";
  return make(
    "div",
    { class: `message ${role}`, attributes: { "data-seq": String(event.seq) } },
    role === "shopper" ? null : face(role, event.author.name ?? ""),
    make(
      "div",
      { class: "body" },
      byline(authorName(event, manner), [written, time].filter(Boolean).join(" · "), role === "shopper"),
      textView(event.text),
      event.contact ? make("div", { class: "mark" }, reachWords(event.contact, manner.texts)) : null,
    ),
  );
}

/** Whom the answer to a message that was left will go to. */
function reachWords(contact: Contact, texts: Texts): string {
  const { email, phone, wechat, other } = contact;
  return texts.leave.reachedAt(email ?? phone ?? wechat ?? other ?? "");
}

/** Bot messages carry the label every one, so that nobody takes them for a person's. */
function authorName(event: ChatEvent, manner: Manner): string {
  if (event.author.role === "bot") return manner.label;
  if (event.author.role === "staff") return event.author.name ?? manner.texts.staff;
  return manner.texts.you;
}

function face(role: string, name: string): HTMLElement {
  const initial = [...name.trim()][0];
  const inside =
    role === "staff" && initial ? initial.toUpperCase() : icon(role === "bot" ? "assistant" : "person");
  return make("span", { class: `face ${role}`, attributes: { "aria-hidden": "true" } }, inside);
}

function byline(name: string, rest: string, own = false): HTMLElement {
  return make(
    "div",
    { class: "byline" },
    make("span", { class: own ? "author unseen" : "author" }, name),
    rest ? make("span", { class: "time" }, rest) : null,
  );
}

export function textView(text: string): HTMLElement {
  const view = make("div", { class: "text", attributes: { dir: "auto" } });
  for (const piece of linkify(text)) {
    view.append("href" in piece ? linkView(piece.text, piece.href, piece.title) : piece.text);
  }
  return view;
}

function linkView(text: string, href: string, title: string): HTMLElement {
  const attributes = { href, title, target: "_blank", rel: "noopener noreferrer nofollow" };
  return make("a", { attributes }, text);
}

/** A message that the server has not taken yet, with where it stands. */
export function unsentView(
  message: Unsent,
  state: "sending" | "unsent" | "failed",
  manner: Manner,
  actions: UnsentActions,
): HTMLElement {
  const { texts } = manner;
  const reason = texts.failedReasons[message.failed ?? ""];
  const words = { sending: texts.sending, unsent: texts.unsent, failed: texts.failed }[state];
  const reach = message.contact ? `${reachWords(message.contact, texts)} · ` : "";
  const mark = make("div", { class: "mark" }, reach + (reason ? `${words}: ${reason}` : words));
  if (state === "failed") {
    mark.append(
      make(
        "button",
        { attributes: { type: "button" }, on: { click: () => actions.again(message.id) } },
        texts.tryAgain,
      ),
      make(
        "button",
        { attributes: { type: "button" }, on: { click: () => actions.remove(message.id) } },
        texts.remove,
      ),
    );
  }
  return make(
    "div",
    { class: `message shopper ${state}`, attributes: { "data-id": message.id } },
    make("div", { class: "body" }, textView(message.text), mark),
  );
}
