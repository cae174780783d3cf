/** Who could get a conversation, the likeliest first. Pure. */
import type { Language } from "../wire/frames.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { ranked } from "./picking.ts";

const PRESENCE_RANK = { present: 0, connected: 1, gone: 2 } as const;

export function isFull({ holding, capacity }: Colleague): boolean {
  return capacity !== undefined && holding >= capacity;
}

/** Those whose name has the letters: here first, then those who write the language, then the least busy. */
export function inOrder(
  colleagues: readonly Colleague[],
  language: Language | null,
  letters: string,
): readonly Colleague[] {
  const rank = (one: Colleague): readonly number[] => [
    PRESENCE_RANK[one.presence],
    Number(isFull(one)),
    Number(language !== null && one.languages.length > 0 && !one.languages.includes(language)),
    one.holding,
  ];
  return [...ranked(colleagues, letters, ({ name }) => name)].sort((a, b) => compared(rank(a), rank(b)));
}

function compared(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((value, index) => value !== b[index]);
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}
