/** `<staff-inbox>`: the page of staff: draws the parts and passes what is done in them to the desk. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sign_in_form.ts";
import { Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import type { SignedIn } from "../rest/answers.ts";
import type { AlertSettings } from "./alert_settings.ts";
import "./alert_settings.ts";
import type { Act } from "./commands.ts";
import type { ConversationList } from "./conversation_list.ts";
import "./conversation_list.ts";
import type { ConversationView } from "./conversation_view.ts";
import "./conversation_view.ts";
import { Desk, type DeskPage } from "./desk.ts";
import type { Filters } from "./filters.ts";
import type { HelpSheet } from "./help_sheet.ts";
import "./help_sheet.ts";
import "./inbox_bar.ts";
import { inboxLook } from "./inbox_look.ts";
import type { Tab } from "./lists.ts";
import { OpenInAddress } from "./open_in_address.ts";
import { isInDialog, isPressed, isWritten, type Meant, meant } from "./shortcuts.ts";
import type { Typing, Written } from "./staff_composer.ts";
import type { TagChange } from "./tag_editor.ts";
import { inboxTexts } from "./texts.ts";
import type { Transfer, TransferDialog } from "./transfer_dialog.ts";
import "./transfer_dialog.ts";

const TOAST_MS = 5_000;

interface Toast {
  readonly words: string;
  readonly bad: boolean;
  /** Pressing the words opens it. */
  readonly conversation?: string;
}

export class StaffInbox extends LitElement implements DeskPage {
  static override properties = {
    asking: { state: true },
    toast: { state: true },
    revision: { state: true },
  };
  declare asking: boolean;
  declare toast: Toast | null;
  declare revision: number;

  private readonly speech = new Speech(this);
  private readonly desk = new Desk(new URL("./", location.href), this);
  private readonly address = new OpenInAddress(window);
  private toastTimer = 0;

