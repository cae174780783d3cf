/**
 * `<knowledge-search>`: asks the knowledge base as a shopper would, shows what is found and how near, and leads to
 * mending it. Fires `published`.
 */
import { css, html, nothing, type TemplateResult } from "lit";
import { linkedText } from "../desk/linked_text.ts";
import { look } from "../desk/look.ts";
import { arrivedWith } from "../desk/taken_along.ts";
import type { SearchAnswer, SearchHit } from "../rest/knowledge_answers.ts";
import { browserStorage } from "../wire/browser_surroundings.ts";
import type { Language } from "../wire/frames.ts";
import "../desk/sure_button.ts";
import { type EntryWords, entryWords } from "./entry_words.ts";
import "./entry_writer.ts";
import { afterTimeout, watchJob } from "./job_watch.ts";
import { ConsolePart } from "./part.ts";

const SEARCH_AFTER_MS = 250;

export class KnowledgeSearch extends ConsolePart {
  static override properties = {
    answer: { state: true },
    words: { state: true },
    language: { state: true },
    writes: { state: true },
    told: { state: true },
    removing: { state: true },
  };
  declare answer: SearchAnswer | null;
  declare words: string;
  declare language: Language | "";
  /** What is being written: another answer for a hit, or ("new") an entry of its own. */
  declare writes: SearchHit | "new" | null;
  declare told: string;
  /** An entry is on its way out. */
  declare removing: boolean;
  private timer = 0;
  private asked = 0;

  constructor() {
    super();
    this.answer = null;
    this.words = "";
    this.language = "";
    this.writes = null;
    this.told = "";
    this.removing = false;
  }

  /** What was taken along from the inbox is asked at once. */
  override connectedCallback(): void {
    super.connectedCallback();
    const question = arrivedWith(browserStorage());
    if (question === "") return;
    this.words = question;
    void this.updateComplete.then(() => {
      const box = this.renderRoot.querySelector("input");
      if (box) box.value = question;
      box?.focus();
      this.scrollIntoView({ block: "start" });
    });
    void this.search();
  }

  private get entryTerms(): EntryWords {
    return entryWords[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts, writes } = this;
    const languages: readonly (Language | "")[] = ["", "zh", "en"];
    return html`${writes ? this.writer(writes) : nothing}
    <section class="card" ?hidden=${writes !== null}>
      <div class="head">
        <h2>${texts.search}</h2>
        <button class="button small" @click=${() => this.write("new")}>${this.entryTerms.write}</button>
      </div>
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
      ${this.removing || this.told ? html`<p class="notice ${this.removing ? "" : "good"}" role="status">${this.removing ? this.entryTerms.removing : this.told}</p>` : nothing}
      ${this.answer && this.words ? this.found(this.answer) : nothing}
    </section>`;
  }

  private writer(writes: SearchHit | "new"): TemplateResult {
    const about = writes === "new" ? null : writes;
    return html`<entry-writer .api=${this.api} .about=${about} .asked=${about ? "" : this.words}
      @published=${() => this.dispatchEvent(new CustomEvent("published"))} @left=${this.written}></entry-writer>`;
  }

  private async takeOut({ id, language }: SearchHit): Promise<void> {
    this.told = "";
    this.removing = true;
    const ended = await this.ask(async () =>
      watchJob(this.api, await this.api.removeEntry(id, language), () => undefined, afterTimeout),
    );
    this.removing = false;
    if (ended?.state === "failed") this.error = ended.error?.[this.speech.language] ?? ended.kind;
    if (ended?.state !== "done") return;
    this.told = this.entryTerms.removed;
    this.dispatchEvent(new CustomEvent("published"));
    await this.search();
  }

  private write(what: SearchHit | "new"): void {
    this.told = "";
    this.writes = what;
  }

  /** Back from writing: what is found now, and the focus where it was asked. */
  private async written(): Promise<void> {
    this.writes = null;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("input")?.focus();
    await this.search();
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
      <p class="last">
        <meter min="0" max="1" .value=${hit.score} aria-label=${texts.score}></meter>
        <span class="acts">
          <sure-button small .label=${this.entryTerms.remove} .question=${this.entryTerms.removeSure} .disabled=${this.removing}
            @sure=${() => this.takeOut(hit)}></sure-button>
          <button class="button small" ?disabled=${this.removing} aria-label=${`${this.entryTerms.change}: ${hit.question}`} @click=${() => this.write(hit)}>
            ${this.entryTerms.change}
          </button>
        </span>
      </p>
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
      .acts {
        display: flex;
        gap: 8px;
      }
      .head,
      .last {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
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
