/**
 * The inbox's side of the staff socket: the queue as it is now, one conversation followed closely, and nothing
 * said lost. It knows no document; whoever shows the inbox is told through `StaffOwner`.
 */
import type { ChatEvent } from "./frames.ts";
import { type LinkState, LiveLink } from "./live_link.ts";
import { newMessageId } from "./message_id.ts";
import { decodeStaffFrame } from "./staff_decoder.ts";
import type {
  Me,
  Packet,
  StaffCommand,
  StaffFrame,
  StaffOpened,
  StaffRefused,
  StaffServerFrame,
  Summary,
} from "./staff_frames.ts";
import type { Cancel, Surroundings } from "./surroundings.ts";
import { Transcript } from "./transcript.ts";

const GAP_PATIENCE_MS = 1_500;
const TYPING_FORGOTTEN_AFTER_MS = 12_000;
const OLDER_PAGE = 100;

export interface StaffOwner {
  changed(): void;
  /** A conversation began to wait that did not wait before. */
  waiting(summary: Summary): void;
  /** The shopper said something in a conversation that this person holds. */
  said(conversation: string, event: ChatEvent): void;
  refused(frame: StaffRefused): void;
  done(what: string, conversation: string): void;
  signedOut(): void;
}

/** Something said or noted that is not stored yet. */
export interface Unaccepted {
  readonly id: string;
  readonly type: "say" | "note";
  readonly conversation: string;
  readonly text: string;
  readonly failed: boolean;
}

/** The conversation that is on the screen. */
export class Followed {
  readonly transcript = new Transcript();
  packet: Packet | null = null;
  shopperTypes = false;
  shopperReadUpTo = 0;
  loaded = false;
  loadingOlder = false;

  constructor(readonly id: string) {}
}

export class StaffSocket {
  me: Me | null = null;
  staffPresent = 0;
  present = true;
  followed: Followed | null = null;
  readonly unaccepted = new Map<string, Unaccepted>();
  private readonly inbox = new Map<string, Summary>();
  private readonly link: LiveLink;
  private welcomed = false;
  private cancelGap: Cancel | null = null;
  private cancelTyping: Cancel | null = null;
  private saidSeen = 0;

  constructor(
    url: string,
    private readonly csrf: () => string,
    private readonly surroundings: Surroundings,
    private readonly owner: StaffOwner,
  ) {
    this.link = new LiveLink(url, surroundings, {
      hello: () => ({ type: "hello", protocol: 1, csrf: this.csrf() }),
      received: (message) => this.received(message),
      stateChanged: () => this.linkChanged(),
      awake: () => undefined,
      stopped: () => owner.signedOut(),
    });
  }

  get linkState(): LinkState {
    return this.link.state;
  }

  get summaries(): readonly Summary[] {
    return [...this.inbox.values()];
  }

  summary(conversation: string): Summary | undefined {
    return this.inbox.get(conversation);
  }

  start(): void {
    this.link.start();
  }

  stop(): void {
    this.link.stop();
  }

  open(conversation: string): void {
    if (this.followed?.id === conversation) return;
    if (this.followed) this.send({ type: "leave", conversation: this.followed.id });
    this.followed = new Followed(conversation);
    this.saidSeen = 0;
    this.send({ type: "open", conversation });
    this.owner.changed();
  }

  leave(): void {
    if (!this.followed) return;
    this.send({ type: "leave", conversation: this.followed.id });
    this.followed = null;
    this.owner.changed();
  }

  command(type: StaffCommand, conversation: string): void {
    this.send({ type, conversation });
  }

  say(type: "say" | "note", conversation: string, text: string): void {
    const message: Unaccepted = { id: newMessageId(), type, conversation, text, failed: false };
    this.unaccepted.set(message.id, message);
    this.sendMessage(message);
    this.owner.changed();
  }

  sayAgain(id: string): void {
    const message = this.unaccepted.get(id);
    if (!message) return;
    this.unaccepted.set(id, { ...message, failed: false });
    this.sendMessage(message);
    this.owner.changed();
  }

  discard(id: string): void {
    this.unaccepted.delete(id);
    this.owner.changed();
  }

  typing(on: boolean): void {
    if (this.followed) this.send({ type: "typing", conversation: this.followed.id, on });
  }

  /** Everything of the followed conversation is on the screen. */
  seen(): void {
    const { followed } = this;
    const upTo = followed?.transcript.lastSeq ?? 0;
    if (!followed || upTo <= this.saidSeen) return;
    if (this.send({ type: "seen", conversation: followed.id, up_to: upTo })) this.saidSeen = upTo;
  }

  setPresent(present: boolean): void {
    this.present = present;
    this.send({ type: "presence", present });
    this.owner.changed();
  }

  loadOlder(): void {
    const { followed } = this;
    if (!followed || followed.loadingOlder || followed.transcript.hasFirst) return;
    const before = followed.transcript.firstSeq;
    followed.loadingOlder = this.send({ type: "more", conversation: followed.id, before, limit: OLDER_PAGE });
  }

  private send(frame: StaffFrame): boolean {
    return this.link.send(frame);
  }

  private sendMessage({ id, type, conversation, text }: Unaccepted): void {
    this.send({ type, id, conversation, text });
  }

