/** What the shop calls its intents; an intent it does not name is shown by its id, read as words. */
import type { Language } from "../wire/frames.ts";

export type IntentNames = Readonly<Record<string, Partial<Readonly<Record<Language, string>>>>>;

let known: IntentNames = {};

/** Told once after signing in: one page shows one shop. */
export function nameIntents(names: IntentNames): void {
  known = names;
}

export function intentWords(id: string, language: Language): string {
  const named = Object.hasOwn(known, id) ? known[id] : undefined;
  return named?.[language] ?? plain(id);
}

/** `order_status` as a person reads it. */
export function plain(id: string): string {
  return id.replace(/[_:]+/g, " ").trim();
}
