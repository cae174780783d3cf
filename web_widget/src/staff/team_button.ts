/** `<team-button>`: how many colleagues are here; opens the list of them with what each has in hand. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { PressedElsewhere } from "../desk/pressed_elsewhere.ts";
import { Speech } from "../desk/speech.ts";
import type { Language } from "../wire/frames.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { colleagueLook } from "./colleague_look.ts";
import { inOrder, isFull } from "./colleagues.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export class TeamButton extends LitElement {
  static override properties = {
    colleagues: { attribute: false },
    open: { state: true },
  };
  /** Everybody, oneself too. */
  declare colleagues: readonly Colleague[];
  declare open: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.colleagues = [];
    this.open = false;
    new PressedElsewhere(this, () => {
      this.open = false;
    });
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const here = this.colleagues.filter(({ presence }) => presence === "present").length;
    return html`<button
        class="button plain small-print opener"
        aria-expanded=${String(this.open)}
        title=${this.texts.team}
        @click=${this.toggle}
        @keydown=${this.key}
      >
        ${this.texts.staffPresent(here)}
      </button>
      ${this.open ? this.listView() : nothing}`;
  }

  /** Whoever has the inbox closed is not of the team of the moment, but for what they hold. */
  private listView(): TemplateResult {
    const { texts } = this;
    const shown = inOrder(this.colleagues, null, "").filter(
      ({ presence, holding }) => presence !== "gone" || holding > 0,
    );
    return html`<ul class="team" aria-label=${texts.team}>
      ${shown.length === 0 ? html`<li class="soft">${texts.teamEmpty}</li>` : nothing}
      ${shown.map((one) => this.personView(one))}
    </ul>`;
  }

  private personView(one: Colleague): TemplateResult {
    const { texts } = this;
    const languages = one.languages.map((code) => texts.languages[code as Language] ?? code).join(" · ");
    return html`<li>
      <i class=${one.presence} aria-hidden="true"></i>
      <span class="who"><b>${one.name}</b><small>${[texts.presences[one.presence], languages].filter(Boolean).join(" · ")}</small></span>
      <span class="chip figure ${isFull(one) ? "warn" : ""}">${texts.load(one.holding, one.capacity)}</span>
    </li>`;
  }

  private toggle(): void {
    this.open = !this.open;
  }

  private key(event: KeyboardEvent): void {
    if (!this.open || event.key !== "Escape") return;
    this.open = false;
    event.preventDefault();
    event.stopPropagation();
  }

  static override styles = [
    look,
    colleagueLook,
    css`
      :host {
        position: relative;
      }
      .opener {
        padding: 4px 8px;
        font-weight: 400;
        white-space: nowrap;
      }
      .team {
        position: absolute;
        z-index: 5;
        inset-block-start: 100%;
        inset-inline-start: 0;
        display: grid;
        gap: 2px;
        min-inline-size: 270px;
        max-block-size: 70vh;
        margin: 4px 0 0;
        padding: 8px;
        overflow-y: auto;
        border: 1px solid var(--sk-line);
        border-radius: 12px;
        background: var(--sk-paper);
        box-shadow: 0 12px 32px rgb(0 0 0 / 14%);
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 6px 8px;
      }
    `,
  ];
}

customElements.define("team-button", TeamButton);