  /** After every welcome the server knows nothing of this connection: say it all again. */
  private linkChanged(): void {
    if (this.link.state === "live") {
      if (!this.present) this.send({ type: "presence", present: false });
      this.openAgain();
      for (const message of this.unaccepted.values()) if (!message.failed) this.sendMessage(message);
    } else {
      this.cancelGap?.();
      this.cancelGap = null;
      if (this.followed) this.followed.loadingOlder = false;
    }
    this.owner.changed();
  }

  private openAgain(): void {
    if (!this.followed) return;
    const { id, transcript } = this.followed;
    const lastSeq = transcript.lastSeq;
    this.send({ type: "open", conversation: id, ...(lastSeq > 0 ? { last_seq: lastSeq } : {}) });
  }

  private received(message: unknown): "welcome" | "other" {
    const frame = decodeStaffFrame(message, this.surroundings.warn);
    if (!frame) return "other";
    this.apply(frame);
    return frame.type === "welcome" ? "welcome" : "other";
  }

  private apply(frame: StaffServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.me = frame.me;
        this.staffPresent = frame.staff_present;
        return this.takeInbox(frame.inbox);
      case "summary":
        return this.takeSummary(frame.summary);
      case "opened":
        return this.opened(frame);
      case "older":
        return this.older(frame);
      case "event":
        return this.event(frame.conversation, frame.event);
      case "accepted":
        this.unaccepted.delete(frame.id);
        return this.owner.changed();
      case "done":
        return this.owner.done(frame.what, frame.conversation);
      case "refused":
        return this.refusedBy(frame);
      case "typing":
        return this.shopperTypes(frame.conversation, frame.on);
      case "read":
        return this.shopperRead(frame.conversation, frame.up_to);
      case "presence":
        this.staffPresent = frame.staff_present;
        return this.owner.changed();
      case "tick":
        return;
    }
  }

  private takeInbox(inbox: readonly Summary[]): void {
    const before = new Set(this.inbox.keys());
    this.inbox.clear();
    for (const summary of inbox) this.inbox.set(summary.conversation, summary);
    if (this.welcomed) {
      for (const summary of inbox) {
        if (summary.stage === "waiting_for_staff" && !before.has(summary.conversation))
          this.owner.waiting(summary);
      }
    }
    this.welcomed = true;
    this.owner.changed();
  }

  private takeSummary(summary: Summary): void {
    const waited = this.inbox.get(summary.conversation)?.stage === "waiting_for_staff";
    this.inbox.set(summary.conversation, summary);
    if (summary.stage === "waiting_for_staff" && !waited) this.owner.waiting(summary);
    this.owner.changed();
  }

  private opened(frame: StaffOpened): void {
    const { followed } = this;
    if (followed?.id !== frame.conversation) return;
    this.inbox.set(frame.conversation, frame.summary);
    followed.packet = frame.packet;
    if (frame.read) followed.shopperReadUpTo = frame.read.shopper;
    const first = frame.events[0]?.seq;
    const joins = followed.loaded && (first === undefined || first <= followed.transcript.lastSeq + 1);
    if (joins) for (const event of frame.events) followed.transcript.add(event);
    else
      followed.transcript.startOver(frame.events, frame.events[frame.events.length - 1]?.seq ?? 0, undefined);
    followed.loaded = true;
    this.settleOwn(frame.events);
    this.owner.changed();
  }

  private older(frame: Extract<StaffServerFrame, { type: "older" }>): void {
    if (this.followed?.id !== frame.conversation) return;
    this.followed.loadingOlder = false;
    this.followed.transcript.addOlder(frame.events, frame.first);
    this.owner.changed();
  }

  private event(conversation: string, event: ChatEvent): void {
    const { followed } = this;
    if (followed?.id !== conversation) return;
    const added = followed.transcript.add(event);
    this.settleOwn(added);
    for (const one of added) {
      if (one.author.role === "shopper") followed.shopperTypes = false;
      if (one.kind === "shopper_said") this.owner.said(conversation, one);
      if (one.kind === "handoff_requested") this.openAgain();
    }
    if (followed.transcript.hasGap) this.watchGap();
    this.owner.changed();
  }

  private settleOwn(events: readonly ChatEvent[]): void {
    for (const { client_id } of events) if (client_id !== undefined) this.unaccepted.delete(client_id);
  }

  private watchGap(): void {
    if (this.cancelGap) return;
    this.cancelGap = this.surroundings.clock.after(GAP_PATIENCE_MS, () => {
      this.cancelGap = null;
      if (this.followed?.transcript.hasGap) this.openAgain();
    });
  }

  private refusedBy(frame: StaffRefused): void {
    const message = frame.id === undefined ? undefined : this.unaccepted.get(frame.id);
    if (message) this.unaccepted.set(message.id, { ...message, failed: true });
    this.owner.refused(frame);
    this.owner.changed();
  }

  private shopperTypes(conversation: string, on: boolean): void {
    const { followed } = this;
    if (followed?.id !== conversation) return;
    followed.shopperTypes = on;
    this.cancelTyping?.();
    this.cancelTyping = this.surroundings.clock.after(TYPING_FORGOTTEN_AFTER_MS, () => {
      followed.shopperTypes = false;
      this.owner.changed();
    });
    this.owner.changed();
  }

  private shopperRead(conversation: string, upTo: number): void {
    if (this.followed?.id !== conversation) return;
    this.followed.shopperReadUpTo = Math.max(this.followed.shopperReadUpTo, upTo);
    this.owner.changed();
  }
}
