/** What somebody picks while writing: `/` a kept reply, `@` a colleague. Pure: text and caret in. */

export interface Typed {
  readonly sigil: "/" | "@";
  /** Where the sigil stands. */
  readonly start: number;
  /** What follows it, up to the caret. */
  readonly letters: string;
}

const LONGEST_LETTERS = 40;

/**
 * The sigil being typed at the caret, null when there is none.
 *
 * A `/` counts at the beginning or after a space, so that `1/2` and `https://` stay what they are; an `@` also
 * straight after Chinese, which has no spaces, but not inside a mail address.
 */
export function typedAt(text: string, caret: number, sigils: string): Typed | null {
  const before = text.slice(Math.max(0, caret - LONGEST_LETTERS - 2), caret);
  const offset = caret - before.length;
  const found = /[/@][^\s/@{}]*$/u.exec(before);
  if (!found) return null;
  const sigil = found[0].startsWith("/") ? "/" : "@";
  const previous = before.slice(0, found.index).at(-1) ?? "";
  if (!sigils.includes(sigil) || (previous === "" && offset > 0)) return null;
  const blocked = sigil === "/" ? /\S/u : /[A-Za-z0-9._%+-]/;
  if (previous !== "" && blocked.test(previous)) return null;
  const letters = found[0].slice(1);
  return letters.length > LONGEST_LETTERS ? null : { sigil, start: offset + found.index, letters };
}

/** The text with what was typed replaced, and where the caret stands then. */
export function replaced(
  text: string,
  caret: number,
  { start }: Typed,
  by: string,
): { readonly text: string; readonly caret: number } {
  return { text: text.slice(0, start) + by + text.slice(caret), caret: start + by.length };
}

/** Items whose name begins with the letters first, then those that have them inside. */
export function ranked<T>(
  items: readonly T[],
  letters: string,
  name: (item: T) => string,
  inside: (item: T) => string = name,
): readonly T[] {
  const wanted = letters.trim().toLocaleLowerCase();
  const rank = (item: T): number => {
    const called = name(item).toLocaleLowerCase();
    if (called.startsWith(wanted)) return 0;
    if (called.includes(wanted)) return 1;
    return inside(item).toLocaleLowerCase().includes(wanted) ? 2 : 3;
  };
  return items
    .map((item) => ({ item, rank: rank(item) }))
    .filter((one) => one.rank < 3)
    .sort((a, b) => a.rank - b.rank || name(a.item).localeCompare(name(b.item)))
    .map(({ item }) => item);
}
