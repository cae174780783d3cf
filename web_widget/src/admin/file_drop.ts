/** `<file-drop>`: where a file is dropped, or chosen. Fires `brought` with it, one at a time. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";

/** Endings of files that may hold old chats, as a chooser of files wants them. */
export const CHAT_ENDINGS = ".csv,.tsv,.txt,.xlsx,.json,.jsonl,.ndjson";

/** What it says. */
export interface DropWords {
  readonly drop: string;
  readonly choose: string;
  /** While a file hangs over it. */
  readonly dropNow: string;
  /** While it is busy. */
  readonly reading: string;
  /** What kind of file it takes; may be left out. */
  readonly dropHint?: string;
}

/** The file that was chosen. The box is emptied: a browser tells nothing of the same file chosen again, mended or not. */
export function chosenIn(event: Event): File | undefined {
  const box = event.target as HTMLInputElement;
  const file = box.files?.[0];
  box.value = "";
  return file;
}

export class FileDrop extends LitElement {
  static override properties = {
    words: { attribute: false },
    accept: {},
    busy: { type: Boolean },
    over: { state: true },
  };
  declare words: DropWords;
  /** Endings of files, as a file box takes them. */
  declare accept: string;
  declare busy: boolean;
  declare over: boolean;

  constructor() {
    super();
    this.accept = "";
    this.busy = false;
    this.over = false;
  }

  override render(): TemplateResult {
    const { words, busy } = this;
    return html`<label
      class=${this.over ? "drop over" : "drop"}
      @dragover=${this.dragged}
      @dragleave=${() => {
        this.over = false;
      }}
      @drop=${this.dropped}
    >
      ${picture("upload")}
      <span>${busy ? words.reading : this.over ? words.dropNow : html`${words.drop} <span class="link">${words.choose}</span>`}</span>
      ${words.dropHint ? html`<span class="small-print">${words.dropHint}</span>` : nothing}
      <input class="unseen" type="file" accept=${this.accept} ?disabled=${busy} @change=${(event: Event) => this.bring(chosenIn(event))} />
    </label>`;
  }

  private dragged(event: DragEvent): void {
    event.preventDefault();
    this.over = true;
  }

  private dropped(event: DragEvent): void {
    event.preventDefault();
    this.over = false;
    if (!this.busy) this.bring(event.dataTransfer?.files[0]);
  }

  /** Also while it is busy, if it was not when the choosing began: what was chosen must not vanish. */
  private bring(file: File | undefined): void {
    if (file) this.dispatchEvent(new CustomEvent<File>("brought", { detail: file }));
  }

  static override styles = [
    look,
    css`
      .drop {
        display: grid;
        gap: 8px;
        justify-items: center;
        padding: 30px 20px;
        border: 2px dashed var(--sk-line-strong);
        border-radius: var(--sk-radius);
        color: var(--sk-ink-soft);
        text-align: center;
        cursor: pointer;
        transition: background var(--sk-quick), border-color var(--sk-quick);
      }
      .drop:hover,
      .drop.over,
      .drop:focus-within {
        border-color: var(--sk-accent);
        background: var(--sk-accent-soft);
      }
      .drop .picture {
        inline-size: 32px;
        block-size: 32px;
        color: var(--sk-accent);
      }
    `,
  ];
}

customElements.define("file-drop", FileDrop);
