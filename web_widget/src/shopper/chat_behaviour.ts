/**
 * What the widget does, without how it looks: connects when there is a reason to, counts what is unread, tells
 * the server what was seen and that somebody types, keeps the draft.
 */
import { ChatSocket } from "../wire/chat_socket.ts";
import { ConversationKeyStore } from "../wire/conversation_key.ts";
import type { ChatEvent, Choice, Contact, Language, ShopperRefused } from "../wire/frames.ts";
import { newMessageId } from "../wire/message_id.ts";
import type { Cancel, Storage, Surroundings } from "../wire/surroundings.ts";
import { UnsentBox } from "../wire/unsent_box.ts";
import type { LeaveDraft } from "./leave_form.ts";
import { isMessage } from "./message_view.ts";

/** The server forgets a typing sign after a while, so it is repeated, but not with every key. */
const TYPING_EVERY_MS = 3_000;
const TYPING_ENDS_AFTER_MS = 5_000;
/** What the "talk to a person" button means; see the choices in docs/wire.md. */
const PERSON = "person";

export interface ChatView {
  eventsChanged(where: "end" | "front" | "anew", events: readonly ChatEvent[]): void;
  changed(): void;
  refused(frame: ShopperRefused): void;
}

export interface BehaviourParts {
  /** Folder of the chat's page. */
  readonly server: URL;
  readonly surroundings: Surroundings;
  readonly storage: Storage;
  readonly now: () => number;
  readonly page: () => { title: string; url: string };
}

export class ChatBehaviour {
  readonly chat: ChatSocket;
  readonly unsent: UnsentBox;
  isOpen = false;
  private readonly key: ConversationKeyStore;
  private readonly draftName: string;
  private readonly leaveName: string;
  private readonly ratedName: string;
  private readonly seenName: string;
  private started = false;
  private lastTyping = Number.NEGATIVE_INFINITY;
  private cancelTyping: Cancel | null = null;

  constructor(
    private readonly parts: BehaviourParts,
    private readonly view: ChatView,
  ) {
    const { server, storage, surroundings, page } = parts;
    const prefix = `shopkeeper/${server.host}${server.pathname}`;
    this.draftName = `${prefix}draft`;
    this.leaveName = `${prefix}leave`;
    this.ratedName = `${prefix}rated`;
    this.seenName = `${prefix}seen`;
    this.unsent = new UnsentBox(storage, `${prefix}unsent/`, newMessageId(), parts.now);
    this.key = new ConversationKeyStore(storage, `${prefix}conversation`);
    const url = socketUrl(server);
    this.chat = new ChatSocket(
      { url, surroundings, key: this.key, page, unsent: this.unsent },
      {
        eventsChanged: (where, events) => this.eventsChanged(where, events),
        changed: () => view.changed(),
        refused: (frame) => view.refused(frame),
      },
    );
  }

  get draft(): string {
    return this.parts.storage.getItem(this.draftName) ?? "";
  }

  /** What was half-written into the form for a message that is answered later. */
  get leaveDraft(): LeaveDraft | null {
    return readDraft(this.parts.storage.getItem(this.leaveName));
  }

  /** Messages to the shopper that no tab has shown yet; what was read on an earlier visit is not counted again. */
  get unread(): number {
    const { seenUpTo } = this;
    const { events } = this.chat.transcript;
    return events.filter(
      (event) => event.seq > seenUpTo && isMessage(event) && event.author.role !== "shopper",
    ).length;
  }

  /** Something was said, whether it has arrived or not. */
  get hasBegun(): boolean {
    return this.chat.hasConversation || this.unsent.all().length > 0;
  }

  /** A message can be left while nobody is talking to the shopper; before a first word, while the shop is closed. */
  get mayLeaveMessage(): boolean {
    const { stage, welcome } = this.chat;
    const closed = welcome?.desk?.open === false;
    return (this.hasBegun || closed) && (stage === "with_bot" || stage === "waiting_for_staff");
  }

  /** Asked once for each conversation: whoever has answered or passed it is left in peace. */
  get wantsRating(): boolean {
    return this.chat.asksRating && this.parts.storage.getItem(this.ratedName) !== this.conversation;
  }

  /** A visitor who never wrote costs no connection before the panel is opened. */
  begin(language: Language): void {
    this.chat.language = language;
    if (this.hasBegun) this.start();
  }

