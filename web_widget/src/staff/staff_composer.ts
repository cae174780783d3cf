/** `<staff-composer>`: a reply to the shopper, or a note that only the team sees. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { isSendKey } from "../text/send_key.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const TYPING_EVERY_MS = 3_000;

export interface Written {
  readonly type: "say" | "note";
  readonly text: string;
}

export class StaffComposer extends LitElement {
  static override properties = {
    mayReply: { type: Boolean },
    hint: {},
    kind: { state: true },
    empty: { state: true },
  };
  /** Only the one who holds the conversation replies; anybody may note. */
  declare mayReply: boolean;
  declare hint: string;
  declare kind: "say" | "note";
  declare empty: boolean;
  private readonly speech = new Speech(this);
  private lastTyping = Number.NEGATIVE_INFINITY;

  constructor() {
    super();
    this.mayReply = false;
    this.hint = "";
    this.kind = "say";
    this.empty = true;
  }

  begin(kind: "say" | "note", draft?: string): void {
    this.kind = kind;
    void this.updateComplete.then(() => {
      const { box } = this;
      if (!box) return;
      if (draft !== undefined) box.value = draft;
      this.fit();
      box.focus();
    });
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private get box(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  private get present(): "say" | "note" {
    return this.mayReply ? this.kind : "note";
  }

  override render(): TemplateResult {
    const { texts, present } = this;
    if (!this.mayReply && this.kind !== "note") return this.closedView();
    return html`<form class=${present} @submit=${this.submit}>
      <div class="top">
        <div class="kinds">
          ${this.mayReply ? this.kindView("say", texts.reply) : nothing} ${this.kindView("note", texts.note)}
        </div>
        ${this.hint ? html`<span class="small-print">${this.hint}</span>` : nothing}
      </div>
      <div class="row">
        <textarea
          class="input"
          rows="2"
          dir="auto"
          aria-label=${present === "say" ? texts.reply : texts.note}
          placeholder=${present === "say" ? texts.reply_to : texts.noteTo}
          @input=${this.written}
          @keydown=${this.key}
        ></textarea>
        <button class="button strong" ?disabled=${this.empty}>${present === "say" ? texts.send : texts.saveNote}</button>
      </div>
    </form>`;
  }

  /** Nothing to answer here: the way to a note is one press away. */
  private closedView(): TemplateResult {
    return html`<div class="closed">
      <span class="soft">${this.hint}</span>
      <button type="button" class="button small" @click=${() => this.begin("note")}>${this.texts.note}</button>
    </div>`;
  }

  private kindView(kind: "say" | "note", words: string): TemplateResult {
    return html`<button
      type="button"
      class="button small ${this.present === kind ? "" : "plain"}"
      aria-pressed=${String(this.present === kind)}
      @click=${() => this.begin(kind)}
    >
      ${words}
    </button>`;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") this.leave();
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.send();
  }

  private leave(): void {
    this.box?.blur();
    if (this.empty) this.kind = "say";
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.send();
  }

  private send(): void {
    const text = this.box?.value.trim() ?? "";
    if (text === "" || !this.box) return;
    const detail: Written = { type: this.present, text };
    this.box.value = "";
    this.fit();
    this.kind = "say";
    this.lastTyping = Number.NEGATIVE_INFINITY;
    this.dispatchEvent(new CustomEvent<Written>("written", { detail }));
  }

  private written(): void {
    this.fit();
    const now = performance.now();
    if (this.present !== "say" || now - this.lastTyping < TYPING_EVERY_MS) return;
    this.lastTyping = now;
    this.dispatchEvent(new CustomEvent("types"));
  }

  private fit(): void {
    const { box } = this;
    if (!box) return;
    this.empty = box.value.trim() === "";
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, 200)}px`;
  }

  static override styles = [
    look,
    css`
      form {
        display: grid;
        gap: 8px;
        padding: 10px 16px 14px;
        border-block-start: 1px solid var(--sk-line);
        background: var(--sk-paper);
      }
      form.note {
        background: var(--sk-note-soft);
      }
      .closed {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 12px 16px;
        border-block-start: 1px solid var(--sk-line);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 4px 12px;
      }
      .kinds {
        display: flex;
        gap: 4px;
      }
      .row {
        display: flex;
        align-items: flex-end;
        gap: 8px;
      }
      textarea {
        flex: 1;
        min-inline-size: 0;
        resize: none;
        line-height: 1.45;
      }
      .strong {
        min-block-size: 44px;
      }
      @media (max-width: 800px) {
        textarea {
          font-size: 16px;
        }
      }
    `,
  ];
}

customElements.define("staff-composer", StaffComposer);
