/** `<mined-questions>`: brings old chats, has them looked through, and shows what could be learnt from them. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Chats, Run } from "../rest/learning_answers.ts";
import type { Mined } from "../rest/mined_answers.ts";
import { CHAT_ENDINGS } from "./file_drop.ts";
import { fileImportLook } from "./file_import_look.ts";
import { LearningPart } from "./learning_part.ts";
import "./mined_list.ts";
import { type MinedWords, minedWords } from "./mined_words.ts";
import { namesIn, typedIn } from "./part.ts";
import type { RunProgress } from "./run_progress.ts";
import "./run_progress.ts";
import { sectionLook } from "./section_look.ts";

export class MinedQuestions extends LearningPart {
  static override properties = {
    chats: { state: true },
    desk: { state: true },
    staff: { state: true },
    mined: { state: true },
  };
  /** The file that was brought. */
  declare chats: Chats | null;
  declare desk: boolean;
  /** Names of the shop's people, as they were typed. */
  declare staff: string;
  declare mined: Mined | null;
  /** The end of the run after which was looked last. */
  private lookedAfter = "";

  constructor() {
    super();
    this.chats = null;
    this.desk = true;
    this.staff = "";
    this.mined = null;
  }

  private get minedTerms(): MinedWords {
    return minedWords[this.speech.language];
  }

  override render(): TemplateResult {
    const { error, mined } = this;
    const terms = this.minedTerms;
    const run = this.known?.run ?? null;
    return html`<section class="card">
        <h2>${terms.title}</h2>
        <p class="soft">${terms.hint}</p>
        ${error ? html`<p class="notice bad" role="alert">${error}</p>` : nothing}
        ${run?.state === "running" ? this.runningView(run) : html`${this.failureView(run)} ${this.beginView()}`}
      </section>
      ${mined?.run ? html`<mined-list .api=${this.api} .mined=${mined} @mined=${this.take}></mined-list>` : nothing}`;
  }

  private runningView(run: Run): TemplateResult {
    if (run.what !== "questions") return html`<p class="soft">${this.minedTerms.somethingRuns}</p>`;
    return html`<run-progress .api=${this.api} .known=${this.known}></run-progress>`;
  }

  private failureView(run: Run | null): TemplateResult | typeof nothing {
    if (run?.what !== "questions" || run.state !== "failed") return nothing;
    const why = run.error?.[this.speech.language] ?? "";
    return html`<p class="notice warn" role="status">${this.minedTerms.failed} <span dir="auto">${why}</span></p>`;
  }

  // Nothing runs: a file comes in, or the own desk is looked at
  private beginView(): TemplateResult {
    const { chats, busy } = this;
    const terms = this.minedTerms;
    if (chats) {
      return html`<p class="file"><b dir="auto">${chats.name}</b>
          <button class="button small" ?disabled=${busy} @click=${() => this.bring(null)}>${terms.otherFile}</button></p>
        <label class="radio"><input type="checkbox" .checked=${this.desk} @change=${(event: Event) => {
          this.desk = (event.target as HTMLInputElement).checked;
        }} /> ${terms.withDesk}</label>
        <label class="field">${terms.staffNames}
          <input class="input" name="staff" maxlength="1000" dir="auto" placeholder=${terms.staffNamesHint} .value=${this.staff} @input=${(
            event: Event,
          ) => {
            this.staff = typedIn(event);
          }} /></label>
        <div class="acts"><button class="button strong" ?disabled=${busy} @click=${() => this.begin(this.desk)}>${terms.begin}</button></div>`;
    }
    return html`<file-drop .words=${terms} accept=${CHAT_ENDINGS} ?busy=${busy}
        @brought=${(event: CustomEvent<File>) => this.bring(event.detail)}></file-drop>
      <div class="acts"><button class="button" ?disabled=${busy} @click=${() => this.begin(true)}>${terms.ownDesk}</button></div>`;
  }

  private async bring(file: File | null): Promise<void> {
    this.staff = "";
    this.chats = file === null ? null : await this.ask(() => this.api.bringChats(file));
  }

  private async begin(desk: boolean): Promise<void> {
    const begun = await this.ask(() => this.api.mine(this.chats?.upload ?? null, desk, namesIn(this.staff)));
    if (!begun || !this.known) {
      this.tell(null);
      return;
    }
    this.chats = null;
    this.tell({ ...this.known, run: begun });
    await this.updateComplete;
    const progress = this.renderRoot.querySelector<RunProgress>("run-progress");
    await progress?.updateComplete;
    progress?.focus();
  }

  /** Looks when it appears, and whenever a run has come to its end. */
  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("known") || !this.known) return;
    const { run } = this.known;
    const ended = run?.state === "done" && run.what === "questions" ? run.run : "-";
    if (ended === this.lookedAfter) return;
    this.lookedAfter = ended;
    void this.load();
  }

  private async load(): Promise<void> {
    this.mined = (await this.ask(() => this.api.mined())) ?? this.mined;
  }

  private take(event: CustomEvent<Mined | null>): void {
    if (event.detail) this.mined = event.detail;
    else void this.load();
  }

  static override styles = [
    look,
    fileImportLook,
    sectionLook,
    css`
      .notice {
        overflow-wrap: anywhere;
      }
      input[type="checkbox"] {
        accent-color: var(--sk-accent);
      }
    `,
  ];
}

customElements.define("mined-questions", MinedQuestions);
