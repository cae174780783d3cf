/**
 * Turns the text of one websocket message into a frame of the shopper socket.
 *
 * A frame that is unknown or malformed is reported and ignored: a later server, or a broken one, never
 * breaks the page that the widget stands on. What was missed by it shows as a gap and is fetched again.
 */
import type {
  BothLanguages,
  ChatEvent,
  Choice,
  Contact,
  DeskHours,
  Language,
  Offer,
  ShopperServerFrame,
  Source,
  Stage,
} from "./frames.ts";
import {
  count,
  type Fields,
  flag,
  list,
  Malformed,
  number,
  oneOf,
  optional,
  orNull,
  type Reader,
  record,
  text,
} from "./readers.ts";

/** Told what was ignored and why; the texts never contain what people wrote. */
export type Warn = (message: string) => void;

export const stage: Reader<Stage> = oneOf("with_bot", "waiting_for_staff", "with_staff", "closed");
export const language: Reader<Language> = oneOf("zh", "en");
const source: Reader<Source> = oneOf("known", "written", "action", "said");

export const bothLanguages: Reader<BothLanguages> = record((take) => ({
  zh: take("zh", text),
  en: take("en", text),
}));

const choice: Reader<Choice> = record((take) => ({ label: take("label", text), value: take("value", text) }));

const author: Reader<ChatEvent["author"]> = record((take, from, path) => ({
  role: take("role", oneOf("shopper", "bot", "staff")),
  ...optional(from, "name", text, path),
  ...optional(from, "id", text, path),
}));

export const contact: Reader<Contact> = record((_take, from, path) => ({
  ...optional(from, "name", text, path),
  ...optional(from, "email", text, path),
  ...optional(from, "phone", text, path),
  ...optional(from, "wechat", text, path),
  ...optional(from, "other", text, path),
}));

export const deskHours: Reader<DeskHours> = record((take, from, path) => ({
  open: take("open", flag),
  ...optional(from, "opens_at", text, path),
  hours: take("hours", bothLanguages),
  staff_present: take("staff_present", count),
}));

const OFFERS: readonly Offer[] = ["wait", "leave_message", "go_on_with_bot"];

/** Offers of a later version are passed over: the widget has no button for them. */
const offers: Reader<readonly Offer[]> = (value, path) => {
  const named = list(text)(value, path);
  return named.flatMap((name) => OFFERS.filter((offer) => offer === name));
};

/** An event of either socket. A private event carries its number and kind and nothing else. */
export const chatEvent: Reader<ChatEvent> = record((take, from, path) => {
  const seq = take("seq", count);
  const kind = take("kind", text);
  if (kind === "private") return { seq, kind, at: "", author: { role: "bot" }, text: "" };
  return {
    seq,
    kind,
    at: take("at", text),
    author: take("author", author),
    text: from.text === undefined || from.text === null ? "" : take("text", text),
    ...optional(from, "client_id", text, path),
    ...optional(from, "turn", text, path),
    ...optional(from, "trace_turn", text, path),
    ...optional(from, "choices", list(choice), path),
    ...optional(from, "source", source, path),
    ...optional(from, "language", language, path),
    ...optional(from, "notice", text, path),
    ...optional(from, "choice", text, path),
    ...optional(from, "contact", contact, path),
    ...optional(from, "score", count, path),
    ...optional(from, "to_name", text, path),
    ...staffFacts(from, path),
  };
});

/** What only staff are told of an event; a shopper's event has none of it. */
function staffFacts(from: Fields, path: string): Partial<ChatEvent> {
  return {
    ...optional(from, "reason", text, path),
    ...optional(from, "to", text, path),
    ...optional(from, "from", text, path),
    ...optional(from, "right", text, path),
    ...optional(from, "away", flag, path),
    ...optional(from, "routed", flag, path),
    ...optional(from, "late", text, path),
    ...optional(from, "mentions", list(text), path),
    ...optional(from, "added", list(text), path),
    ...optional(from, "removed", list(text), path),
  };
}

