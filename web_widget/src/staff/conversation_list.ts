/** `<conversation-list>`: tabs, search, and one line for each conversation; waiting times tick. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { Speech } from "../desk/speech.ts";
import type { Found } from "../rest/answers.ts";
import { clockTime, dateAndTime, lasting } from "../text/moments.ts";
import type { Summary } from "../wire/staff_frames.ts";
import { listed, TABS, type Tab, waits } from "./lists.ts";
import { type InboxTexts, inboxTexts, plain } from "./texts.ts";

/** After this long a waiting shopper is marked. */
const LONG_WAIT_SECONDS = 180;
const SEARCH_AFTER_MS = 300;

export class ConversationList extends LitElement {
  static override properties = {
    summaries: { attribute: false },
    all: { attribute: false },
    found: { attribute: false },
    me: {},
    tab: {},
    opened: {},
    selected: {},
    now: { state: true },
    words: { state: true },
  };
  declare summaries: readonly Summary[];
  /** From the REST interface: also what is with the assistant or closed. */
  declare all: readonly Summary[];
  declare found: readonly Found[] | null;
  declare me: string;
  declare tab: Tab;
  declare opened: string;
  declare selected: string;
  declare now: number;
  declare words: string;
  private readonly speech = new Speech(this);
  private ticking = 0;
  private searching = 0;

  constructor() {
    super();
    this.summaries = [];
    this.all = [];
    this.found = null;
    this.me = "";
    this.tab = "queue";
    this.opened = "";
    this.selected = "";
    this.now = Date.now();
    this.words = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = window.setInterval(() => {
      this.now = Date.now();
    }, 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
    clearTimeout(this.searching);
  }

  /** What the list shows at the moment, in its order. */
  get shown(): readonly Summary[] {
    if (this.tab !== "all") return listed(this.tab, this.summaries, this.me);
    const live = new Map(this.all.map((one) => [one.conversation, one]));
    for (const one of this.summaries) live.set(one.conversation, one);
    return listed("all", [...live.values()], this.me);
  }

  focusSearch(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input")?.focus();
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts } = this;
    return html`
      <div class="search">
        ${picture("search")}
        <input
          class="input"
          type="search"
          aria-label=${texts.search}
          placeholder=${texts.searchHint}
          .value=${this.words}
          @input=${this.search}
        />
      </div>
      <div class="tabs" role="tablist">${TABS.map((tab) => this.tabView(tab))}</div>
      <div class="lines" role="tabpanel">${this.found === null ? this.lines() : this.foundLines(this.found)}</div>
    `;
  }

  private tabView(tab: Tab): TemplateResult {
    const count = tab === "all" ? 0 : listed(tab, this.summaries, this.me).length;
    return html`<button
      role="tab"
      class=${tab === "queue" && count > 0 ? "tab busy" : "tab"}
      aria-selected=${String(this.tab === tab && this.found === null)}
      @click=${() => this.tell("choose-tab", tab)}
    >
      ${this.texts.tabs[tab]}${count > 0 ? html`<span class="count figure">${count}</span>` : nothing}
    </button>`;
  }

  private lines(): TemplateResult {
    const { shown } = this;
    if (shown.length === 0) return html`<p class="empty soft">${this.texts.empty[this.tab]}</p>`;
    return html`${repeat(
      shown,
      ({ conversation }) => conversation,
      (summary) => this.line(summary),
    )}`;
  }

  private line(summary: Summary): TemplateResult {
    const { texts } = this;
    const { conversation, unread } = summary;
    const kind = [
      "line",
      conversation === this.opened ? "opened" : "",
      conversation === this.selected ? "selected" : "",
    ].join(" ");
    return html`<button
      class=${kind}
      aria-current=${conversation === this.opened ? "true" : "false"}
      data-conversation=${conversation}
      @click=${() => this.tell("open-conversation", conversation)}
    >
      <span class="first">
        ${this.moodView(summary.mood)}
        <span class="topic">${this.topic(summary)}</span>
        ${this.when(summary)}
      </span>
      <span class="last" dir="auto">${summary.last_text}</span>
      <span class="facts">
        ${summary.language ? html`<span class="chip">${texts.languages[summary.language]}</span>` : nothing}
        ${this.stageChip(summary)}
        ${unread > 0 ? html`<span class="unread figure" title=${texts.unread(unread)}>${unread}</span>` : nothing}
      </span>
    </button>`;
  }

  /** Why it is here, and what it is about. */
  private topic(summary: Summary): string {
    const reason = summary.reason ? (this.texts.reasons[summary.reason] ?? plain(summary.reason)) : "";
    const intent = summary.intent ? plain(summary.intent) : "";
    return [reason, intent].filter(Boolean).join(" · ") || this.texts.shopper;
  }

  private moodView(mood: string | undefined): TemplateResult | typeof nothing {
    if (mood === undefined || mood === "neutral") return nothing;
    return html`<i class="mood ${mood}" role="img" aria-label=${this.texts.moods[mood] ?? mood}></i>`;
  }

