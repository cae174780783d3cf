/** `<audit-log>`: every privileged act, page by page, sifted by the server by who, what, when and words. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { AuditKnown, AuditRow } from "../rest/console_answers.ts";
import type { AuditFilters } from "../rest/console_api.ts";
import { dateAndTime } from "../text/moments.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

const TYPING_PAUSE_MS = 300;

/** The filters as they stand in the fields; dates as a date field gives them. */
interface Fields {
  readonly who: string;
  readonly act: string;
  readonly since: string;
  readonly until: string;
  readonly text: string;
}

const NO_FIELDS: Fields = { who: "", act: "", since: "", until: "", text: "" };

export class AuditLog extends ConsolePart {
  static override properties = {
    rows: { state: true },
    whole: { state: true },
    known: { state: true },
    fields: { state: true },
    following: { state: true },
  };
  declare rows: readonly AuditRow[] | null;
  declare whole: boolean | null;
  declare known: AuditKnown;
  declare fields: Fields;
  /** Where the next page begins; null when there is none. */
  declare following: number | null;
  private typing = 0;

  constructor() {
    super();
    this.rows = null;
    this.whole = null;
    this.known = { who: [], acts: [] };
    this.fields = NO_FIELDS;
    this.following = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.typing);
  }

  override render(): TemplateResult {
    const { terms } = this;
    return html`<section class="card">
      <div class="head">
        <h2>${terms.audit}</h2>
        ${this.whole === true ? html`<span class="chip good">${terms.whole}</span>` : nothing}
      </div>
      <p class="soft">${terms.auditHint}</p>
      ${this.whole === false ? html`<p class="notice bad" role="alert">${terms.broken}</p>` : nothing}
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.filtersView()} ${this.rows ? this.tableView(this.rows) : nothing}
    </section>`;
  }

  private filtersView(): TemplateResult {
    const { terms, fields, known } = this;
    return html`<div class="fields">
      <label class="field">${terms.who}
        <select class="input" @change=${(event: Event) => this.choose({ who: typedIn(event) })}>
          <option value="">${terms.anybody}</option>
          ${known.who.map((name) => html`<option value=${name} ?selected=${name === fields.who}>${name}</option>`)}
        </select>
      </label>
      <label class="field">${terms.act}
        <select class="input" @change=${(event: Event) => this.choose({ act: typedIn(event) })}>
          <option value="">${terms.anyAct}</option>
          ${known.acts.map((act) => html`<option value=${act} ?selected=${act === fields.act}>${terms.acts[act] ?? act}</option>`)}
        </select>
      </label>
      <label class="field">${terms.sinceDay}
        <input class="input" type="date" .value=${fields.since} @change=${(event: Event) => this.choose({ since: typedIn(event) })} />
      </label>
      <label class="field">${terms.untilDay}
        <input class="input" type="date" .value=${fields.until} @change=${(event: Event) => this.choose({ until: typedIn(event) })} />
      </label>
      <label class="field">${terms.auditWords}
        <input class="input" type="search" maxlength="200" .value=${fields.text} @input=${this.type} />
      </label>
    </div>`;
  }

  private tableView(rows: readonly AuditRow[]): TemplateResult {
    const { terms } = this;
    const oldest = rows.at(-1);
    return html`${
      rows.length === 0
        ? html`<p class="soft">${terms.noRows}</p>`
        : html`<div class="table-frame">
            <table class="stack">
              <thead>
                <tr><th class="number">#</th><th>${terms.at}</th><th>${terms.who}</th><th>${terms.act}</th><th>${terms.about}</th><th>${terms.details}</th></tr>
              </thead>
              <tbody>${rows.map((row) => this.rowView(row))}</tbody>
            </table>
          </div>`
    }
    <div class="acts">
      ${oldest ? html`<span class="small-print">${terms.auditShown(rows.length, dateAndTime(oldest.at, this.speech.language))}</span>` : nothing}
      ${this.following === null ? nothing : html`<button class="button small" ?disabled=${this.busy} @click=${this.lookFurther}>${terms.lookFurther}</button>`}
    </div>`;
  }

  private rowView({ number, at, who, act, about, details }: AuditRow): TemplateResult {
    return html`<tr>
      <td class="number soft">${number}</td>
      <td class="figure when">${dateAndTime(at, this.speech.language)}</td>
      <td>${who}</td>
      <td>${this.terms.acts[act] ?? act}</td>
      <td class="about" dir="auto">${about}</td>
      <td class="about small-print">${Object.entries(details).map(([name, value]) => html`<span class="detail">${name}: ${value}</span> `)}</td>
    </tr>`;
  }

  private async begin(): Promise<void> {
    await this.look();
    this.known = (await this.ask(() => this.api.auditKnown())) ?? this.known;
  }

  private choose(changed: Partial<Fields>): void {
    clearTimeout(this.typing);
    this.fields = { ...this.fields, ...changed };
    void this.look();
  }

  private readonly type = (event: Event): void => {
    const text = typedIn(event);
    clearTimeout(this.typing);
    this.typing = window.setTimeout(() => this.choose({ text }), TYPING_PAUSE_MS);
  };

  /** The first page; what was asked for before and comes later is not shown. */
  private async look(): Promise<void> {
    const { fields } = this;
    const page = await this.ask(() => this.api.audit(filtersOf(fields), null));
    if (!page || fields !== this.fields) return;
    this.whole = page.whole ?? this.whole;
    this.rows = page.rows;
    this.following = page.before ?? null;
  }

  private async lookFurther(): Promise<void> {
    const { fields, following } = this;
    const page = await this.ask(() => this.api.audit(filtersOf(fields), following));
    if (!page || fields !== this.fields) return;
    this.rows = [...(this.rows ?? []), ...page.rows];
    this.following = page.before ?? null;
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .about {
        overflow-wrap: anywhere;
        min-inline-size: 100px;
      }
      .detail {
        display: inline-block;
      }
      @media (min-width: 761px) {
        .when {
          white-space: nowrap;
        }
      }
    `,
  ];
}

/** A day is one of the page's own time zone; the last day is in it as a whole. */
function filtersOf({ who, act, since, until, text }: Fields): AuditFilters {
  return { who, act, text: text.trim(), since: midnight(since, 0), until: midnight(until, 1) };
}

function midnight(date: string, later: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return date === "" ? "" : new Date(year, month - 1, day + later).toISOString();
}

customElements.define("audit-log", AuditLog);
