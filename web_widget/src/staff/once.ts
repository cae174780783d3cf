/** Lets one tab of several do a thing: the first that takes its name may, for as long as the name is kept. */
import type { Storage } from "../wire/surroundings.ts";

const TAKEN = "shopkeeper/desk/taken";
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 200;

type Taken = readonly (readonly [name: string, at: number])[];

export class Once {
  /**
   * Args:
   *   storage: shared by the tabs of a browser; written at once, so the second tab sees what the first took.
   *   now: milliseconds by the wall clock, which all tabs share.
   */
  constructor(
    private readonly storage: Storage,
    private readonly now: () => number,
  ) {}

  /** True for the first caller of this name, in whichever tab. */
  take(name: string): boolean {
    const now = this.now();
    const taken = this.read().filter(([, at]) => at <= now && now - at < KEPT_MS);
    if (taken.some(([other]) => other === name)) return false;
    this.storage.setItem(TAKEN, JSON.stringify([...taken, [name, now]].slice(-MOST_KEPT)));
    return true;
  }

  private read(): Taken {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(TAKEN) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isTaken) : [];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  }
}

function isTaken(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}
