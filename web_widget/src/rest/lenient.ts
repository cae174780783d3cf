/** Readers for answers that are shown to staff: lenient where a missing fact does no harm. */
import { bothLanguages } from "../wire/decoder.ts";
import type { BothLanguages } from "../wire/frames.ts";
import { type Fields, fields, type Reader } from "../wire/readers.ts";

/** An object whose values are all of one kind: `{name: value}`. */
export function named<T>(reader: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    const from = fields(value, path);
    return Object.fromEntries(
      Object.entries(from).map(([key, inside]) => [key, reader(inside, `${path}.${key}`)]),
    );
  };
}

/** Numbers and texts as they are, anything else as JSON: for facts that are only shown. */
export const shown: Reader<string> = (value) =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

/** The field where it is there and not null, else `otherwise`: for facts a page can do without. */
export function or<T>(from: Fields, key: string, reader: Reader<T>, path: string, otherwise: T): T {
  const value = from[key];
  return value === undefined || value === null ? otherwise : reader(value, `${path}.${key}`);
}

/** An error's text: one for both languages, one for each, or inside `message`. */
export const errorMessage: Reader<BothLanguages> = (value, path) => {
  if (typeof value === "string") return { zh: value, en: value };
  const from = fields(value, path);
  if ("message" in from) return errorMessage(from.message, `${path}.message`);
  return bothLanguages(from, path);
};
