/**
 * `<chat-room>`: the whole chat, as it stands in its frame; the button that opens it is in the shop's page.
 *
 * Attributes: `server` (folder of widget.js), `language` (zh or en; else the shopper's or the browser's choice),
 * `theme` (`light` keeps it light), `accent` (a colour), `starters-zh` / `starters-en` (questions to begin with,
 * separated by `|`), `shop-zh` / `shop-en`, `full` (it covers the screen of a phone). Methods: `open(draft?)`, `close()`.
 */
import type { PageNow } from "../embed/messages.ts";
import { dress } from "../styles/dress.ts";
import tokens from "../styles/tokens.css?inline";
import tokensSheet from "../styles/tokens.css?url";
import { isLanguage, languageTag, preferredLanguage } from "../text/language.ts";
import { browserStorage, browserSurroundings, PageStorage } from "../wire/browser_surroundings.ts";
import type { ChatEvent, Language, ShopperRefused, ShopperWelcome } from "../wire/frames.ts";
import { paint } from "./accent.ts";
import { ChatBehaviour, type ChatView } from "./chat_behaviour.ts";
import { Composer } from "./composer.ts";
import { LeaveForm } from "./leave_form.ts";
import { LogView } from "./log_view.ts";
import type { Manner } from "./message_view.ts";
import { Panel } from "./panel.ts";
import { RatingCard } from "./rating_card.ts";
import { describe } from "./state_words.ts";
import { forgetful, type Texts, texts } from "./texts.ts";
import { WaitingCard } from "./waiting_card.ts";
import { deskWords, waitingWords } from "./waiting_words.ts";
import look from "./widget.css?inline";
import lookSheet from "./widget.css?url";

/** A short blink of the connection is nobody's business. */
const SAY_LOST_AFTER_MS = 2_000;
/** How long it stands there that the server said no. */
const REFUSAL_SHOWN_MS = 8_000;
const TEXT_CHARACTERS = 4000;
const LANGUAGE_NAME = "shopkeeper/language";

/** How the chat stands, for whoever shows the button that opens it. */
export interface RoomState {
  readonly unread: number;
  /** There is something to come back for on another page. */
  readonly kept: boolean;
  readonly language: Language;
}

export interface RoomOwner {
  told(state: RoomState): void;
  /** The shopper has closed the chat from within. */
  closed(): void;
}

export class ChatRoomElement extends HTMLElement implements ChatView {
  static readonly observedAttributes = ["language", "accent"];

  owner: RoomOwner | null = null;
  /** The shop's page that the chat stands on. */
  page: PageNow = { title: "", url: "" };
  private readonly storage = browserStorage();
  private behaviour: ChatBehaviour | null = null;
  private readonly panel: Panel;
  private readonly log: LogView;
  private readonly composer: Composer;
  private readonly waiting: WaitingCard;
  private readonly leave: LeaveForm;
  private readonly rating: RatingCard;
  private refusal: ShopperRefused | null = null;
  private refusalTimer = 0;
  private language: Language = "en";
  private lostSince: number | null = null;
  private lostTimer = 0;
  private drawnFor: ShopperWelcome | null = null;

