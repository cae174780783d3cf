/** `<knowledge-search>`: asks the knowledge base as a shopper would, and shows what is found and how near. */
import { css, html, nothing, type TemplateResult } from "lit";
import { linkedText } from "../desk/linked_text.ts";
import { look } from "../desk/look.ts";
import type { SearchAnswer, SearchHit } from "../rest/knowledge_answers.ts";
import type { Language } from "../wire/frames.ts";
import { ConsolePart } from "./part.ts";

const SEARCH_AFTER_MS = 250;

export class KnowledgeSearch extends ConsolePart {
  static override properties = { answer: { state: true }, words: { state: true }, language: { state: true } };
  declare answer: SearchAnswer | null;
  declare words: string;
  declare language: Language | "";
  private timer = 0;
  private asked = 0;

  constructor() {
    super();
    this.answer = null;
    this.words = "";
    this.language = "";
  }

  override render(): TemplateResult {
    const { texts } = this;
    const languages: readonly (Language | "")[] = ["", "zh", "en"];
    return html`<section class="card">
      <h2>${texts.search}</h2>
      <div class="row">
        <input
          class="input"
          type="search"
          aria-label=${texts.search}
          placeholder=${texts.searchHint}
          @input=${this.typed}
        />
        <select class="input" aria-label=${texts.language} @change=${this.chosen}>
          ${languages.map((one) => html`<option value=${one}>${one === "" ? texts.anyLanguage : texts.languages[one]}</option>`)}
        </select>
      </div>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.answer && this.words ? this.found(this.answer) : nothing}
    </section>`;
  }

  private found({ hits }: SearchAnswer): TemplateResult {
    if (hits.length === 0) return html`<p class="soft">${this.texts.nothingFound}</p>`;
    return html`<ol>${hits.map((hit) => this.hitView(hit))}</ol>`;
  }

  private hitView(hit: SearchHit): TemplateResult {
    const { texts } = this;
    return html`<li>
      <p class="question" dir="auto">
        <b>${hit.question}</b> ${hit.exact ? html`<span class="chip good">${texts.exact}</span>` : nothing}
      </p>
      <p class="answer" dir="auto">${linkedText(hit.answer)}</p>
      <p class="small-print figure">
        <span class="code">${hit.id}</span> · ${texts.languages[hit.language]}${hit.category ? ` · ${hit.category}` : ""} ·
        ${texts.score} ${hit.score.toFixed(2)} · ${texts.similarity} ${hit.similarity.toFixed(3)} · ${texts.words} ${hit.lexical.toFixed(1)}
      </p>
      <meter min="0" max="1" .value=${hit.score} aria-label=${texts.score}></meter>
    </li>`;
  }

  private typed(event: InputEvent): void {
    this.words = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.search(), SEARCH_AFTER_MS);
  }

  private chosen(event: Event): void {
    this.language = (event.target as HTMLSelectElement).value as Language | "";
    void this.search();
  }

  /** Answers may overtake each other; only the newest question's is shown. */
  private async search(): Promise<void> {
    this.asked += 1;
    const { asked, words } = this;
    if (words === "") {
      this.answer = null;
      return;
    }
    const answer = await this.ask(() => this.api.search(words, this.language));
    if (answer && asked === this.asked) this.answer = answer;
  }

  static override styles = [
    look,
    css`
      section {
        display: grid;
        gap: 12px;
        padding: var(--card-padding);
      }
      h2 {
        font-size: 18px;
      }
      .row {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 8px;
      }
      @media (max-width: 480px) {
        .row {
          grid-template-columns: 1fr;
        }
      }
      ol {
        display: grid;
        gap: 12px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        gap: 2px;
        padding-block-end: 12px;
        border-block-end: 1px solid var(--sk-line);
      }
      li:last-child {
        border: 0;
      }
      .answer {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        font-size: 14px;
      }
      .answer a {
        color: var(--sk-accent);
      }
      meter {
        inline-size: 160px;
        block-size: 8px;
      }
    `,
  ];
}

customElements.define("knowledge-search", KnowledgeSearch);
