/** What the REST interface answers to the console about the desk and its records (docs/api.md). */
import { bothLanguages } from "../wire/decoder.ts";
import type { BothLanguages } from "../wire/frames.ts";
import { count, flag, list, number, optional, orNull, type Reader, record, text } from "../wire/readers.ts";
import { summary } from "../wire/staff_decoder.ts";
import type { Summary } from "../wire/staff_frames.ts";
import { named, or, shown } from "./lenient.ts";

export interface AuditRow {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly act: string;
  readonly about: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface AuditPage {
  readonly rows: readonly AuditRow[];
  /** Where the next page begins; left out with the last. */
  readonly before?: number;
  /** Whether no row was altered or removed; told with the first page. */
  readonly whole?: boolean;
}

/** Whoever did anything, and every kind of act that was done. */
export interface AuditKnown {
  readonly who: readonly string[];
  readonly acts: readonly string[];
}

export const auditKnown: Reader<AuditKnown> = record((take) => ({
  who: take("who", list(text)),
  acts: take("acts", list(text)),
}));

export const auditPage: Reader<AuditPage> = record((take, page, at) => ({
  rows: take(
    "rows",
    list(
      record((row, from, path) => ({
        number: row("number", count),
        at: row("at", text),
        who: row("who", text),
        act: row("act", text),
        about: or(from, "about", text, path, ""),
        details: or(from, "details", named(shown), path, {}),
      })),
    ),
  ),
  ...optional(page, "before", count, at),
  ...optional(page, "whole", flag, at),
}));

export interface CannedReply {
  readonly id: string;
  readonly shortcut: string;
  readonly texts: Readonly<{ zh?: string; en?: string }>;
}

const cannedReply: Reader<CannedReply> = record((take) => ({
  id: take("id", text),
  shortcut: take("shortcut", text),
  texts: take(
    "texts",
    record((_one, from, path) => ({
      ...optional(from, "zh", text, path),
      ...optional(from, "en", text, path),
    })),
  ),
}));

export interface CannedReplies {
  readonly replies: readonly CannedReply[];
  readonly variables: readonly string[];
}

export const cannedReplies: Reader<CannedReplies> = record((take) => ({
  replies: take("replies", list(cannedReply)),
  variables: take("variables", list(text)),
}));

export const oneReply: Reader<CannedReply> = record((take) => take("reply", cannedReply));

/** From and until, `HH:MM`; until at or before from means on the next day. */
export type Span = readonly [string, string];

const span: Reader<Span> = (value, path) => {
  const [from = "", until = ""] = list(text)(value, path);
  return [from, until];
};

export interface Hours {
  readonly zone: string;
  /** Weekday ("0" is Monday) -> spans; a day that is missing is closed. */
  readonly weekly: Readonly<Record<string, readonly Span[]>>;
  /** Dates with spans of their own; none: a holiday. */
  readonly special: Readonly<Record<string, readonly Span[]>>;
  readonly text: BothLanguages;
  readonly open: boolean;
  readonly opens_at?: string;
  readonly source: string;
}

export const hours: Reader<Hours> = record((take, from, path) => ({
  zone: take("zone", text),
  weekly: take("weekly", named(list(span))),
  special: or(from, "special", named(list(span)), path, {}),
  text: take("text", bothLanguages),
  open: take("open", flag),
  ...optional(from, "opens_at", text, path),
  source: or(from, "source", text, path, "shop"),
}));

export interface TagCount {
  readonly tag: string;
  readonly conversations: number;
}

export const tags: Reader<readonly TagCount[]> = record((take) =>
  take(
    "tags",
    list(record((tag) => ({ tag: tag("tag", text), conversations: tag("conversations", count) }))),
  ),
);

/** How the desk is set up, and what could not be delivered. */
export interface DeskFacts {
  readonly routing: string;
  readonly first_reply_seconds: number;
  readonly next_reply_seconds: number;
  readonly staff_away_seconds: number;
  readonly channels: readonly string[];
  readonly waiting: number;
  readonly dead: readonly DeadLetter[];
}

export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly tries: number;
  readonly why: string;
}

