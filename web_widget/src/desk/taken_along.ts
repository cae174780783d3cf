/**
 * A question that somebody takes along from the inbox to the console's search: what a shopper wrote stands in no
 * address, and so in no browser's history.
 */
import type { Storage } from "../wire/surroundings.ts";

const NAME = "shopkeeper/desk/taken-along";

export function takeAlong(storage: Storage, question: string): void {
  try {
    storage.setItem(NAME, question);
  } catch {
    // A full storage only means that it has to be typed again.
  }
}

/** Gives it once; empty when there is none. */
export function arrivedWith(storage: Storage): string {
  const question = storage.getItem(NAME) ?? "";
  if (question !== "") storage.removeItem(NAME);
  return question;
}
