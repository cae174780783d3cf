/**
 * What the wire layer needs from the world, as arguments: sockets, time, chance, storage.
 *
 * Tests give their own; browser_surroundings.ts gives the browser's.
 */

/** The part of a WebSocket that is used. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Calls `then` once after `milliseconds`, unless cancelled before. */
  after(milliseconds: number, then: () => void): Cancel;
}

export interface Surroundings {
  readonly clock: Clock;
  /** Even chance in [0, 1). */
  readonly random: () => number;
  openSocket(url: string): SocketLike;
  isOnline(): boolean;
  /** Calls back when the machine goes online ("online") or the page is looked at again ("visible"). */
  onWake(then: (why: "online" | "visible") => void): Cancel;
  readonly warn: (message: string) => void;
}

/** The part of localStorage that is used. */
export interface Storage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
