/** `<mined-found>`: whether asking a published proposal's questions finds it by now, by the real search. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Found } from "../rest/mined_answers.ts";
import { type MinedWords, minedWords } from "./mined_words.ts";
import { ConsolePart } from "./part.ts";
import { rowsLook } from "./rows_look.ts";

export class MinedFound extends ConsolePart {
  static override properties = { proposed: {}, found: { state: true } };
  /** Id of the proposal. */
  declare proposed: string;
  declare found: Found | null;

  constructor() {
    super();
    this.proposed = "";
    this.found = null;
  }

  private get words(): MinedWords {
    return minedWords[this.speech.language];
  }

  override render(): TemplateResult {
    const { words, found, error } = this;
    if (error) return html`<p class="notice bad" role="alert">${error}</p>`;
    if (!found) return html`<p class="soft">${words.checking}</p>`;
    const { answer, asked, right, questions } = found;
    const missed = questions.filter((one) => !one.found);
    return html`${answer ? html`<h4>${words.published}</h4><p class="said" dir="auto">${answer}</p>` : nothing}
      <p class="notice ${right === asked ? "good" : "warn"}" role="status">${right === asked ? words.allFound(asked) : words.someFound(right, asked)}</p>
      ${
        missed.length > 0
          ? html`<ul>
              ${missed.map(({ question, got }) => html`<li><span dir="auto">${question}</span> → ${got === undefined ? words.foundNone : html`${words.foundInstead} <b dir="auto">${got}</b>`}</li>`)}
            </ul>`
          : nothing
      }`;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("proposed") && this.proposed) void this.load(this.proposed);
  }

  private async load(proposed: string): Promise<void> {
    this.found = null;
    const found = await this.ask(() => this.api.found(proposed));
    if (proposed === this.proposed) this.found = found;
  }

  static override styles = [
    look,
    rowsLook,
    css`
      :host {
        display: grid;
        gap: 6px;
        grid-template-columns: minmax(0, 1fr);
      }
      h4 {
        font-size: 13px;
        font-weight: 550;
        color: var(--sk-ink-soft);
      }
      .said {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define("mined-found", MinedFound);
