/** `<learning-run>`: begins a learning, shows how far it is on whichever node, and what became of it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { Chats, Outcome, Run, Subject } from "../rest/learning_answers.ts";
import { dateAndTime, lasting } from "../text/moments.ts";
import { countText, differenceText } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

const SUBJECTS: readonly Subject[] = ["intents", "takeover"];
const PROBLEMS_SHOWN = 20;

export class LearningRun extends LearningPart {
  static override properties = { chats: { state: true }, stopping: { state: true } };
  declare chats: Chats | null;
  /** The run that somebody here has asked to stop. */
  declare stopping: string;

  constructor() {
    super();
    this.chats = null;
    this.stopping = "";
  }

  override render(): TemplateResult {
    const { words, known } = this;
    const run = known?.run ?? null;
    return html`<section class="card">
      <h2>${words.again}</h2>
      <p class="soft">${words.againHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${run?.state === "running" ? this.runningView(run) : html`${run ? this.endedView(run) : nothing} ${known && known.parts.length > 0 ? this.choicesView() : nothing}`}
    </section>`;
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
    if (chats) {
      return html`<p class="chats"><b dir="auto">${chats.name}</b>
        <button class="button small" @click=${() => this.bring(null)}>${words.dropChats}</button></p>`;
    }
    return html`<p class="chats">
        <label class="button small">${this.busy ? words.reading : words.chats}
          <input class="unseen" type="file" accept=".jsonl,.ndjson,.json,.txt" ?disabled=${this.busy} aria-describedby="chats-hint"
            @change=${(event: Event) => this.bring((event.target as HTMLInputElement).files?.[0] ?? null)} />
        </label>
      </p>
      <p class="small-print" id="chats-hint">${words.chatsHint}</p>`;
  }

  private async bring(file: File | null): Promise<void> {
    this.chats = file === null ? null : await this.ask(() => this.api.bringChats(file));
  }

  private async begin(subject: Subject): Promise<void> {
    const upload = subject === "takeover" && this.chats ? this.chats.upload : null;
    const begun = await this.ask(() => this.api.learnAgain(subject, upload));
    if (begun && this.known) {
      this.chats = null;
      this.tell({ ...this.known, run: begun });
      await this.updateComplete;
      // The button that had the focus is gone.
      this.renderRoot.querySelector<HTMLElement>(".running h3")?.focus();
    } else this.tell(null);
  }

  // Something runs
  private runningView(run: Run): TemplateResult {
    const { words } = this;
    const step = words.steps[run.step] ?? run.step;
    return html`<div class="running">
      <h3 tabindex="-1">${words.subjects[run.what] ?? run.what}</h3>
      <p role="status">${this.texts.working(step)}</p>
      ${this.barView(run)}
      <p class="small-print figure">${this.timesOf(run)}</p>
      <p class="small-print">${this.startedBy(run)}</p>
      <div class="acts">
        ${
          this.stopping === run.run
            ? html`<span class="soft" role="status">${words.stopping}</span>`
            : html`<sure-button .label=${words.stop} .question=${words.stopSure} .disabled=${this.busy} @sure=${() => this.stop(run.run)}></sure-button>`
        }
      </div>
    </div>`;
  }

  /** Of the whole where the last one tells how long that is; else of the step, if it is not done already. */
  private barView(run: Run): TemplateResult {
    const label = this.words.subjects[run.what] ?? run.what;
    const usual = usualOf(run);
    if (usual !== null)
      return html`<progress max=${usual} .value=${run.seconds} aria-label=${label}></progress>`;
    if (run.done < run.of)
      return html`<progress max=${run.of} .value=${run.done} aria-label=${label}></progress>`;
    return html`<progress aria-label=${label}></progress>`;
  }

  private timesOf(run: Run): string {
    const { words } = this;
    const time = (seconds: number): string => lasting(seconds, this.speech.language);
    const told = [words.soFar(time(run.seconds))];
    const usual = usualOf(run);
    if (usual !== null) told.push(words.left(time(usual - run.seconds)));
    else if (run.seconds_left !== null && run.done < run.of)
      told.push(words.leftOfStep(time(run.seconds_left)));
    if (run.of > 1 && run.done < run.of) told.unshift(words.stepOf(run.done, run.of));
    return told.join(" · ");
  }

  private startedBy({ by, began_at }: Run): string {
    return this.words.startedBy(by, dateAndTime(began_at, this.speech.language));
  }

  private async stop(run: string): Promise<void> {
    this.stopping = run;
    await this.ask(() => this.api.endLearning());
    if (this.error !== "") this.stopping = "";
    this.tell(null);
  }

  // Something has ended
  private endedView(run: Run): TemplateResult {
    const { words } = this;
    const why = run.error?.[this.speech.language] ?? "";
    return html`<div class="ended">
      ${run.report ? this.outcomeView(run.report, run.what) : html`<p class="notice warn" role="status">${words.stopped} <span dir="auto">${why}</span></p>`}
      <p class="small-print">${words.subjects[run.what] ?? run.what} · ${this.startedBy(run)}</p>
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
        ${shown.map((one) => html`<li dir="auto">${one}</li>`)}
        ${problem_count > shown.length ? html`<li class="soft">${words.moreProblems(problem_count - shown.length)}</li>` : nothing}
      </ul>
    </details>`;
  }

  static override styles = [
    look,
    sectionLook,
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
      .running,
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
      progress {
        inline-size: 100%;
        block-size: 12px;
        accent-color: var(--sk-accent);
      }
      summary {
        min-block-size: 28px;
        font-size: 14px;
        cursor: pointer;
      }
      ul {
        display: grid;
        gap: 4px;
        margin: 0;
        padding-inline-start: 20px;
        font-size: 13.5px;
      }
      li {
        overflow-wrap: anywhere;
      }
    `,
  ];
}

/** Seconds that the run will take in all, as long as it is within what the last one took. */
function usualOf({ usual_seconds, seconds }: Run): number | null {
  return usual_seconds !== undefined && seconds < usual_seconds ? usual_seconds : null;
}

customElements.define("learning-run", LearningRun);
