/** The one conversation that is on the screen of an inbox: its events, and everything told beside them. */
import type { ChatEvent, Contact } from "./frames.ts";
import type { Packet, StaffOpened, Suggestion, Watcher } from "./staff_frames.ts";
import { Transcript } from "./transcript.ts";

export class Followed {
  readonly transcript = new Transcript();
  packet: Packet | null = null;
  contact: Contact | null = null;
  page: { readonly title: string; readonly url: string } | null = null;
  /** Colleagues who have it open. */
  watchers: readonly Watcher[] = [];
  /** Known answers that fit what was said last; null while none were asked for. */
  suggestions: readonly Suggestion[] | null = null;
  shopperTypes = false;
  shopperReadUpTo = 0;
  loaded = false;
  loadingOlder = false;

  constructor(readonly id: string) {}

  /** Takes what the server knows of it: joined to what is here, or anew where a hole would stay. */
  opened(frame: StaffOpened): void {
    const { transcript } = this;
    this.packet = frame.packet;
    this.contact = frame.contact ?? null;
    this.page = frame.page ?? null;
    this.watchers = frame.watchers;
    if (frame.read) this.shopperReadUpTo = frame.read.shopper;
    const first = frame.events[0]?.seq;
    if (this.loaded && (first === undefined || first <= transcript.lastSeq + 1)) {
      for (const event of frame.events) transcript.add(event);
    } else {
      transcript.startOver(frame.events, frame.events[frame.events.length - 1]?.seq ?? 0, undefined);
    }
    this.loaded = true;
  }

  /** Takes one event; gives those that are now newly in order. */
  add(event: ChatEvent): readonly ChatEvent[] {
    const added = this.transcript.add(event);
    for (const one of added) {
      if (one.author.role === "shopper") this.shopperTypes = false;
      if (one.contact) this.contact = one.contact;
    }
    return added;
  }

  /** The last thing the shopper said, null before that. */
  get lastOfShopper(): ChatEvent | null {
    const { events } = this.transcript;
    for (let index = events.length - 1; index >= 0; index -= 1) {
      const event = events[index];
      if (event?.author.role === "shopper" && event.text !== "") return event;
    }
    return null;
  }
}