  constructor() {
    super();
    this.composer = new Composer({
      send: (text) => this.behaviour?.say(text),
      written: (text) => this.behaviour?.written(text),
    });
    this.log = new LogView({
      nearStart: () => this.behaviour?.chat.loadOlder(),
      atEnd: () => this.sawAll(),
      again: (id) => this.behaviour?.chat.sayAgain(id),
      remove: (id) => this.behaviour?.chat.discard(id),
    });
    this.waiting = new WaitingCard({
      leaveMessage: () => this.openLeave(),
      goOnWithBot: () => this.behaviour?.chat.goOnWithBot(),
    });
    this.leave = new LeaveForm({
      leave: (text, contact) => {
        this.closeLeave();
        this.behaviour?.leaveMessage(text, contact);
      },
      drafted: (draft) => this.behaviour?.keepLeaveDraft(draft),
      back: () => this.closeLeave(),
    });
    this.rating = new RatingCard({
      rate: (score, comment) => this.behaviour?.rate(score, comment),
      skipRating: () => this.behaviour?.skipRating(),
    });
    const { log, composer, waiting, leave, rating } = this;
    this.panel = new Panel(
      {
        close: () => this.closeFromWithin(),
        switchLanguage: () => this.chooseLanguage(this.language === "zh" ? "en" : "zh"),
        endConversation: () => this.behaviour?.chat.close(),
        forget: () => this.behaviour?.chat.forget(),
        askForPerson: () => this.behaviour?.askForPerson(this.personWords),
        choose: (value) => this.choose(value),
        leaveMessage: () => this.openLeave(),
        backToChat: () => this.closeLeave(),
      },
      { log, composer, waiting, leave, rating },
    );
    const root = this.attachShadow({ mode: "open" });
    dress(root, tokens + look, [tokensSheet, lookSheet]);
    root.append(this.panel.element);
  }

  connectedCallback(): void {
    this.language = this.firstLanguage();
    this.behaviour = new ChatBehaviour(
      {
        server: this.server(),
        surroundings: browserSurroundings(),
        storage: this.storage,
        now: Date.now,
        page: () => this.page,
      },
      this,
    );
    const accent = this.getAttribute("accent");
    if (accent !== null) paint(this, accent);
    this.composer.write(this.behaviour.draft);
    this.speak();
    addEventListener("storage", this.storageChanged);
    addEventListener("pagehide", this.pageHidden);
    addEventListener("pageshow", this.pageShown);
    addEventListener("online", this.refresh);
    addEventListener("offline", this.refresh);
    document.addEventListener("visibilitychange", this.refresh);
    document.addEventListener("keydown", this.pressed);
    this.behaviour.begin(this.language);
    this.changed();
  }

  disconnectedCallback(): void {
    removeEventListener("storage", this.storageChanged);
    removeEventListener("pagehide", this.pageHidden);
    removeEventListener("pageshow", this.pageShown);
    removeEventListener("online", this.refresh);
    removeEventListener("offline", this.refresh);
    document.removeEventListener("visibilitychange", this.refresh);
    document.removeEventListener("keydown", this.pressed);
    clearTimeout(this.lostTimer);
    clearTimeout(this.refusalTimer);
    this.behaviour?.end();
    this.behaviour = null;
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (name === "language" && isLanguage(value)) this.adoptLanguage(value);
    if (name === "accent" && value !== null && this.isConnected) paint(this, value);
  }

  /** The chat is shown; `draft` is put into the box, for the shopper to send or change. */
  open(draft?: string): void {
    if (!this.behaviour) return;
    if (draft !== undefined) this.composer.write(draft);
    const begins = !this.behaviour.isOpen;
    if (begins) {
      this.behaviour.open();
      this.changed();
      this.log.toEnd();
    }
    onceFocused(() => {
      if (!this.behaviour?.isOpen) return;
      if (begins && this.panel.leaves) this.leave.open(null);
      else this.composer.focus();
    });
  }

  /** The chat is hidden; what comes from now on is unread. */
  close(): void {
    if (!this.behaviour?.isOpen) return;
    this.behaviour.close();
    this.changed();
  }

  /** `ChatView`: events came in. */
  eventsChanged(where: "end" | "front" | "anew", events: readonly ChatEvent[]): void {
    if (!this.behaviour) return;
    const { transcript } = this.behaviour.chat;
    if (where === "end") this.log.addAtEnd(events, this.manner);
    else if (where === "front")
      this.log.addInFront(transcript.events, transcript.hasFirst, this.greeting, this.manner);
    else this.drawAll();
    this.changed();
  }