const deadLetter: Reader<DeadLetter> = record((take, from, path) => ({
  id: shown(from.id, `${path}.id`),
  kind: take("kind", text),
  at: or(from, "at", text, path, ""),
  tries: or(from, "tries", count, path, 0),
  why: or(from, "why", text, path, ""),
}));

export const deskFacts: Reader<DeskFacts> = record((take, from, path) => ({
  routing: take("routing", text),
  first_reply_seconds: or(from, "first_reply_seconds", number, path, 0),
  next_reply_seconds: or(from, "next_reply_seconds", number, path, 0),
  staff_away_seconds: or(from, "staff_away_seconds", number, path, 0),
  channels: or(from, "channels", list(text), path, []),
  ...take(
    "outbox",
    record((one, inside, at) => ({
      waiting: one("waiting", count),
      dead: or(inside, "dead", list(deadLetter), at, []),
    })),
  ),
}));

/** How many days what is kept; 0: closed conversations for ever, the rest as long as those. */
export interface KeptDays {
  readonly closed_days: number;
  readonly traces_days: number;
  readonly delivered_days: number;
}

export interface Retention extends KeptDays {
  /** `set` by an admin, or by the server's `settings`. */
  readonly source: string;
}

export const retention: Reader<Retention> = record((take) => ({
  closed_days: take("closed_days", count),
  traces_days: take("traces_days", count),
  delivered_days: take("delivered_days", count),
  source: take("source", text),
}));

/** How much is too old to be kept. */
export interface TooOld {
  readonly conversations: number;
  readonly traces: number;
  readonly notifications: number;
}

export const tooOld: Reader<TooOld> = record((take) => ({
  conversations: take("conversations", count),
  traces: take("traces", count),
  notifications: take("notifications", count),
}));

export const conversationIds: Reader<readonly string[]> = record((take) => take("conversations", list(text)));
export const oneConversation: Reader<Summary> = record((take) => take("summary", summary));
export const erased: Reader<number> = record((take) => take("erased", count));

/** The pinned script of the widget and the hash that a browser checks it by. */
export interface WidgetFacts {
  readonly src: string;
  readonly integrity: string;
  readonly version: string;
}

export const widgetFacts: Reader<WidgetFacts> = record((take) => ({
  src: take("src", text),
  integrity: take("integrity", text),
  version: take("version", text),
}));

/** How long shoppers waited for a person: of how many, the median and what nine of ten did not exceed. */
export interface WaitFigures {
  readonly count: number;
  readonly median_seconds: number | null;
  readonly p90_seconds: number | null;
}

/** What happened in a number of days; every figure says of how many it is. */
export interface Figures {
  readonly days: number;
  readonly conversations: number;
  readonly bot_only: number;
  readonly handed_over: number;
  readonly claimed: number;
  readonly messages_left: number;
  readonly went_on_with_bot: number;
  readonly gave_up_waiting: number;
  readonly first_wait: WaitFigures;
  /** "1" to "5" -> how many gave it; the newest rating of each conversation. */
  readonly scores: Readonly<Record<string, number>>;
  readonly bot_scores: Readonly<Record<string, number>>;
  readonly staff_scores: Readonly<Record<string, number>>;
  readonly waiting_now: number;
  readonly longest_waiting_since: string | null;
  readonly staff_present: number;
}

const waitFigures: Reader<WaitFigures> = record((take) => ({
  count: take("count", count),
  median_seconds: take("median_seconds", orNull(number)),
  p90_seconds: take("p90_seconds", orNull(number)),
}));

export const figures: Reader<Figures> = record((take) => ({
  days: take("days", count),
  conversations: take("conversations", count),
  bot_only: take("bot_only", count),
  handed_over: take("handed_over", count),
  claimed: take("claimed", count),
  messages_left: take("messages_left", count),
  went_on_with_bot: take("went_on_with_bot", count),
  gave_up_waiting: take("gave_up_waiting", count),
  first_wait: take("first_wait", waitFigures),
  scores: take("scores", named(count)),
  bot_scores: take("bot_scores", named(count)),
  staff_scores: take("staff_scores", named(count)),
  waiting_now: take("waiting_now", count),
  longest_waiting_since: take("longest_waiting_since", orNull(text)),
  staff_present: take("staff_present", count),
}));
