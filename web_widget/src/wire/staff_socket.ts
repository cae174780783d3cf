/**
 * The inbox's side of the staff socket: the queue as it is now, one conversation followed closely, and nothing
 * said lost. It knows no document; whoever shows the inbox is told through `StaffOwner`.
 */
import { Followed } from "./followed.ts";
import type { ChatEvent, DeskHours } from "./frames.ts";
import { type LinkState, LiveLink } from "./live_link.ts";
import { newMessageId } from "./message_id.ts";
import { decodeStaffFrame } from "./staff_decoder.ts";
import type {
  Colleague,
  Me,
  StaffCommand,
  StaffFrame,
  StaffMentioned,
  StaffOpened,
  StaffRefused,
  StaffServerFrame,
  StaffWelcome,
  Summary,
  UnseenMention,
} from "./staff_frames.ts";
import { frameOf, type StaffUnsent, type Unaccepted } from "./staff_unsent.ts";
import type { Cancel, Surroundings } from "./surroundings.ts";

const GAP_PATIENCE_MS = 1_500;
/** Room for several messages that wait, at the rate that the server takes them. */
const LEAST_PAUSE_MS = 1_000;
const TYPING_FORGOTTEN_AFTER_MS = 12_000;
const OLDER_PAGE = 100;
const DEFAULT_TEXT_CHARACTERS = 4_000;
/** The server looks at no more of a question. */
const ASKED_CHARACTERS = 2_000;

export interface StaffOwner {
  changed(): void;
  /** A conversation began to wait that did not wait before. */
  waiting(summary: Summary): void;
  /** The shopper said something in a conversation that this person holds. */
  said(summary: Summary): void;
  /** A colleague calls this person in a note. */
  mentioned(frame: StaffMentioned): void;
  /** Something was given to this person: by a colleague, or by the routing. */
  given(summary: Summary): void;
  /** A colleague has what this person held. */
  lost(summary: Summary): void;
  refused(frame: StaffRefused): void;
  done(what: string, conversation: string): void;
  signedOut(): void;
}

