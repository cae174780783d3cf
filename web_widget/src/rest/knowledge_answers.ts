/** What the REST interface answers about the knowledge base (docs/api.md). */
import { bothLanguages, language } from "../wire/decoder.ts";
import type { BothLanguages, Language } from "../wire/frames.ts";
import {
  count,
  fields,
  flag,
  list,
  number,
  oneOf,
  optional,
  type Reader,
  record,
  text,
} from "../wire/readers.ts";
import { type TraceHit, traceHit } from "./answers.ts";
import { errorMessage, named, or, shown } from "./lenient.ts";

export interface RowProblem {
  readonly row: number;
  readonly column: string;
  readonly code: string;
  readonly message: BothLanguages;
  readonly severity: "error" | "warning";
}

const rowProblem: Reader<RowProblem> = record((take, from, path) => ({
  row: take("row", count),
  column: or(from, "column", text, path, ""),
  code: take("code", text),
  message: take("message", errorMessage),
  severity: or(from, "severity", oneOf("error", "warning"), path, "error"),
}));

export const FIELDS = ["question", "answer", "id", "category", "language", "source"] as const;
export type Field = (typeof FIELDS)[number];

/** Which column of a file is which field. */
export type Mapping = Readonly<Partial<Record<Field, string>>> & {
  /** Further columns whose cells are other wordings of the question. */
  readonly similar?: readonly string[];
  readonly has_header?: boolean;
};

const mapping: Reader<Mapping> = record((_take, from, path) => ({
  ...Object.fromEntries(FIELDS.flatMap((field) => Object.entries(optional(from, field, text, path)))),
  ...optional(from, "similar", list(text), path),
  ...optional(from, "has_header", flag, path),
}));

export interface Preview {
  readonly format: string;
  readonly encoding: string;
  readonly sheets: readonly string[];
  readonly sheet: string;
  readonly columns: readonly string[];
  readonly mapping: Mapping;
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly problems: readonly RowProblem[];
}

const preview: Reader<Preview> = record((take, from, path) => ({
  format: take("format", text),
  encoding: or(from, "encoding", text, path, ""),
  sheets: or(from, "sheets", list(text), path, []),
  sheet: or(from, "sheet", text, path, ""),
  columns: take("columns", list(text)),
  mapping: or(from, "mapping", mapping, path, {}),
  rows: take("rows", list(named(shown))),
  problems: or(from, "problems", list(rowProblem), path, []),
}));

