/** Who a note calls: `@` and the name of a colleague. Pure. */

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Ids of the colleagues whom a note calls; of two names that begin alike the longer one counts. */
export function mentionedIn(note: string, colleagues: readonly Named[]): readonly string[] {
  return [...new Set(pieces(note, colleagues).flatMap(({ who }) => (who ? [who.id] : [])))];
}

const LETTER =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{M}\p{N}]/u;

/** Whether a word ends here: "@Lin" does not call Li. Chinese writes on without a space, so there any name ends. */
function endsAt(note: string, end: number): boolean {
  const [last] = note.slice(0, end).match(/.$/u) ?? [""];
  const [next] = note.slice(end).match(/^./u) ?? [""];
  return !LETTER.test(last) || !LETTER.test(next);
}

/** People write names as they like: "@lin" is Lin. */
function isAt(note: string, at: number, name: string): boolean {
  return note.slice(at, at + name.length).toLocaleLowerCase() === name.toLocaleLowerCase();
}

/** What stands behind an `@` at the beginning of a word and is no colleague: whoever is meant is not told. */
export function calledInVain(note: string, colleagues: readonly Named[]): readonly string[] {
  const plain = pieces(note, colleagues).map(({ text, who }) => (who ? " " : text));
  const words = plain
    .join("")
    .matchAll(/(?:^|[\s(（，。、；：])(@[\p{L}\p{N}][^\s@,，。；;:：!！?？()（）]*)/gu);
  return [...new Set([...words].map(([, called = ""]) => called))];
}

export interface Piece {
  readonly text: string;
  readonly who?: Named;
}

/** The note cut into plain text and names that are called. */
export function pieces(note: string, colleagues: readonly Named[]): readonly Piece[] {
  const longestFirst = [...colleagues].sort((a, b) => b.name.length - a.name.length);
  const cut: Piece[] = [];
  let plain = 0;
  for (let at = note.indexOf("@"); at >= 0; at = note.indexOf("@", at + 1)) {
    const who = longestFirst.find(
      ({ name }) => name !== "" && isAt(note, at + 1, name) && endsAt(note, at + 1 + name.length),
    );
    if (!who) continue;
    if (at > plain) cut.push({ text: note.slice(plain, at) });
    plain = at + 1 + who.name.length;
    cut.push({ text: note.slice(at, plain), who });
  }
  if (plain < note.length) cut.push({ text: note.slice(plain) });
  return cut;
}
