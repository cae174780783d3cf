/** `<staff-inbox>`: the page of staff. Joins the socket, the REST interface and the parts of the page. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sign_in_form.ts";
import { Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import type { Found, SignedIn, Trace } from "../rest/answers.ts";
import { Api, ApiError } from "../rest/api.ts";
import { browserStorage, browserSurroundings } from "../wire/browser_surroundings.ts";
import type { StaffCommand, StaffRefused, Summary } from "../wire/staff_frames.ts";
import { type StaffOwner, StaffSocket } from "../wire/staff_socket.ts";
import { Alerts } from "./alerts.ts";
import type { ConversationList } from "./conversation_list.ts";
import "./conversation_list.ts";
import type { ConversationView } from "./conversation_view.ts";
import "./conversation_view.ts";
import "./inbox_bar.ts";
import { inboxLook } from "./inbox_look.ts";
import { listed, type Tab } from "./lists.ts";
import { isPressed, isWritten, type Meant, meant } from "./shortcuts.ts";
import type { Written } from "./staff_composer.ts";
import { type InboxTexts, inboxTexts, plain } from "./texts.ts";

const TOAST_MS = 4_000;

export class StaffInbox extends LitElement implements StaffOwner {
  static override properties = {
    signedIn: { state: true },
    asking: { state: true },
    notice: { state: true },
    tab: { state: true },
    selected: { state: true },
    all: { state: true },
    results: { state: true },
    traces: { state: true },
    toast: { state: true },
    revision: { state: true },
  };
  declare signedIn: SignedIn | null;
  declare asking: boolean;
  declare notice: string;
  declare tab: Tab;
  declare selected: string;
  declare all: readonly Summary[];
  declare results: readonly Found[] | null;
  declare traces: Readonly<Record<string, Trace>>;
  declare toast: { readonly words: string; readonly bad: boolean } | null;
  declare revision: number;

  private readonly base = new URL("./", location.href);
  private readonly api = new Api(this.base);
  private readonly alerts = new Alerts(browserStorage());
  private readonly speech = new Speech(this);
  private readonly socket: StaffSocket;
  private toastTimer = 0;

  constructor() {
    super();
    this.signedIn = null;
    this.asking = true;
    this.notice = "";
    this.tab = "queue";
    this.selected = "";
    this.all = [];
    this.results = null;
    this.traces = {};
    this.toast = null;
    this.revision = 0;
    const url = new URL("ws/staff", this.base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new StaffSocket(url.href, () => this.signedIn?.csrf ?? "", browserSurroundings(), this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.pressed);
    document.addEventListener("visibilitychange", this.looked);
    addEventListener("focus", this.looked);
    void this.resume();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.pressed);
    document.removeEventListener("visibilitychange", this.looked);
    removeEventListener("focus", this.looked);
    this.socket.stop();
  }

  // StaffOwner
  changed(): void {
    this.revision += 1;
  }

  waiting(summary: Summary): void {
    const reason = summary.reason ? (this.texts.reasons[summary.reason] ?? plain(summary.reason)) : "";
    this.alerts.newlyWaiting(summary.conversation, this.texts.notificationTitle, reason);
  }

  said(): void {
    this.alerts.said();
  }

  refused(frame: StaffRefused): void {
    const { message, code } = frame;
    const words = typeof message === "string" ? message : message[this.speech.language];
    this.say(words || (code === "already_claimed" ? this.texts.already : code), true);
  }

  done(what: string, conversation: string): void {
    const words = this.texts.done[what];
    if (words) this.say(words, false);
    if (what === "claim") {
      this.tab = "mine";
      void this.updateComplete.then(() => this.view?.write("say"));
    }
    if (what === "close" && this.socket.followed?.id === conversation) this.socket.leave();
  }

  signedOut(): void {
    this.signedIn = null;
    this.notice = deskTexts[this.speech.language].signedOut;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private get me(): string {
    return this.signedIn?.me.id ?? "";
  }

  private get view(): ConversationView | null {
    return this.renderRoot.querySelector("conversation-view");
  }

  private get list(): ConversationList | null {
    return this.renderRoot.querySelector("conversation-list");
  }

  override render(): TemplateResult {
    if (this.asking) return html`<p class="asking soft">${deskTexts[this.speech.language].loading}</p>`;
    if (!this.signedIn) {
      return html`<sign-in-form
        page="inbox"
        .api=${this.api}
        .notice=${this.notice}
        @signed-in=${(event: CustomEvent<SignedIn>) => this.begin(event.detail)}
      ></sign-in-form>`;
    }
    return this.desk(this.signedIn);
  }

  private desk({ me }: SignedIn): TemplateResult {
    const { socket } = this;
    const { followed } = socket;
    const live = socket.linkState === "live";
    return html`
      <inbox-bar
        .name=${me.name}
        .isAdmin=${me.roles.includes("admin")}
        .present=${socket.present}
        .staffPresent=${socket.staffPresent}
        .live=${live}
        .sound=${this.alerts.sound}
        .notifications=${this.alerts.notifications}
        @presence=${this.switchPresence}
        @sound=${this.switchSound}
        @notifications=${this.switchNotifications}
        @help=${this.showHelp}
        @sign-out=${this.signOut}
      ></inbox-bar>
      <main class=${followed ? "viewing" : ""}>
        <conversation-list
          .summaries=${socket.summaries}
          .all=${this.all}
          .found=${this.results}
          .me=${this.me}
          .tab=${this.tab}
          .opened=${followed?.id ?? ""}
          .selected=${this.selected}
          @choose-tab=${(event: CustomEvent<Tab>) => this.chooseTab(event.detail)}
          @open-conversation=${(event: CustomEvent<string>) => this.open(event.detail)}
          @search=${(event: CustomEvent<string>) => this.search(event.detail)}
        ></conversation-list>
        <conversation-view
          .followed=${followed}
          .summary=${followed ? socket.summary(followed.id) : undefined}
          .unaccepted=${[...socket.unaccepted.values()].filter((one) => one.conversation === followed?.id)}
          .traces=${this.traces}
          .me=${this.me}
          .revision=${this.revision}
          @back=${() => socket.leave()}
          @command=${(event: CustomEvent<StaffCommand>) => this.command(event.detail)}
          @written=${(event: CustomEvent<Written>) => this.written(event.detail)}
          @types=${() => socket.typing(true)}
          @older=${() => socket.loadOlder()}
          @again=${(event: CustomEvent<string>) => socket.sayAgain(event.detail)}
          @discard=${(event: CustomEvent<string>) => socket.discard(event.detail)}
          @want-traces=${this.loadTraces}
        ></conversation-view>
      </main>
      <div class="toast ${this.toast?.bad ? "bad" : ""}" role="status" ?hidden=${!this.toast}>${this.toast?.words ?? nothing}</div>
      ${this.helpView()}
    `;
  }

  private helpView(): TemplateResult {
    const { texts } = this;
    return html`<dialog aria-label=${texts.help}>
      <h2>${texts.help}</h2>
      <dl>
        ${texts.shortcuts.map(([key, words]) => html`<dt><kbd>${key}</kbd></dt><dd>${words}</dd>`)}
      </dl>
      <form method="dialog"><button class="button">${deskTexts[this.speech.language].close}</button></form>
    </dialog>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (!this.signedIn) return;
    const { summaries } = this.socket;
    const unread = listed("mine", summaries, this.me).filter((one) => one.unread > 0).length;
    this.alerts.showCount(listed("queue", summaries, this.me).length, unread, this.texts.pageTitle);
    if (changed.has("revision")) this.looked();
  }

  private async resume(): Promise<void> {
    try {
      this.begin(await this.api.me());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "unreachable") this.notice = error.both[this.speech.language];
    } finally {
      this.asking = false;
    }
  }

  private begin(signedIn: SignedIn): void {
    this.signedIn = signedIn;
    this.notice = "";
    this.socket.start();
  }

  private async signOut(): Promise<void> {
    this.socket.stop();
    await this.ask(() => this.api.signOut());
    location.reload();
  }

  /** A REST call whose failure is told and harms nothing else. */
  private async ask<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.signedOut();
      this.say(error.both[this.speech.language], true);
      return null;
    }
  }

  private open(conversation: string): void {
    this.selected = conversation;
    this.traces = {};
    this.socket.open(conversation);
  }

  private chooseTab(tab: Tab): void {
    this.tab = tab;
    this.results = null;
    this.selected = "";
    if (tab === "all") void this.loadAll();
  }

  private async loadAll(): Promise<void> {
    this.all = (await this.ask(() => this.api.conversations())) ?? this.all;
  }

  private async search(words: string): Promise<void> {
    this.results = words === "" ? null : await this.ask(() => this.api.searchConversations(words));
  }

  private async loadTraces(): Promise<void> {
    const id = this.socket.followed?.id;
    if (id === undefined) return;
    const traces = await this.ask(() => this.api.traces(id));
    if (traces && this.socket.followed?.id === id) this.traces = traces;
  }

  private command(command: StaffCommand): void {
    const id = this.socket.followed?.id;
    if (id !== undefined) this.socket.command(command, id);
  }

  private written({ type, text }: Written): void {
    const id = this.socket.followed?.id;
    if (id !== undefined) this.socket.say(type, id, text);
  }

  private switchPresence(): void {
    this.socket.setPresent(!this.socket.present);
  }

  private switchSound(): void {
    this.alerts.toggleSound();
    this.requestUpdate();
  }

  private async switchNotifications(): Promise<void> {
    await this.alerts.toggleNotifications();
    this.requestUpdate();
  }

  private showHelp(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  private say(words: string, bad: boolean): void {
    this.toast = { words, bad };
    clearTimeout(this.toastTimer);
    this.toastTimer = window.setTimeout(() => {
      this.toast = null;
    }, TOAST_MS);
  }

  /** What stands on a screen that somebody looks at has been seen. */
  private readonly looked = (): void => {
    if (!document.hidden && document.hasFocus()) this.socket.seen();
  };

  private readonly pressed = (event: KeyboardEvent): void => {
    const path = event.composedPath();
    const help = this.renderRoot.querySelector("dialog");
    if (!this.signedIn || help?.open) return;
    const what = meant(event, isWritten(path));
    if (!what || (what.act === "open" && isPressed(path))) return;
    event.preventDefault();
    this.obey(what);
  };

  private obey(what: Meant): void {
    switch (what.act) {
      case "tab":
        return this.chooseTab(what.tab);
      case "move":
        return this.move(what.by);
      case "open":
        return this.selected ? this.open(this.selected) : undefined;
      case "claim":
      case "hand_back":
      case "release":
        return this.command(what.act);
      case "reply":
        return this.view?.write("say");
      case "note":
        return this.view?.write("note");
      case "explain":
        return this.view?.explainLast();
      case "search":
        return this.list?.focusSearch();
      case "presence":
        return this.switchPresence();
      case "leave":
        return this.socket.leave();
      case "help":
        return this.showHelp();
    }
  }

  private move(by: 1 | -1): void {
    const shown = this.list?.shown ?? [];
    if (shown.length === 0) return;
    const index = shown.findIndex(({ conversation }) => conversation === this.selected);
    const next = index < 0 ? 0 : Math.min(Math.max(index + by, 0), shown.length - 1);
    this.selected = shown[next]?.conversation ?? "";
  }

  static override styles = [look, inboxLook];
}

customElements.define("staff-inbox", StaffInbox);
