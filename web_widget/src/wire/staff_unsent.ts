/**
 * What staff said or noted and the server has not stored yet: kept over a lost connection and a reload.
 *
 * Every tab of the same person may send it again: its id makes it one message. It is kept under the person's
 * id, so that whoever signs in next on this machine never says it in their own name.
 */
import type { StaffFrame } from "./staff_frames.ts";
import type { Storage } from "./surroundings.ts";

const PREFIX = "shopkeeper/desk/unsent/";

export interface Unaccepted {
  readonly id: string;
  readonly type: "say" | "note";
  readonly conversation: string;
  readonly text: string;
  readonly mentions?: readonly string[];
  /** Milliseconds since 1970 when it was written; also the order. */
  readonly written: number;
  readonly failed: boolean;
}

export class StaffUnsent {
  /** What storage would not take lives until the page goes. */
  private readonly unstored = new Map<string, Unaccepted>();

  constructor(private readonly storage: Storage) {}

  /** Everything this person has unsent, oldest first. */
  all(person: string): readonly Unaccepted[] {
    const names = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    const stored = names
      .filter((name): name is string => name?.startsWith(`${PREFIX}${person}/`) === true)
      .map((name) => this.read(name))
      .filter((message) => message !== null);
    return [...stored, ...this.unstored.values()].sort((a, b) => a.written - b.written);
  }

  get(person: string, id: string): Unaccepted | null {
    return this.unstored.get(id) ?? this.read(nameOf(person, id));
  }

  put(person: string, message: Unaccepted): void {
    try {
      this.storage.setItem(nameOf(person, message.id), JSON.stringify(message));
      this.unstored.delete(message.id);
    } catch {
      this.unstored.set(message.id, message);
    }
  }

  remove(person: string, id: string): void {
    this.unstored.delete(id);
    this.storage.removeItem(nameOf(person, id));
  }

  private read(name: string): Unaccepted | null {
    try {
      const kept: unknown = JSON.parse(this.storage.getItem(name) ?? "null");
      return isUnaccepted(kept) ? kept : null;
    } catch {
      return null;
    }
  }
}

export function frameOf({ id, type, conversation, text, mentions }: Unaccepted): StaffFrame {
  if (type === "say") return { type, id, conversation, text };
  return { type, id, conversation, text, ...(mentions && mentions.length > 0 ? { mentions } : {}) };
}

function nameOf(person: string, id: string): string {
  return `${PREFIX}${person}/${id}`;
}

function isUnaccepted(value: unknown): value is Unaccepted {
  if (typeof value !== "object" || value === null) return false;
  const { id, type, conversation, text, mentions, written, failed } = value as Record<string, unknown>;
  const called = mentions === undefined || (Array.isArray(mentions) && mentions.every(isText));
  return (
    [id, conversation, text].every(isText) &&
    (type === "say" || type === "note") &&
    Number.isFinite(written) &&
    typeof failed === "boolean" &&
    called
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
