/** `<self-check-view>`: which questions do not return their own answer. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { SelfCheck } from "../rest/knowledge_answers.ts";
import { consoleTexts } from "./texts.ts";

export class SelfCheckView extends LitElement {
  static override properties = { result: { attribute: false } };
  declare result: SelfCheck | null;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.result = null;
  }

  override render(): TemplateResult {
    const { result } = this;
    const texts = consoleTexts[this.speech.language];
    if (!result) return html``;
    const wrong = Math.max(result.wrong_count, result.wrong.length);
    if (wrong === 0)
      return html`<p class="notice good">${texts.selfCheck}: ${texts.selfCheckAll(result.asked)}</p>`;
    return html`<p class="notice warn">${texts.selfCheck}: ${texts.selfCheckSome(wrong, result.asked)}</p>
      <div class="table-frame" role="group" aria-label=${texts.selfCheck} tabindex="0">
        <table>
          <thead><tr><th>${texts.question}</th><th>${texts.expected}</th><th>${texts.got}</th></tr></thead>
          <tbody>
            ${result.wrong.map(
              ({ question, id, got, message }) => html`<tr>
                <td><span dir="auto">${question}</span>${message ? html`<span class="small-print">${message[this.speech.language]}</span>` : nothing}</td><td class="code">${id}</td><td class="code">${got ?? "—"}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      .small-print {
        display: block;
      }
      .table-frame {
        max-block-size: 320px;
        overflow: auto;
      }
    `,
  ];
}

customElements.define("self-check-view", SelfCheckView);