  /** `ChatView`: anything else changed; everything that is not a message is drawn anew from the state. */
  changed(): void {
    const { behaviour } = this;
    if (!behaviour) return;
    const { chat } = behaviour;
    const unread = behaviour.isOpen && !document.hidden ? 0 : behaviour.unread;
    this.noteLost();
    if (chat.welcome !== this.drawnFor) this.welcomeChanged();
    const words = describe(chat, this.texts, this.language, this.isLost, navigator.onLine);
    this.panel.head({ ...words.heading, live: chat.linkState === "live" });
    this.panel.announce(words.banner || (this.refusal?.message[this.language] ?? ""));
    this.showDesk(behaviour);
    // Said before the first word; afterwards the box itself looks out for such numbers.
    this.panel.warn(behaviour.hasBegun ? "" : (chat.welcome?.warning[this.language] ?? ""));
    const choices = chat.transcript.lastSeq > 0 ? behaviour.choices : this.starters();
    this.panel.offer(choices);
    // One button for a person is enough, and the one below the bot's question says it in its words.
    this.panel.offerPerson(chat.stage === "with_bot" && choices.every(({ value }) => value !== "person"));
    this.panel.offerEnd(chat.transcript.lastSeq > 0 && chat.stage !== "closed");
    this.composer.allow(this.limit);
    this.log.showUnsent(behaviour.unsent.all(), chat.sendingId, this.manner);
    this.log.showTyping(words.typing);
    this.log.showRead(words.read);
    this.log.showStart(chat.loadingOlder ? this.texts.older : "");
    this.panel.noteStorage(this.nothingKept);
    this.owner?.told({ unread, kept: this.keeps && behaviour.hasBegun, language: this.language });
  }

  refused(frame: ShopperRefused): void {
    this.refusal = frame;
    clearTimeout(this.refusalTimer);
    this.refusalTimer = window.setTimeout(() => {
      this.refusal = null;
      this.changed();
    }, REFUSAL_SHOWN_MS);
    this.changed();
  }

  /** Whatever has to do with people: the wait, the way to leave a message, the question at the end. */
  private showDesk(behaviour: ChatBehaviour): void {
    const { chat } = behaviour;
    const now = new Date();
    this.waiting.show(waitingWords(chat, this.texts, this.language, now));
    const asksForPerson = chat.stage === "with_bot";
    this.panel.noteDesk(asksForPerson ? deskWords(chat, this.texts, this.language, now) : "");
    this.panel.offerLeave(behaviour.mayLeaveMessage && !this.panel.leaves);
    this.leave.tell(this.texts.leave.next, navigator.onLine ? "" : this.texts.leave.nextOffline, this.limit);
    this.rating.show(behaviour.wantsRating, this.limit);
  }

  private closeFromWithin(): void {
    this.close();
    this.owner?.closed();
  }

  private openLeave(): void {
    if (!this.behaviour) return;
    this.panel.showLeave(true);
    this.leave.open(this.behaviour.leaveDraft);
    this.changed();
  }

  private closeLeave(): void {
    this.panel.showLeave(false);
    this.log.toEnd();
    this.composer.focus();
    this.changed();
  }

  private get limit(): number {
    return this.behaviour?.chat.welcome?.limits.text_characters ?? TEXT_CHARACTERS;
  }

  private get texts(): Texts {
    return this.keeps ? texts[this.language] : forgetful[this.language];
  }

  /** A browser may let a frame of another site keep nothing; then the chat lasts as long as the shop's page. */
  private get keeps(): boolean {
    return !(this.storage instanceof PageStorage);
  }

  /** Said once there is something to lose. */
  private get nothingKept(): string {
    return !this.keeps && this.behaviour?.hasBegun ? this.texts.nothingKept : "";
  }

  private get shop(): string {
    return (
      this.behaviour?.chat.welcome?.shop[this.language] ?? this.getAttribute(`shop-${this.language}`) ?? ""
    );
  }

  private get greeting(): string {
    return this.behaviour?.chat.welcome?.greeting?.[this.language] ?? this.texts.greeting(this.shop);
  }

  private get label(): string {
    return this.behaviour?.chat.welcome?.label[this.language] ?? this.texts.assistant;
  }

  private get manner(): Manner {
    return { language: this.language, texts: this.texts, label: this.label };
  }

  private get personWords(): string {
    return this.behaviour?.chat.welcome?.buttons.talk_to_person[this.language] ?? this.texts.talkToPerson;
  }

