/** What the inbox asks of the REST interface beside signing in (docs/api.md). */
import { intentNames } from "../rest/answers.ts";
import { Api, part, query } from "../rest/api.ts";
import type { Language } from "../wire/frames.ts";
import { count, list, optional, type Reader, record, text } from "../wire/readers.ts";
import { summary } from "../wire/staff_decoder.ts";
import type { Summary } from "../wire/staff_frames.ts";
import type { CannedReply } from "./canned.ts";
import type { Filters } from "./filters.ts";
import type { IntentNames } from "./intent_names.ts";

export interface Page {
  readonly conversations: readonly Summary[];
  /** Names the next page; left out on the last one. */
  readonly next?: string;
}

export interface TagInUse {
  readonly tag: string;
  readonly conversations: number;
}

const PAGE_LINES = "50";
const DAY_MS = 86_400_000;
const SINCE_DAYS = { day: 1, week: 7, month: 30 } as const;

const next: Reader<string> = (value, path) => (typeof value === "number" ? String(value) : text(value, path));

const page: Reader<Page> = record((take, from, path) => ({
  conversations: take("conversations", list(summary)),
  ...optional(from, "next", next, path),
}));

const replies: Reader<readonly CannedReply[]> = record((take) =>
  take(
    "replies",
    list(
      record((inside) => ({
        id: inside("id", text),
        shortcut: inside("shortcut", text),
        text: inside("text", text),
        missing: inside("missing", list(text)),
      })),
    ),
  ),
);

const tags: Reader<readonly TagInUse[]> = record((take) =>
  take(
    "tags",
    list(record((inside) => ({ tag: inside("tag", text), conversations: inside("conversations", count) }))),
  ),
);

export class InboxApi extends Api {
  /**
   * Conversations that fit, newest word first, closed ones too.
   *
   * Args:
   *   now: milliseconds since 1970; "last 7 days" counts from it.
   *   before: `next` of the page before.
   */
  list(filters: Filters, now: number, before?: string): Promise<Page> {
    return this.get(`api/conversations?${query(asked(filters, now, before))}`, page);
  }

  /** Kept replies that fit what was typed, filled in for this conversation and the one who asks. */
  cannedFor(conversation: string, language: Language | null, typed: string): Promise<readonly CannedReply[]> {
    const of: Record<string, string> = { typed, ...(language === null ? {} : { language }) };
    return this.get(`api/conversations/${part(conversation)}/canned?${query(of)}`, replies);
  }

  intents(): Promise<IntentNames> {
    return this.get("api/intents", intentNames);
  }

  tagsInUse(): Promise<readonly TagInUse[]> {
    return this.get("api/tags", tags);
  }
}

/** The filters as the server names them; `reason` and `intent` it does not know, the page sifts by them. */
function asked(filters: Filters, now: number, before: string | undefined): Record<string, string> {
  const { text: words, since, stage, holder, language, mood, tag, mentioned } = filters;
  const from = since === "" ? "" : new Date(now - SINCE_DAYS[since] * DAY_MS).toISOString();
  const all = {
    text: words,
    since: from,
    stage,
    holder,
    language,
    mood,
    tag,
    mentioned,
    before: before ?? "",
  };
  const given = Object.entries(all).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(given), limit: PAGE_LINES };
}
