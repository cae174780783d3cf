/**
 * When to try again: full jitter over 0-1, 0-2, 0-4 … 0-30 seconds.
 *
 * The whole span is random, not only its end, so that a thousand pages that lost one server at the same
 * moment do not come back at the same moment.
 */
import type { Cancel, Clock } from "./surroundings.ts";

export const LONGEST_WAIT_SECONDS = 30;

export class RetryTimer {
  private tries = 0;
  private cancelWait: Cancel | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly tryAgain: () => void,
  ) {}

  get waiting(): boolean {
    return this.cancelWait !== null;
  }

  /** Waits a random part of the present span, after `atLeastSeconds` that the server asked for. */
  schedule(atLeastSeconds = 0): void {
    const span = Math.min(2 ** this.tries, LONGEST_WAIT_SECONDS);
    this.tries += 1;
    this.wait((atLeastSeconds + this.random() * span) * 1000);
  }

  /** Tries now if a try was being waited for; used when the network comes back. */
  hurry(): void {
    if (this.waiting) this.wait(0);
  }

  /** The connection has proved itself: the next wait is short again. */
  reset(): void {
    this.tries = 0;
  }

  cancel(): void {
    this.cancelWait?.();
    this.cancelWait = null;
  }

  private wait(milliseconds: number): void {
    this.cancel();
    this.cancelWait = this.clock.after(milliseconds, () => {
      this.cancelWait = null;
      this.tryAgain();
    });
  }
}
