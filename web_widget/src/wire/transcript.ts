/**
 * The events of one conversation as one page knows them: complete, in order, each once.
 *
 * Pure. An event that comes too early is held until those before it are there; whoever feeds the
 * transcript asks `hasGap` and fetches again when the hole stays.
 */
import type { ChatEvent } from "./frames.ts";

export class Transcript {
  /** In order, without holes, newest last. */
  events: ChatEvent[] = [];
  epoch: string | undefined;
  /** Whether the very first event of the conversation is among them. */
  hasFirst = true;
  private last = 0;
  private readonly early = new Map<number, ChatEvent>();

  get lastSeq(): number {
    return this.last;
  }

  get firstSeq(): number {
    return this.events[0]?.seq ?? this.last + 1;
  }

  get hasGap(): boolean {
    return this.early.size > 0;
  }

  /** Takes one event; returns what is now newly in order: none, it, or it and those that waited for it. */
  add(event: ChatEvent): readonly ChatEvent[] {
    if (event.seq <= this.last) return [];
    if (!this.early.has(event.seq)) this.early.set(event.seq, event);
    const added: ChatEvent[] = [];
    for (let next = this.early.get(this.last + 1); next; next = this.early.get(this.last + 1)) {
      this.early.delete(next.seq);
      this.last = next.seq;
      added.push(next);
    }
    this.events.push(...added);
    return added;
  }

  /** Puts older events in front; returns those that fit, so that a late or doubled answer does no harm. */
  addOlder(events: readonly ChatEvent[], first: boolean): readonly ChatEvent[] {
    const before = this.firstSeq;
    const older = events.filter((event) => event.seq < before).sort((a, b) => a.seq - b.seq);
    const joins = older.every((event, index) => event.seq === before - older.length + index);
    if (!joins) return [];
    this.events.unshift(...older);
    this.hasFirst = first || this.firstSeq <= 1;
    return older;
  }

  /** Forgets everything and begins with these events, the newest of a longer conversation. */
  startOver(events: readonly ChatEvent[], lastSeq: number, epoch: string | undefined): void {
    this.events = [...events].sort((a, b) => a.seq - b.seq);
    this.early.clear();
    this.last = lastSeq;
    this.epoch = epoch;
    this.hasFirst = this.firstSeq <= 1;
  }
}
