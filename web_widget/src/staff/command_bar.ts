/** `<command-bar>`: what can be done with a conversation; fires `act`. On a phone all but the first go into a menu. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { MenuButton, MenuItem } from "../desk/menu_button.ts";
import "../desk/menu_button.ts";
import { Speech } from "../desk/speech.ts";
import type { SureButton } from "../desk/sure_button.ts";
import "../desk/sure_button.ts";
import type { Act, Offer } from "./commands.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const NARROW = "(max-width: 800px)";
const KEYS: Readonly<Record<Act, string>> = {
  claim: "c",
  transfer: "t",
  take_over: "o",
  release: "u",
  hand_back: "h",
  close: "x",
  reopen: "o",
};

export class CommandBar extends LitElement {
  static override properties = {
    offers: { attribute: false },
    holder: {},
    fromBot: { type: Boolean },
    isNarrow: { state: true },
  };
  declare offers: readonly Offer[];
  /** Name of the one who has it, empty when nobody has. */
  declare holder: string;
  declare fromBot: boolean;
  declare isNarrow: boolean;
  private readonly speech = new Speech(this);
  private readonly narrow = matchMedia(NARROW);

  constructor() {
    super();
    this.offers = [];
    this.holder = "";
    this.fromBot = false;
    this.isNarrow = this.narrow.matches;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.narrow.addEventListener("change", this.widthChanged);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.narrow.removeEventListener("change", this.widthChanged);
  }

  /** The key for what wants to be asked twice: the first press asks, the second does it. */
  pressSure(act: "close" | "take_over"): void {
    const button = this.renderRoot.querySelector<SureButton>(`sure-button[data-act="${act}"]`);
    if (button) button.press();
    else this.renderRoot.querySelector<MenuButton>("menu-button")?.show(act);
  }

  override render(): TemplateResult {
    const inMenu = this.offers.filter(({ rank }, index) => rank === "more" || (this.isNarrow && index > 0));
    return html`${this.offers.filter((offer) => !inMenu.includes(offer)).map((offer) => this.button(offer))}
    ${
      inMenu.length > 0
        ? html`<menu-button
            .label=${this.texts.moreCommands}
            .items=${inMenu.map(({ act }) => this.item(act))}
            @chosen=${(event: CustomEvent<Act>) => this.tell(event.detail)}
          ></menu-button>`
        : nothing
    }`;
  }

  private readonly widthChanged = (): void => {
    this.isNarrow = this.narrow.matches;
  };

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private button({ act, rank }: Offer): TemplateResult {
    if (act === "close" || act === "take_over") {
      return html`<sure-button
        data-act=${act}
        .label=${this.words(act)}
        .question=${act === "close" ? this.texts.closeSure : this.texts.takeOverSure(this.holder)}
        @sure=${() => this.tell(act)}
      ></sure-button>`;
    }
    return html`<button class="button ${rank === "strong" ? "strong" : ""}" title=${this.hint(act)} @click=${() => this.tell(act)}>
      ${this.words(act)}
    </button>`;
  }

  private item(act: Act): MenuItem {
    return { name: act, words: this.words(act), hint: this.hint(act), key: KEYS[act], bad: act === "close" };
  }

  private words(act: Act): string {
    const { texts } = this;
    const words: Readonly<Record<Act, string>> = {
      claim: this.fromBot ? texts.takeFromBot : texts.claim,
      transfer: texts.transfer,
      take_over: texts.takeOver,
      release: texts.release,
      hand_back: texts.handBack,
      close: texts.close,
      reopen: texts.reopen,
    };
    return words[act];
  }

  private hint(act: Act): string {
    const { texts } = this;
    const hints: Readonly<Record<Act, string>> = {
      claim: this.fromBot ? texts.takeFromBotHint : texts.claimHint,
      transfer: texts.transferHint,
      take_over: "",
      release: texts.releaseHint,
      hand_back: texts.handBackHint,
      close: "",
      reopen: texts.reopenHint,
    };
    return hints[act];
  }

  private tell(act: Act): void {
    this.dispatchEvent(new CustomEvent<Act>("act", { detail: act }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 6px;
      }
    `,
  ];
}

customElements.define("command-bar", CommandBar);
