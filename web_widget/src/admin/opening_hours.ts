/** `<opening-hours>`: when people answer, by weekday and holiday; from the shop's file or set here. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { Hours, Span } from "../rest/console_answers.ts";
import { comingTime } from "../text/moments.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";
import { readSpans, writeSpans } from "./spans.ts";

const DAYS = ["0", "1", "2", "3", "4", "5", "6"] as const;

/** The hours in the form, as they are typed. */
interface Draft {
  readonly zone: string;
  readonly weekly: Readonly<Record<string, string>>;
  readonly special: readonly (readonly [date: string, spans: string])[];
}

export class OpeningHours extends ConsolePart {
  static override properties = { known: { state: true }, draft: { state: true } };
  declare known: Hours | null;
  declare draft: Draft | null;

  constructor() {
    super();
    this.known = null;
    this.draft = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, known } = this;
    return html`<section class="card">
      <div class="head">
        <h2>${terms.hours}</h2>
        ${known ? this.nowView(known) : nothing}
      </div>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.draft ? this.formView(this.draft) : known ? this.shownView(known) : nothing}
    </section>`;
  }

  private nowView({ open, opens_at }: Hours): TemplateResult {
    const when = opens_at ? comingTime(opens_at, new Date(), this.speech.language) : "";
    return html`<span class="chip ${open ? "good" : ""}">${open ? this.terms.openNow : this.terms.closedNow(when)}</span>`;
  }

  private shownView(known: Hours): TemplateResult {
    const { terms } = this;
    const days = Object.entries(known.special).sort(([a], [b]) => (a < b ? -1 : 1));
    return html`<p class="soft">${terms.hoursFrom[known.source] ?? known.source}</p>
      <p dir="auto">${known.text[this.speech.language]}</p>
      <div class="two">
        <dl>${DAYS.map((day, index) => html`<dt>${terms.weekdays[index]}</dt><dd class="figure">${this.spansView(known.weekly[day] ?? [])}</dd>`)}</dl>
        <div>
          <h3>${terms.special}</h3>
          ${days.length === 0 ? html`<p class="soft">${terms.noSpecial}</p>` : html`<dl>${days.map(([date, spans]) => html`<dt class="figure">${date}</dt><dd class="figure">${this.spansView(spans)}</dd>`)}</dl>`}
        </div>
      </div>
      <p class="small-print">${terms.zone}: <span class="code">${known.zone}</span></p>
      <div class="acts">
        <button class="button" @click=${() => this.edit(draftOf(known))}>${terms.change}</button>
        ${known.source === "set" ? html`<sure-button .label=${terms.shopHours} .question=${terms.shopHoursSure} @sure=${this.drop}></sure-button>` : nothing}
      </div>`;
  }

  private spansView(spans: readonly Span[]): TemplateResult {
    return spans.length === 0
      ? html`<span class="soft">${this.terms.closedDay}</span>`
      : html`${spans.map(([from, until]) => `${from}–${until}`).join(", ")}`;
  }

  private formView(draft: Draft): TemplateResult {
    const { terms } = this;
    return html`<p class="soft">${terms.spansHint}</p>
      <form @submit=${this.save}>
        ${DAYS.map(
          (day, index) =>
            html`<label class="field">${terms.weekdays[index]}<input class="input figure" .value=${draft.weekly[day] ?? ""} placeholder=${terms.closedDay} @input=${(event: Event) => this.weekday(day, typedIn(event))} /></label>`,
        )}
        <label class="field">${terms.zone}<input class="input" required .value=${draft.zone} @input=${(event: Event) => this.edit({ ...draft, zone: typedIn(event) })} /></label>
        <fieldset class="wide">
          <legend>${terms.special}</legend>
          ${draft.special.map(([date, spans], index) => this.dayView(date, spans, index))}
          <button class="button small" type="button" @click=${() => this.days([...draft.special, ["", ""]])}>${terms.addDay}</button>
        </fieldset>
        <div class="acts wide">
          <button class="button strong" ?disabled=${this.busy}>${terms.save}</button>
          <button class="button" type="button" @click=${() => this.edit(null)}>${terms.cancel}</button>
        </div>
      </form>`;
  }

  private dayView(date: string, spans: string, index: number): TemplateResult {
    const { terms } = this;
    const put = (day: readonly [string, string] | null): void => {
      this.days(
        (this.draft?.special ?? []).flatMap((one, at) => (at === index ? (day ? [day] : []) : [one])),
      );
    };
    return html`<div class="day">
      <input class="input" type="date" aria-label=${terms.date} .value=${date} @change=${(event: Event) => put([typedIn(event), spans])} />
      <input class="input figure" aria-label=${terms.hours} placeholder=${terms.closedDay} .value=${spans} @input=${(event: Event) => put([date, typedIn(event)])} />
      <button class="button small" type="button" @click=${() => put(null)}>${terms.remove}</button>
    </div>`;
  }

  private edit(draft: Draft | null): void {
    this.draft = draft;
    this.error = "";
  }

  private weekday(day: string, spans: string): void {
    if (this.draft) this.edit({ ...this.draft, weekly: { ...this.draft.weekly, [day]: spans } });
  }

  private days(special: Draft["special"]): void {
    if (this.draft) this.edit({ ...this.draft, special });
  }

  private async load(): Promise<void> {
    this.known = (await this.ask(() => this.api.hours())) ?? this.known;
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { draft, terms } = this;
    if (!draft) return;
    const weekly: Record<string, readonly Span[]> = {};
    for (const [index, day] of DAYS.entries()) {
      const spans = readSpans(draft.weekly[day] ?? "");
      if (!spans) return this.complain(terms.badSpans(terms.weekdays[index] ?? day));
      if (spans.length > 0) weekly[day] = spans;
    }
    const special: Record<string, readonly Span[]> = {};
    for (const [date, typed] of draft.special) {
      const spans = readSpans(typed);
      if (date === "") return this.complain(terms.badDate);
      if (!spans) return this.complain(terms.badSpans(date));
      special[date] = spans;
    }
    const set = await this.ask(() => this.api.setHours({ zone: draft.zone.trim(), weekly, special }));
    if (!set) return;
    this.known = set;
    this.draft = null;
  }

  private complain(words: string): void {
    this.error = words;
  }

  private async drop(): Promise<void> {
    await this.ask(() => this.api.dropHours());
    if (this.error === "") await this.load();
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .two {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr));
        gap: 20px 40px;
        align-items: start;
      }
      .two h3 {
        margin-block-end: 6px;
      }
      fieldset {
        display: grid;
        gap: 8px;
        justify-items: start;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 6px;
        font-size: 13.5px;
        font-weight: 550;
        color: var(--sk-ink-soft);
      }
      .day {
        display: grid;
        grid-template-columns: minmax(130px, 170px) minmax(120px, 1fr) auto;
        gap: 8px;
        align-items: center;
        inline-size: min(560px, 100%);
      }
    `,
  ];
}

function draftOf({ zone, weekly, special }: Hours): Draft {
  return {
    zone,
    weekly: Object.fromEntries(DAYS.map((day) => [day, writeSpans(weekly[day] ?? [])])),
    special: Object.entries(special)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([date, spans]) => [date, writeSpans(spans)] as const),
  };
}

customElements.define("opening-hours", OpeningHours);
