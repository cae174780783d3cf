/** `<change-report>`: what publishing would change: figures, entries, shared questions, problems. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Change, Report, SharedQuestion } from "../rest/knowledge_answers.ts";
import { countText } from "./learning_figures.ts";
import "./problem_table.ts";
import { type ConsoleTexts, consoleTexts } from "./texts.ts";

/** Changes are shown up to here; the figures above tell how many there are. */
const MOST_CHANGES = 100;
const FIGURES = ["added", "changed", "removed", "unchanged", "entries", "questions"] as const;
const KINDS = { added: "good", changed: "warn", removed: "bad" };

export class ChangeReport extends LitElement {
  static override properties = { report: { attribute: false }, open: { type: Boolean } };
  declare report: Report | null;
  /** Whether the entries that would change are shown at once. */
  declare open: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.report = null;
    this.open = false;
  }

  private get texts(): ConsoleTexts {
    return consoleTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts, report } = this;
    if (!report) return html``;
    return html`<div class="figures">
        ${FIGURES.map((name) => html`<div class="figure-box ${name}"><b class="figure">${countText(report[name], this.speech.language)}</b><span>${texts[name]}</span></div>`)}
      </div>
      ${report.skipped_rows > 0 ? html`<p class="notice warn">${texts.notImported(countText(report.skipped_rows, this.speech.language), countText(report.rows, this.speech.language))}</p>` : nothing}
      ${report.removed > 0 ? html`<p class="notice warn">${texts.removedWarn(report.removed)}</p>` : nothing}
      ${report.learnt > 0 ? html`<p class="notice">${texts.learntStay(report.learnt)}</p>` : nothing}
      ${report.forgotten > 0 ? html`<p class="notice warn">${texts.learntGo(report.forgotten)}</p>` : nothing}
      ${this.changesView(report.changes)} ${this.sharedView(report.shared_questions)}
      <problem-table .problems=${report.problems} .count=${report.problem_count}></problem-table>`;
  }

  private changesView(changes: readonly Change[]): TemplateResult | typeof nothing {
    const { texts } = this;
    if (changes.length === 0) return nothing;
    return html`<details ?open=${this.open}>
      <summary>${texts.changes}</summary>
      <div class="table-frame rows" role="group" aria-label=${texts.changes} tabindex="0">
        <table>
          <thead><tr><th>${texts.changed}</th><th>${texts.question}</th><th>${texts.answer}</th></tr></thead>
          <tbody>
            ${changes.slice(0, MOST_CHANGES).map(
              ({ what, id, question, answer, before, asked_more, asked_no_more }) => html`<tr>
                <td><span class="chip ${KINDS[what]}">${texts[what]}</span><br /><span class="code soft">${id}</span></td>
                <td dir="auto">${question}${asked_more.map((one) => html`<br /><ins>${one}</ins>`)}${asked_no_more.map((one) => html`<br /><del>${one}</del>`)}</td>
                <td dir="auto">${before === undefined || before === answer ? nothing : html`<del>${before}</del><br />`}${answer}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${changes.length > MOST_CHANGES ? html`<p class="small-print">${texts.moreProblems(changes.length - MOST_CHANGES)}</p>` : nothing}
    </details>`;
  }

  private sharedView(shared: readonly SharedQuestion[]): TemplateResult | typeof nothing {
    if (shared.length === 0) return nothing;
    return html`<details>
      <summary>${this.texts.shared(shared.length)}</summary>
      <ul>${shared.map(({ question, entries }) => html`<li><span dir="auto">${question}</span> <span class="code soft">${entries.join(", ")}</span></li>`)}</ul>
    </details>`;
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      .rows {
        max-block-size: 280px;
        overflow: auto;
      }
      .rows td {
        min-inline-size: 90px;
        max-inline-size: 320px;
        overflow-wrap: anywhere;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(104px, 1fr));
        gap: 10px;
      }
      .figure-box {
        display: grid;
        padding: 10px 14px;
        border: 1px solid var(--sk-line);
        border-radius: 12px;
        font-size: 13px;
        color: var(--sk-ink-soft);
      }
      .figure-box b {
        font-size: 24px;
        font-weight: 650;
        line-height: 1.2;
        color: var(--sk-ink);
      }
      .added b {
        color: var(--sk-good);
      }
      .changed b {
        color: var(--sk-warn);
      }
      .removed b {
        color: var(--sk-bad);
      }
      summary {
        min-block-size: 28px;
        font-size: 14px;
        font-weight: 600;
        cursor: pointer;
      }
      del {
        color: var(--sk-bad);
      }
      ins {
        color: var(--sk-good);
        text-decoration: none;
      }
      ins::before {
        content: "+ ";
      }
    `,
  ];
}

customElements.define("change-report", ChangeReport);
