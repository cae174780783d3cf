/** `<file-import>`: a file comes in, is looked at, compared and published. Fires `published`. */
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import {
  FIELDS,
  type Field,
  type Job,
  type Mapping,
  type Mode,
  type Options,
  type Preview,
  type Report,
  report,
  type Upload,
} from "../rest/knowledge_answers.ts";
import type { Language } from "../wire/frames.ts";
import { afterTimeout, watchJob } from "./job_watch.ts";
import { ConsolePart } from "./part.ts";
import "./change_report.ts";
import "./encoding_choice.ts";
import "./file_drop.ts";
import { fileImportLook } from "./file_import_look.ts";
import "./problem_table.ts";
import "./self_check_view.ts";

/** What the server can be told to read; it guesses by itself first. */
const ENCODINGS = [
  "utf-8",
  "utf-16",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
  "windows-1252",
  "latin-1",
];
const NEEDED: ReadonlySet<Field> = new Set(["question", "answer"]);
const MODES = ["replace_source", "add"] as const;

export class FileImport extends ConsolePart {
  static override properties = {
    upload: { state: true },
    mapping: { state: true },
    encoding: { state: true },
    sheet: { state: true },
    language: { state: true },
    mode: { state: true },
    keepLearnt: { state: true },
    report: { state: true },
    publication: { state: true },
    job: { state: true },
    heading: {},
    away: {},
    made: { type: Boolean },
    note: {},
  };
  declare upload: Upload | null;
  declare mapping: Mapping;
  declare encoding: string;
  declare sheet: string;
  declare language: Language | "";
  declare mode: Mode;
  declare keepLearnt: boolean;
  declare report: Report | null;
  declare publication: Report | null;
  declare job: Job | null;
  /** What stands above it, and on the button that puts a file away; empty where files are brought here. */
  declare heading: string;
  declare away: string;
  /** Whether its files are made here: then there is nothing to choose about how they are read. */
  declare made: boolean;
  /** What the version is called where nobody writes a note; empty: the file's name. */
  declare note: string;

  constructor() {
    super();
    this.heading = "";
    this.away = "";
    this.made = false;
    this.note = "";
    this.forget();
  }

  /** Takes a file that was made here, and shows at once what it would change. Fires `left` when put away. */
  async begin(upload: Upload, mode: Mode): Promise<void> {
    this.forget();
    this.take(upload);
    this.mode = mode;
    await this.compare();
  }

  override render(): TemplateResult {
    return html`<section class="card">
      <h2>${this.heading || this.texts.bring}</h2>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.stepView()}
    </section>`;
  }

  private stepView(): TemplateResult {
    const { publication, upload } = this;
    if (publication) return this.publishedView(publication);
    if (!upload) return this.dropView();
    return upload.preview ? this.previewView(upload, upload.preview) : this.encodingView(upload);
  }

  // Step 0: a file
  private dropView(): TemplateResult {
    return html`<p class="soft">${this.texts.bringHint}</p>
      <file-drop
        .words=${this.texts}
        accept=".csv,.tsv,.txt,.xlsx,.json,.jsonl"
        ?busy=${this.busy}
        @brought=${(event: CustomEvent<File>) => this.bring(event.detail)}
      ></file-drop>`;
  }

  private async bring(file: File): Promise<void> {
    const upload = await this.ask(() => this.api.upload(file));
    if (upload) this.take(upload);
  }

  private take(upload: Upload): void {
    this.upload = upload;
    this.report = null;
    if (!upload.preview) return;
    this.mapping = upload.preview.mapping;
    this.encoding = upload.preview.encoding;
    this.sheet = upload.preview.sheet;
  }

  // Where the encoding cannot be told
  private encodingView(upload: Upload): TemplateResult {
    return html`<p class="file"><b>${upload.name}</b></p>
      <encoding-choice
        .choices=${upload.encoding_choices}
        .question=${upload.question ?? null}
        ?disabled=${this.isWorking}
        @chosen=${(event: CustomEvent<string>) => this.read({ encoding: event.detail })}
      ></encoding-choice>
      <div class="acts"><button class="button" ?disabled=${this.isWorking} @click=${this.leave}>${this.away || this.texts.startOver}</button></div>`;
  }

