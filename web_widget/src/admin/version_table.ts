/** `<version-table>`: every published version, which one serves, and the way back. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import {
  EXPORT_FORMATS,
  type SelfCheck,
  selfCheck,
  type Version,
  type Versions,
} from "../rest/knowledge_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { afterTimeout, watchJob } from "./job_watch.ts";
import { countText } from "./learning_figures.ts";
import { ConsolePart } from "./part.ts";
import "./self_check_view.ts";

export class VersionTable extends ConsolePart {
  static override properties = {
    known: { state: true },
    step: { state: true },
    told: { state: true },
    checked: { state: true },
  };
  declare known: Versions | null;
  declare step: string | null;
  declare told: string;
  declare checked: SelfCheck | null;

  constructor() {
    super();
    this.known = null;
    this.step = null;
    this.told = "";
    this.checked = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  async load(): Promise<void> {
    this.known = (await this.ask(() => this.api.versions())) ?? this.known;
  }

  override render(): TemplateResult {
    const { texts, known } = this;
    return html`<section class="card">
      <div class="head">
        <h2>${texts.versions}</h2>
        <span class="acts">
          <button class="button small" ?disabled=${this.isWorking || !known?.current} @click=${this.check}>${texts.check}</button>
          ${EXPORT_FORMATS.map(
            (format) => html`<a class="button small" href=${this.api.exportAddress(format)} download>
              ${texts.export} ${format.toUpperCase()}
            </a>`,
          )}
        </span>
      </div>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.step === null ? nothing : html`<p class="notice" role="status">${texts.working(this.step)}</p>`}
      ${this.told ? html`<p class="notice good" role="status">${this.told}</p>` : nothing}
      ${this.checked ? html`<self-check-view .result=${this.checked}></self-check-view>` : nothing}
      ${known && known.versions.length > 0 ? this.table(known) : html`<p class="soft">${known ? texts.noVersions : nothing}</p>`}
    </section>`;
  }

  private table({ versions, current }: Versions): TemplateResult {
    const { texts } = this;
    return html`<div class="table-frame">
      <table class="stack">
        <thead>
          <tr>
            <th>${texts.made}</th><th>${texts.versionNote}</th>
            <th class="number">${texts.entries}</th><th class="number">${texts.questions}</th>
            <th>${texts.version}</th><th><span class="unseen">${texts.acts}</span></th>
          </tr>
        </thead>
        <tbody>${versions.map((version) => this.row(version, version.version === current))}</tbody>
      </table>
    </div>`;
  }

  private row(version: Version, serves: boolean): TemplateResult {
    const { texts } = this;
    return html`<tr class=${serves ? "serves" : ""}>
      <td class="figure">${dateAndTime(version.made_at, this.speech.language)}</td>
      <td dir="auto">${version.note || html`<span class="soft">—</span>`}</td>
      <td class="number" data-label=${texts.entries}>${countText(version.entries, this.speech.language)}</td>
      <td class="number" data-label=${texts.questions}>${countText(version.questions, this.speech.language)}</td>
      <td class="code soft">${version.version}</td>
      <td class="act">
        ${
          serves
            ? html`<span class="chip good">${texts.current}</span>`
            : html`<sure-button
              small
              .label=${texts.rollBack}
              .question=${texts.rollBackSure}
              .disabled=${this.isWorking}
              @sure=${() => this.rollBack(version.version)}
            ></sure-button>`
        }
      </td>
    </tr>`;
  }

  private get isWorking(): boolean {
    return this.busy || this.step !== null;
  }

  private async rollBack(version: string): Promise<void> {
    const ended = await this.run(() => this.api.rollBack(version));
    if (ended === null) return;
    this.told = this.texts.rolledBack;
    await this.load();
  }

  private async check(): Promise<void> {
    const ended = await this.run(() => this.api.checkKnowledge());
    if (ended === null) return;
    this.checked = await this.ask(async () => selfCheck(ended, "report"));
  }

  /** Begins a job and follows it; its report, or null when it failed and `error` says why. */
  private async run(begin: () => Promise<string>): Promise<unknown> {
    this.told = "";
    this.checked = null;
    this.step = "";
    const ended = await this.ask(async () =>
      watchJob(
        this.api,
        await begin(),
        ({ progress }) => {
          const step = this.texts.workSteps[progress.step] ?? progress.step;
          this.step = progress.of > 0 ? `${step} ${progress.done} / ${progress.of}` : step;
        },
        afterTimeout,
      ),
    );
    this.step = null;
    if (ended?.state === "failed") this.error = ended.error?.[this.speech.language] ?? ended.kind;
    return ended?.state === "done" ? (ended.report ?? {}) : null;
  }

  static override styles = [
    look,
    css`
      section {
        display: grid;
        gap: 12px;
        padding: var(--card-padding);
      }
      .head,
      .acts {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
      }
      .acts {
        justify-content: start;
      }
      h2 {
        font-size: 18px;
      }
      .serves {
        background: var(--sk-good-soft);
      }
      td.figure,
      .act {
        white-space: nowrap;
      }
      .act {
        text-align: end;
      }
    `,
  ];
}

customElements.define("version-table", VersionTable);
