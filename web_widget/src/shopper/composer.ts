/** The box to write in: Enter sends, Shift+Enter breaks the line, and an input method's Enter does neither. */
import { personalNumberIn } from "../text/personal_data.ts";
import { isSendKey } from "../text/send_key.ts";
import { icon, make } from "./make.ts";
import type { Texts } from "./texts.ts";

export interface ComposerOwner {
  send(text: string): void;
  written(text: string): void;
}

/** Above this share of the limit the writer sees how much is left. */
const SHOW_LEFT_FROM = 0.9;

/** Characters as the server counts them: code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}

export class Composer {
  readonly element: HTMLFormElement;
  private readonly box: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly note: HTMLElement;
  private limit = 4000;
  private texts: Texts | null = null;

  constructor(private readonly owner: ComposerOwner) {
    this.note = make("p", { class: "caution", attributes: { role: "status", hidden: true } });
    this.box = make("textarea", {
      attributes: { rows: "1", enterkeyhint: "send", autocomplete: "off", dir: "auto", part: "input" },
      on: { input: () => this.changed(), keydown: (event) => this.key(event as KeyboardEvent) },
    });
    this.button = make("button", { class: "send", attributes: { type: "submit" } }, icon("send"));
    this.element = make(
      "form",
      { class: "composer", attributes: { novalidate: true }, on: { submit: (event) => this.submit(event) } },
      this.note,
      make("div", { class: "row" }, this.box, this.button),
    );
    this.fit();
  }

  get text(): string {
    return this.box.value;
  }

  speak(texts: Texts): void {
    this.texts = texts;
    this.box.placeholder = texts.placeholder;
    this.box.setAttribute("aria-label", texts.message);
    this.button.setAttribute("aria-label", texts.send);
    this.button.title = texts.send;
    this.look();
  }

  allow(characters: number): void {
    this.limit = characters;
    this.look();
  }

  write(text: string): void {
    this.box.value = text;
    this.look();
    this.fit();
  }

  focus(): void {
    this.box.focus({ preventScroll: true });
  }

  private key(event: KeyboardEvent): void {
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.send();
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.send();
  }

  private send(): void {
    const text = this.box.value.trim();
    if (text === "" || lengthOf(text) > this.limit) return;
    this.write("");
    this.owner.written("");
    this.owner.send(text);
    this.focus();
  }

  private changed(): void {
    this.look();
    this.fit();
    this.owner.written(this.box.value);
  }

  private look(): void {
    const length = lengthOf(this.box.value.trim());
    const words = this.words(length);
    this.note.hidden = words === "";
    this.note.textContent = words;
    this.note.classList.toggle("bad", length > this.limit);
    this.button.disabled = length === 0 || length > this.limit;
  }

  /** Nothing is cut silently: a text that is too long stays as it is and says by how much. */
  private words(length: number): string {
    if (!this.texts) return "";
    if (length > this.limit) return this.texts.tooLong(length - this.limit);
    const personal = personalNumberIn(this.box.value);
    if (personal === "bank_card") return this.texts.bankCard;
    if (personal === "identity_number") return this.texts.identityNumber;
    return length > this.limit * SHOW_LEFT_FROM ? this.texts.left(this.limit - length) : "";
  }

  private fit(): void {
    this.box.style.height = "auto";
    if (this.box.scrollHeight > 0) this.box.style.height = `${Math.min(this.box.scrollHeight, 132)}px`;
  }
}
