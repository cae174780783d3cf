/**
 * What the inbox does, apart from how it looks: who is signed in, which list and conversation are open, what is
 * asked of the server, what is kept in the browser. The page that shows it is told through `DeskPage`.
 */
import { deskTexts } from "../desk/texts.ts";
import type { SignedIn, Trace } from "../rest/answers.ts";
import { ApiError } from "../rest/api.ts";
import { browserStorage, browserSurroundings } from "../wire/browser_surroundings.ts";
import type { Language } from "../wire/frames.ts";
import type { StaffMentioned, StaffRefused, Summary } from "../wire/staff_frames.ts";
import { type StaffOwner, StaffSocket } from "../wire/staff_socket.ts";
import { StaffUnsent } from "../wire/staff_unsent.ts";
import { Alerts } from "./alerts.ts";
import type { Act } from "./commands.ts";
import { Drafts, draftChanged } from "./drafts.ts";
import { type Filters, NO_FILTERS, needsServer } from "./filters.ts";
import { FoundList } from "./found_list.ts";
import { InboxApi } from "./inbox_api.ts";
import { InboxCalls } from "./inbox_calls.ts";
import { nameIntents } from "./intent_names.ts";
import { KeptReplies } from "./kept_replies.ts";
import { listed, type Tab } from "./lists.ts";
import { Once } from "./once.ts";
import { PREFERENCES_KEY, PreferenceBox } from "./preferences.ts";
import type { Written } from "./staff_composer.ts";
import type { TagChange } from "./tag_editor.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";
import type { Transfer } from "./transfer_dialog.ts";

const PRESENCE_KEY = "shopkeeper/desk/presence";
const LOOK_FOR_LATE_MS = 1_000;
const TAKING_MS = 2_000;

export interface DeskPage {
  readonly language: Language;
  /** The conversation that the page's address names, empty when it names none. */
  readonly named: string;
  changed(): void;
  /** A word to the person that goes by itself; pressing it opens the conversation, where one is named. */
  say(words: string, bad: boolean, conversation?: string): void;
  /** The conversation is this person's now: go to the box. */
  writeReply(): void;
  /** Another tab wrote in a draft of the open conversation. */
  draftChanged(): void;
}

export class Desk implements StaffOwner {
  readonly api: InboxApi;
  readonly socket: StaffSocket;
  readonly found: FoundList;
  readonly replies: KeptReplies;
  readonly drafts: Drafts;
  readonly preferences: PreferenceBox;
  readonly alerts: Alerts;
  signedIn: SignedIn | null = null;
  notice = "";
  tab: Tab = "queue";
  selected = "";
  filters: Filters = NO_FILTERS;
  tagsInUse: readonly string[] = [];
  traces: Readonly<Record<string, Trace>> = {};
  private readonly storage = browserStorage();
  private readonly calls: InboxCalls;
  /** Where a search began: emptying it leads back there. */
  private tabBefore: Tab | null = null;
  private suggestedFor = "";
  private takingUntil = 0;
  /** Came by its address, and it is not known yet in which list it stands. */
  private unlisted = "";
  private timer = 0;

  constructor(
    base: URL,
    private readonly page: DeskPage,
  ) {
    const now = (): number => Date.now();
    this.api = new InboxApi(base);
    this.drafts = new Drafts(this.storage, now);
    this.preferences = new PreferenceBox(this.storage);
    this.alerts = new Alerts(this.preferences, new Once(this.storage, now), (id) => this.open(id));
    this.calls = new InboxCalls(this.alerts, () => this.texts);
    const url = new URL("ws/staff", base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const unsent = new StaffUnsent(this.storage);
    const csrf = (): string => this.signedIn?.csrf ?? "";
    this.socket = new StaffSocket(
      { url: url.href, csrf, surroundings: browserSurroundings(), unsent, now },
      this,
    );
    this.replies = new KeptReplies(
      (conversation, language, typed) => this.ask(() => this.api.cannedFor(conversation, language, typed)),
      () => this.changed(),
    );
    this.found = new FoundList(
      {
        list: (filters, before) => this.ask(() => this.api.list(filters, now(), before)),
        snippets: (words) => this.snippets(words),
      },
      () => this.changed(),
    );
  }

  get me(): string {
    return this.signedIn?.me.id ?? "";
  }

  /** In which conversations a note calls this person that they have not seen. */
  get calledIn(): ReadonlySet<string> {
    return new Set(this.socket.mentions.map(({ conversation }) => conversation));
  }

  // StaffOwner
  changed(): void {
    this.page.changed();
  }

  waiting(summary: Summary): void {
    if (this.socket.present) this.calls.waiting(summary);
  }

  given(summary: Summary): void {
    this.calls.given(summary);
    this.page.say(this.texts.calls.given, false, summary.conversation);
  }

  lost({ conversation, holder }: Summary): void {
    if (holder && this.socket.followed?.id === conversation)
      this.page.say(this.texts.lostIt(holder.name), true);
  }

  said(summary: Summary): void {
    const isSeen = this.isWatched && this.socket.followed?.id === summary.conversation;
    if (!isSeen) this.calls.said(summary);
  }

  mentioned(frame: StaffMentioned): void {
    this.calls.mentioned(frame);
    if (this.isWatched && this.socket.followed?.id === frame.conversation) return;
    this.page.say(this.texts.calls.mention(frame.by.name), false, frame.conversation);
  }

  refused({ message, code }: StaffRefused): void {
    this.takingUntil = 0;
    const words = typeof message === "string" ? message : message[this.page.language];
    this.page.say(words || (code === "already_claimed" ? this.texts.already : code), true);
  }

  done(what: string, _conversation: string): void {
    const words = this.texts.done[what];
    if (words) this.page.say(words, false);
    if (what === "claim" || what === "take_over" || what === "reopen") {
      this.tab = "mine";
      this.page.writeReply();
    }
    if (what === "tag") void this.loadTags();
  }

  signedOut(): void {
    this.signedIn = null;
    this.notice = deskTexts[this.page.language].signedOut;
    clearInterval(this.timer);
    this.changed();
  }

  // Who is here
  async resume(): Promise<void> {
    try {
      this.begin(await this.api.me(), "reloaded");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "unreachable") this.notice = error.both[this.page.language];
    }
  }

