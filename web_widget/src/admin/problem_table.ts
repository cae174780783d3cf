/** `<problem-table>`: what is wrong with which row, as a spreadsheet counts. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { RowProblem } from "../rest/knowledge_answers.ts";
import { consoleTexts } from "./texts.ts";

const MOST_SHOWN = 200;

export class ProblemTable extends LitElement {
  static override properties = { problems: { attribute: false }, count: { type: Number } };
  declare problems: readonly RowProblem[];
  /** How many there are in all, where the server lists only the first. */
  declare count: number;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.problems = [];
    this.count = 0;
  }

  override render(): TemplateResult {
    const texts = consoleTexts[this.speech.language];
    const count = Math.max(this.count, this.problems.length);
    if (count === 0) return html`<p class="small-print">${texts.noProblems}</p>`;
    const shown = this.problems.slice(0, MOST_SHOWN);
    return html`<h4>${texts.problems(count)}</h4>
      <div class="table-frame" role="group" aria-label=${texts.problems(count)} tabindex="0">
        <table>
          <thead>
            <tr><th class="number">${texts.row}</th><th>${texts.column}</th><th><span class="unseen">${texts.severity}</span></th><th>${texts.problem}</th></tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ row, column, severity, message }) => html`<tr>
                <td class="number">${row || nothing}</td>
                <td>${column}</td>
                <td><span class="chip ${severity === "error" ? "bad" : "warn"}">${texts.severities[severity]}</span></td>
                <td dir="auto">${message[this.speech.language]}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${count > shown.length ? html`<p class="small-print">${texts.moreProblems(count - shown.length)}</p>` : nothing}`;
  }

  static override styles = [
    look,
    css`
      h4 {
        margin: 0 0 6px;
        font-size: 14px;
      }
      .table-frame {
        max-block-size: 320px;
        overflow: auto;
      }
    `,
  ];
}

customElements.define("problem-table", ProblemTable);
