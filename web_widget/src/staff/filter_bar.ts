/** `<filter-bar>`: the filters of the list; fires `filters` with all of them when one changes. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { type Filters, howMany, NO_FILTERS, NOBODY, type Offered } from "./filters.ts";
import { intentWords, plain } from "./intent_names.ts";
import type { Tab } from "./lists.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

type Choices = readonly (readonly [value: string, words: string])[];

export class FilterBar extends LitElement {
  static override properties = {
    filters: { attribute: false },
    offered: { attribute: false },
    colleagues: { attribute: false },
    tab: {},
  };
  declare filters: Filters;
  declare offered: Offered;
  declare colleagues: readonly Colleague[];
  declare tab: Tab;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.filters = NO_FILTERS;
    this.offered = { reasons: [], intents: [], tags: [] };
    this.colleagues = [];
    this.tab = "queue";
  }

  override focus(): void {
    this.renderRoot.querySelector("select")?.focus();
  }

  override render(): TemplateResult {
    const { texts } = this;
    const { language } = this.speech;
    const set = howMany(this.filters);
    return html`<div class="choices" role="group" aria-label=${texts.filter}>
        ${this.tab === "all" ? this.select("stage", Object.entries(texts.stages)) : nothing}
        ${this.tab === "all" || this.tab === "others" ? this.select("holder", this.holders()) : nothing}
        ${this.select("language", Object.entries(texts.languages))}
        ${this.select("mood", Object.entries(texts.moods))}
        ${this.select(
          "reason",
          this.named(this.offered.reasons, this.filters.reason, (id) => texts.reasons[id] ?? plain(id)),
        )}
        ${this.select(
          "intent",
          this.named(this.offered.intents, this.filters.intent, (id) => intentWords(id, language)),
        )}
        ${this.select("tag", plainly(this.offered.tags, this.filters.tag))}
        ${
          this.tab === "all"
            ? this.select(
                "since",
                Object.entries(texts.since).filter(([value]) => value),
              )
            : nothing
        }
      </div>
      ${
        set > 0
          ? html`<button class="link" @click=${() => this.tell({ ...NO_FILTERS, text: this.filters.text })}>
              ${texts.clearFilters} (${set})
            </button>`
          : nothing
      }`;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private holders(): Choices {
    const nobody: Choices = this.tab === "all" ? [[NOBODY, this.texts.nobody]] : [];
    return [...nobody, ...this.colleagues.map(({ id, name }) => [id, name] as const)];
  }

  private named(ids: readonly string[], chosen: string, words: (id: string) => string): Choices {
    return plainly(ids, chosen).map(([id]) => [id, words(id)]);
  }

  private select(name: Exclude<keyof Filters, "text" | "mentioned">, choices: Choices): TemplateResult {
    const words = this.texts.filters[name];
    const chosen = this.filters[name];
    return html`<label class=${chosen === "" ? "" : "set"}>
      <span>${words}</span>
      <select @change=${(event: Event) => this.change(name, (event.target as HTMLSelectElement).value)}>
        <option value="" ?selected=${chosen === ""}>${this.texts.anything}</option>
        ${choices.map(([value, shown]) => html`<option value=${value} ?selected=${value === chosen}>${shown}</option>`)}
      </select>
    </label>`;
  }

  private change(name: keyof Filters, value: string): void {
    this.tell({ ...this.filters, [name]: value });
  }

  private tell(detail: Filters): void {
    this.dispatchEvent(new CustomEvent<Filters>("filters", { detail }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: block;
        padding: 0 12px 10px;
        border-block-end: 1px solid var(--sk-line);
      }
      .choices {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 8px;
      }
      label {
        display: grid;
        gap: 2px;
        min-inline-size: 0;
        font-size: 12px;
        color: var(--sk-ink-soft);
      }
      select {
        inline-size: 100%;
        min-block-size: 34px;
        padding: 2px 6px;
        border: 1px solid var(--sk-line-strong);
        border-radius: 8px;
        background: var(--sk-paper);
        font-size: 13.5px;
        color: var(--sk-ink);
        text-overflow: ellipsis;
      }
      .set select {
        border-color: var(--sk-accent);
        background: var(--sk-accent-soft);
      }
      .link {
        margin-block-start: 8px;
        min-block-size: 24px;
        font-size: 13px;
      }
    `,
  ];
}

/** What is offered, and what is chosen even if the list holds it no more. */
function plainly(values: readonly string[], chosen: string): Choices {
  const all = chosen === "" || values.includes(chosen) ? values : [chosen, ...values];
  return all.map((value) => [value, value]);
}

customElements.define("filter-bar", FilterBar);
