/** Which conversation this browser holds, and the token that opens it; shared by all its tabs. */
import type { Storage } from "./surroundings.ts";

export interface ConversationKey {
  readonly conversation: string;
  readonly token: string;
}

export class ConversationKeyStore {
  private unstored: ConversationKey | null = null;

  constructor(
    private readonly storage: Storage,
    readonly name: string,
  ) {}

  load(): ConversationKey | null {
    return parse(this.storage.getItem(this.name)) ?? this.unstored;
  }

  save(key: ConversationKey): void {
    try {
      this.storage.setItem(this.name, JSON.stringify(key));
      this.unstored = null;
    } catch {
      this.unstored = key;
    }
  }

  forget(): void {
    this.unstored = null;
    this.storage.removeItem(this.name);
  }
}

function parse(stored: string | null): ConversationKey | null {
  if (stored === null) return null;
  try {
    const value: unknown = JSON.parse(stored);
    if (typeof value !== "object" || value === null) return null;
    const { conversation, token } = value as Record<string, unknown>;
    return typeof conversation === "string" && typeof token === "string" ? { conversation, token } : null;
  } catch {
    return null;
  }
}