  end(): void {
    this.cancelTyping?.();
    if (this.started) this.chat.stop();
    this.started = false;
  }

  open(): void {
    this.isOpen = true;
    this.start();
  }

  close(): void {
    this.isOpen = false;
    this.stopTyping();
  }

  say(text: string): void {
    this.start();
    this.stopTyping();
    this.chat.say(text);
  }

  choose(choice: Choice): void {
    this.chat.say(choice.label, choice.value);
  }

  askForPerson(words: string): void {
    this.start();
    this.chat.say(words, PERSON);
  }

  leaveMessage(text: string, contact: Contact): void {
    this.start();
    this.chat.leaveMessage(text, contact);
  }

  keepLeaveDraft(draft: LeaveDraft): void {
    const isEmpty = draft.text + draft.reach + draft.name === "";
    this.keep(this.leaveName, isEmpty ? "" : JSON.stringify(draft));
  }

  rate(score: number, comment: string): void {
    this.keep(this.ratedName, this.conversation);
    this.chat.rate(score, comment);
  }

  skipRating(): void {
    this.keep(this.ratedName, this.conversation);
    this.chat.declineRating();
  }

  /** Quick replies count only until somebody says something else. */
  get choices(): readonly Choice[] {
    const messages = this.chat.transcript.events.filter(isMessage);
    const last = messages[messages.length - 1];
    const waiting = this.unsent.all().some((one) => !one.failed) || this.chat.stage === "closed";
    return last?.author.role === "bot" && !waiting ? (last.choices ?? []) : [];
  }

  /** The reader has everything on the screen. */
  sawAll(): void {
    const { lastSeq } = this.chat.transcript;
    if (lastSeq > this.seenUpTo) this.keepSeen(lastSeq);
    this.chat.seen(lastSeq);
  }

  written(text: string): void {
    this.keep(this.draftName, text);
    if (text === "") return this.stopTyping();
    const now = this.parts.surroundings.clock.now();
    if (now - this.lastTyping >= TYPING_EVERY_MS) {
      this.lastTyping = now;
      this.chat.showTyping(true);
    }
    this.cancelTyping?.();
    this.cancelTyping = this.parts.surroundings.clock.after(TYPING_ENDS_AFTER_MS, () => this.stopTyping());
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    this.chat.start();
  }

  private stopTyping(): void {
    this.cancelTyping?.();
    this.cancelTyping = null;
    if (this.lastTyping === Number.NEGATIVE_INFINITY) return;
    this.lastTyping = Number.NEGATIVE_INFINITY;
    this.chat.showTyping(false);
  }

  private get conversation(): string {
    return this.key.load()?.conversation ?? "";
  }

  /** The number of the last event that was on the screen of any tab. */
  private get seenUpTo(): number {
    const [conversation, upTo] = (this.parts.storage.getItem(this.seenName) ?? "").split(" ");
    return conversation === this.conversation ? Number(upTo) || 0 : 0;
  }

  private keepSeen(upTo: number): void {
    this.keep(this.seenName, `${this.conversation} ${upTo}`);
  }

  private keep(name: string, text: string): void {
    try {
      if (text === "") this.parts.storage.removeItem(name);
      else this.parts.storage.setItem(name, text);
    } catch {
      // Storage is full: a draft lives in its box alone.
    }
  }

  private eventsChanged(where: "end" | "front" | "anew", events: readonly ChatEvent[]): void {
    const { lastSeq } = this.chat.transcript;
    // A restored backup ends earlier than what was read: what comes from now on is new again.
    if (where === "anew" && lastSeq > 0 && lastSeq < this.seenUpTo) this.keepSeen(lastSeq);
    this.view.eventsChanged(where, events);
  }
}

/** An older version may have written it, so what comes out of storage is looked at. */
function readDraft(stored: string | null): LeaveDraft | null {
  try {
    const { text, reach, name } = JSON.parse(stored ?? "{}") as Record<string, unknown>;
    const texts = typeof text === "string" && typeof reach === "string" && typeof name === "string";
    return texts ? { text, reach, name } : null;
  } catch {
    return null;
  }
}

function socketUrl(server: URL): string {
  const url = new URL("ws/shopper", server);
  url.protocol = server.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
