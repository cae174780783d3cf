/** What the REST interface answers about what was learnt (docs/api.md). */
import type { BothLanguages, Language } from "../wire/frames.ts";
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
} from "../wire/readers.ts";
import { errorMessage, named, or } from "./lenient.ts";

/** What can be learnt again from here. */
export type Subject = "intents" | "takeover";

/** A share, an area or a difference; `low` and `high` are its 95 % interval. */
export interface Figure {
  readonly name: string;
  readonly language: Language | "all";
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly of?: number;
  readonly promised?: number;
}

const figure: Reader<Figure> = record((take, from, path) => ({
  name: take("name", text),
  language: take("language", oneOf("all", "zh", "en")),
  value: take("value", number),
  ...optional(from, "low", number, path),
  ...optional(from, "high", number, path),
  ...optional(from, "of", number, path),
  ...optional(from, "promised", number, path),
}));

export interface LearntPart {
  readonly part: string;
  /** Null where nothing was learnt: then words or rules judge. */
  readonly version: string | null;
  readonly made_at: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly figures: readonly Figure[];
  readonly fine_tuned: readonly string[];
}

const learntPart: Reader<LearntPart> = record((take, from, path) => ({
  part: take("part", text),
  version: take("version", orNull(text)),
  made_at: or(from, "made_at", text, path, ""),
  counts: or(from, "counts", named(count), path, {}),
  figures: or(from, "figures", list(figure), path, []),
  fine_tuned: or(from, "fine_tuned", list(text), path, []),
}));

/** Everything that was learnt at one time; it is exchanged as a whole. */
export interface TrainedSet {
  readonly set: string;
  readonly made_at: string;
  readonly by: string;
  readonly parts: Readonly<Record<string, string>>;
  /** The few by which one chooses. */
  readonly figures: readonly (Figure & { readonly part: string })[];
  readonly serving: boolean;
}

const figureOfPart: Reader<Figure & { readonly part: string }> = (value, path) => ({
  ...figure(value, path),
  part: text(fields(value, path).part, `${path}.part`),
});

const trainedSet: Reader<TrainedSet> = record((take, from, path) => ({
  set: take("set", text),
  made_at: take("made_at", text),
  by: or(from, "by", text, path, ""),
  parts: take("parts", named(text)),
  figures: or(from, "figures", list(figureOfPart), path, []),
  serving: take("serving", flag),
}));

/** A difference with its interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const interval: Reader<Interval> = record((take) => ({
  value: take("value", number),
  low: take("low", number),
  high: take("high", number),
}));

/** The new model minus the one in place, on phrases that neither has learnt. */
export interface Comparison {
  readonly phrases: number;
  readonly accuracy: Interval;
  readonly confidence: Interval;
}

const comparison: Reader<Comparison> = record((take) => ({
  phrases: take("phrases", count),
  accuracy: take("accuracy", interval),
  confidence: take("confidence", interval),
}));

export interface Outcome {
  readonly outcome: "kept" | "refused" | "found";
  readonly comparison: Comparison | null;
  /** Of what tells when a person should take over: how much better than the rules. */
  readonly better_by: Interval | null;
  /** What old chats gave: how many chats, how many proposals and so on. */
  readonly found?: Readonly<Record<string, number>>;
  readonly problems: readonly BothLanguages[];
  readonly problem_count: number;
}

const outcome: Reader<Outcome> = record((take, from, path) => {
  const problems = or(from, "problems", list(errorMessage), path, []);
  return {
    outcome: take("outcome", oneOf("kept", "refused", "found")),
    comparison: or<Comparison | null>(from, "comparison", comparison, path, null),
    better_by: or<Interval | null>(from, "figures", betterBy, path, null),
    ...optional(from, "found", named(count), path),
    problems,
    problem_count: or(from, "problem_count", count, path, problems.length),
  };
});

const betterBy: Reader<Interval | null> = record((take) =>
  take("better_by", orElse<Interval | null>(interval, null)),
);

/** One learning, on whichever node. */
export interface Run {
  readonly run: string;
  readonly what: string;
  readonly by: string;
  readonly began_at: string;
  readonly state: "running" | "done" | "failed";
  readonly step: string;
  readonly done: number;
  readonly of: number;
  readonly seconds: number;
  /** Of the step; null while nobody can tell. */
  readonly seconds_left: number | null;
  /** What the last one of its kind took, where one is known of. */
  readonly usual_seconds?: number;
  readonly report: Outcome | null;
  readonly error?: BothLanguages;
}

const progress = record((take) => ({
  step: take("step", text),
  done: take("done", number),
  of: take("of", number),
}));

export const run: Reader<Run> = record((take, from, path) => ({
  run: take("run", text),
  what: take("what", text),
  by: or(from, "by", text, path, ""),
  began_at: or(from, "began_at", text, path, ""),
  state: take("state", oneOf("running", "done", "failed")),
  ...take("progress", progress),
  seconds: or(from, "seconds", number, path, 0),
  seconds_left: or<number | null>(from, "seconds_left", number, path, null),
  report: or<Outcome | null>(from, "report", outcome, path, null),
  ...optional(from, "usual_seconds", number, path),
  ...optional(from, "error", errorMessage, path),
}));

export const begun: Reader<Run> = record((take) => take("run", run));

export interface Source {
  readonly source: string;
  readonly entries: number;
}

const source: Reader<Source> = record((take) => ({
  source: take("source", text),
  entries: take("entries", count),
}));

export interface Learnt {
  readonly parts: readonly LearntPart[];
  readonly sets: readonly TrainedSet[];
  readonly shared: boolean;
  readonly sources: readonly Source[];
  /** Why a newer set does not answer; empty where nothing is wrong. */
  readonly refused: string;
  readonly run: Run | null;
  /** Whether old chats can be looked through for questions. */
  readonly mines: boolean;
}

export const learnt: Reader<Learnt> = record((take, from, path) => ({
  parts: take("parts", list(learntPart)),
  sets: take("sets", list(trainedSet)),
  shared: or(from, "shared", flag, path, false),
  sources: or(from, "sources", list(source), path, []),
  refused: or(from, "refused", text, path, ""),
  run: or<Run | null>(from, "run", run, path, null),
  mines: or(from, "mines", flag, path, false),
}));

/** A week of the shop: what the assistant's turns came to, and what was published meanwhile. */
export interface Week {
  /** Its Monday, as 2026-11-23. */
  readonly begins: string;
  readonly answered: number;
  readonly asked: number;
  readonly handed_over: number;
  readonly published: readonly {
    readonly version: string;
    readonly made_at: string;
    readonly note: string;
  }[];
}

const week: Reader<Week> = record((take, from, path) => ({
  begins: take("begins", text),
  answered: take("answered", count),
  asked: take("asked", count),
  handed_over: take("handed_over", count),
  published: or(
    from,
    "published",
    list(
      record((one, inside, at) => ({
        version: one("version", text),
        made_at: one("made_at", text),
        note: or(inside, "note", text, at, ""),
      })),
    ),
    path,
    [],
  ),
}));

export const weeks: Reader<readonly Week[]> = record((take) => take("weeks", list(week)));

/** Old chats that were brought. */
export interface Chats {
  readonly upload: string;
  readonly name: string;
}

export const chats: Reader<Chats> = record((take) => ({
  upload: take("upload", text),
  name: take("name", text),
}));