  // Step 1: the preview
  private previewView(upload: Upload, preview: Preview): TemplateResult {
    const { texts } = this;
    return html`
      ${this.made ? nothing : this.readingView(upload, preview)}
      ${preview.problems.length > 0 && !(this.made && this.report) ? html`<problem-table .problems=${preview.problems}></problem-table>` : nothing}
      ${this.made ? nothing : this.modeView()}
      ${this.report ? this.reportView(this.report) : nothing}
      ${this.made ? nothing : this.learntView()}
      ${this.job ? this.progressView(this.job) : nothing}
      <div class="acts">
        ${
          this.report
            ? html`<button class="button strong" ?disabled=${this.isWorking} @click=${this.publish}>${texts.publish}</button>`
            : html`<button class="button strong" ?disabled=${this.isWorking || !this.isMapped} @click=${this.compare}>
              ${texts.dryRun}
            </button>`
        }
        <button class="button" ?disabled=${this.isWorking} @click=${this.leave}>${this.away || texts.startOver}</button>
      </div>
    `;
  }

  /** How the file was read, and how else it could be. */
  private readingView(upload: Upload, preview: Preview): TemplateResult {
    const { texts } = this;
    return html`<p class="file"><b>${upload.name}</b>
        <span class="chip">${texts.format}: ${preview.format}</span>
        ${preview.encoding ? html`<span class="chip">${texts.encoding}: ${preview.encoding}</span>` : nothing}
      </p>
      <h3>${texts.step.preview}</h3>
      <div class="options">
        ${preview.encoding ? this.choiceView(texts.encoding, this.encoding, this.encodings(), (value) => this.read({ encoding: value })) : nothing}
        ${preview.sheets.length > 1 ? this.choiceView(texts.sheet, this.sheet, preview.sheets, (value) => this.read({ sheet: value })) : nothing}
        ${FIELDS.filter((field) => NEEDED.has(field)).map((field) => this.columnView(field, preview.columns))}
        ${this.mapping.language ? nothing : this.languageView()}
      </div>
      ${this.headerView(upload)}
      ${this.moreColumnsView(preview.columns)}
      ${this.rowsView(preview)}`;
  }

  /** Asked only where the first row names no columns that are known: it may be an entry, and would be lost. */
  private headerView(upload: Upload): TemplateResult | typeof nothing {
    if (upload.preview?.mapping.question) return nothing;
    return html`<label class="radio"><input type="checkbox" name="no-header" .checked=${this.mapping.has_header === false} ?disabled=${this.isWorking}
        @change=${(event: Event) => this.setHeader(!(event.target as HTMLInputElement).checked)} /> ${this.texts.noHeader}</label>`;
  }

  private modeView(): TemplateResult {
    const { texts } = this;
    return html`<fieldset>
        <legend>${texts.mode}</legend>
        ${MODES.map(
          (mode) =>
            html`<label class="radio"><input type="radio" name="mode" value=${mode} .checked=${this.mode === mode} @change=${() => this.setMode(mode)} /> ${texts.modes[mode]}</label>`,
        )}
      </fieldset>`;
  }

  /** Asked only where something was learnt that this file would otherwise not touch. */
  private learntView(): TemplateResult | typeof nothing {
    if (this.keepLearnt && !this.report?.learnt) return nothing;
    return html`<label class="radio"><input type="checkbox" name="keep-learnt" .checked=${this.keepLearnt} ?disabled=${this.isWorking}
        @change=${(event: Event) => this.setKeepLearnt((event.target as HTMLInputElement).checked)} /> ${this.texts.keepLearnt}</label>`;
  }

  private encodings(): readonly string[] {
    return ENCODINGS.includes(this.encoding) ? ENCODINGS : [this.encoding, ...ENCODINGS];
  }

