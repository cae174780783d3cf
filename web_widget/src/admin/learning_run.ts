/** `<learning-run>`: begins a learning, shows how far it is, and what became of it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Chats, Outcome, Run, Subject } from "../rest/learning_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { CHAT_ENDINGS, chosenIn } from "./file_drop.ts";
import { countText, differenceText } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { minedWords } from "./mined_words.ts";
import { namesIn, typedIn } from "./part.ts";
import { rowsLook } from "./rows_look.ts";
import type { RunProgress } from "./run_progress.ts";
import "./run_progress.ts";
import { sectionLook } from "./section_look.ts";

const SUBJECTS: readonly Subject[] = ["intents", "takeover"];
const PROBLEMS_SHOWN = 20;

export class LearningRun extends LearningPart {
  static override properties = { chats: { state: true }, staff: { state: true } };
  declare chats: Chats | null;
  /** Names of the shop's people in the chats, as they were typed. */
  declare staff: string;

  constructor() {
    super();
    this.chats = null;
    this.staff = "";
  }

  override render(): TemplateResult {
    const { words, known } = this;
    const { run } = known ?? { run: null };
    // What looks through old chats has a section of its own, also for how it ended.
    const ended = run && run.what !== "questions" ? this.endedView(run) : nothing;
    return html`<section class="card">
      <h2>${words.again}</h2>
      <p class="soft">${words.againHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${run?.state === "running" ? this.progressView(run) : html`${ended} ${known && known.parts.length > 0 ? this.choicesView() : nothing}`}
    </section>`;
  }

  private progressView(run: Run): TemplateResult {
    if (run.what === "questions") return html`<p class="soft">${this.words.looksThroughChats}</p>`;
    return html`<run-progress .api=${this.api} .known=${this.known}></run-progress>`;
  }

  // Nothing runs
  private choicesView(): TemplateResult {
    const { words } = this;
    return html`<div class="choices">
      ${SUBJECTS.map(
        (subject) => html`<div class="choice">
          <h3>${words.subjects[subject]}</h3>
          <p class="small-print">${words.subjectHints[subject]}</p>
          ${subject === "takeover" ? this.chatsView() : nothing}
          <div class="acts">
            <button class="button strong" ?disabled=${this.busy} @click=${() => this.begin(subject)}>${words.begin[subject]}</button>
          </div>
        </div>`,
      )}
    </div>`;
  }

  private chatsView(): TemplateResult {
    const { words, chats } = this;
    const terms = minedWords[this.speech.language];
    if (chats) {
      return html`<p class="chats"><b dir="auto">${chats.name}</b>
        <button class="button small" @click=${() => this.bring(null)}>${words.dropChats}</button></p>
        <label class="field">${terms.staffNames}
          <input class="input" name="staff" maxlength="1000" dir="auto" placeholder=${terms.staffNamesHint} .value=${this.staff} @input=${(
            event: Event,
          ) => {
            this.staff = typedIn(event);
          }} /></label>`;
    }
    return html`<p class="chats">
        <label class="button small">${this.busy ? words.reading : words.chats}
          <input class="unseen" type="file" accept=${CHAT_ENDINGS} ?disabled=${this.busy} aria-describedby="chats-hint"
            @change=${(event: Event) => this.bring(chosenIn(event) ?? null)} />
        </label>
      </p>
      <p class="small-print" id="chats-hint">${words.chatsHint}</p>`;
  }

  private async bring(file: File | null): Promise<void> {
    this.staff = "";
    this.chats = file === null ? null : await this.ask(() => this.api.bringChats(file));
  }

  private async begin(subject: Subject): Promise<void> {
    const upload = subject === "takeover" && this.chats ? this.chats.upload : null;
    const begun = await this.ask(() => this.api.learnAgain(subject, upload, namesIn(this.staff)));
    if (begun && this.known) {
      this.chats = null;
      this.tell({ ...this.known, run: begun });
      await this.updateComplete;
      const progress = this.renderRoot.querySelector<RunProgress>("run-progress");
      await progress?.updateComplete;
      progress?.focus();
    } else this.tell(null);
  }

  // Something has ended
  private endedView(run: Run): TemplateResult {
    const { words } = this;
    const why = run.error?.[this.speech.language] ?? "";
    return html`<div class="ended">
      ${run.report ? this.outcomeView(run.report, run.what) : html`<p class="notice warn" role="status">${words.stopped} <span dir="auto">${why}</span></p>`}
      <p class="small-print">${words.subjects[run.what] ?? run.what} · ${words.startedBy(run.by, dateAndTime(run.began_at, this.speech.language))}</p>
    </div>`;
  }

  private outcomeView(report: Outcome, what: string): TemplateResult {
    const { words } = this;
    const { comparison, better_by } = report;
    const { language } = this.speech;
    const kept = report.outcome === "kept";
    return html`<p class="notice ${kept ? "good" : "warn"}" role="status">${kept ? words.kept : (words.worse[what] ?? words.worse.intents)}</p>
      ${
        comparison
          ? html`<p class="small-print">${words.compared(countText(comparison.phrases, language))}</p>
              <dl>
                <dt>${words.comparison.accuracy}</dt><dd class="figure">${differenceText(comparison.accuracy, language)}</dd>
                <dt>${words.comparison.confidence}</dt><dd class="figure">${differenceText(comparison.confidence, language)}</dd>
              </dl>`
          : nothing
      }
      ${better_by ? html`<dl><dt>${words.comparison.better_by}</dt><dd class="figure">${differenceText(better_by, language)}</dd></dl>` : nothing}
      ${report.problem_count > 0 ? this.problemsView(report) : nothing}`;
  }

  private problemsView({ problems, problem_count }: Outcome): TemplateResult {
    const { words } = this;
    const shown = problems.slice(0, PROBLEMS_SHOWN);
    return html`<details>
      <summary>${words.problems(problem_count)}</summary>
      <ul>
        ${shown.map((one) => html`<li dir="auto">${one[this.speech.language]}</li>`)}
        ${problem_count > shown.length ? html`<li class="soft">${words.moreProblems(problem_count - shown.length)}</li>` : nothing}
      </ul>
    </details>`;
  }

  static override styles = [
    look,
    sectionLook,
    rowsLook,
    css`
      .notice {
        overflow-wrap: anywhere;
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
        gap: 16px;
      }
      .choice,
      .ended {
        display: grid;
        gap: 8px;
        align-content: start;
        grid-template-columns: minmax(0, 1fr);
      }
      .choice {
        padding: 14px;
        border: 1px solid var(--sk-line);
        border-radius: 12px;
      }
      .choice .acts {
        align-self: end;
      }
      .chats {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      .chats .button:focus-within {
        box-shadow: var(--sk-focus);
      }
      summary {
        min-block-size: 28px;
        font-size: 14px;
        cursor: pointer;
      }
    `,
  ];
}

customElements.define("learning-run", LearningRun);
