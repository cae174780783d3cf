/** Surroundings that a test drives by hand: time, sockets, chance and waking. */
import type { Cancel, Clock, SocketLike, Surroundings } from "../../src/wire/surroundings.ts";

export class HandClock implements Clock {
  private time = 0;
  private waiting: { at: number; then: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, then: () => void): Cancel {
    const entry = { at: this.time + milliseconds, then };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  pass(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let next = this.nextBefore(end); next; next = this.nextBefore(end)) {
      this.waiting = this.waiting.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at);
      next.then();
    }
    this.time = end;
  }

  /** Milliseconds until the earliest callback, null when none waits. */
  get untilNext(): number | null {
    const next = this.nextBefore(Number.POSITIVE_INFINITY);
    return next ? next.at - this.time : null;
  }

  private nextBefore(end: number): { at: number; then: () => void } | undefined {
    return this.waiting.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

export class ScriptedSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.();
  }

  give(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  cut(code = 1006, reason = ""): void {
    this.closed = true;
    this.onclose?.({ code, reason });
  }

  sentOf(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export class HandSurroundings implements Surroundings {
  readonly clock = new HandClock();
  readonly sockets: ScriptedSocket[] = [];
  readonly warnings: string[] = [];
  chance = 0.5;
  online = true;
  private readonly wakers = new Set<(why: "online" | "visible") => void>();

  readonly random = (): number => this.chance;

  openSocket(url: string): ScriptedSocket {
    const socket = new ScriptedSocket(url);
    this.sockets.push(socket);
    return socket;
  }

  isOnline(): boolean {
    return this.online;
  }

  onWake(then: (why: "online" | "visible") => void): Cancel {
    this.wakers.add(then);
    return () => this.wakers.delete(then);
  }

  wake(why: "online" | "visible"): void {
    for (const then of this.wakers) then(why);
  }

  readonly warn = (message: string): void => {
    this.warnings.push(message);
  };

  get socket(): ScriptedSocket {
    const last = this.sockets.at(-1);
    if (!last) throw new Error("no socket was opened yet");
    return last;
  }
}
