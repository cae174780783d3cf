/** `<transfer-dialog>`: which colleague gets a conversation, and a note for them; fires `transfer` with both. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { dialogLook } from "../desk/dialog_look.ts";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import { isComposed } from "../text/send_key.ts";
import type { Language } from "../wire/frames.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { colleagueLook } from "./colleague_look.ts";
import { inOrder, isFull } from "./colleagues.ts";
import { stepped } from "./pick_list.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export interface Transfer {
  readonly to: Colleague;
  /** For the colleague alone; empty without one. */
  readonly note: string;
}

export class TransferDialog extends LitElement {
  static override properties = {
    colleagues: { attribute: false },
    language: {},
    letters: { state: true },
    active: { state: true },
  };
  /** Everybody but oneself. */
  declare colleagues: readonly Colleague[];
  /** The shopper's: who writes it comes first. */
  declare language: Language | null;
  declare letters: string;
  declare active: number;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.colleagues = [];
    this.language = null;
    this.letters = "";
    this.active = 0;
  }

  show(): void {
    this.letters = "";
    this.active = 0;
    void this.updateComplete.then(() => {
      const note = this.renderRoot.querySelector<HTMLInputElement>("input[name=note]");
      if (note) note.value = "";
      this.renderRoot.querySelector("dialog")?.showModal();
      this.renderRoot.querySelector("input")?.focus();
    });
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private get offered(): readonly Colleague[] {
    return inOrder(this.colleagues, this.language, this.letters);
  }

  override render(): TemplateResult {
    const { texts, offered } = this;
    return html`<dialog aria-label=${texts.transferTo}>
      <h2>${texts.transferTo}</h2>
      ${this.colleagues.length === 0 ? html`<p class="soft">${texts.transferAlone}</p>` : this.searchView()}
      <div class="people" role="listbox" id="people" aria-label=${texts.mentions}>
        ${offered.map((one, index) => this.personView(one, index))}
      </div>
      ${offered.length === 0 && this.colleagues.length > 0 ? html`<p class="soft">${texts.transferNobody}</p>` : nothing}
      <form method="dialog" class="end">
        <button class="button">${deskTexts[this.speech.language].cancel}</button>
      </form>
    </dialog>`;
  }

  private searchView(): TemplateResult {
    return html`<input
      class="input"
      name="who"
      role="combobox"
      aria-expanded="true"
      aria-controls="people"
      aria-activedescendant=${this.offered.length > 0 ? `person-${this.active}` : nothing}
      autocomplete="off"
      aria-label=${this.texts.transferSearch}
      placeholder=${this.texts.transferSearch}
      .value=${this.letters}
      @input=${this.search}
      @keydown=${this.key}
    />
    <input
      class="input note"
      name="note"
      autocomplete="off"
      maxlength="2000"
      aria-label=${this.texts.transferNote}
      placeholder=${this.texts.transferNote}
      @keydown=${this.key}
    />`;
  }

  private personView(one: Colleague, index: number): TemplateResult {
    const { texts } = this;
    const languages = one.languages.map((code) => texts.languages[code as Language] ?? code).join(" · ");
    return html`<div
      role="option"
      id="person-${index}"
      class=${index === this.active ? "person active" : "person"}
      aria-selected=${String(index === this.active)}
      @click=${() => this.choose(one)}
    >
      <i class=${one.presence} aria-hidden="true"></i>
      <span class="who"><b>${one.name}</b><small>${[texts.presences[one.presence], languages].filter(Boolean).join(" · ")}</small></span>
      <span class="chip figure ${isFull(one) ? "warn" : ""}">${texts.load(one.holding, one.capacity)}</span>
    </div>`;
  }

  private search(event: InputEvent): void {
    this.letters = (event.target as HTMLInputElement).value;
    this.active = 0;
  }

  private key(event: KeyboardEvent): void {
    if (isComposed(event)) return;
    const { offered } = this;
    if (event.key === "ArrowDown") this.active = stepped(this.active, 1, offered.length);
    else if (event.key === "ArrowUp") this.active = stepped(this.active, -1, offered.length);
    else if (event.key === "Enter") this.choose(offered[this.active]);
    else return;
    event.preventDefault();
  }

  private choose(one: Colleague | undefined): void {
    if (!one) return;
    const note = this.renderRoot.querySelector<HTMLInputElement>("input[name=note]")?.value.trim() ?? "";
    this.renderRoot.querySelector("dialog")?.close();
    this.dispatchEvent(new CustomEvent<Transfer>("transfer", { detail: { to: one, note } }));
  }

  static override styles = [
    look,
    dialogLook,
    colleagueLook,
    css`
      .note {
        margin-block-start: 8px;
      }
      .people {
        display: grid;
        gap: 2px;
        margin-block: 10px;
      }
      .person {
        display: flex;
        align-items: center;
        gap: 10px;
        min-block-size: 48px;
        padding: 6px 10px;
        border-radius: 10px;
        cursor: pointer;
      }
      .person:hover,
      .person.active {
        background: var(--sk-accent-soft);
      }
    `,
  ];
}

customElements.define("transfer-dialog", TransferDialog);
