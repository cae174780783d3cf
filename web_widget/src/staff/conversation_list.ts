/** `<conversation-list>`: search, filters, tabs, and one line for each conversation; waiting times tick. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { Speech } from "../desk/speech.ts";
import { Ticking } from "../desk/ticking.ts";
import { isComposed } from "../text/send_key.ts";
import type { Colleague, Summary } from "../wire/staff_frames.ts";
import { lineLook, lineView } from "./conversation_line.ts";
import type { FilterBar } from "./filter_bar.ts";
import "./filter_bar.ts";
import { type Filters, fits, howMany, NO_FILTERS, offered } from "./filters.ts";
import type { FoundList } from "./found_list.ts";
import { listed, TABS, type Tab } from "./lists.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const SEARCH_AFTER_MS = 300;

export class ConversationList extends LitElement {
  static override properties = {
    summaries: { attribute: false },
    found: { attribute: false },
    filters: { attribute: false },
    tagsInUse: { attribute: false },
    colleagues: { attribute: false },
    calledIn: { attribute: false },
    me: {},
    tab: {},
    opened: {},
    selected: {},
    revision: { type: Number },
    told: { type: Boolean },
    filtering: { state: true },
  };
  declare summaries: readonly Summary[];
  /** What the tab "all" shows. */
  declare found: FoundList | null;
  declare filters: Filters;
  declare tagsInUse: readonly string[];
  declare colleagues: readonly Colleague[];
  /** Conversations with a note that calls this person. */
  declare calledIn: ReadonlySet<string>;
  declare me: string;
  declare tab: Tab;
  declare opened: string;
  declare selected: string;
  declare revision: number;
  /** Whether the server has said who is there. */
  declare told: boolean;
  declare filtering: boolean;
  private readonly speech = new Speech(this);
  private readonly ticking = new Ticking(this);
  private searching = 0;

  constructor() {
    super();
    this.summaries = [];
    this.found = null;
    this.filters = NO_FILTERS;
    this.tagsInUse = [];
    this.colleagues = [];
    this.calledIn = new Set();
    this.me = "";
    this.tab = "queue";
    this.opened = "";
    this.selected = "";
    this.revision = 0;
    this.told = false;
    this.filtering = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.searching);
  }

  /** What the list shows at the moment, in its order. */
  get shown(): readonly Summary[] {
    if (this.tab === "all") return this.found?.lines(this.summaries) ?? [];
    return listed(this.tab, this.summaries, this.me).filter((one) => fits(one, this.filters));
  }

  focusSearch(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input")?.focus();
  }

  /** Opens the filters and goes to the first; closes them when they are open. */
  switchFilters(): void {
    this.filtering = !this.filtering;
    if (this.filtering) {
      void this.updateComplete.then(async () => {
        const bar = this.renderRoot.querySelector<FilterBar>("filter-bar");
        await bar?.updateComplete;
        bar?.focus();
      });
    }
  }

  showSelected(): void {
    const line = this.renderRoot.querySelector(`[data-conversation="${CSS.escape(this.selected)}"]`);
    line?.scrollIntoView({ block: "nearest" });
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    return html`
      ${this.searchView()}
      ${this.filtering ? this.filtersView() : nothing} ${this.mentionedView()}
      <div class="tabs" role="tablist">${TABS.map((tab) => this.tabView(tab))}</div>
      <div class="lines" role="tabpanel" aria-label=${this.texts.tabs[this.tab]} tabindex="0">${this.lines()}</div>
    `;
  }

  private searchView(): TemplateResult {
    const { texts } = this;
    const set = howMany(this.filters);
    return html`<div class="search">
      ${picture("search")}
      <input
        class="input"
        type="search"
        aria-label=${texts.search}
        placeholder=${texts.searchHint}
        .value=${this.filters.text}
        @input=${this.search}
        @keydown=${this.searchKey}
      />
      <button
        class="button plain filter ${set > 0 ? "on" : ""}"
        aria-label=${set > 0 ? `${texts.filter} (${set})` : texts.filter}
        title=${texts.filter}
        aria-expanded=${String(this.filtering)}
        @click=${this.switchFilters}
      >
        ${picture("filter")}${set > 0 ? html`<span class="figure">${set}</span>` : nothing}
      </button>
    </div>`;
  }

  private filtersView(): TemplateResult {
    const { reasons, intents, tags } = offered(this.tab === "all" ? this.shown : this.summaries);
    const allTags = [...new Set([...this.tagsInUse, ...tags])];
    return html`<filter-bar
      .filters=${this.filters}
      .offered=${{ reasons, intents, tags: allTags }}
      .colleagues=${this.colleagues}
      .tab=${this.tab}
      @filters=${(event: CustomEvent<Filters>) => this.tell("filters", event.detail)}
      @keydown=${this.filtersKey}
    ></filter-bar>`;
  }

  /** Not a filter that can be chosen from a list: it has a chip of its own, with the way out. */
  private mentionedView(): TemplateResult | typeof nothing {
    if (this.filters.mentioned === "") return nothing;
    return html`<p class="mentioned">
      <button class="button small" @click=${() => this.tell("filters", { ...this.filters, mentioned: "" })}>
        ${this.texts.calledYou} <span aria-hidden="true">✕</span>
      </button>
      ${
        this.calledIn.size > 0
          ? html`<button class="button small" @click=${() => this.tell("mentions-seen", null)}>${this.texts.allSeen}</button>`
          : nothing
      }
    </p>`;
  }

  private tabView(tab: Tab): TemplateResult {
    const count = tab === "all" ? 0 : listed(tab, this.summaries, this.me).length;
    return html`<button
      role="tab"
      class=${tab === "queue" && count > 0 ? "tab busy" : "tab"}
      aria-selected=${String(this.tab === tab)}
      @click=${() => this.tell("choose-tab", tab)}
    >
      ${this.texts.tabs[tab]}${count > 0 ? html`<span class="count figure">${count}</span>` : nothing}
    </button>`;
  }

  private lines(): TemplateResult {
    const { shown, found, tab } = this;
    const waits = tab === "all" ? found?.loading === true : !this.told;
    if (shown.length === 0)
      return html`<p class="empty soft">${waits ? this.texts.loadingMore : this.emptyWords()}</p>`;
    return html`${repeat(
      shown,
      ({ conversation }) => conversation,
      (summary) => this.line(summary),
    )}
    ${
      tab === "all" && found?.next !== undefined
        ? html`<button class="button plain more" ?disabled=${waits} @click=${() => void found.more()}>
            ${waits ? this.texts.loadingMore : this.texts.moreConversations}
          </button>`
        : nothing
    }`;
  }

  private emptyWords(): string {
    const asked = howMany(this.filters) > 0 || this.filters.text !== "";
    return this.texts.empty[asked ? "search" : this.tab];
  }

  private line(summary: Summary): TemplateResult {
    const { conversation } = summary;
    const { me, tab, opened, selected } = this;
    return lineView(
      {
        summary,
        me,
        tab,
        snippet: tab === "all" ? this.found?.snippets.get(conversation) : undefined,
        now: this.ticking.now,
        language: this.speech.language,
        isOpened: conversation === opened,
        isSelected: conversation === selected,
        callsYou: this.calledIn.has(conversation),
      },
      () => this.tell("open-conversation", conversation),
    );
  }

  private search(event: InputEvent): void {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(this.searching);
    this.searching = window.setTimeout(
      () => this.tell("filters", { ...this.filters, text: text.trim() }),
      SEARCH_AFTER_MS,
    );
  }

  /** Esc puts the filters away, and gives the keys back to the list. */
  private filtersKey(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.switchFilters();
    this.renderRoot.querySelector<HTMLElement>(".filter")?.focus();
  }

  /** Esc empties the box first, then leaves it; the browser's own way differs from one to the next. */
  private searchKey(event: KeyboardEvent): void {
    const box = event.target as HTMLInputElement;
    if (event.key !== "Escape" || isComposed(event)) return;
    event.preventDefault();
    event.stopPropagation();
    if (box.value === "") return box.blur();
    clearTimeout(this.searching);
    box.value = "";
    this.tell("filters", { ...this.filters, text: "" });
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [
    look,
    lineLook,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-block-size: 0;
        background: var(--sk-paper);
      }
      .search {
        position: relative;
        display: flex;
        gap: 4px;
        padding: 12px 8px 8px 12px;
      }
      .search > .picture {
        position: absolute;
        inset-block-start: 22px;
        inset-inline-start: 24px;
        color: var(--sk-ink-soft);
      }
      .search .input {
        flex: 1;
        min-inline-size: 0;
        padding-inline-start: 40px;
      }
      .filter {
        min-inline-size: 40px;
        padding: 4px;
      }
      .filter.on {
        color: var(--sk-accent);
      }
      .mentioned {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        padding: 0 12px 8px;
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
      .lines:focus-visible {
        box-shadow: inset 0 0 0 2px var(--sk-accent);
      }
      .empty {
        padding: 24px 20px;
        font-size: 14px;
        text-align: center;
      }
      .more {
        inline-size: 100%;
        min-block-size: 48px;
        border-radius: 0;
      }
    `,
  ];
}

customElements.define("conversation-list", ConversationList);
