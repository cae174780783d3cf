/**
 * The shopper's side of one conversation: nothing written is lost or doubled, nothing shown is missing.
 *
 * Messages go out one at a time, in the order written, each again with the same id until it is accepted.
 * Events are applied in the order of their numbers; a hole that stays makes it connect again and resume.
 * It knows no document; whoever shows the conversation is told through `ChatOwner`.
 */
import type { ConversationKeyStore } from "./conversation_key.ts";
import { decodeShopperFrame } from "./decoder.ts";
import type {
  ChatEvent,
  Contact,
  Language,
  ShopperFrame,
  ShopperQueue,
  ShopperRefused,
  ShopperServerFrame,
  ShopperWelcome,
  Stage,
} from "./frames.ts";
import { type LinkState, LiveLink } from "./live_link.ts";
import { newMessageId } from "./message_id.ts";
import type { Cancel, Surroundings } from "./surroundings.ts";
import { Transcript } from "./transcript.ts";
import { TOUCH_EVERY_MS, type Unsent, type UnsentBox } from "./unsent_box.ts";

/** An early event may only have overtaken its neighbour; after this long the one before it is lost. */
const GAP_PATIENCE_MS = 1_500;
/** What the welcome says was missed has to begin to come. */
const CATCH_UP_WITHIN_MS = 8_000;
const ACCEPTED_WITHIN_MS = 15_000;
const TYPING_FORGOTTEN_AFTER_MS = 20_000;
const OLDER_PAGE = 50;
/** Refusals that pass by themselves; every other one needs the shopper. */
const PASSING = new Set(["rate_limited", "too_many_unaccepted", "storage", "overload", "hello_first"]);
const NOT_YOURS = 4003;

export interface ChatOwner {
  /** Events were added at the end, in front, or everything was begun anew. */
  eventsChanged(where: "end" | "front" | "anew", events: readonly ChatEvent[]): void;
  /** Anything else: connection, stage, queue, typing, read marks, unsent messages. */
  changed(): void;
  /** The server said no to something that is not a message. */
  refused(frame: ShopperRefused): void;
}

export interface ChatParts {
  readonly url: string;
  readonly surroundings: Surroundings;
  readonly unsent: UnsentBox;
  readonly key: ConversationKeyStore;
  readonly page: () => { title: string; url: string };
}

/** Words of shopper or staff, and what leads to a person: the talk is not at its end. */
const GOES_ON: ReadonlySet<string> = new Set([
  "shopper_said",
  "message_left",
  "handoff_requested",
  "staff_claimed",
  "staff_said",
]);

export class ChatSocket {
  readonly transcript = new Transcript();
  welcome: ShopperWelcome | null = null;
  stage: Stage = "with_bot";
  queue: ShopperQueue | null = null;
  /** How satisfied the shopper said to be, 1 to 5; null before that. */
  score: number | null = null;
  /** Whether the server would like to know. */
  ratingAsked = false;
  /** Whether the talk went on since: then the question waits for its end, out of the way. */
  private wentOn = false;
  typing: "bot" | "staff" | null = null;
  readUpTo = 0;
  /** Code of the close that ended it for good, when one did. */
  stoppedBy: number | null = null;
  /** Whether sending waits because the server asked for it. */
  slowedDown = false;
  loadingOlder = false;
  language: Language = "en";

  private readonly link: LiveLink;
  private conversation: string | null = null;
  /** Whether the present link's hello named a conversation. */
  private saidKey = false;
  private inFlight: { id: string; cancel: Cancel } | null = null;
  private cancelPause: Cancel | null = null;
  private cancelGap: Cancel | null = null;
  private cancelTyping: Cancel | null = null;
  private cancelTouch: Cancel | null = null;
  private pauses = 0;
  private gapAt = -1;
  private saidSeen = 0;
  /** Told, and not in the transcript yet: told again after a lost connection, for the newest counts. */
  private untoldRating: Extract<ShopperFrame, { type: "rate" }> | null = null;

  constructor(
    private readonly parts: ChatParts,
    private readonly owner: ChatOwner,
  ) {
    this.link = new LiveLink(parts.url, parts.surroundings, {
      hello: () => this.hello(),
      received: (message) => this.received(message),
      stateChanged: (state) => this.linkChanged(state),
      awake: () => this.flush(),
      stopped: (code) => this.stopped(code),
    });
  }

  get linkState(): LinkState {
    return this.link.state;
  }