  constructor() {
    super();
    this.asking = true;
    this.toast = null;
    this.revision = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("keydown", this.pressed);
    document.addEventListener("visibilitychange", this.desk.looked);
    addEventListener("focus", this.desk.looked);
    addEventListener("storage", this.desk.storageChanged);
    addEventListener("popstate", this.addressChanged);
    addEventListener("pointerdown", this.touched, { once: true });
    addEventListener("keydown", this.touched, { once: true });
    void this.desk.resume().finally(() => {
      this.asking = false;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("keydown", this.pressed);
    document.removeEventListener("visibilitychange", this.desk.looked);
    removeEventListener("focus", this.desk.looked);
    removeEventListener("storage", this.desk.storageChanged);
    removeEventListener("popstate", this.addressChanged);
    removeEventListener("pointerdown", this.touched);
    removeEventListener("keydown", this.touched);
    this.desk.stop();
  }

  // DeskPage
  get language(): Speech["language"] {
    return this.speech.language;
  }

  get named(): string {
    return this.address.named;
  }

  changed(): void {
    this.revision += 1;
  }

  say(words: string, bad: boolean, conversation?: string): void {
    this.toast = { words, bad, ...(conversation === undefined ? {} : { conversation }) };
    clearTimeout(this.toastTimer);
    this.toastTimer = window.setTimeout(() => {
      this.toast = null;
    }, TOAST_MS);
  }

  writeReply(): void {
    void this.updateComplete.then(() => this.view?.write("say"));
  }

  draftChanged(): void {
    this.view?.draftChanged();
  }

  private get view(): ConversationView | null {
    return this.renderRoot.querySelector("conversation-view");
  }

  private get list(): ConversationList | null {
    return this.renderRoot.querySelector("conversation-list");
  }

  override render(): TemplateResult {
    const { desk } = this;
    if (this.asking) return html`<p class="asking soft">${deskTexts[this.language].loading}</p>`;
    if (!desk.signedIn) {
      return html`<sign-in-form
        page="inbox"
        .api=${desk.api}
        .notice=${desk.notice}
        @signed-in=${(event: CustomEvent<SignedIn>) => desk.begin(event.detail, "signed_in")}
      ></sign-in-form>`;
    }
    const { followed, summaries } = desk.socket;
    return html`
      ${this.barView(desk.signedIn)}
      <p class="not-stored" role="alert">${desk.socket.storing ? nothing : inboxTexts[this.language].notStored}</p>
      <main class=${followed ? "viewing" : ""}>
        <conversation-list
          .summaries=${summaries}
          .found=${desk.found}
          .filters=${desk.filters}
          .tagsInUse=${desk.tagsInUse}
          .colleagues=${desk.socket.colleagues}
          .calledIn=${desk.calledIn}
          .told=${desk.socket.welcomed}
          .me=${desk.me}
          .tab=${desk.tab}
          .opened=${followed?.id ?? ""}
          .selected=${desk.selected}
          .revision=${this.revision}
          @choose-tab=${(event: CustomEvent<Tab>) => desk.chooseTab(event.detail)}
          @open-conversation=${(event: CustomEvent<string>) => desk.open(event.detail)}
          @filters=${(event: CustomEvent<Filters>) => desk.filter(event.detail)}
          @mentions-seen=${() => desk.socket.mentionsSeen()}
        ></conversation-list>
        ${this.talkView(desk.signedIn)}
      </main>
      ${this.toastView()} ${this.dialogsView()}
    `;
  }

  private barView({ me }: SignedIn): TemplateResult {
    const { desk } = this;
    return html`<inbox-bar
      .name=${me.name}
      .isAdmin=${me.roles.includes("admin")}
      .present=${desk.socket.present}
      .colleagues=${desk.socket.colleagues}
      .me=${desk.me}
      .live=${desk.socket.linkState === "live"}
      .wasLive=${desk.socket.welcomed}
      .sound=${desk.preferences.get().sound}
      .calls=${desk.socket.mentions.length}
      .hours=${desk.socket.hours}
      @presence=${() => desk.switchPresence()}
      @mentions=${() => desk.showMentions()}
      @alerts=${this.showAlerts}
      @help=${this.showHelp}
      @sign-out=${() => desk.signOut()}
    ></inbox-bar>`;
  }

  private talkView({ me }: SignedIn): TemplateResult {
    const { desk } = this;
    const { socket } = desk;
    const { followed } = socket;
    return html`<conversation-view
      .followed=${followed}
      .summary=${followed ? socket.summary(followed.id) : undefined}
      .unaccepted=${followed ? socket.unaccepted(followed.id) : []}
      .traces=${desk.traces}
      .replies=${desk.replies.items}
      .colleagues=${socket.colleagues}
      .tagsInUse=${desk.tagsInUse}
      .drafts=${desk.drafts}
      .textCharacters=${socket.textCharacters}
      .me=${desk.me}
      .isAdmin=${me.roles.includes("admin")}
      .revision=${this.revision}
      @back=${() => socket.leave()}
      @act=${(event: CustomEvent<Act>) => this.act(event.detail)}
      @written=${(event: CustomEvent<Written>) => desk.written(event.detail)}
      @types=${(event: CustomEvent<Typing>) => socket.typing(event.detail.on, event.detail.isPrivate)}
      @tag=${(event: CustomEvent<TagChange>) => desk.tag(event.detail)}
      @older=${() => socket.loadOlder()}
      @again=${(event: CustomEvent<string>) => socket.sayAgain(event.detail)}
      @discard=${(event: CustomEvent<string>) => socket.discard(event.detail)}
      @want-traces=${() => desk.loadTraces()}
      @want-replies=${(event: CustomEvent<string>) => desk.wantReplies(event.detail)}
    ></conversation-view>`;
  }

  private toastView(): TemplateResult {
    const { toast } = this;
    const open = toast?.conversation;
    return html`<div class="toast ${toast?.bad ? "bad" : ""}" role="status" ?hidden=${!toast}>
      ${
        open === undefined
          ? (toast?.words ?? nothing)
          : html`<button class="link" @click=${() => this.desk.open(open)}>${toast?.words}</button>`
      }
    </div>`;
  }

  private dialogsView(): TemplateResult {
    const { desk } = this;
    const { followed, colleagues } = desk.socket;
    return html`<help-sheet></help-sheet>
      <alert-settings
        .alerts=${desk.alerts}
        .preferences=${desk.preferences}
        @preferences=${() => this.changed()}
      ></alert-settings>
      <transfer-dialog
        .colleagues=${colleagues.filter(({ id }) => id !== desk.me)}
        .language=${followed ? (desk.socket.summary(followed.id)?.language ?? null) : null}
        @transfer=${(event: CustomEvent<Transfer>) => desk.transfer(event.detail)}
      ></transfer-dialog>`;
  }

  protected override updated(changed: PropertyValues): void {
    if (!this.desk.signedIn || !changed.has("revision")) return;
    this.desk.shown();
    this.address.show(this.desk.socket.followed?.id ?? "");
  }

  private act(act: Act): void {
    if (act === "transfer") this.renderRoot.querySelector<TransferDialog>("transfer-dialog")?.show();
    else this.desk.act(act);
  }

  private showAlerts(): void {
    this.renderRoot.querySelector<AlertSettings>("alert-settings")?.show();
  }

  private showHelp(): void {
    this.renderRoot.querySelector<HelpSheet>("help-sheet")?.show();
  }

  /** The browser's Back, or a link that was pressed. */
  private readonly addressChanged = (): void => {
    const { desk, named } = this;
    const open = desk.socket.followed?.id ?? "";
    // What was opened while the browser was on its way to the list stays open.
    if (this.address.arrived()) return this.address.show(open);
    if (!desk.signedIn || named === open) return;
    if (named === "") desk.socket.leave();
    else desk.openNamed(named);
  };

  private readonly touched = (): void => this.desk.alerts.pressed();

  private readonly pressed = (event: KeyboardEvent): void => {
    const path = event.composedPath();
    if (!this.desk.signedIn || event.defaultPrevented || isInDialog(path)) return;
    const what = meant(event, isWritten(path));
    if (!what || (what.act === "open" && isPressed(path))) return;
    event.preventDefault();
    if (!this.desk.isTaking) this.obey(what);
  };

  private obey(what: Meant): void {
    const { desk, view } = this;
    switch (what.act) {
      case "tab":
        return desk.chooseTab(what.tab);
      case "move":
        return this.move(what.by);
      case "do":
        for (const act of what.what) view?.act(act);
        return;
      case "open":
        return desk.selected ? desk.open(desk.selected) : undefined;
      case "reply":
        return view?.write("say");
      case "note":
        return view?.write("note");
      case "suggestion":
        return view?.useFirstSuggestion();
      case "tags":
        return view?.focusTags();
      case "explain":
        return view?.explainLast();
      case "search":
        return this.list?.focusSearch();
      case "filters":
        return this.list?.switchFilters();
      case "mentions":
        return desk.showMentions();
      case "presence":
        return desk.switchPresence();
      case "alerts":
        return this.showAlerts();
      case "leave":
        return desk.socket.leave();
      case "help":
        return this.showHelp();
    }
  }

  private move(by: 1 | -1): void {
    this.desk.move(by, this.list?.shown ?? []);
    void this.updateComplete.then(async () => {
      await this.list?.updateComplete;
      this.list?.showSelected();
    });
  }

  static override styles = [look, inboxLook];
}

customElements.define("staff-inbox", StaffInbox);
