/** Replies that staff keep ready, as the server fills them in for one conversation, and what is still open. Pure. */
import { ranked } from "./picking.ts";

/** The variables of the server; a reply may name others that a later version knows. */
const VARIABLES: readonly string[] = ["shopper_name", "order", "staff_name", "shop"];

export interface CannedReply {
  readonly id: string;
  readonly shortcut: string;
  /** In the shopper's language, filled in with what is known. */
  readonly text: string;
  /** Variables that nothing is known for: they still stand in the text, in braces. */
  readonly missing: readonly string[];
}

const PLACES = /\{([a-z_]{1,30})\}/g;

/** Places that still stand in a text, each once: with any of them it must not be sent. */
export function unfilled(text: string, more: readonly string[] = []): readonly string[] {
  const open = Array.from(text.matchAll(PLACES)).filter(([, name = ""]) => isVariable(name, more));
  return [...new Set(open.map(([place]) => place))];
}

/** Where the first open place stands, to be selected and written over; null when there is none. */
export function firstGap(text: string, more: readonly string[] = []): readonly [number, number] | null {
  for (const found of text.matchAll(PLACES)) {
    if (isVariable(found[1] ?? "", more)) return [found.index, found.index + found[0].length];
  }
  return null;
}

/** What fits the letters after `/`: shortcuts that begin with them first, then contents. */
export function fitting(replies: readonly CannedReply[], letters: string): readonly CannedReply[] {
  return ranked(
    replies,
    letters,
    ({ shortcut }) => shortcut,
    ({ text }) => text,
  );
}

function isVariable(name: string, more: readonly string[]): boolean {
  return VARIABLES.includes(name) || more.includes(name);
}