  get hasConversation(): boolean {
    return this.parts.key.load() !== null;
  }

  /** Whether the question how satisfied the shopper is has its moment. */
  get asksRating(): boolean {
    return this.ratingAsked && (this.stage === "closed" || !this.wentOn);
  }

  get sendingId(): string | null {
    return this.inFlight?.id ?? null;
  }

  start(): void {
    this.stoppedBy = null;
    this.link.start();
  }

  /** The page goes away: others may send what is left. */
  stop(): void {
    this.parts.unsent.release();
    this.link.stop();
  }

  say(text: string, choice?: string): void {
    this.write(text, choice);
  }

  /** Does not wait: people answer later. Kept and sent like everything that is said. */
  leaveMessage(text: string, contact: Contact): void {
    this.write(text, undefined, contact);
  }

  /** No longer waits for a person; false when there is no link to say it over. */
  goOnWithBot(): boolean {
    return this.send({ type: "go_on_with_bot" });
  }

  rate(score: number, comment = ""): void {
    this.untoldRating = { type: "rate", score, ...(comment.trim() === "" ? {} : { comment }) };
    this.send(this.untoldRating);
    this.score = score;
    this.ratingAsked = false;
    this.owner.changed();
  }

  /** The shopper would rather not rate. */
  declineRating(): void {
    this.ratingAsked = false;
    this.owner.changed();
  }

  private write(text: string, choice?: string, contact?: Contact): void {
    this.parts.unsent.put(newMessageId(), text, choice, contact);
    this.keepTouching();
    this.owner.changed();
    this.flush();
  }

  sayAgain(id: string): void {
    this.parts.unsent.revive(id);
    this.owner.changed();
    this.flush();
  }

  discard(id: string): void {
    this.parts.unsent.remove(id);
    this.owner.changed();
  }

  showTyping(on: boolean): void {
    if (this.conversation) this.send({ type: "typing", on });
  }

  seen(upTo: number): void {
    if (upTo > this.saidSeen && this.conversation && this.send({ type: "seen", up_to: upTo })) {
      this.saidSeen = upTo;
    }
  }

  loadOlder(): void {
    if (this.loadingOlder || this.transcript.hasFirst || !this.transcript.events.length) return;
    this.loadingOlder = this.send({ type: "more", before: this.transcript.firstSeq, limit: OLDER_PAGE });
    if (this.loadingOlder) this.owner.changed();
  }

  close(): void {
    this.send({ type: "close" });
  }

  /** Forgets the conversation on this browser and begins afresh at the next message. */
  forget(): void {
    this.parts.key.forget();
    this.parts.unsent.clear();
    this.beginAnew();
    this.link.reconnect("at_once");
  }

  /** Another language of the surface; the server learns it with the next hello. */
  speak(language: Language): void {
    if (this.language === language) return;
    this.language = language;
    if (this.link.state === "live" && !this.inFlight) this.link.reconnect("at_once");
  }

  /** Another tab began, forgot or wrote something. */
  storageChanged(): void {
    const kept = this.parts.key.load()?.conversation ?? null;
    if (kept !== this.conversation && this.welcome) {
      if (this.conversation) this.beginAnew();
      this.link.reconnect("at_once");
    }
    this.keepTouching();
    this.owner.changed();
  }

  private hello(): ShopperFrame {
    const key = this.parts.key.load();
    this.saidKey = key !== null;
    const { epoch, lastSeq } = this.transcript;
    return {
      type: "hello",
      protocol: 1,
      language: this.language,
      page: this.parts.page(),
      ...key,
      ...(key && epoch !== undefined && lastSeq > 0 ? { epoch, last_seq: lastSeq } : {}),
    };
  }

  private send(frame: ShopperFrame): boolean {
    return this.link.send(frame);
  }

  private linkChanged(state: LinkState): void {
    if (state !== "live") {
      this.inFlight?.cancel();
      this.inFlight = null;
      this.cancelGap?.();
      this.cancelGap = null;
      this.loadingOlder = false;
      this.setTyping(null);
    } else {
      this.keepTouching();
      this.flush();
      if (this.untoldRating) this.send(this.untoldRating);
    }
    this.owner.changed();
  }

  private stopped(code: number): void {
    if (code === NOT_YOURS && this.hasConversation) return this.comeAsStranger();
    this.stoppedBy = code;
    this.owner.changed();
  }

