/** `<menu-button>`: a button that opens a short list of things to do; fires `chosen` with the name of one. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "./look.ts";
import { picture } from "./pictures.ts";
import { PressedElsewhere } from "./pressed_elsewhere.ts";

export interface MenuItem {
  readonly name: string;
  readonly words: string;
  readonly hint?: string;
  /** The key that does the same. */
  readonly key?: string;
  readonly bad?: boolean;
}

export class MenuButton extends LitElement {
  static override properties = {
    label: {},
    items: { attribute: false },
    open: { state: true },
  };
  declare label: string;
  declare items: readonly MenuItem[];
  declare open: boolean;

  constructor() {
    super();
    this.label = "";
    this.items = [];
    this.open = false;
    new PressedElsewhere(this, () => {
      this.open = false;
    });
  }

  override render(): TemplateResult {
    return html`<button
        class="button plain opener"
        aria-label=${this.label}
        title=${this.label}
        aria-haspopup="menu"
        aria-expanded=${String(this.open)}
        @click=${this.toggle}
      >
        ${picture("more")}
      </button>
      ${this.open ? this.menu() : nothing}`;
  }

  /** For a key that wants to be asked twice: opens the list at one item; at it already, chooses it. */
  show(name: string): void {
    const index = this.items.findIndex((item) => item.name === name);
    const item = this.items[index];
    if (!item) return;
    if (this.open && this.focused() === index) return this.choose(item);
    this.open = true;
    void this.updateComplete.then(() => this.focusItem(index));
  }

  private menu(): TemplateResult {
    return html`<div class="menu" role="menu" aria-label=${this.label} @keydown=${this.key}>
      ${this.items.map(
        (item) => html`<button
          role="menuitem"
          tabindex="-1"
          class="item ${item.bad ? "bad" : ""}"
          @click=${() => this.choose(item)}
        >
          <span>${item.words}${item.hint ? html`<small>${item.hint}</small>` : nothing}</span>
          ${item.key ? html`<kbd>${item.key}</kbd>` : nothing}
        </button>`,
      )}
    </div>`;
  }

  private toggle(): void {
    this.open = !this.open;
    if (this.open) void this.updateComplete.then(() => this.focusItem(0));
  }

  private choose({ name }: MenuItem): void {
    this.close();
    this.dispatchEvent(new CustomEvent<string>("chosen", { detail: name }));
  }

  private close(): void {
    this.open = false;
    this.renderRoot.querySelector<HTMLButtonElement>(".opener")?.focus();
  }

  private key(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, (at: number) => number>> = {
      ArrowDown: (at) => at + 1,
      ArrowUp: (at) => at - 1,
      Home: () => 0,
      End: () => this.items.length - 1,
    };
    const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (move) this.focusItem(move(this.focused()));
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.open = false;
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  }

  private get buttons(): readonly HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLButtonElement>(".item")];
  }

  private focused(): number {
    return this.buttons.findIndex((button) => button.matches(":focus"));
  }

  private focusItem(index: number): void {
    const { buttons } = this;
    buttons[(index + buttons.length) % buttons.length]?.focus();
  }

  static override styles = [
    look,
    css`
      :host {
        position: relative;
        display: inline-flex;
      }
      .opener {
        padding: 4px;
        min-inline-size: 36px;
      }
      .menu {
        position: absolute;
        inset-block-start: calc(100% + 4px);
        inset-inline-end: 0;
        z-index: 4;
        display: grid;
        min-inline-size: 220px;
        max-inline-size: min(320px, 90vw);
        padding: 6px;
        border: 1px solid var(--sk-line);
        border-radius: 12px;
        background: var(--sk-paper);
        box-shadow: var(--sk-shadow-high);
      }
      .item {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        min-block-size: 40px;
        padding: 6px 10px;
        border: 0;
        border-radius: 8px;
        background: none;
        font-size: 14px;
        text-align: start;
      }
      .item:hover,
      .item:focus-visible {
        background: var(--sk-hover);
      }
      .item.bad {
        color: var(--sk-bad);
      }
      small {
        display: block;
        font-size: 12.5px;
        color: var(--sk-ink-soft);
      }
      kbd {
        flex: none;
        padding: 0 6px;
        border: 1px solid var(--sk-line-strong);
        border-radius: 5px;
        font-family: var(--sk-font-mono);
        font-size: 12px;
        color: var(--sk-ink-soft);
      }
      @media (pointer: coarse), (max-width: 800px) {
        kbd {
          display: none;
        }
      }
    `,
  ];
}

customElements.define("menu-button", MenuButton);
