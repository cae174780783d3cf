/** How the figures of training are written: shares as per cent, areas as they are, differences with a sign. */
import type { Figure, Interval } from "../rest/learning_answers.ts";
import { languageTag } from "../text/language.ts";
import type { Language } from "../wire/frames.ts";

const AREAS: ReadonlySet<string> = new Set(["outside_told", "learnt_area", "rules_area"]);
const POINTS: Readonly<Record<Language, string>> = { zh: " 个百分点", en: " points" };

/** A figure, and its interval in brackets where there is one. */
export function figureText(figure: Figure, language: Language): string {
  const { name, value, low, high } = figure;
  if (name === "better_by")
    return differenceText({ value, low: low ?? value, high: high ?? value }, language);
  const written = AREAS.has(name) ? area : percent;
  const around = low === undefined || high === undefined ? "" : ` (${range(written(low), written(high))})`;
  return written(value) + around;
}

/** A difference in per cent points, its sign in front: what is in brackets may have another. */
export function differenceText({ value, low, high }: Interval, language: Language): string {
  const points = POINTS[language];
  if (low === high) return signed(value) + points;
  return `${signed(value)}${points} (${signed(low)} … ${signed(high)})`;
}

/** A share that somebody chose, as short as it can be written. */
export function share(value: number): string {
  return percent(value).replace(".0%", "%");
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}

function area(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  const shown = (Math.abs(value) * 100).toFixed(1);
  if (Number(shown) === 0) return "0.0";
  return `${value < 0 ? "−" : "+"}${shown}`;
}

function range(low: string, high: string): string {
  return `${low.replace("%", "")}–${high}`;
}

/** Whole numbers as people read them. */
export function countText(count: number, language: Language): string {
  return count.toLocaleString(languageTag(language));
}
