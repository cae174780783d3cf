/**
 * Messages that the server has not accepted yet, kept until it has: over a lost connection, a closed tab
 * and a restarted browser.
 *
 * Each message has a key of its own, so that two tabs never overwrite each other's list. A message belongs
 * to the tab it was written in; when that tab is gone, another one sends it. Should two ever send the same
 * one, its id makes it one message for the server.
 */
import type { Contact } from "./frames.ts";
import type { Storage } from "./surroundings.ts";

/**
 * A tab with unsent messages says this often that it lives; one that was silent three times as long is gone.
 * A sleeping tab may be taken for gone: its message is then sent by another, and known by its id.
 */
export const TOUCH_EVERY_MS = 1_000;
const ABANDONED_AFTER_MS = 3 * TOUCH_EVERY_MS;

export interface Unsent {
  readonly id: string;
  readonly text: string;
  readonly choice?: string;
  /** Of a message that is left for later: how to reach the shopper. */
  readonly contact?: Contact;
  /** Milliseconds since 1970 when it was written; also the order of sending. */
  readonly written: number;
  /** The tab that sends it; empty when its tab said goodbye. */
  readonly tab: string;
  readonly touched: number;
  /** Code of the refusal, when the server will not take it as it is. */
  readonly failed?: string;
}

export class UnsentBox {
  /** What could not be stored (storage full or refused) lives here until the page goes. */
  private readonly unstored = new Map<string, Unsent>();
  private lastWritten = 0;

  constructor(
    private readonly storage: Storage,
    private readonly prefix: string,
    private readonly tab: string,
    private readonly now: () => number,
  ) {}

  put(id: string, text: string, choice?: string, contact?: Contact): Unsent {
    // Two messages within one millisecond keep their order.
    this.lastWritten = Math.max(this.now(), this.lastWritten + 1);
    const message: Unsent = {
      id,
      text,
      ...(choice === undefined ? {} : { choice }),
      ...(contact === undefined ? {} : { contact }),
      written: this.lastWritten,
      tab: this.tab,
      touched: this.now(),
    };
    this.keep(message);
    return message;
  }

  /** Every unsent message of every tab, oldest first. */
  all(): Unsent[] {
    const stored = this.keys().map((key) => this.read(key));
    const all = [...stored.filter((message) => message !== null), ...this.unstored.values()];
    return all.sort((a, b) => a.written - b.written || (a.id < b.id ? -1 : 1));
  }

  get(id: string): Unsent | null {
    return this.unstored.get(id) ?? this.read(this.prefix + id);
  }

  /**
   * The next one that this tab has to send: the oldest of all, when it is its own or its tab has left it behind.
   *
   * While another tab sends an older one, this tab waits: the order stays, and two tabs that both have none
   * never begin two conversations, in each of which a text would then stand.
   */
  next(): Unsent | null {
    const oldest = this.all().find((message) => !message.failed);
    if (!oldest || !this.isMine(oldest)) return null;
    const mine = { ...oldest, tab: this.tab, touched: this.now() };
    this.keep(mine);
    return mine;
  }

  remove(id: string): void {
    this.unstored.delete(id);
    this.storage.removeItem(this.prefix + id);
  }

  fail(id: string, code: string): void {
    const message = this.get(id);
    if (message) this.keep({ ...message, failed: code });
  }

  /** The shopper wants a failed message to be tried again. */
  revive(id: string): void {
    const message = this.get(id);
    if (!message) return;
    const { failed: _, ...again } = message;
    this.keep({ ...again, tab: this.tab, touched: this.now() });
  }

  /** Says that this tab lives and will send what it wrote. */
  touch(): void {
    for (const message of this.ownStored()) this.keep({ ...message, touched: this.now() });
  }

  /** The tab goes: others may send its messages at once. */
  release(): void {
    for (const message of this.ownStored()) this.keep({ ...message, tab: "" });
  }

  clear(): void {
    this.unstored.clear();
    for (const key of this.keys()) this.storage.removeItem(key);
  }

  private isMine(message: Unsent): boolean {
    return (
      message.tab === this.tab || message.tab === "" || this.now() - message.touched > ABANDONED_AFTER_MS
    );
  }

  private ownStored(): Unsent[] {
    return this.all().filter((message) => message.tab === this.tab && !this.unstored.has(message.id));
  }

  private keep(message: Unsent): void {
    try {
      this.storage.setItem(this.prefix + message.id, JSON.stringify(message));
      this.unstored.delete(message.id);
    } catch {
      this.unstored.set(message.id, message);
    }
  }

  private keys(): string[] {
    const keys: string[] = [];
    for (let index = 0; index < this.storage.length; index += 1) {
      const key = this.storage.key(index);
      if (key?.startsWith(this.prefix)) keys.push(key);
    }
    return keys;
  }

  /** An older version may have written it, so what comes out of storage is looked at. */
  private read(key: string): Unsent | null {
    const stored = this.storage.getItem(key);
    if (stored === null) return null;
    const message = parse(stored);
    if (message && this.prefix + message.id === key) return message;
    this.storage.removeItem(key);
    return null;
  }
}

function parse(stored: string): Unsent | null {
  try {
    const value: unknown = JSON.parse(stored);
    return isUnsent(value) ? value : null;
  } catch {
    return null;
  }
}

function isUnsent(value: unknown): value is Unsent {
  if (typeof value !== "object" || value === null) return false;
  const { id, text, choice, contact, written, tab, touched, failed } = value as Record<string, unknown>;
  const ways = typeof contact === "object" && contact !== null ? Object.values(contact) : [contact ?? ""];
  const texts = [id, text, tab, choice ?? "", failed ?? "", ...ways].every(
    (part) => typeof part === "string",
  );
  return texts && Number.isFinite(written) && Number.isFinite(touched);
}