const welcome: Reader<ShopperServerFrame> = record((take, from, path) => ({
  type: "welcome",
  conversation: orNull(text)(from.conversation ?? null, `${path}.conversation`),
  ...optional(from, "token", text, path),
  epoch: take("epoch", text),
  stage: take("stage", stage),
  last_seq: take("last_seq", count),
  language: take("language", language),
  label: take("label", bothLanguages),
  shop: take("shop", bothLanguages),
  limits: take(
    "limits",
    record((limit) => ({
      text_characters: limit("text_characters", count),
      unaccepted: limit("unaccepted", count),
      messages_per_minute: limit("messages_per_minute", count),
    })),
  ),
  buttons: take(
    "buttons",
    record((button) => ({ talk_to_person: button("talk_to_person", bothLanguages) })),
  ),
  warning: take("warning", bothLanguages),
  ...optional(from, "greeting", bothLanguages, path),
  ...optional(from, "desk", deskHours, path),
  ...optional(from, "score", count, path),
}));

const expected = record((take) => ({
  from_seconds: take("from_seconds", number),
  to_seconds: take("to_seconds", number),
}));

const frames: Readonly<Record<string, Reader<ShopperServerFrame>>> = {
  welcome,
  begun: record((take) => ({
    type: "begun",
    conversation: take("conversation", text),
    token: take("token", text),
  })),
  events: record((take) => ({
    type: "events",
    events: take("events", list(chatEvent)),
    more: take("more", flag),
  })),
  start_over: record((take) => ({
    type: "start_over",
    epoch: take("epoch", text),
    events: take("events", list(chatEvent)),
    first_seq: take("first_seq", count),
    last_seq: take("last_seq", count),
    stage: take("stage", stage),
  })),
  older: record((take) => ({
    type: "older",
    events: take("events", list(chatEvent)),
    before: take("before", count),
    first: take("first", flag),
  })),
  event: record((take) => ({ type: "event", event: take("event", chatEvent) })),
  accepted: record((take) => ({
    type: "accepted",
    id: take("id", text),
    seq: take("seq", count),
    at: take("at", text),
  })),
  refused: record((take, from, path) => ({
    type: "refused",
    ...optional(from, "id", text, path),
    ...optional(from, "what", text, path),
    code: take("code", text),
    message: take("message", bothLanguages),
    ...optional(from, "retry_after_seconds", number, path),
  })),
  typing: record((take) => ({
    type: "typing",
    who: take("who", oneOf("bot", "staff")),
    on: take("on", flag),
  })),
  queue: record((take, from, path) => ({
    type: "queue",
    place: take("place", count),
    waiting: take("waiting", count),
    staff_present: take("staff_present", count),
    // Servers before the offers name none of these.
    open: from.open === undefined ? true : take("open", flag),
    ...optional(from, "opens_at", text, path),
    ...optional(from, "expected", expected, path),
    left_message: from.left_message === undefined ? false : take("left_message", flag),
    offers: from.offers === undefined ? [] : take("offers", offers),
  })),
  ask_rating: () => ({ type: "ask_rating" }),
  stage: record((take) => ({ type: "stage", stage: take("stage", stage) })),
  read: record((take) => ({ type: "read", up_to: take("up_to", count) })),
  tick: record((take) => ({ type: "tick", at: take("at", text) })),
};

/** A map has no inherited names, so that no word from outside finds more than a reader. */
const byType = new Map(Object.entries(frames));

/** Decodes one message by a table of readers; null when it has to be ignored, after telling `warn` why. */
export function decodeBy<T>(table: ReadonlyMap<string, Reader<T>>, message: unknown, warn: Warn): T | null {
  try {
    return decode(table, message);
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) {
      warn(`A frame was ignored: ${error instanceof Malformed ? error.message : "not JSON"}`);
      return null;
    }
    throw error;
  }
}

function decode<T>(table: ReadonlyMap<string, Reader<T>>, message: unknown): T {
  if (typeof message !== "string") throw new Malformed("frame", "a text frame");
  const value: unknown = JSON.parse(message);
  const type = record((take) => take("type", text))(value, "frame");
  const reader = table.get(type);
  if (!reader) throw new Malformed("frame.type", `a known type, not ${JSON.stringify(type.slice(0, 40))}`);
  return reader(value, type);
}

export function decodeShopperFrame(message: unknown, warn: Warn): ShopperServerFrame | null {
  return decodeBy(byType, message, warn);
}