/** The first telling rows of a file, as they look in one encoding. */
export interface EncodingChoice {
  readonly encoding: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

const encodingChoice: Reader<EncodingChoice> = record((take) => ({
  encoding: take("encoding", text),
  columns: take("columns", list(text)),
  rows: take("rows", list(named(shown))),
}));

export interface Upload {
  readonly upload: string;
  readonly name: string;
  readonly bytes: number;
  /** Missing while the encoding is asked for. */
  readonly preview?: Preview;
  /** The encodings that a person has to choose from; empty where it could be told. */
  readonly encoding_choices: readonly EncodingChoice[];
  readonly question?: BothLanguages;
}

export const upload: Reader<Upload> = record((take, from, path) => {
  const choices = or(from, "encoding_choices", list(encodingChoice), path, []);
  return {
    upload: take("upload", text),
    name: take("name", text),
    bytes: or(from, "bytes", count, path, 0),
    encoding_choices: choices,
    ...optional(from, "question", bothLanguages, path),
    ...(choices.length > 0 ? {} : { preview: take("preview", preview) }),
  };
});

/**
 * What happens to entries that came from this file before and are not in it any more: they go, or stay. With `learn`
 * all entries stay, also where they are; they only learn questions that are new to them, and take the answers.
 */
export type Mode = "replace_source" | "add" | "learn";

/** What the entries can be exported as. */
export const EXPORT_FORMATS = ["xlsx", "csv", "json", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** How an uploaded file is to be read. */
export interface Options {
  readonly columns?: Mapping;
  readonly encoding?: string;
  readonly sheet?: string;
  readonly language?: Language;
  readonly mode?: Mode;
  /** Whether phrasings that entries learnt from old chats stay with them. */
  readonly keep_learnt?: boolean;
}

/** One entry that would be added, changed or removed. */
export interface Change {
  readonly what: "added" | "changed" | "removed";
  readonly id: string;
  readonly language: string;
  readonly question: string;
  readonly answer: string;
  /** The answer that shoppers get now, where it changes. */
  readonly before?: string;
  /** Questions that come to an entry, and that go. */
  readonly asked_more: readonly string[];
  readonly asked_no_more: readonly string[];
}

const change: Reader<Change> = record((take, from, path) => ({
  what: take("what", oneOf("added", "changed", "removed")),
  id: take("id", text),
  language: or(from, "language", text, path, ""),
  question: take("question", text),
  answer: or(from, "answer", text, path, ""),
  ...optional(from, "before", text, path),
  asked_more: or(from, "asked_more", list(text), path, []),
  asked_no_more: or(from, "asked_no_more", list(text), path, []),
}));

/** One question that several entries ask; the shopper is asked which is meant. */
export interface SharedQuestion {
  readonly question: string;
  readonly entries: readonly string[];
}

const sharedQuestion: Reader<SharedQuestion> = record((take) => ({
  question: take("question", text),
  entries: take("entries", list(text)),
}));

export interface Report {
  /** How many rows the file has, and how many of them are not imported. */
  readonly rows: number;
  readonly skipped_rows: number;
  readonly entries: number;
  readonly questions: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Phrasings learnt from old chats that stay, and that go. */
  readonly learnt: number;
  readonly forgotten: number;
  readonly changes: readonly Change[];
  readonly shared_questions: readonly SharedQuestion[];
  readonly problems: readonly RowProblem[];
  readonly problem_count: number;
  readonly version?: string;
  readonly self_check?: SelfCheck;
}

/** A list where one is given, else the number itself. */
const amount: Reader<number> = (value, path) => (Array.isArray(value) ? value.length : count(value, path));

export interface WrongAnswer {
  readonly id: string;
  readonly question: string;
  readonly got?: string;
  readonly message?: BothLanguages;
}

export interface SelfCheck {
  readonly asked: number;
  readonly right: number;
  readonly wrong: readonly WrongAnswer[];
  readonly wrong_count: number;
}

export const selfCheck: Reader<SelfCheck> = record((take, from, path) => ({
  asked: take("asked", count),
  right: take("right", count),
  wrong: or(
    from,
    "wrong",
    list(
      record((one, inside, at) => ({
        id: one("id", text),
        question: one("question", text),
        ...optional(inside, "got", text, at),
        ...optional(inside, "message", errorMessage, at),
      })),
    ),
    path,
    [],
  ),
  wrong_count: or(from, "wrong_count", count, path, 0),
}));

export const report: Reader<Report> = record((_take, from, path) => {
  const problems = or(from, "problems", list(rowProblem), path, []);
  return {
    rows: or(from, "rows", count, path, 0),
    skipped_rows: or(from, "skipped_rows", count, path, 0),
    entries: or(from, "entries", amount, path, 0),
    questions: or(from, "questions", amount, path, 0),
    added: or(from, "added", amount, path, 0),
    changed: or(from, "changed", amount, path, 0),
    removed: or(from, "removed", amount, path, 0),
    unchanged: or(from, "unchanged", amount, path, 0),
    learnt: or(from, "learnt", count, path, 0),
    forgotten: or(from, "forgotten", count, path, 0),
    changes: or(from, "changes", list(change), path, []),
    shared_questions: or(from, "shared_questions", list(sharedQuestion), path, []),
    problems,
    problem_count: or(from, "problem_count", count, path, problems.length),
    ...optional(from, "version", text, path),
    ...optional(from, "self_check", selfCheck, path),
  };
});

export interface Job {
  readonly job: string;
  readonly kind: string;
  readonly state: "running" | "done" | "failed";
  readonly progress: { readonly step: string; readonly done: number; readonly of: number };
  /** What it found; read it with the reader of its kind. */
  readonly report: unknown;
  readonly error?: BothLanguages;
}

export const job: Reader<Job> = record((take, from, path) => ({
  job: take("job", text),
  kind: or(from, "kind", text, path, ""),
  state: take("state", oneOf("running", "done", "failed")),
  progress: or(
    from,
    "progress",
    record((_one, inside, at) => ({
      step: or(inside, "step", text, at, ""),
      done: or(inside, "done", number, at, 0),
      of: or(inside, "of", number, at, 0),
    })),
    path,
    { step: "", done: 0, of: 0 },
  ),
  report: from.report,
  ...optional(from, "error", errorMessage, path),
}));

export const jobId: Reader<string> = record((take) => take("job", text));

export interface Version {
  readonly version: string;
  readonly made_at: string;
  readonly note: string;
  readonly entries: number;
  readonly questions: number;
  readonly languages: Readonly<Record<string, string>>;
  readonly by: string;
}

export interface Versions {
  readonly current: string | null;
  readonly versions: readonly Version[];
}

export const versions: Reader<Versions> = record((take, from, path) => ({
  current: or<string | null>(from, "current", text, path, null),
  versions: take(
    "versions",
    list(
      record((one, inside, at) => ({
        version: one("version", text),
        made_at: or(inside, "made_at", text, at, ""),
        note: or(inside, "note", text, at, ""),
        entries: or(inside, "entries", count, at, 0),
        questions: or(inside, "questions", count, at, 0),
        languages: or(inside, "languages", named(shown), at, {}),
        by: or(inside, "by", text, at, ""),
      })),
    ),
  ),
}));

export interface SearchHit extends TraceHit {
  readonly answer: string;
  readonly category: string;
  readonly language: Language;
}

export interface SearchAnswer {
  readonly hits: readonly SearchHit[];
  readonly version: string;
}

export const searchAnswer: Reader<SearchAnswer> = record((take, from, path) => ({
  hits: take(
    "hits",
    list((value, at) => {
      const hit = fields(value, at);
      return {
        ...traceHit(value, at),
        answer: text(hit.answer, `${at}.answer`),
        category: or(hit, "category", text, at, ""),
        language: language(hit.language, `${at}.language`),
      };
    }),
  ),
  version: or(from, "version", text, path, ""),
}));
