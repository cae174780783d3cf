/** In which conversations a note calls this person that they have not opened since; shared by all tabs. */
import type { Storage } from "../wire/surroundings.ts";

const PREFIX = "shopkeeper/desk/called/";
const MOST_KEPT = 100;

export class CalledIn {
  constructor(
    private readonly storage: Storage,
    private readonly person: string,
  ) {}

  get conversations(): ReadonlySet<string> {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(PREFIX + this.person) ?? "[]");
      return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : []);
    } catch (error) {
      if (error instanceof SyntaxError) return new Set();
      throw error;
    }
  }

  add(conversation: string): void {
    this.keep([...this.conversations].filter((one) => one !== conversation).concat(conversation));
  }

  opened(conversation: string): void {
    const { conversations } = this;
    if (conversations.has(conversation)) this.keep([...conversations].filter((one) => one !== conversation));
  }

  private keep(conversations: readonly string[]): void {
    this.storage.setItem(PREFIX + this.person, JSON.stringify(conversations.slice(-MOST_KEPT)));
  }
}

export function calledInChanged(key: string | null): boolean {
  return key?.startsWith(PREFIX) === true;
}
