/** What the REST interface answers about questions that were found in old chats (docs/api.md). */
import { language } from "../wire/decoder.ts";
import type { BothLanguages, Language } from "../wire/frames.ts";
import { count, flag, list, oneOf, optional, orNull, type Reader, record, text } from "../wire/readers.ts";
import { errorMessage, named, or } from "./lenient.ts";

export const KINDS = ["unanswered", "new", "phrasings", "differs"] as const;
/** What nobody has answered, a new entry, further phrasings of one, or one that staff answer otherwise. */
export type ProposalKind = (typeof KINDS)[number];

export const FATES = ["waiting", "published", "left_out"] as const;
export type Fate = (typeof FATES)[number];

/** The published entry that a proposal is about. */
export interface NamedEntry {
  readonly id: string;
  readonly questions: readonly string[];
  readonly answer: string;
  /** The file that it came from. */
  readonly source?: string;
}

const namedEntry: Reader<NamedEntry> = record((take, from, path) => ({
  id: take("id", text),
  questions: or(from, "questions", list(text), path, []),
  answer: take("answer", text),
  ...optional(from, "source", text, path),
}));

export interface Proposal {
  readonly id: string;
  readonly kind: ProposalKind;
  readonly language: Language;
  /** In how many chats it was asked. */
  readonly chats: number;
  readonly questions: readonly string[];
  /** What staff said, empty where nobody did; `wordings` are other ways in which they did. */
  readonly answer: string;
  readonly wordings: readonly string[];
  /** In how many chats it got no answer, by the reason. */
  readonly open: Readonly<Record<string, number>>;
  /** Null for what is new; of what nobody has answered, the entry that came nearest. */
  readonly entry: NamedEntry | null;
  readonly became: Fate;
}

const proposal: Reader<Proposal> = record((take, from, path) => ({
  id: take("id", text),
  kind: take("kind", oneOf(...KINDS)),
  language: take("language", language),
  chats: or(from, "chats", count, path, 0),
  questions: take("questions", list(text)),
  answer: take("answer", text),
  wordings: or(from, "wordings", list(text), path, []),
  open: or(from, "open", named(count), path, {}),
  entry: or<NamedEntry | null>(from, "entry", orNull(namedEntry), path, null),
  became: or(from, "became", oneOf(...FATES), path, "waiting"),
}));

/** What a look through old chats came to. */
export interface Mined {
  /** Null where nobody has looked, or longer ago than is kept. */
  readonly run: string | null;
  readonly counts: Readonly<Record<string, number>>;
  /** How many exchanges were left out, by the reason. */
  readonly left_out: Readonly<Record<string, number>>;
  /** Names that were taken for people of the shop. */
  readonly staff: readonly string[];
  readonly problems: readonly BothLanguages[];
  readonly problem_count: number;
  /** How many proposals there were beside those that are listed. */
  readonly more: number;
  readonly proposals: readonly Proposal[];
}

export const mined: Reader<Mined> = record((take, from, path) => {
  const problems = or(from, "problems", list(errorMessage), path, []);
  return {
    run: or<string | null>(from, "run", orNull(text), path, null),
    counts: or(from, "counts", named(count), path, {}),
    left_out: or(from, "left_out", named(count), path, {}),
    staff: or(from, "staff", list(text), path, []),
    problems,
    problem_count: or(from, "problem_count", count, path, problems.length),
    more: or(from, "more", count, path, 0),
    proposals: take("proposals", list(proposal)),
  };
});

/** A proposal that is taken, as it is to be published; what is left out stays as it was found. */
export interface Chosen {
  readonly id: string;
  readonly answer?: string;
  readonly questions?: readonly string[];
  /** As an entry of its own, whatever entry it was found to be about. */
  readonly as_new?: boolean;
  /** What nobody has answered is asked of the entry that came nearest. */
  readonly to_entry?: boolean;
}

/** What the real search finds for the questions of a published proposal. */
export interface Found {
  /** What is answered by now. */
  readonly answer: string;
  readonly asked: number;
  readonly right: number;
  /** `got` is what was found first instead. */
  readonly questions: readonly {
    readonly question: string;
    readonly found: boolean;
    readonly got?: string;
  }[];
}

export const found: Reader<Found> = record((take, from, path) => ({
  answer: or(from, "answer", text, path, ""),
  asked: take("asked", count),
  right: take("right", count),
  questions: take(
    "questions",
    list(
      record((one, inside, at) => ({
        question: one("question", text),
        found: one("found", flag),
        ...optional(inside, "got", text, at),
      })),
    ),
  ),
}));
