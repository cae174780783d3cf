/** `<kept-days>`: how long what is kept, set here or by the server's settings, and what would go at once. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { KeptDays, Retention, TooOld } from "../rest/console_answers.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

const PARTS = ["closed_days", "traces_days", "delivered_days"] as const;
const MOST_DAYS = 36_500;

type Draft = Readonly<Record<(typeof PARTS)[number], string>>;

export class KeptDaysView extends ConsolePart {
  static override properties = {
    known: { state: true },
    draft: { state: true },
    asked: { state: true },
    told: { state: true },
  };
  declare known: Retention | null;
  declare draft: Draft | null;
  /** What the days in the form would let go at once; the second press means it. */
  declare asked: TooOld | null;
  declare told: string;

  constructor() {
    super();
    this.known = null;
    this.draft = null;
    this.asked = null;
    this.told = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, known } = this;
    return html`<section class="card">
      <h2>${terms.kept}</h2>
      <p class="soft">${terms.keptHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.told ? html`<p class="notice good" role="status">${this.told}</p>` : nothing}
      ${this.draft ? this.formView(this.draft) : known ? this.shownView(known) : nothing}
    </section>`;
  }

  private shownView(known: Retention): TemplateResult {
    const { terms } = this;
    return html`<p class="soft">${terms.keptFrom[known.source] ?? known.source}</p>
      <dl>${PARTS.map((part) => html`<dt>${terms.keptParts[part]}</dt><dd class="figure">${terms.keptFor(known[part], part === "closed_days")}</dd>`)}</dl>
      <div class="acts">
        <button class="button" @click=${() => this.edit(draftOf(known))}>${terms.change}</button>
        ${known.source === "set" ? html`<sure-button .label=${terms.keptSettings} .question=${terms.keptSettingsSure} @sure=${this.drop}></sure-button>` : nothing}
        <sure-button .label=${terms.forgetNow} .question=${terms.forgetNowSure} .disabled=${this.busy} @sure=${this.forget}></sure-button>
      </div>`;
  }

  private formView(draft: Draft): TemplateResult {
    const { terms, asked } = this;
    return html`<p class="soft">${terms.keptZero}</p>
      <form @submit=${this.save}>
        ${PARTS.map((part) => this.fieldView(part, draft[part]))}
        ${asked ? html`<p class="notice bad wide" role="alert">${terms.wouldGo(asked)}</p>` : nothing}
        <div class="acts wide">
          <button class="button strong" ?disabled=${this.busy}>${asked ? terms.keptSure : terms.save}</button>
          <button class="button" type="button" @click=${() => this.edit(null)}>${terms.cancel}</button>
        </div>
      </form>`;
  }

  private fieldView(part: keyof Draft, days: string): TemplateResult {
    return html`<label class="field">${this.terms.keptParts[part]}
      <input class="input figure" type="number" required min="0" max=${MOST_DAYS} step="1" name=${part} .value=${days}
        @input=${(event: Event) => {
          if (this.draft) this.edit({ ...this.draft, [part]: typedIn(event) });
        }} />
    </label>`;
  }

  private edit(draft: Draft | null): void {
    this.draft = draft;
    this.asked = null;
    this.error = "";
    this.told = "";
  }

  private async load(): Promise<void> {
    this.known = (await this.ask(() => this.api.retention())) ?? this.known;
  }

  /** The first press only asks where something would be deleted that is kept by now. */
  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!this.draft) return;
    const days = daysOf(this.draft);
    if (!this.asked) {
      const tooOld = await this.ask(() => this.api.previewRetention(days));
      if (!tooOld) return;
      if (tooOld.conversations + tooOld.traces + tooOld.notifications > 0) {
        this.asked = tooOld;
        return;
      }
    }
    const set = await this.ask(() => this.api.setRetention(days));
    if (!set) return;
    this.known = set;
    this.edit(null);
    this.told = this.terms.saved;
  }

  private async drop(): Promise<void> {
    await this.ask(() => this.api.dropRetention());
    if (this.error === "") await this.load();
  }

  private async forget(): Promise<void> {
    const gone = await this.ask(() => this.api.forgetNow());
    if (gone) this.told = this.terms.gone(gone);
  }

  static override styles = [
    look,
    sectionLook,
    css`
      dd {
        white-space: nowrap;
      }
    `,
  ];
}

function draftOf(known: KeptDays): Draft {
  return {
    closed_days: String(known.closed_days),
    traces_days: String(known.traces_days),
    delivered_days: String(known.delivered_days),
  };
}

function daysOf(draft: Draft): KeptDays {
  return {
    closed_days: Number(draft.closed_days),
    traces_days: Number(draft.traces_days),
    delivered_days: Number(draft.delivered_days),
  };
}

customElements.define("kept-days", KeptDaysView);
