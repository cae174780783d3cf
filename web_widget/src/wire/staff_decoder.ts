/** Turns the text of one websocket message into a frame of the staff socket; see decoder.ts for the rules. */
import {
  bothLanguages,
  chatEvent,
  contact,
  decodeBy,
  deskHours,
  language,
  stage,
  type Warn,
} from "./decoder.ts";
import {
  count,
  fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  orElse,
  orNull,
  type Reader,
  record,
  text,
} from "./readers.ts";
import type {
  Colleague,
  Deadline,
  Me,
  Packet,
  StaffRefused,
  StaffServerFrame,
  Suggestion,
  Summary,
  Tried,
  UnseenMention,
  Watcher,
} from "./staff_frames.ts";

export const me: Reader<Me> = record((take) => ({
  id: take("id", text),
  name: take("name", text),
  roles: take("roles", list(text)),
}));

const named = record((take) => ({ id: take("id", text), name: take("name", text) }));

const deadline: Reader<Deadline> = record((take, from, path) => ({
  kind: take("kind", oneOf("first_reply", "next_reply")),
  ...optional(from, "due_at", text, path),
  state: take("state", oneOf("running", "soon", "late")),
}));

export const colleague: Reader<Colleague> = record((take, from, path) => ({
  id: take("id", text),
  name: take("name", text),
  presence: take("presence", oneOf("present", "connected", "gone")),
  holding: take("holding", count),
  ...optional(from, "capacity", count, path),
  languages: take("languages", list(text)),
  skills: take("skills", list(text)),
}));

const watcher: Reader<Watcher> = record((take) => ({
  id: take("id", text),
  name: take("name", text),
  composing: take("composing", flag),
}));

const suggestion: Reader<Suggestion> = record((take) => ({
  entry: take("entry", text),
  question: take("question", text),
  answer: take("answer", text),
  language: take("language", text),
  score: take("score", number),
}));

const page = record((take) => ({
  title: take("title", orElse(text, "")),
  url: take("url", orElse(text, "")),
}));

export const summary: Reader<Summary> = record((take, from, path) => ({
  conversation: take("conversation", text),
  stage: take("stage", stage),
  language: orNull(language)(from.language ?? null, `${path}.language`),
  ...optional(from, "holder", named, path),
  ...optional(from, "waiting_since", text, path),
  last_at: take("last_at", text),
  last_text: take("last_text", text),
  last_seq: take("last_seq", count),
  unread: take("unread", count),
  ...optional(from, "reason", text, path),
  ...optional(from, "intent", text, path),
  ...optional(from, "mood", text, path),
  ...optional(from, "order", text, path),
  ...optional(from, "place", count, path),
  ...optional(from, "deadline", deadline, path),
  tags: take("tags", orElse(list(text), [])),
  ...optional(from, "score", count, path),
  left_message: take("left_message", orElse(flag, false)),
}));

const tried: Reader<Tried> = record((take, from, path) => ({
  attempt: take("attempt", text),
  outcome: take("outcome", text),
  ...optional(from, "entry", text, path),
  ...optional(from, "score", number, path),
}));

export const packet: Reader<Packet> = record((take, from, path) => ({
  asked: take("asked", list(text)),
  language: orNull(language)(from.language ?? null, `${path}.language`),
  ...optional(from, "intent", text, path),
  ...optional(from, "intent_confidence", number, path),
  mood: take("mood", text),
  reason: take("reason", text),
  tried: take("tried", list(tried)),
  ...optional(from, "order", text, path),
  at: take("at", text),
}));

/** A server of either habit: one text, or one for each language. */
const message: Reader<StaffRefused["message"]> = (value, path) =>
  typeof value === "string" ? value : bothLanguages(fields(value, path), path);

const unseenMention: Reader<UnseenMention> = record((take) => ({
  conversation: take("conversation", text),
  seq: take("seq", count),
  at: take("at", text),
  by: take("by", named),
  text: take("text", text),
}));

const readMarks = record((take) => ({ shopper: take("shopper", count), staff: take("staff", count) }));

const frames: Readonly<Record<string, Reader<StaffServerFrame>>> = {
  welcome: record((take, from, path) => ({
    type: "welcome",
    me: take("me", me),
    epoch: take("epoch", text),
    inbox: take("inbox", list(summary)),
    staff_present: take("staff_present", count),
    colleagues: take("colleagues", orElse(list(colleague), [])),
    routing: take("routing", orElse(text, "pick")),
    ...optional(
      from,
      "limits",
      record((limit) => ({ text_characters: limit("text_characters", count) })),
      path,
    ),
    ...optional(from, "desk", deskHours, path),
    ...optional(from, "storing", flag, path),
  })),
  summary: record((take) => ({ type: "summary", summary: take("summary", summary) })),
  opened: record((take, from, path) => ({
    type: "opened",
    conversation: take("conversation", text),
    summary: take("summary", summary),
    events: take("events", list(chatEvent)),
    first_seq: take("first_seq", count),
    packet: orNull(packet)(from.packet ?? null, `${path}.packet`),
    ...optional(from, "read", readMarks, path),
    watchers: take("watchers", orElse(list(watcher), [])),
    ...optional(from, "contact", contact, path),
    ...optional(from, "page", page, path),
  })),
  older: record((take) => ({
    type: "older",
    conversation: take("conversation", text),
    events: take("events", list(chatEvent)),
    before: take("before", count),
    first: take("first", flag),
  })),
  event: record((take) => ({
    type: "event",
    conversation: take("conversation", text),
    event: take("event", chatEvent),
  })),
  accepted: record((take) => ({
    type: "accepted",
    id: take("id", text),
    conversation: take("conversation", text),
    seq: take("seq", count),
    at: take("at", text),
  })),
  done: record((take) => ({
    type: "done",
    what: take("what", text),
    conversation: take("conversation", text),
  })),
  refused: record((take, from, path) => ({
    type: "refused",
    ...optional(from, "id", text, path),
    ...optional(from, "what", text, path),
    ...optional(from, "conversation", text, path),
    code: take("code", text),
    message: take("message", message),
    ...optional(from, "retry_after_seconds", number, path),
  })),
  typing: record((take) => ({
    type: "typing",
    conversation: take("conversation", text),
    on: take("on", flag),
  })),
  read: record((take) => ({
    type: "read",
    conversation: take("conversation", text),
    up_to: take("up_to", count),
  })),
  presence: record((take) => ({ type: "presence", staff_present: take("staff_present", count) })),
  storing: record((take) => ({ type: "storing", on: take("on", flag) })),
  colleagues: record((take) => ({ type: "colleagues", colleagues: take("colleagues", list(colleague)) })),
  watchers: record((take) => ({
    type: "watchers",
    conversation: take("conversation", text),
    watchers: take("watchers", list(watcher)),
  })),
  suggestions: record((take) => ({
    type: "suggestions",
    conversation: take("conversation", text),
    text: take("text", text),
    replies: take("replies", list(suggestion)),
  })),
  gone: record((take) => ({ type: "gone", conversation: take("conversation", text) })),
  mentioned: record((take) => ({
    type: "mentioned",
    conversation: take("conversation", text),
    seq: take("seq", count),
    by: take("by", named),
    text: take("text", text),
  })),
  mentions: record((take) => ({ type: "mentions", unseen: take("unseen", list(unseenMention)) })),
  tick: record((take) => ({ type: "tick", at: take("at", text) })),
};

const byType = new Map(Object.entries(frames));

export function decodeStaffFrame(frame: unknown, warn: Warn): StaffServerFrame | null {
  return decodeBy(byType, frame, warn);
}