  private get isLost(): boolean {
    return this.lostSince !== null && performance.now() - this.lostSince >= SAY_LOST_AFTER_MS;
  }

  private choose(value: string): void {
    const choice = this.behaviour?.choices.find((one) => one.value === value);
    if (choice) this.behaviour?.choose(choice);
    else if (this.starters().some((one) => one.value === value)) this.behaviour?.say(value);
  }

  /** Questions that the shop proposes before anything was said; sent as plain texts. */
  private starters(): { label: string; value: string }[] {
    if (this.behaviour?.unsent.all().length) return [];
    const list = this.getAttribute(`starters-${this.language}`) ?? "";
    const labels = list.split("|").map((label) => label.trim());
    return labels.filter(Boolean).map((label) => ({ label, value: label }));
  }

  private noteLost(): void {
    const state = this.behaviour?.chat.linkState;
    if (state === "live" || state === "idle") {
      this.lostSince = null;
      clearTimeout(this.lostTimer);
    } else if (this.lostSince === null) {
      this.lostSince = performance.now();
      this.lostTimer = window.setTimeout(() => this.changed(), SAY_LOST_AFTER_MS + 50);
    }
  }

  private sawAll(): void {
    const { behaviour } = this;
    if (behaviour?.isOpen && !document.hidden) behaviour.sawAll();
  }

  private drawAll(): void {
    const transcript = this.behaviour?.chat.transcript;
    if (transcript) this.log.showAll(transcript.events, transcript.hasFirst, this.greeting, this.manner);
  }

  /** The label, the greeting and the button's words are the shop's, and come with the first welcome. */
  private welcomeChanged(): void {
    const isFirst = this.drawnFor === null;
    this.drawnFor = this.behaviour?.chat.welcome ?? null;
    if (isFirst) this.speak();
  }

  private speak(): void {
    this.lang = languageTag(this.language);
    this.panel.speak(this.texts, this.personWords);
    this.drawAll();
  }

  private chooseLanguage(language: Language): void {
    try {
      this.storage.setItem(LANGUAGE_NAME, language);
    } catch {
      // Not remembered, still chosen.
    }
    this.adoptLanguage(language);
  }

  private adoptLanguage(language: Language): void {
    if (this.language === language && this.behaviour) return;
    this.language = language;
    if (!this.behaviour) return;
    this.behaviour.chat.speak(language);
    this.speak();
    this.changed();
  }

  private firstLanguage(): Language {
    const asked = [this.getAttribute("language"), this.storage.getItem(LANGUAGE_NAME)];
    return asked.find(isLanguage) ?? preferredLanguage(navigator.languages);
  }

  private server(): URL {
    return new URL(this.getAttribute("server") ?? "/", location.href);
  }

  private readonly refresh = (): void => {
    this.changed();
    if (this.behaviour?.isOpen && !document.hidden && this.log.isAtEnd) this.sawAll();
  };

  private readonly storageChanged = (event: StorageEvent): void => {
    if (event.key === null || event.key.startsWith("shopkeeper/")) this.behaviour?.chat.storageChanged();
    if (event.key?.endsWith("seen")) this.changed(); // what another tab has shown is not news here
  };

  /** Safari gives a box in a frame of another site no focus before a press or a key: the first key leads there. */
  private readonly pressed = (event: KeyboardEvent): void => {
    if (document.activeElement !== document.body || !this.behaviour?.isOpen) return;
    const writes = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") this.closeFromWithin();
    else if (writes && !this.panel.leaves) this.composer.focus();
  };

  private readonly pageHidden = (): void => this.behaviour?.end();

  private readonly pageShown = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) this.behaviour?.begin(this.language);
  };
}

/**
 * The shop's page gives the focus to the frame. A box that took it in the same moment would be a second one that
 * asks, in a process of its own, and Firefox then leaves the focus with neither.
 */
function onceFocused(then: () => void): void {
  if (document.hasFocus()) then();
  else addEventListener("focus", then, { once: true });
}
