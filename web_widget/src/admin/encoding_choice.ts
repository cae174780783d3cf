/**
 * `<encoding-choice>`: a file whose encoding cannot be told, shown in each that it could have. Fires `chosen` with
 * the name of the one that a person finds readable.
 */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { EncodingChoice } from "../rest/knowledge_answers.ts";
import type { BothLanguages } from "../wire/frames.ts";
import { consoleTexts } from "./texts.ts";

/** More columns than this are not needed to tell letters from rubbish. */
const MOST_COLUMNS = 4;

export class EncodingChoiceView extends LitElement {
  static override properties = {
    choices: { attribute: false },
    question: { attribute: false },
    disabled: { type: Boolean },
  };
  declare choices: readonly EncodingChoice[];
  declare question: BothLanguages | null;
  declare disabled: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.choices = [];
    this.question = null;
    this.disabled = false;
  }

  override render(): TemplateResult {
    const texts = consoleTexts[this.speech.language];
    return html`<h3>${texts.whichEncoding}</h3>
      <p class="soft">${texts.whichEncodingHint}</p>
      ${this.choices.map((choice) => this.choiceView(choice))}
      ${this.question ? html`<p class="small-print">${this.question[this.speech.language]}</p>` : nothing}`;
  }

  private choiceView({ encoding, columns, rows }: EncodingChoice): TemplateResult {
    const texts = consoleTexts[this.speech.language];
    const shown = columns.slice(0, MOST_COLUMNS);
    return html`<section aria-label=${texts.encodingNames[encoding] ?? encoding}>
      <div class="head">
        <b>${texts.encodingNames[encoding] ?? encoding}</b> <span class="code soft">${encoding}</span>
        <button class="button small strong" ?disabled=${this.disabled} @click=${() => this.choose(encoding)}>
          ${texts.readable}
        </button>
      </div>
      <div class="table-frame" role="group" aria-label=${texts.firstRows} tabindex="0">
        <table>
          <thead><tr>${shown.map((column) => html`<th>${column}</th>`)}</tr></thead>
          <tbody>
            ${rows.map((row) => html`<tr>${shown.map((column) => html`<td dir="auto">${row[column] ?? ""}</td>`)}</tr>`)}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  private choose(encoding: string): void {
    this.dispatchEvent(new CustomEvent<string>("chosen", { detail: encoding }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      h3 {
        font-size: 15px;
        color: var(--sk-accent);
      }
      section {
        display: grid;
        gap: 6px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .head .button {
        margin-inline-start: auto;
      }
      td {
        max-inline-size: 320px;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define("encoding-choice", EncodingChoiceView);
