/** `<audit-log>`: every privileged act, sifted by who, what, when and words. Says how far back it has looked. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { AuditRow } from "../rest/console_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

export class AuditLog extends ConsolePart {
  static override properties = {
    rows: { state: true },
    whole: { state: true },
    who: { state: true },
    act: { state: true },
    since: { state: true },
    typed: { state: true },
  };
  declare rows: readonly AuditRow[];
  declare whole: boolean | null;
  declare who: string;
  declare act: string;
  /** A date as a date field gives it, empty for any. */
  declare since: string;
  declare typed: string;
  private ended = false;

  constructor() {
    super();
    this.rows = [];
    this.whole = null;
    this.who = "";
    this.act = "";
    this.since = "";
    this.typed = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.lookFurther();
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
      ${this.filtersView()} ${this.tableView(this.fitting)}
    </section>`;
  }

  private filtersView(): TemplateResult {
    const { terms } = this;
    const names = [...new Set(this.rows.map((row) => row.who))].sort();
    const acts = [...new Set(this.rows.map((row) => row.act))].sort();
    return html`<div class="fields">
      <label class="field">${terms.who}
        <select class="input" @change=${(event: Event) => {
          this.who = typedIn(event);
        }}>
          <option value="">${terms.anybody}</option>
          ${names.map((name) => html`<option value=${name} ?selected=${name === this.who}>${name}</option>`)}
        </select>
      </label>
      <label class="field">${terms.act}
        <select class="input" @change=${(event: Event) => {
          this.act = typedIn(event);
        }}>
          <option value="">${terms.anyAct}</option>
          ${acts.map((act) => html`<option value=${act} ?selected=${act === this.act}>${terms.acts[act] ?? act}</option>`)}
        </select>
      </label>
      <label class="field">${terms.sinceDay}
        <input class="input" type="date" .value=${this.since} @change=${(event: Event) => this.from(typedIn(event))} />
      </label>
      <label class="field">${terms.auditWords}
        <input class="input" type="search" .value=${this.typed} @input=${(event: Event) => {
          this.typed = typedIn(event);
        }} />
      </label>
    </div>`;
  }

  private tableView(rows: readonly AuditRow[]): TemplateResult {
    const { terms } = this;
    const oldest = this.rows.at(-1);
    return html`${
      rows.length === 0
        ? html`<p class="soft">${this.rows.length > 0 ? terms.noRows : nothing}</p>`
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
      ${oldest ? html`<span class="small-print">${terms.auditShown(rows.length, this.rows.length, dateAndTime(oldest.at, this.speech.language))}</span>` : nothing}
      ${this.ended ? nothing : html`<button class="button small" ?disabled=${this.busy} @click=${this.lookFurther}>${terms.lookFurther}</button>`}
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

  private get fitting(): readonly AuditRow[] {
    const words = this.typed.trim().toLowerCase();
    const since = this.since === "" ? 0 : new Date(`${this.since}T00:00:00`).getTime();
    return this.rows.filter(
      (row) =>
        (this.who === "" || row.who === this.who) &&
        (this.act === "" || row.act === this.act) &&
        Date.parse(row.at) >= since &&
        (words === "" || wordsOf(row, this.terms.acts).includes(words)),
    );
  }

  /** A day further back than what is known is fetched until it is reached. */
  private async from(since: string): Promise<void> {
    this.since = since;
    const day = new Date(`${since}T00:00:00`).getTime();
    while (!this.ended && this.since === since && Date.parse(this.rows.at(-1)?.at ?? "") >= day) {
      if (!(await this.lookFurther())) return;
    }
  }

  private async lookFurther(): Promise<boolean> {
    const page = await this.ask(() => this.api.audit(this.rows.at(-1)?.number ?? null));
    if (!page) return false;
    this.whole = page.whole;
    this.ended = page.rows.length === 0 || page.rows.at(-1)?.number === 1;
    this.rows = [...this.rows, ...page.rows];
    return true;
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

/** Everything that a row says, to look for words in. */
function wordsOf(row: AuditRow, acts: Readonly<Record<string, string>>): string {
  const details = Object.values(row.details).join(" ");
  return `${row.who} ${row.act} ${acts[row.act] ?? ""} ${row.about} ${details}`.toLowerCase();
}

customElements.define("audit-log", AuditLog);
