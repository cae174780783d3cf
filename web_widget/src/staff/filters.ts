/** What somebody asks of the list: words, a state, a language, a mood, a tag, who has it. Pure. */
import type { Language, Stage } from "../wire/frames.ts";
import type { Summary } from "../wire/staff_frames.ts";

export type Since = "" | "day" | "week" | "month";

/** Every part may be left open with "". */
export interface Filters {
  /** In any message or note; only the server can tell. */
  readonly text: string;
  readonly stage: Stage | "";
  readonly language: Language | "";
  readonly mood: string;
  readonly reason: string;
  readonly intent: string;
  readonly tag: string;
  /** A colleague's id, or `nobody`. */
  readonly holder: string;
  /** How far back; only the server's list goes back at all. */
  readonly since: Since;
  /** A colleague whom a note calls; only the server can tell. */
  readonly mentioned: string;
}

export const NO_FILTERS: Filters = {
  text: "",
  stage: "",
  language: "",
  mood: "",
  reason: "",
  intent: "",
  tag: "",
  holder: "",
  since: "",
  mentioned: "",
};

export const NOBODY = "nobody";

/** How many filters are set; words count apart, for they stand in a box of their own. */
export function howMany(filters: Filters): number {
  return Object.entries(filters).filter(([name, value]) => name !== "text" && value !== "").length;
}

/** Whether a page of the live list can answer, or only the server: words, times and mentions are with the server. */
export function needsServer({ text, since, mentioned }: Filters): boolean {
  return text !== "" || since !== "" || mentioned !== "";
}

/** Everything that a line itself tells. */
export function fits(summary: Summary, filters: Filters): boolean {
  const { stage, language, mood, reason, intent, tag, holder } = filters;
  return (
    (stage === "" || summary.stage === stage) &&
    (language === "" || summary.language === language) &&
    (mood === "" || (summary.mood ?? "neutral") === mood) &&
    (reason === "" || summary.reason === reason) &&
    (intent === "" || summary.intent === intent) &&
    (holder === "" || (summary.holder?.id ?? NOBODY) === holder) &&
    (tag === "" || summary.tags.includes(tag))
  );
}

/** What the list itself offers to choose from, each once. */
export interface Offered {
  readonly reasons: readonly string[];
  readonly intents: readonly string[];
  readonly tags: readonly string[];
}

export function offered(summaries: readonly Summary[]): Offered {
  return {
    reasons: distinct(summaries.map(({ reason }) => reason)),
    intents: distinct(summaries.map(({ intent }) => intent)),
    tags: distinct(summaries.flatMap(({ tags }) => tags)),
  };
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value): value is string => value !== undefined && value !== ""))].sort();
}
