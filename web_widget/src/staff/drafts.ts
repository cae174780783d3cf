/** What somebody began to write, per conversation: survives another conversation, a reload and a closed tab. */
import type { Storage } from "../wire/surroundings.ts";

const PREFIX = "shopkeeper/desk/draft/";
const MOST_KEPT = 50;
const KEPT_MS = 7 * 24 * 3_600_000;

export type Kind = "say" | "note";

interface Draft {
  readonly at: number;
  readonly text: string;
}

export class Drafts {
  constructor(
    private readonly storage: Storage,
    /** Milliseconds by the wall clock. */
    private readonly now: () => number,
  ) {}

  get(conversation: string, kind: Kind): string {
    return this.read(nameOf(conversation, kind))?.text ?? "";
  }

  put(conversation: string, kind: Kind, text: string): void {
    const name = nameOf(conversation, kind);
    if (text.trim() === "") return this.storage.removeItem(name);
    this.storage.setItem(name, JSON.stringify({ at: this.now(), text }));
    this.prune();
  }

  private prune(): void {
    const names = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    const kept = names
      .filter((name): name is string => name?.startsWith(PREFIX) === true)
      .map((name) => ({ name, at: this.read(name)?.at ?? 0 }))
      .sort((a, b) => b.at - a.at);
    const oldest = this.now() - KEPT_MS;
    for (const [index, { name, at }] of kept.entries()) {
      if (index >= MOST_KEPT || at < oldest) this.storage.removeItem(name);
    }
  }

  private read(name: string): Draft | null {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(name) ?? "null");
      return isDraft(kept) ? kept : null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      throw error;
    }
  }
}

/** Whose draft a changed item of the storage is; null when it is none. */
export function draftChanged(key: string | null): { conversation: string; kind: Kind } | null {
  if (!key?.startsWith(PREFIX)) return null;
  const [kind, conversation] = key.slice(PREFIX.length).split("/");
  return conversation !== undefined && (kind === "say" || kind === "note") ? { conversation, kind } : null;
}

function nameOf(conversation: string, kind: Kind): string {
  return `${PREFIX}${kind}/${conversation}`;
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  return "at" in value && typeof value.at === "number" && "text" in value && typeof value.text === "string";
}