  private choiceView(
    words: string,
    value: string,
    choices: readonly string[],
    choose: (value: string) => void,
  ): TemplateResult {
    return html`<label class="field">${words}
      <select class="input" .value=${value} ?disabled=${this.isWorking} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
        ${choices.map((one) => html`<option value=${one} ?selected=${one === value}>${one}</option>`)}
      </select>
    </label>`;
  }

  private columnView(field: Field, columns: readonly string[]): TemplateResult {
    const { texts } = this;
    const value = this.mapping[field] ?? "";
    const missing = NEEDED.has(field) && value === "";
    return html`<label class="field">
      <span>${texts.fields[field]} ${missing ? html`<span class="chip bad">${texts.required}</span>` : nothing}</span>
      <select class="input" ?disabled=${this.isWorking} @change=${(event: Event) => this.map(field, (event.target as HTMLSelectElement).value)}>
        <option value="" ?selected=${value === ""}>${texts.noColumn}</option>
        ${columns.map((column) => html`<option value=${column} ?selected=${column === value}>${column}</option>`)}
      </select>
    </label>`;
  }

  /** What a file may do without; open where the file has any of it. */
  private moreColumnsView(columns: readonly string[]): TemplateResult {
    const more = FIELDS.filter((field) => !NEEDED.has(field));
    return html`<details ?open=${more.some((field) => this.mapping[field])}>
      <summary>${this.texts.moreColumns}</summary>
      <div class="options">${more.map((field) => this.columnView(field, columns))}</div>
    </details>`;
  }

  private languageView(): TemplateResult {
    const { texts } = this;
    const choices: readonly (Language | "")[] = ["", "zh", "en"];
    return html`<label class="field">${texts.language}
      <select class="input" @change=${(event: Event) => this.setLanguage((event.target as HTMLSelectElement).value as Language | "")}>
        ${choices.map((one) => html`<option value=${one} ?selected=${one === this.language}>${one === "" ? texts.byText : texts.languages[one]}</option>`)}
      </select>
    </label>`;
  }

  private rowsView(preview: Preview): TemplateResult {
    const meaning = new Map<string | undefined, Field>(FIELDS.map((field) => [this.mapping[field], field]));
    for (const column of this.mapping.similar ?? []) meaning.set(column, "question");
    return html`<h4>${this.texts.firstRows}</h4>
      <div class="table-frame rows" role="group" aria-label=${this.texts.firstRows} tabindex="0">
        <table>
          <thead>
            <tr>${preview.columns.map((column) => {
              const field = meaning.get(column);
              return html`<th>${column}${field ? html` <span class="chip accent">${this.texts.fields[field]}</span>` : nothing}</th>`;
            })}</tr>
          </thead>
          <tbody>
            ${preview.rows.map((row) => html`<tr>${preview.columns.map((column) => html`<td dir="auto">${row[column] ?? ""}</td>`)}</tr>`)}
          </tbody>
        </table>
      </div>`;
  }

  private get isMapped(): boolean {
    return [...NEEDED].every((field) => this.mapping[field]);
  }

  private get isWorking(): boolean {
    return this.busy || this.job?.state === "running";
  }

  private get options(): Options {
    return {
      columns: this.mapping,
      mode: this.mode,
      ...(this.keepLearnt ? {} : { keep_learnt: false }),
      ...(this.encoding ? { encoding: this.encoding } : {}),
      ...(this.sheet ? { sheet: this.sheet } : {}),
      ...(this.language ? { language: this.language } : {}),
    };
  }

  private map(field: Field, column: string): void {
    const { [field]: _, ...rest } = this.mapping;
    const mapping: Mapping = column === "" ? rest : { ...rest, [field]: column };
    this.mapping = mapping;
    this.report = null;
  }

  /** Without a heading the columns are called by their numbers. */
  private async setHeader(isThere: boolean): Promise<void> {
    await this.read({ columns: isThere ? {} : { has_header: false } });
  }

  private setMode(mode: Mode): void {
    this.mode = mode;
    this.report = null;
  }

  private setKeepLearnt(kept: boolean): void {
    this.keepLearnt = kept;
    void this.compare();
  }

  private setLanguage(language: Language | ""): void {
    this.language = language;
    this.report = null;
  }