export interface StaffSocketParts {
  readonly url: string;
  readonly csrf: () => string;
  readonly surroundings: Surroundings;
  readonly unsent: StaffUnsent;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class StaffSocket {
  me: Me | null = null;
  staffPresent = 0;
  present = true;
  colleagues: readonly Colleague[] = [];
  textCharacters = DEFAULT_TEXT_CHARACTERS;
  /** The shop's calendar as it was when the link came up. */
  hours: DeskHours | null = null;
  /** Whether the server can store what is said. */
  storing = true;
  /** Notes that call this person and were not seen on any of their pages, newest first. */
  mentions: readonly UnseenMention[] = [];
  followed: Followed | null = null;
  private readonly inbox = new Map<string, Summary>();
  private readonly link: LiveLink;
  /** What was asked for here: what comes to be otherwise was done by somebody else. */
  private readonly asked = new Set<string>();
  /** Whether the inbox was ever told: before that an empty list means nothing. */
  welcomed = false;
  private cancelGap: Cancel | null = null;
  private cancelTyping: Cancel | null = null;
  /** While it lasts nothing is said: the server asked for a moment. */
  private cancelPause: Cancel | null = null;
  private saidSeen = 0;

  constructor(
    private readonly parts: StaffSocketParts,
    private readonly owner: StaffOwner,
  ) {
    this.link = new LiveLink(parts.url, parts.surroundings, {
      hello: () => ({ type: "hello", protocol: 1, csrf: parts.csrf() }),
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

  /** Said or noted in this conversation, and not stored yet. */
  unaccepted(conversation: string): readonly Unaccepted[] {
    return this.unsent().filter((message) => message.conversation === conversation);
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
    if (type === "claim" || type === "reopen") this.asked.add(conversation);
    this.send({ type, conversation });
  }

  transfer(conversation: string, to: string): void {
    this.asked.add(conversation);
    this.send({ type: "transfer", conversation, to });
  }

  /** From the holder whom the page shows; when another has it by now, nothing is taken. */
  takeOver(conversation: string, heldBy: string): void {
    this.asked.add(conversation);
    this.send({ type: "take_over", conversation, held_by: heldBy });
  }

  tag(conversation: string, add: readonly string[], remove: readonly string[]): void {
    this.send({ type: "tag", conversation, add, remove });
  }

  /** Asks for known answers to what the shopper said; they come into `followed.suggestions`. */
  suggest(said: string): void {
    if (!this.followed) return;
    this.send({ type: "suggest", conversation: this.followed.id, text: said.slice(0, ASKED_CHARACTERS) });
  }

  say(type: "say" | "note", conversation: string, text: string, mentions: readonly string[] = []): void {
    const written = this.parts.now();
    this.keepAndSend({ id: newMessageId(), type, conversation, text, mentions, written, failed: false });
  }

  sayAgain(id: string): void {
    const message = this.me && this.parts.unsent.get(this.me.id, id);
    if (message) this.keepAndSend({ ...message, failed: false });
  }

  discard(id: string): void {
    this.settle(id);
    this.owner.changed();
  }

  /** `isPrivate`: a note, of which the shopper is not told. */
  typing(on: boolean, isPrivate: boolean): void {
    if (!this.followed) return;
    const { id } = this.followed;
    this.send({ type: "typing", conversation: id, on, ...(isPrivate ? { private: true } : {}) });
  }

  /** Everything of the followed conversation is on the screen. */
  seen(): void {
    const { followed } = this;
    const upTo = followed?.transcript.lastSeq ?? 0;
    if (!followed || upTo <= this.saidSeen) return;
    if (this.send({ type: "seen", conversation: followed.id, up_to: upTo })) this.saidSeen = upTo;
  }

  /** Every note that calls this person counts as seen. */
  mentionsSeen(): void {
    this.send({ type: "mentions_seen" });
  }

  setPresent(present: boolean): void {
    if (present === this.present) return;
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

  private unsent(): readonly Unaccepted[] {
    return this.me ? this.parts.unsent.all(this.me.id) : [];
  }

  private keepAndSend(message: Unaccepted): void {
    if (!this.me) return;
    this.parts.unsent.put(this.me.id, message);
    if (!this.cancelPause) this.send(frameOf(message));
    this.owner.changed();
  }

  private settle(id: string): void {
    if (this.me) this.parts.unsent.remove(this.me.id, id);
  }

  /** After every welcome the server knows nothing of this connection: say it all again. */
  private linkChanged(): void {
    if (this.link.state === "live") {
      if (!this.present) this.send({ type: "presence", present: false });
      this.openAgain();
      this.sayUnsent();
    } else {
      this.cancelPause?.();
      this.cancelPause = null;
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
    const frame = decodeStaffFrame(message, this.parts.surroundings.warn);
    if (!frame) return "other";
    this.apply(frame);
    if (frame.type === "welcome") return "welcome";
    this.owner.changed();
    return "other";
  }

  private apply(frame: StaffServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return this.greeted(frame);
      case "summary":
        return this.takeSummary(frame.summary);
      case "opened":
        return this.opened(frame);
      case "older":
        return this.older(frame);
      case "event":
        return this.event(frame.conversation, frame.event);
      case "accepted":
        return this.settle(frame.id);
      case "done":
        return this.owner.done(frame.what, frame.conversation);
      case "refused":
        return this.refusedBy(frame);
      case "presence":
        this.staffPresent = frame.staff_present;
        return;
      case "storing":
        this.storing = frame.on;
        return;
      case "colleagues":
        this.colleagues = frame.colleagues;
        return;
      case "gone":
        return this.forget(frame.conversation);
      case "mentioned":
        return this.owner.mentioned(frame);
      case "mentions":
        this.mentions = frame.unseen;
        return;
      case "tick":
        return;
      default:
        return this.beside(frame);
    }
  }

  /** It was erased: nothing of it stays on the screen. */
  private forget(conversation: string): void {
    this.inbox.delete(conversation);
    this.mentions = this.mentions.filter((mention) => mention.conversation !== conversation);
    if (this.followed?.id === conversation) this.followed = null;
  }

  /** What is told beside the events of the followed conversation. */
  private beside(
    frame: Extract<StaffServerFrame, { type: "typing" | "read" | "watchers" | "suggestions" }>,
  ): void {
    const { followed } = this;
    if (followed?.id !== frame.conversation) return;
    switch (frame.type) {
      case "typing":
        return this.shopperTypes(followed, frame.on);
      case "read":
        followed.shopperReadUpTo = Math.max(followed.shopperReadUpTo, frame.up_to);
        return;
      case "watchers":
        followed.watchers = frame.watchers;
        return;
      case "suggestions":
        followed.suggestions = frame.replies;
    }
  }

  private greeted(frame: StaffWelcome): void {
    this.me = frame.me;
    this.staffPresent = frame.staff_present;
    this.colleagues = frame.colleagues;
    this.hours = frame.desk ?? null;
    this.storing = frame.storing ?? true;
    this.textCharacters = frame.limits?.text_characters ?? DEFAULT_TEXT_CHARACTERS;
    const before = new Map(this.inbox);
    this.inbox.clear();
    for (const summary of frame.inbox) this.inbox.set(summary.conversation, summary);
    if (this.welcomed) {
      for (const summary of frame.inbox) this.tellChange(before.get(summary.conversation), summary);
    }
    this.welcomed = true;
  }

  private takeSummary(summary: Summary): void {
    const before = this.inbox.get(summary.conversation);
    this.inbox.set(summary.conversation, summary);
    this.tellChange(before, summary);
  }

  private tellChange(before: Summary | undefined, summary: Summary): void {
    const { stage, holder } = summary;
    if (stage === "waiting_for_staff" && before?.stage !== "waiting_for_staff") this.owner.waiting(summary);
    if (stage !== "with_staff") return;
    const isMine = holder?.id === this.me?.id;
    if (holder?.id !== before?.holder?.id) this.tellHolder(before, summary, isMine);
    if (isMine && summary.unread > (before?.unread ?? 0)) this.owner.said(summary);
  }

  /** Another has it now: told unless this page asked for it. */
  private tellHolder(before: Summary | undefined, summary: Summary, isMine: boolean): void {
    const wasMine = before?.holder !== undefined && before.holder.id === this.me?.id;
    if ((!isMine && !wasMine) || this.asked.delete(summary.conversation)) return;
    if (isMine) this.owner.given(summary);
    else this.owner.lost(summary);
  }

  private opened(frame: StaffOpened): void {
    if (this.followed?.id !== frame.conversation) return;
    this.inbox.set(frame.conversation, frame.summary);
    this.followed.opened(frame);
    this.settleOwn(frame.events);
  }

  private older(frame: Extract<StaffServerFrame, { type: "older" }>): void {
    if (this.followed?.id !== frame.conversation) return;
    this.followed.loadingOlder = false;
    this.followed.transcript.addOlder(frame.events, frame.first);
  }

  private event(conversation: string, event: ChatEvent): void {
    const { followed } = this;
    if (followed?.id !== conversation) return;
    const added = followed.add(event);
    this.settleOwn(added);
    if (added.some(({ kind }) => kind === "handoff_requested")) this.openAgain();
    if (followed.transcript.hasGap) this.watchGap();
  }

  private settleOwn(events: readonly ChatEvent[]): void {
    for (const { client_id } of events) if (client_id !== undefined) this.settle(client_id);
  }

  private watchGap(): void {
    if (this.cancelGap) return;
    this.cancelGap = this.parts.surroundings.clock.after(GAP_PATIENCE_MS, () => {
      this.cancelGap = null;
      if (this.followed?.transcript.hasGap) this.openAgain();
    });
  }

  private refusedBy(frame: StaffRefused): void {
    const { id, conversation } = frame;
    if (id !== undefined && frame.code === "rate_limited") return this.pause(frame.retry_after_seconds);
    const message = this.me && id !== undefined ? this.parts.unsent.get(this.me.id, id) : null;
    if (message && this.me) this.parts.unsent.put(this.me.id, { ...message, failed: true });
    if (conversation !== undefined) this.asked.delete(conversation);
    // Erased while this page was away: nobody told it.
    if (frame.what === "open" && frame.code === "not_yours" && conversation) this.forget(conversation);
    this.owner.refused(frame);
  }

  /** What was said too fast is said again by itself, in its order, and nobody need know. */
  private pause(retryAfterSeconds = 1): void {
    this.cancelPause?.();
    const milliseconds = Math.max(retryAfterSeconds * 1000, LEAST_PAUSE_MS);
    this.cancelPause = this.parts.surroundings.clock.after(milliseconds, () => {
      this.cancelPause = null;
      this.sayUnsent();
    });
  }

  private sayUnsent(): void {
    for (const message of this.unsent()) if (!message.failed) this.send(frameOf(message));
  }

  private shopperTypes(followed: Followed, on: boolean): void {
    followed.shopperTypes = on;
    this.cancelTyping?.();
    this.cancelTyping = this.parts.surroundings.clock.after(TYPING_FORGOTTEN_AFTER_MS, () => {
      followed.shopperTypes = false;
      this.owner.changed();
    });
  }
}
