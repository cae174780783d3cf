/**
 * One websocket that is kept alive: connects, says hello, notices a dead link, comes back.
 *
 * It knows when to connect and nothing of what is said; chat_socket.ts and staff_socket.ts know the rest.
 */
import { afterClose } from "./close_codes.ts";
import { RetryTimer } from "./retry_timer.ts";
import type { Cancel, SocketLike, Surroundings } from "./surroundings.ts";

/** The server ticks this often; two missing ones (and a little) mean that nobody is there any more. */
export const TICK_SECONDS = 25;
const DEAD_AFTER_MS = (2 * TICK_SECONDS + 5) * 1000;
/** From opening the socket to the server's welcome. */
const WELCOME_WITHIN_MS = 12_000;
/** On waking, how long a probing tick may go unanswered. */
const PROBE_WITHIN_MS = 5_000;
/** A link that lives this long is trusted again; a server that welcomes and dies is not hammered. */
const PROVEN_AFTER_MS = 5_000;

export type LinkState = "idle" | "connecting" | "live" | "waiting" | "stopped";

export interface LinkOwner {
  /** The socket is open: return the first frame. */
  hello(): object;
  /** One message as it came. Return "welcome" when it was the answer to hello. */
  received(message: unknown): "welcome" | "other";
  stateChanged(state: LinkState): void;
  /** The network came back, or the page is looked at again, while the link stands. */
  awake(): void;
  /** The server closed with a code that says not to come again. */
  stopped(code: number): void;
}

export class LiveLink {
  state: LinkState = "idle";
  private socket: SocketLike | null = null;
  private readonly retry: RetryTimer;
  private cancelDeadline: Cancel | null = null;
  private cancelProof: Cancel | null = null;
  private unwatch: Cancel | null = null;
  private lastHeard = 0;
  private lastAtOnce = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly url: string,
    private readonly surroundings: Surroundings,
    private readonly owner: LinkOwner,
  ) {
    this.retry = new RetryTimer(surroundings.clock, surroundings.random, () => this.connect());
  }

  start(): void {
    if (this.state !== "idle" && this.state !== "stopped") return;
    this.unwatch ??= this.surroundings.onWake((why) => this.wake(why));
    this.connect();
  }

  stop(): void {
    this.unwatch?.();
    this.unwatch = null;
    this.retry.cancel();
    this.drop();
    this.become("stopped");
  }

  /** Leaves the present socket and comes again: at once, or after the timer's wait. */
  reconnect(when: "at_once" | "after_wait"): void {
    if (this.state === "stopped" || this.state === "idle") return;
    this.drop();
    if (when === "at_once") this.connect();
    else this.waitAndRetry(0);
  }

  /** Sends a frame; false when there is no live link, and then nothing was sent. */
  send(frame: object): boolean {
    if (this.state !== "live" || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private connect(): void {
    this.retry.cancel();
    this.drop();
    this.become("connecting");
    const socket = this.open();
    if (!socket) return this.waitAndRetry(0);
    this.socket = socket;
    this.deadline(WELCOME_WITHIN_MS, () => this.reconnect("after_wait"));
    socket.onopen = () => socket.send(JSON.stringify(this.owner.hello()));
    socket.onmessage = (event) => this.heard(event.data);
    socket.onclose = (event) => this.closed(event.code, event.reason);
  }

  private open(): SocketLike | null {
    try {
      return this.surroundings.openSocket(this.url);
    } catch (error) {
      // A content policy of the page, or an address that is none: the same as a server that is away.
      this.surroundings.warn(`The socket could not be opened: ${String(error)}`);
      return null;
    }
  }

  private heard(message: unknown): void {
    const socket = this.socket;
    this.lastHeard = this.surroundings.clock.now();
    if (this.state === "live") this.watchForSilence();
    if (this.owner.received(message) !== "welcome" || this.socket !== socket) return;
    this.watchForSilence();
    this.become("live");
    this.cancelProof?.();
    this.cancelProof = this.surroundings.clock.after(PROVEN_AFTER_MS, () => this.retry.reset());
  }

  private closed(code: number, reason: string): void {
    this.drop();
    const after = afterClose(code, reason);
    if (after.next === "stop") {
      this.stop();
      this.owner.stopped(code);
    } else if (after.next === "at_once" && this.mayComeAtOnce()) {
      this.connect();
    } else {
      this.waitAndRetry(after.next === "back_off" ? after.atLeastSeconds : 0);
    }
  }

  /** Twice "at once" in a row would be a loop. */
  private mayComeAtOnce(): boolean {
    const now = this.surroundings.clock.now();
    const may = now - this.lastAtOnce > PROVEN_AFTER_MS;
    this.lastAtOnce = now;
    return may;
  }

  private waitAndRetry(atLeastSeconds: number): void {
    this.become("waiting");
    this.retry.schedule(atLeastSeconds);
  }

  private wake(why: "online" | "visible"): void {
    if (this.state === "waiting") {
      this.retry.hurry();
    } else if (this.state === "live") {
      const silent = this.surroundings.clock.now() - this.lastHeard;
      if (why === "online" || silent > TICK_SECONDS * 1000) this.probe();
      this.owner.awake();
    }
  }

  /** Asks for a tick and gives the link a short while to answer; timers sleep with the machine. */
  private probe(): void {
    this.send({ type: "tick" });
    this.deadline(PROBE_WITHIN_MS, () => this.reconnect("at_once"));
  }

  private watchForSilence(): void {
    this.deadline(DEAD_AFTER_MS, () => this.reconnect("at_once"));
  }

  private deadline(milliseconds: number, then: () => void): void {
    this.cancelDeadline?.();
    this.cancelDeadline = this.surroundings.clock.after(milliseconds, then);
  }

  /** Forgets the socket; what it still delivers is not heard, so that two sockets never mix. */
  private drop(): void {
    this.cancelDeadline?.();
    this.cancelDeadline = null;
    this.cancelProof?.();
    this.cancelProof = null;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(1000);
  }

  private become(state: LinkState): void {
    if (this.state === state) return;
    this.state = state;
    this.owner.stateChanged(state);
  }
}
