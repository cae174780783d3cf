/** `<sure-button>`: a button for what cannot be undone; the first press asks, the second does it. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { look } from "./look.ts";

const FORGET_AFTER_MS = 4_000;

export class SureButton extends LitElement {
  static override properties = {
    label: {},
    question: {},
    disabled: { type: Boolean },
    small: { type: Boolean },
    asked: { state: true },
  };
  static override styles = [
    look,
    css`
      :host {
        display: inline-flex;
      }
    `,
  ];
  declare label: string;
  declare question: string;
  declare disabled: boolean;
  declare small: boolean;
  declare asked: boolean;
  private timer = 0;

  constructor() {
    super();
    this.label = "";
    this.question = "";
    this.disabled = false;
    this.small = false;
    this.asked = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override render(): TemplateResult {
    const kind = `button ${this.asked ? "sure" : "bad"}${this.small ? " small" : ""}`;
    return html`<button type="button" class=${kind} ?disabled=${this.disabled} @click=${this.press}>
      ${this.asked ? this.question : this.label}
    </button>`;
  }

  press(): void {
    clearTimeout(this.timer);
    this.asked = !this.asked;
    if (!this.asked) this.dispatchEvent(new CustomEvent("sure"));
    else
      this.timer = window.setTimeout(() => {
        this.asked = false;
      }, FORGET_AFTER_MS);
  }
}

customElements.define("sure-button", SureButton);
