/** `<mined-facts>`: what a look through old chats came to, what it left out and why, and what was odd. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Mined } from "../rest/mined_answers.ts";
import { countText } from "./learning_figures.ts";
import { type MinedWords, minedWords } from "./mined_words.ts";
import { rowsLook } from "./rows_look.ts";

const PROBLEMS_SHOWN = 20;

export class MinedFacts extends LitElement {
  static override properties = { mined: { attribute: false } };
  declare mined: Mined | null;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.mined = null;
  }

  private get words(): MinedWords {
    return minedWords[this.speech.language];
  }

  override render(): TemplateResult | typeof nothing {
    const { words, mined } = this;
    if (!mined) return nothing;
    const { counts, proposals, more } = mined;
    const of = (name: string): string => this.count(counts[name] ?? 0);
    const all = proposals.length + more;
    return html`<h3>${all > 0 ? words.found(this.count(all)) : words.foundNothing}</h3>
      <p class="small-print">${words.lookedAt(of("chats"), of("from_desk"))}</p>
      ${more > 0 ? html`<p class="small-print">${words.more(this.count(more))}</p>` : nothing}
      <details>
        <summary>${words.details}</summary>
        <ul>
          <li>${words.exchanges(of("exchanges"))}</li>
          <li>${words.withoutAnswer(of("unanswered"))}</li>
          ${Object.entries(mined.left_out).map(([reason, n]) => html`<li>${words.leftOut[reason] ?? reason}${words.colon}${this.count(n)}</li>`)}
          <li>${words.known(of("known"))}</li>
          <li>${words.talk(of("talk"))}</li>
          ${mined.staff.length > 0 ? html`<li dir="auto">${words.staff(mined.staff.join(words.comma))}</li>` : nothing}
        </ul>
      </details>
      ${mined.problem_count > 0 ? this.problemsView(mined) : nothing}`;
  }

  private problemsView({ problems, problem_count }: Mined): TemplateResult {
    const { words } = this;
    const shown = problems.slice(0, PROBLEMS_SHOWN);
    return html`<details>
      <summary>${words.problems(this.count(problem_count))}</summary>
      <ul>
        ${shown.map((one) => html`<li dir="auto">${one[this.speech.language]}</li>`)}
        ${problem_count > shown.length ? html`<li class="soft">${words.moreProblems(this.count(problem_count - shown.length))}</li>` : nothing}
      </ul>
    </details>`;
  }

  private count(count: number): string {
    return countText(count, this.speech.language);
  }

  static override styles = [
    look,
    rowsLook,
    css`
      :host {
        display: grid;
        gap: 8px;
        grid-template-columns: minmax(0, 1fr);
      }
      h3 {
        font-size: 15px;
      }
      summary {
        inline-size: fit-content;
        min-block-size: 28px;
        font-size: 14px;
        color: var(--sk-ink-soft);
        cursor: pointer;
      }
    `,
  ];
}

customElements.define("mined-facts", MinedFacts);
