/** Draws its host anew every second, for elements that show how long something lasts. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

const TICK_MS = 1_000;

export class Ticking implements ReactiveController {
  private timer = 0;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return Date.now();
  }

  hostConnected(): void {
    this.timer = window.setInterval(() => this.host.requestUpdate(), TICK_MS);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
  }
}