  /** Whoever signs in is here; whoever reloads the page is as they were. */
  begin(signedIn: SignedIn, how: "signed_in" | "reloaded"): void {
    this.signedIn = signedIn;
    this.notice = "";
    if (how === "signed_in") this.storage.setItem(PRESENCE_KEY, "here");
    this.socket.present = this.storage.getItem(PRESENCE_KEY) !== "away";
    this.socket.start();
    clearInterval(this.timer);
    this.timer = window.setInterval(() => this.lookForLate(), LOOK_FOR_LATE_MS);
    void this.loadTags();
    void this.loadIntents();
    if (this.page.named !== "") this.openNamed(this.page.named);
    this.changed();
  }

  stop(): void {
    clearInterval(this.timer);
    this.socket.stop();
  }

  async signOut(): Promise<void> {
    this.stop();
    await this.ask(() => this.api.signOut());
    location.reload();
  }

  switchPresence(): void {
    this.socket.setPresent(!this.socket.present);
    this.storage.setItem(PRESENCE_KEY, this.socket.present ? "here" : "away");
  }

  // Lists
  chooseTab(tab: Tab): void {
    this.tab = tab;
    this.tabBefore = null;
    this.selected = "";
    if (tab === "all") void this.found.ask(this.filters);
    else if (needsServer(this.filters)) this.filters = NO_FILTERS;
    this.changed();
  }

  filter(filters: Filters): void {
    this.filters = filters;
    if (needsServer(filters) && this.tab !== "all") {
      this.tabBefore = this.tab;
      this.tab = "all";
    } else if (!needsServer(filters) && this.tabBefore !== null) {
      this.tab = this.tabBefore;
      this.tabBefore = null;
    }
    if (this.tab === "all") void this.found.ask(filters);
    this.changed();
  }

  showMentions(): void {
    this.filter({ ...NO_FILTERS, mentioned: this.me });
  }

  move(by: 1 | -1, shown: readonly Summary[]): void {
    if (shown.length === 0) return;
    const index = shown.findIndex(({ conversation }) => conversation === this.selected);
    const next = index < 0 ? 0 : Math.min(Math.max(index + by, 0), shown.length - 1);
    this.selected = shown[next]?.conversation ?? "";
    this.changed();
  }

  // One conversation
  open(conversation: string): void {
    this.selected = conversation;
    if (this.socket.followed?.id !== conversation) {
      this.traces = {};
      this.replies.forget();
    }
    this.socket.open(conversation);
    this.changed();
  }

  /** From the address: its list is the one that it stands in. */
  openNamed(conversation: string): void {
    this.unlisted = conversation;
    this.open(conversation);
  }

  act(act: Exclude<Act, "transfer">): void {
    const id = this.socket.followed?.id;
    if (id === undefined) return;
    if (act === "claim" || act === "take_over" || act === "reopen") this.takingUntil = Date.now() + TAKING_MS;
    if (act !== "take_over") return this.socket.command(act, id);
    const holder = this.socket.summary(id)?.holder;
    if (holder) this.socket.takeOver(id, holder.id);
  }