  /** Another encoding or sheet has other columns, so the server recognises the mapping anew. */
  private async read(change: Pick<Options, "columns" | "encoding" | "sheet">): Promise<void> {
    const { upload, encoding, sheet } = this;
    if (!upload) return;
    const columns: Mapping = this.mapping.has_header === false ? { has_header: false } : {};
    const asked: Options = {
      columns,
      ...(encoding ? { encoding } : {}),
      ...(sheet ? { sheet } : {}),
      ...change,
    };
    const again = await this.ask(() => this.api.preview(upload.upload, asked));
    if (!again) return this.requestUpdate();
    this.take(again);
    if (asked.columns?.has_header === false) this.mapping = { ...this.mapping, has_header: false };
  }

  // Step 2: what would change
  private reportView(found: Report): TemplateResult {
    const { texts } = this;
    return html`${this.made ? nothing : html`<h3>${texts.step.report}</h3>`}
      <change-report .report=${found} ?open=${this.made}></change-report>
      <label class="field">${texts.note}<input class="input" name="note" maxlength="200" placeholder=${texts.noteHint} value=${this.note} /></label>`;
  }

  private progressView({ progress, state }: Job): TemplateResult | typeof nothing {
    if (state !== "running") return nothing;
    return html`<div class="progress" role="status">
      <span>${this.texts.working(this.texts.workSteps[progress.step] ?? progress.step)}</span>
      ${progress.of > 0 ? html`<progress max=${progress.of} .value=${progress.done}></progress> <span class="figure">${progress.done} / ${progress.of}</span>` : html`<progress></progress>`}
    </div>`;
  }

  private async compare(): Promise<void> {
    const { upload } = this;
    if (upload) this.report = await this.run(() => this.api.dryRun(upload.upload, this.options));
  }

  private async publish(): Promise<void> {
    const { upload } = this;
    if (!upload) return;
    const note = this.renderRoot.querySelector<HTMLInputElement>("input[name=note]")?.value.trim() ?? "";
    this.publication = await this.run(() => this.api.publish(upload.upload, this.options, note));
    if (this.publication) this.dispatchEvent(new CustomEvent("published"));
  }

  /** Begins a job and follows it; its report, or null when it failed and `error` says why. */
  private async run(begin: () => Promise<string>): Promise<Report | null> {
    const ended = await this.ask(async () => {
      const told = (job: Job): void => {
        this.job = job;
      };
      return watchJob(this.api, await begin(), told, afterTimeout);
    });
    this.job = null;
    if (ended?.state === "failed") this.error = ended.error?.[this.speech.language] ?? ended.kind;
    return ended?.state === "done" ? this.ask(async () => report(ended.report, "report")) : null;
  }

  // Step 3: published
  private publishedView(publication: Report): TemplateResult {
    const { texts } = this;
    return html`${this.made ? nothing : html`<h3>${texts.step.published}</h3>`}
      <p class="notice good">${texts.publishedAs} <span class="code">${publication.version ?? ""}</span></p>
      ${publication.self_check ? html`<self-check-view .result=${publication.self_check}></self-check-view>` : nothing}
      <problem-table .problems=${publication.problems} .count=${publication.problem_count}></problem-table>
      <div class="acts"><button class="button" @click=${this.done}>${this.away || texts.startOver}</button></div>`;
  }

  private leave(): void {
    const { upload } = this;
    this.done();
    if (upload) void this.ask(() => this.api.forgetUpload(upload.upload));
  }

  private done(): void {
    this.forget();
    this.dispatchEvent(new CustomEvent("left"));
  }

  private forget(): void {
    this.upload = null;
    this.mapping = {};
    this.encoding = "";
    this.sheet = "";
    this.language = "";
    this.mode = "replace_source";
    this.keepLearnt = true;
    this.report = null;
    this.publication = null;
    this.job = null;
    this.error = "";
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("report") && this.report) {
      this.renderRoot.querySelector(".acts")?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  static override styles = [look, fileImportLook];
}

customElements.define("file-import", FileImport);
