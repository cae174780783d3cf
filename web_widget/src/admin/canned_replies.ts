/** `<canned-replies>`: what staff keep ready, in both languages, with variables and how it will look. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { CannedReplies, CannedReply } from "../rest/console_answers.ts";
import type { Language } from "../wire/frames.ts";
import { deskWords } from "./desk_words.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { previewOf, unknownIn } from "./reply_preview.ts";
import { sectionLook } from "./section_look.ts";

const LANGUAGES: readonly Language[] = ["zh", "en"];

/** A reply in the form; without an id it is a new one. */
interface Draft {
  readonly id: string | null;
  readonly shortcut: string;
  readonly zh: string;
  readonly en: string;
}

const EMPTY: Draft = { id: null, shortcut: "", zh: "", en: "" };

export class CannedRepliesView extends ConsolePart {
  static override properties = { kept: { state: true }, draft: { state: true }, told: { state: true } };
  declare kept: CannedReplies | null;
  declare draft: Draft | null;
  declare told: string;

  constructor() {
    super();
    this.kept = null;
    this.draft = null;
    this.told = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, kept } = this;
    return html`<section class="card">
      <div class="head">
        <h2>${terms.canned}</h2>
        <button class="button small" ?disabled=${this.draft !== null} @click=${() => this.edit(EMPTY)}>${terms.newReply}</button>
      </div>
      <p class="soft">${terms.cannedHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.told ? html`<p class="notice good" role="status">${this.told}</p>` : nothing}
      ${this.draft ? this.formView(this.draft) : nothing}
      ${kept && kept.replies.length === 0 ? html`<p class="soft">${terms.noCanned}</p>` : nothing}
      ${kept && kept.replies.length > 0 ? this.listView(kept.replies) : nothing}
    </section>`;
  }

  private listView(replies: readonly CannedReply[]): TemplateResult {
    const { terms } = this;
    return html`<div class="table-frame">
      <table class="stack">
        <thead><tr><th>${terms.shortcut}</th><th>${terms.textIn.zh}</th><th>${terms.textIn.en}</th><th><span class="unseen">${this.texts.acts}</span></th></tr></thead>
        <tbody>
          ${replies.map(
            (reply) => html`<tr>
              <td class="code">/${reply.shortcut}</td>
              <td class="words" lang="zh-CN" dir="auto">${reply.texts.zh ?? "—"}</td>
              <td class="words" lang="en" dir="auto">${reply.texts.en ?? "—"}</td>
              <td class="acts-cell">
                <button class="button small" @click=${() => this.edit(draftOf(reply))}>${terms.edit}</button>
                <sure-button small .label=${terms.drop} .question=${terms.dropSure} @sure=${() => this.drop(reply)}></sure-button>
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private formView(draft: Draft): TemplateResult {
    const { terms } = this;
    return html`<form @submit=${this.save}>
      <label class="field">${terms.shortcut}
        <input class="input" name="shortcut" required maxlength="40" autocomplete="off" autocapitalize="none" spellcheck="false" .value=${draft.shortcut}
          @input=${(event: Event) => this.write({ shortcut: typedIn(event) })} />
      </label>
      ${LANGUAGES.map((language) => this.textView(draft, language))}
      <div class="acts wide">
        <button class="button strong" ?disabled=${this.busy || !isComplete(draft)}>${terms.save}</button>
        <button class="button" type="button" @click=${() => this.edit(null)}>${terms.cancel}</button>
      </div>
    </form>`;
  }

  private textView(draft: Draft, language: Language): TemplateResult {
    const { terms } = this;
    const variables = this.kept?.variables ?? [];
    const unknown = unknownIn(draft[language], variables);
    return html`<div class="wide pair">
      <label class="field">${terms.textIn[language]}
        <textarea class="input" rows="4" maxlength="4000" name=${language} lang=${language === "zh" ? "zh-CN" : "en"} dir="auto" .value=${draft[language]}
          @input=${(event: Event) => this.write({ [language]: typedIn(event) })}></textarea>
        <span class="acts">
          ${variables.map((name) => html`<button class="button small" type="button" aria-label=${terms.insert(name)} @click=${() => this.insert(language, name)}>{${name}}</button>`)}
        </span>
      </label>
      <div class="field" role="group" aria-label="${terms.preview}, ${terms.textIn[language]}">${terms.preview}
        <p class="shown" dir="auto">${draft[language] === "" ? html`<span class="soft">${terms.nothingToShow}</span>` : this.previewView(draft[language], language)}</p>
        ${unknown.map((name) => html`<p class="notice warn">${terms.unknownVariable(name)}</p>`)}
      </div>
    </div>`;
  }

  private previewView(text: string, language: Language): TemplateResult[] {
    const pieces = previewOf(text, this.kept?.variables ?? [], deskWords[language].sample);
    return pieces.map(({ text: piece, kind }) => html`<span class=${kind}>${piece}</span>`);
  }

  private async load(): Promise<void> {
    this.kept = (await this.ask(() => this.api.canned())) ?? this.kept;
  }

  private edit(draft: Draft | null): void {
    this.draft = draft;
    this.told = "";
    this.error = "";
    if (draft) void this.updateComplete.then(() => this.field("shortcut")?.focus());
  }

  private write(change: Partial<Draft>): void {
    if (this.draft) this.draft = { ...this.draft, ...change };
  }

  /** Puts a variable where the cursor stands. */
  private insert(language: Language, name: string): void {
    const box = this.field(language) as HTMLTextAreaElement | null;
    if (!box) return;
    box.setRangeText(`{${name}}`, box.selectionStart, box.selectionEnd, "end");
    this.write({ [language]: box.value });
    box.focus();
  }

  private field(name: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`[name="${name}"]`);
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { draft } = this;
    if (!draft || !isComplete(draft)) return;
    const texts = Object.fromEntries(
      LANGUAGES.map((language) => [language, draft[language].trim()]).filter(([, text]) => text !== ""),
    );
    const shortcut = draft.shortcut.trim();
    if (!(await this.ask(() => this.api.keepCanned(draft.id, { shortcut, texts })))) return;
    this.edit(null);
    this.told = this.terms.saved;
    await this.load();
  }

  private async drop(reply: CannedReply): Promise<void> {
    this.told = "";
    await this.ask(() => this.api.dropCanned(reply.id));
    if (this.error === "") await this.load();
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr));
        gap: 12px;
        align-items: start;
      }
      textarea {
        resize: vertical;
      }
      .shown {
        min-block-size: 108px;
        padding: 9px 13px;
        border-radius: 4px 16px 16px 16px;
        background: var(--sk-bubble);
        font-size: 15px;
        font-weight: 400;
        color: var(--sk-ink);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .filled {
        border-radius: 4px;
        background: var(--sk-accent-soft);
        color: var(--sk-accent);
      }
      .unknown {
        background: var(--sk-bad-soft);
        color: var(--sk-bad);
      }
      td.code {
        min-inline-size: 14ch; /* a shortcut of usual length stays in one line */
      }
      .words {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

function draftOf({ id, shortcut, texts }: CannedReply): Draft {
  return { id, shortcut, zh: texts.zh ?? "", en: texts.en ?? "" };
}

function isComplete({ shortcut, zh, en }: Draft): boolean {
  return shortcut.trim() !== "" && (zh.trim() !== "" || en.trim() !== "");
}

customElements.define("canned-replies", CannedRepliesView);