  /** The note goes first, so that the colleague has it when they get the conversation. */
  transfer({ to, note }: Transfer): void {
    const id = this.socket.followed?.id;
    if (id === undefined) return;
    if (note !== "") this.socket.say("note", id, `@${to.name} ${note}`, [to.id]);
    this.socket.transfer(id, to.id);
  }

  tag({ add, remove }: TagChange): void {
    const id = this.socket.followed?.id;
    if (id !== undefined) this.socket.tag(id, add, remove);
  }

  written({ type, text, mentions }: Written): void {
    const id = this.socket.followed?.id;
    if (id !== undefined) this.socket.say(type, id, text, mentions);
  }

  async loadTraces(): Promise<void> {
    const id = this.socket.followed?.id;
    if (id === undefined) return;
    const traces = await this.ask(() => this.api.traces(id));
    if (!traces || this.socket.followed?.id !== id) return;
    this.traces = traces;
    this.changed();
  }

  wantReplies(typed: string): void {
    const id = this.socket.followed?.id;
    if (id !== undefined) void this.replies.want(id, this.socket.summary(id)?.language ?? null, typed);
  }

  // What the page tells
  /** The page was drawn: what stands on it has been seen, and its title counts. */
  shown(): void {
    const { summaries } = this.socket;
    const unread = listed("mine", summaries, this.me).filter((one) => one.unread > 0).length;
    const waits = listed("queue", summaries, this.me).length + unread + this.socket.mentions.length;
    this.alerts.showCount(waits, this.texts.pageTitle);
    if (this.isMine) this.takingUntil = 0;
    this.showListOfNamed();
    this.looked();
    this.suggest();
  }

  readonly looked = (): void => {
    if (this.isWatched) this.socket.seen();
  };

  /** Another tab of this browser chose or wrote something. */
  readonly storageChanged = ({ key, newValue }: StorageEvent): void => {
    if (key === PRESENCE_KEY) this.socket.setPresent(newValue !== "away");
    if (key === PREFERENCES_KEY) this.changed();
    const draft = draftChanged(key);
    if (draft && draft.conversation === this.socket.followed?.id) this.page.draftChanged();
  };

  private get texts(): InboxTexts {
    return inboxTexts[this.page.language];
  }

  /** Asked for a conversation and not told yet: what is typed now is meant for the box, not for the keys. */
  get isTaking(): boolean {
    return Date.now() < this.takingUntil;
  }

  private get isMine(): boolean {
    const { followed } = this.socket;
    const summary = followed ? this.socket.summary(followed.id) : undefined;
    return summary?.stage === "with_staff" && summary.holder?.id === this.me;
  }

  private get isWatched(): boolean {
    return !document.hidden && document.hasFocus();
  }

  /** Asks for suggestions once for each thing that the shopper says to this person. */
  private suggest(): void {
    const { followed } = this.socket;
    const last = followed?.lastOfShopper;
    if (!followed || !last || !this.isMine) return;
    const asked = `${followed.id}/${last.seq}`;
    if (asked === this.suggestedFor) return;
    this.suggestedFor = asked;
    this.socket.suggest(last.text);
  }

  private showListOfNamed(): void {
    const id = this.unlisted;
    if (id === "" || this.socket.followed?.id !== id || !this.socket.summary(id)) return;
    this.unlisted = "";
    const holds = (tab: Tab): boolean =>
      listed(tab, this.socket.summaries, this.me).some(({ conversation }) => conversation === id);
    const tab = (["queue", "mine", "others"] as const).find(holds);
    if (tab !== undefined && tab !== this.tab) this.chooseTab(tab);
    this.selected = id;
  }

  private lookForLate(): void {
    if (this.socket.linkState !== "live") return;
    const late = this.calls.lookForLate(this.me, this.socket.summaries, Date.now());
    const [first] = late;
    if (first) this.page.say(this.texts.calls.late, true, first.conversation);
  }

  private async loadTags(): Promise<void> {
    const tags = await this.ask(() => this.api.tagsInUse());
    if (!tags) return;
    this.tagsInUse = tags.map(({ tag }) => tag);
    this.changed();
  }

  private async loadIntents(): Promise<void> {
    const names = await this.ask(() => this.api.intents());
    if (!names) return;
    nameIntents(names);
    this.changed();
  }

  private async snippets(words: string): Promise<ReadonlyMap<string, string> | null> {
    const found = await this.ask(() => this.api.searchConversations(words));
    // The newest message comes first and is the one to show.
    return (
      found && new Map([...found].reverse().map(({ conversation, event }) => [conversation, event.text]))
    );
  }

  /** A REST call whose failure is told and harms nothing else. */
  private async ask<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.signedOut();
      this.page.say(error.both[this.page.language], true);
      return null;
    }
  }
}
