/** `<run-progress>`: how far a run is, on whichever node, how long it will take, and the button that ends it. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { Run } from "../rest/learning_answers.ts";
import { dateAndTime, lasting } from "../text/moments.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

export class RunProgress extends LearningPart {
  static override properties = { stopping: { state: true } };
  /** The run that somebody here has asked to stop. */
  declare stopping: string;

  constructor() {
    super();
    this.stopping = "";
  }

  override render(): TemplateResult | typeof nothing {
    const run = this.known?.run;
    return run?.state === "running" ? this.runningView(run) : nothing;
  }

  private runningView(run: Run): TemplateResult {
    const { words } = this;
    const step = words.steps[run.step] ?? run.step;
    return html`<div class="running">
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      <h3 tabindex="-1">${words.subjects[run.what] ?? run.what}</h3>
      <p role="status">${this.texts.working(step)}</p>
      ${this.barView(run)}
      <p class="small-print figure">${this.timesOf(run)}</p>
      <p class="small-print">${words.startedBy(run.by, dateAndTime(run.began_at, this.speech.language))}</p>
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

  private async stop(run: string): Promise<void> {
    this.stopping = run;
    await this.ask(() => this.api.endLearning());
    if (this.error !== "") this.stopping = "";
    this.tell(null);
  }

  /** For whoever began it: the button that had the focus is gone. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>("h3")?.focus();
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .running {
        display: grid;
        gap: 8px;
        align-content: start;
        grid-template-columns: minmax(0, 1fr);
      }
      .notice {
        overflow-wrap: anywhere;
      }
      progress {
        inline-size: 100%;
        block-size: 12px;
        accent-color: var(--sk-accent);
      }
    `,
  ];
}

/** Seconds that the run will take in all, as long as it is within what the last one took. */
function usualOf({ usual_seconds, seconds }: Run): number | null {
  return usual_seconds !== undefined && seconds < usual_seconds ? usual_seconds : null;
}

customElements.define("run-progress", RunProgress);