  private when(summary: Summary): TemplateResult {
    const since = waits(summary) ? Date.parse(summary.waiting_since ?? "") : Number.NaN;
    if (Number.isNaN(since)) {
      return html`<time class="when">${clockTime(summary.last_at, this.speech.language)}</time>`;
    }
    const seconds = (this.now - since) / 1000;
    return html`<time class=${seconds > LONG_WAIT_SECONDS ? "when long figure" : "when figure"}>
      ${lasting(seconds, this.speech.language)}
    </time>`;
  }

  private stageChip(summary: Summary): TemplateResult | typeof nothing {
    const { texts } = this;
    if (waits(summary)) {
      if (this.tab === "queue" && summary.place !== undefined) {
        return html`<span class="chip">${texts.place(summary.place)}</span>`;
      }
      return html`<span class="chip warn">${texts.stages.waiting_for_staff}</span>`;
    }
    if (summary.holder) {
      const mine = summary.holder.id === this.me;
      const words = mine ? texts.heldByYou : texts.heldBy(summary.holder.name);
      return html`<span class="chip ${mine ? "accent" : ""}">${words}</span>`;
    }
    return html`<span class="chip">${texts.stages[summary.stage]}</span>`;
  }

  private foundLines(found: readonly Found[]): TemplateResult {
    const { texts } = this;
    if (found.length === 0) return html`<p class="empty soft">${texts.empty.search}</p>`;
    return html`<p class="empty soft">${texts.found(found.length)}</p>
      ${found.map(
        ({ conversation, stage, event }) => html`<button
          class="line"
          @click=${() => this.tell("open-conversation", conversation)}
        >
          <span class="first">
            <span class="topic">${texts.stages[stage]}</span>
            <time class="when">${dateAndTime(event.at, this.speech.language)}</time>
          </span>
          <span class="last" dir="auto">${event.text}</span>
        </button>`,
      )}`;
  }

  private search(event: InputEvent): void {
    this.words = (event.target as HTMLInputElement).value;
    clearTimeout(this.searching);
    this.searching = window.setTimeout(() => this.tell("search", this.words.trim()), SEARCH_AFTER_MS);
  }

  private tell(name: string, detail: string): void {
    this.dispatchEvent(new CustomEvent<string>(name, { detail }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
        background: var(--sk-paper);
      }
      .search {
        position: relative;
        padding: 12px 12px 8px;
      }
      .search .picture {
        position: absolute;
        inset-block-start: 22px;
        inset-inline-start: 24px;
        color: var(--sk-ink-soft);
      }
      .search .input {
        padding-inline-start: 40px;
      }
      .tabs {
        display: flex;
        gap: 2px;
        padding: 0 12px;
        border-block-end: 1px solid var(--sk-line);
      }
      .tab {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-block-size: 40px;
        padding: 0 8px;
        border: 0;
        border-block-end: 2px solid transparent;
        background: none;
        font-size: 14px;
        color: var(--sk-ink-soft);
        white-space: nowrap;
      }
      .tab[aria-selected="true"] {
        border-color: var(--sk-accent);
        font-weight: 600;
        color: var(--sk-ink);
      }
      .count {
        min-inline-size: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--sk-hover);
        font-size: 12px;
        line-height: 20px;
        text-align: center;
      }
      .busy .count {
        background: var(--sk-warn-soft);
        color: var(--sk-warn);
        font-weight: 600;
      }
      .lines {
        flex: 1;
        overflow-y: auto;
        scrollbar-width: thin;
      }
      .empty {
        padding: 24px 20px;
        font-size: 14px;
        text-align: center;
      }
      .line {
        position: relative;
        display: grid;
        gap: 3px;
        inline-size: 100%;
        padding: 11px 16px;
        border: 0;
        border-block-end: 1px solid var(--sk-line);
        background: none;
        text-align: start;
      }
      .line:hover {
        background: var(--sk-hover);
      }
      .line.opened {
        background: var(--sk-accent-soft);
      }
      .line.selected::before {
        content: "";
        position: absolute;
        inset-block: 0;
        inset-inline-start: 0;
        inline-size: 3px;
        background: var(--sk-accent);
      }
      .line:focus-visible {
        box-shadow: inset 0 0 0 2px var(--sk-accent);
      }
      .first,
      .facts {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .topic {
        flex: 1;
        min-inline-size: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 14px;
        font-weight: 600;
      }
      .when {
        font-size: 12.5px;
        color: var(--sk-ink-soft);
      }
      .when.long {
        font-weight: 650;
        color: var(--sk-bad);
      }
      .last {
        display: -webkit-box;
        overflow: hidden;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        font-size: 14px;
        line-height: 1.45;
        color: var(--sk-ink-soft);
        overflow-wrap: anywhere;
      }
      .facts {
        min-block-size: 22px;
      }
      .mood {
        flex: none;
        inline-size: 9px;
        block-size: 9px;
        border-radius: 50%;
        background: var(--sk-line-strong);
      }
      .mood.angry {
        background: var(--sk-bad);
      }
      .mood.negative {
        background: #d98a1f;
      }
      .mood.positive {
        background: #2e9e5b;
      }
      .unread {
        margin-inline-start: auto;
        min-inline-size: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--sk-accent);
        font-size: 12px;
        font-weight: 600;
        line-height: 20px;
        text-align: center;
        color: var(--sk-on-accent);
      }
    `,
  ];
}

customElements.define("conversation-list", ConversationList);