  /** The kept conversation is no longer ours: begin a new one, and keep what was not sent. */
  private comeAsStranger(): void {
    this.parts.key.forget();
    this.beginAnew();
    if (this.link.state === "stopped") this.link.start();
    else this.link.reconnect("after_wait");
  }

  private beginAnew(): void {
    this.conversation = null;
    this.transcript.startOver([], 0, undefined);
    this.stage = "with_bot";
    this.queue = null;
    this.score = null;
    this.ratingAsked = false;
    this.untoldRating = null;
    this.readUpTo = 0;
    this.saidSeen = 0;
    this.owner.eventsChanged("anew", []);
  }

  private received(message: unknown): "welcome" | "other" {
    const frame = decodeShopperFrame(message, this.parts.surroundings.warn);
    if (!frame) return "other";
    this.apply(frame);
    return frame.type === "welcome" ? "welcome" : "other";
  }

  private apply(frame: ShopperServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return this.welcomed(frame);
      case "begun":
        this.conversation = frame.conversation;
        return this.parts.key.save({ conversation: frame.conversation, token: frame.token });
      case "events":
        return this.addEvents(frame.events);
      case "event":
        return this.addEvents([frame.event]);
      case "start_over":
        this.transcript.startOver(frame.events, frame.last_seq, frame.epoch);
        this.setStage(frame.stage);
        this.settleOwn(frame.events);
        return this.owner.eventsChanged("anew", this.transcript.events);
      case "older":
        this.loadingOlder = false;
        return this.owner.eventsChanged("front", this.transcript.addOlder(frame.events, frame.first));
      case "accepted":
        return this.accepted(frame.id, frame.seq, frame.at);
      case "refused":
        return this.refusedBy(frame);
      case "typing":
        return this.setTyping(frame.on ? frame.who : null);
      case "queue":
        this.queue = frame;
        return this.owner.changed();
      case "ask_rating":
        this.ratingAsked = this.score === null;
        this.wentOn = false;
        return this.owner.changed();
      case "stage":
        return this.setStage(frame.stage);
      case "read":
        this.readUpTo = Math.max(this.readUpTo, frame.up_to);
        return this.owner.changed();
      case "tick":
        return;
    }
  }

  private welcomed(frame: ShopperWelcome): void {
    if (frame.conversation === null) {
      // Another tab has begun one since this tab said hello: there must not be two.
      if (!this.saidKey && this.hasConversation) return this.link.reconnect("at_once");
      this.parts.key.forget();
      if (this.transcript.lastSeq > 0) this.beginAnew();
    } else if (frame.token !== undefined) {
      this.parts.key.save({ conversation: frame.conversation, token: frame.token });
    }
    this.welcome = frame;
    this.score = frame.score ?? this.score;
    this.conversation = frame.conversation;
    // With events in hand the epoch stays theirs until the server says to start over.
    if (this.transcript.lastSeq === 0) this.transcript.epoch = frame.epoch;
    this.setStage(frame.stage);
    if (frame.last_seq > this.transcript.lastSeq) this.watchGap(CATCH_UP_WITHIN_MS);
  }

  private addEvents(events: readonly ChatEvent[]): void {
    const added = events.flatMap((event) => this.transcript.add(event));
    this.settleOwn(added);
    if (added.length > 0) {
      this.cancelGap?.();
      this.cancelGap = null;
      if (added.some((event) => event.author.role === this.typing)) this.setTyping(null);
      if (added.some(({ kind }) => GOES_ON.has(kind))) this.wentOn = true;
      this.owner.eventsChanged("end", added);
    }
    if (this.transcript.hasGap) this.watchGap(GAP_PATIENCE_MS);
  }

  /** A message of ours that stands in the transcript is no longer unsent, acknowledged or not. */
  private settleOwn(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.client_id !== undefined) this.settle(event.client_id);
      if (event.kind === "rated") this.rated(event.score ?? null);
    }
  }

  /** The rating stands in the transcript, told here or on another tab. */
  private rated(score: number | null): void {
    if (this.untoldRating?.score === score) this.untoldRating = null;
    this.score = this.untoldRating?.score ?? score;
    this.ratingAsked = false;
  }

  private settle(id: string): void {
    this.parts.unsent.remove(id);
    if (this.inFlight?.id !== id) return;
    this.inFlight.cancel();
    this.inFlight = null;
    this.pauses = 0;
    this.flush();
  }

  private accepted(id: string, seq: number, at: string): void {
    const message = this.parts.unsent.get(id);
    this.settle(id);
    if (!message) return this.owner.changed();
    this.addEvents([ownEvent(message, seq, at)]);
  }

  private refusedBy(frame: ShopperRefused): void {
    if (frame.what === "rate" && !PASSING.has(frame.code)) this.untoldRating = null;
    if (frame.id === undefined) {
      if (frame.code === "not_yours" && this.conversation === null) return this.comeAsStranger();
      this.loadingOlder = false;
      return this.owner.refused(frame);
    }
    if (this.inFlight?.id === frame.id) {
      this.inFlight.cancel();
      this.inFlight = null;
    }
    if (PASSING.has(frame.code)) this.pause(frame.retry_after_seconds);
    else this.parts.unsent.fail(frame.id, frame.code);
    this.owner.changed();
    this.flush();
  }

  private pause(retryAfterSeconds: number | undefined): void {
    const { clock, random } = this.parts.surroundings;
    const seconds = retryAfterSeconds ?? (0.5 + random()) * Math.min(2 ** this.pauses, 30);
    this.pauses += 1;
    this.slowedDown = true;
    this.cancelPause?.();
    this.cancelPause = clock.after(seconds * 1000, () => {
      this.cancelPause = null;
      this.slowedDown = false;
      this.owner.changed();
      this.flush();
    });
  }

  /** Sends the oldest unsent message; the next one goes when this one is settled, so order is kept. */
  private flush(): void {
    if (this.inFlight || this.slowedDown || this.link.state !== "live") return;
    // A socket may outlive the network for a minute; what goes into it then only looks sent.
    if (!this.parts.surroundings.isOnline()) return;
    const message = this.parts.unsent.next();
    if (!message) return;
    // Its first word would begin a second conversation beside the one that another tab has begun.
    if (this.conversation === null && this.hasConversation) return this.link.reconnect("at_once");
    if (!this.send(frameOf(message))) return;
    const late = (): void => this.link.reconnect("at_once");
    this.inFlight = { id: message.id, cancel: this.parts.surroundings.clock.after(ACCEPTED_WITHIN_MS, late) };
    this.owner.changed();
  }

  /** While something is unsent: says that this tab lives, and sends what tabs that are gone left behind. */
  private keepTouching(): void {
    if (this.cancelTouch || this.parts.unsent.all().length === 0) return;
    this.cancelTouch = this.parts.surroundings.clock.after(TOUCH_EVERY_MS, () => {
      this.cancelTouch = null;
      if (this.link.state !== "live") return;
      this.parts.unsent.touch();
      this.flush();
      this.keepTouching();
    });
  }

  private watchGap(patienceMs: number): void {
    if (this.cancelGap) return;
    this.cancelGap = this.parts.surroundings.clock.after(patienceMs, () => {
      this.cancelGap = null;
      this.mendGap();
    });
  }

  /** Resumes from the last number without a hole; when that did not help, asks for everything anew. */
  private mendGap(): void {
    const again = this.gapAt === this.transcript.lastSeq;
    this.gapAt = this.transcript.lastSeq;
    if (again) this.transcript.startOver([], 0, undefined);
    this.link.reconnect(again ? "after_wait" : "at_once");
  }

  private setStage(stage: Stage): void {
    this.stage = stage;
    if (stage !== "waiting_for_staff") this.queue = null;
    this.owner.changed();
  }

  private setTyping(who: "bot" | "staff" | null): void {
    this.cancelTyping?.();
    this.cancelTyping = null;
    this.typing = who;
    if (who !== null) {
      const forget = (): void => this.setTyping(null);
      this.cancelTyping = this.parts.surroundings.clock.after(TYPING_FORGOTTEN_AFTER_MS, forget);
    }
    this.owner.changed();
  }
}

function frameOf({ id, text, choice, contact }: Unsent): ShopperFrame {
  if (contact !== undefined) return { type: "leave_message", id, text, contact };
  return { type: "say", id, text, ...(choice === undefined ? {} : { choice }) };
}

/** The event that `accepted` stands for on the connection that sent the message. */
function ownEvent({ id, text, contact }: Unsent, seq: number, at: string): ChatEvent {
  const said = { seq, at, author: { role: "shopper" as const }, text, client_id: id };
  return contact === undefined
    ? { ...said, kind: "shopper_said" }
    : { ...said, kind: "message_left", contact };
}
