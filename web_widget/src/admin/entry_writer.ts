/**
 * `<entry-writer>`: one entry is written, or gets another answer; then it is looked through and published like a file.
 * Fires `published`, and `left` when it is put away.
 */
import { css, html, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { SearchHit } from "../rest/knowledge_answers.ts";
import { type EntryWords, entryWords } from "./entry_words.ts";
import type { FileImport } from "./file_import.ts";
import "./file_import.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";
import { begun, fileOf, isWhole, noteOf, type WrittenEntry } from "./written_entry.ts";

export class EntryWriter extends ConsolePart {
  static override properties = {
    about: { attribute: false },
    asked: {},
    entry: { state: true },
    importing: { state: true },
  };
  /** The entry that gets another answer; null for a new one. */
  declare about: SearchHit | null;
  /** What was looked for in vain: the first question of a new entry. */
  declare asked: string;
  declare entry: WrittenEntry;
  declare importing: boolean;
  private isPublished = false;

  constructor() {
    super();
    this.about = null;
    this.asked = "";
    this.entry = begun(null, "");
    this.importing = false;
  }

  private get words(): EntryWords {
    return entryWords[this.speech.language];
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("about") || changed.has("asked")) this.entry = begun(this.about, this.asked);
  }

  protected override firstUpdated(): void {
    this.renderRoot
      .querySelector<HTMLElement>(this.about || this.asked ? "[name=answer]" : "textarea")
      ?.focus();
    this.scrollIntoView({ block: "nearest" });
  }

  override render(): TemplateResult {
    const { words } = this;
    return html`<section class="card" ?hidden=${this.importing}>
        <h2>${this.about ? words.changing : words.writing}</h2>
        ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : ""}
        ${this.about ? html`<p class="asked" dir="auto"><b>${this.about.question}</b> <span class="code soft">${this.about.id}</span></p>` : ""}
        ${this.about ? [this.answerView(), this.questionsView()] : [this.questionsView(), this.answerView()]}
        <p class="soft small-print">${this.about ? words.fromFile : words.ofItsOwn}</p>
        <div class="acts">
          <button class="button strong" ?disabled=${this.busy || !isWhole(this.entry)} @click=${this.lookAt}>${words.look}</button>
          <button class="button" ?disabled=${this.busy} @click=${this.leave}>${words.cancel}</button>
        </div>
      </section>
      ${
        this.importing
          ? html`<file-import made .api=${this.api} .heading=${words.importing} .away=${words.back} .note=${noteOf(this.entry)}
              @published=${this.published} @left=${this.back}></file-import>`
          : ""
      }`;
  }

  private questionsView(): TemplateResult {
    const { words } = this;
    return html`<label class="field">${this.about ? words.more : words.asked}
      <textarea class="input" name="questions" rows="3" dir="auto" .value=${this.entry.questions} @input=${(
        event: Event,
      ) => {
        this.entry = { ...this.entry, questions: typedIn(event) };
      }}></textarea></label>`;
  }

  private answerView(): TemplateResult {
    return html`<label class="field">${this.words.answer}
      <textarea class="input" name="answer" rows="5" dir="auto" .value=${this.entry.answer} @input=${(
        event: Event,
      ) => {
        this.entry = { ...this.entry, answer: typedIn(event) };
      }}></textarea></label>`;
  }

  private async lookAt(): Promise<void> {
    const upload = await this.ask(() => this.api.upload(fileOf(this.entry)));
    if (!upload) return;
    this.importing = true;
    await this.updateComplete;
    // Nothing of what is there goes: the file holds this entry alone.
    await this.renderRoot.querySelector<FileImport>("file-import")?.begin(upload, "learn");
  }

  private published(): void {
    this.isPublished = true;
    this.dispatchEvent(new CustomEvent("published"));
  }

  /** From what would change, which may be as it should not: what was written is still there. */
  private back(): void {
    this.importing = false;
    if (this.isPublished) this.leave();
  }

  private leave(): void {
    this.dispatchEvent(new CustomEvent("left"));
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .asked {
        overflow-wrap: anywhere;
      }
      textarea {
        resize: vertical;
      }
    `,
  ];
}

customElements.define("entry-writer", EntryWriter);
