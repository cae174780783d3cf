/** Says that somebody writes, now and then while they do, and that they stopped. */
import type { Cancel, Clock } from "../wire/surroundings.ts";

const REPEAT_MS = 3_000;
/** Without a key for this long nobody writes any more; whoever is told forgets a little later by itself. */
const QUIET_MS = 6_000;

export class TypingSign {
  private saidAt = Number.NEGATIVE_INFINITY;
  private cancelQuiet: Cancel | null = null;
  private isPrivate = false;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (on: boolean, isPrivate: boolean) => void,
  ) {}

  /** A key was pressed; in a note the shopper is not told. */
  wrote(isPrivate: boolean): void {
    if (this.isPrivate !== isPrivate) this.stopped();
    this.isPrivate = isPrivate;
    this.cancelQuiet?.();
    this.cancelQuiet = this.clock.after(QUIET_MS, () => this.stopped());
    const now = this.clock.now();
    if (now - this.saidAt < REPEAT_MS) return;
    this.saidAt = now;
    this.tell(true, isPrivate);
  }

  /** Sent, emptied or left; says so once. */
  stopped(): void {
    this.cancelQuiet?.();
    this.cancelQuiet = null;
    if (this.saidAt === Number.NEGATIVE_INFINITY) return;
    this.saidAt = Number.NEGATIVE_INFINITY;
    this.tell(false, this.isPrivate);
  }
}
