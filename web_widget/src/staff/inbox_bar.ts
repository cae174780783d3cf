/** `<inbox-bar>`: presence and load, mentions, alerts, connection, language, help, who is signed in. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { chooseLanguage, Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import { comingTime } from "../text/moments.ts";
import type { DeskHours } from "../wire/frames.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { isFull } from "./colleagues.ts";
import "./team_button.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

type Tool = "sound" | "mute" | "at" | "help" | "exit";

export class InboxBar extends LitElement {
  static override properties = {
    name: {},
    isAdmin: { type: Boolean },
    present: { type: Boolean },
    colleagues: { attribute: false },
    me: {},
    live: { type: Boolean },
    wasLive: { type: Boolean },
    sound: { type: Boolean },
    calls: { type: Number },
    hours: { attribute: false },
  };
  declare name: string;
  declare isAdmin: boolean;
  declare present: boolean;
  /** Everybody, oneself too. */
  declare colleagues: readonly Colleague[];
  declare me: string;
  declare live: boolean;
  /** Whether there was a connection before: only then has one been lost. */
  declare wasLive: boolean;
  declare sound: boolean;
  /** Notes that call this person and were not looked at. */
  declare calls: number;
  declare hours: DeskHours | null;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.name = "";
    this.isAdmin = false;
    this.present = true;
    this.colleagues = [];
    this.me = "";
    this.live = false;
    this.wasLive = false;
    this.sound = false;
    this.calls = 0;
    this.hours = null;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts } = this;
    const desk = deskTexts[this.speech.language];
    return html`
      <b class="brand">${desk.product}</b>
      <h1 class="place soft">${texts.pageTitle}</h1>
      <button
        class="switch"
        role="switch"
        aria-checked=${String(this.present)}
        title=${texts.presentHint}
        @click=${() => this.tell("presence")}
      >
        <i></i> ${this.present ? texts.present : texts.away}
      </button>
      ${this.loadView()}
      <team-button class="here" .colleagues=${this.colleagues}></team-button>
      ${this.closedView()}
      <span class="lost" role="status">${this.live ? nothing : this.wasLive ? texts.reconnecting : texts.connecting}</span>
      ${this.tool("at", texts.calledYou, "mentions", this.calls)}
      ${this.tool(this.sound ? "sound" : "mute", texts.alertSettings, "alerts")}
      <span class="wide">${this.tool("help", texts.help, "help")}</span>
      <button class="button plain language" @click=${this.switchLanguage} aria-label=${desk.switchLanguage}>
        ${desk.otherLanguage}
      </button>
      ${this.isAdmin ? html`<a class="button plain wide" href="console">${desk.toConsole}</a>` : nothing}
      <span class="name wide" title=${this.name}>${this.name}</span>
      ${this.tool("exit", desk.signOut, "sign-out")}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.role = "banner";
  }

  private loadView(): TemplateResult | typeof nothing {
    const mine = this.colleagues.find(({ id }) => id === this.me);
    if (!mine || (mine.holding === 0 && mine.capacity === undefined)) return nothing;
    const words = this.texts.load(mine.holding, mine.capacity);
    return html`<span class="chip figure here ${isFull(mine) ? "warn" : ""}">${words}</span>`;
  }

  /** While the shop is closed timers stand still until it opens: said, so that they are understood. */
  private closedView(): TemplateResult | typeof nothing {
    const { hours, texts } = this;
    const opens = Date.parse(hours?.opens_at ?? "");
    if (!hours || hours.open || opens <= Date.now()) return nothing;
    const { language } = this.speech;
    const when = Number.isNaN(opens) ? "" : comingTime(new Date(opens).toISOString(), new Date(), language);
    return html`<span class="chip warn here" title=${hours.hours[language]}>${texts.closedUntil(when)}</span>`;
  }

  private tool(drawing: Tool, words: string, event: string, count = 0): TemplateResult {
    return html`<button
      class="button plain tool"
      aria-label=${count > 0 ? `${words} (${count})` : words}
      title=${words}
      @click=${() => this.tell(event)}
    >
      ${picture(drawing)}${count > 0 ? html`<span class="count figure">${count}</span>` : nothing}
    </button>`;
  }

  private switchLanguage(): void {
    chooseLanguage(this.speech.language === "zh" ? "en" : "zh");
  }

  private tell(name: string): void {
    this.dispatchEvent(new CustomEvent(name));
  }

  static override styles = [
    look,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 6px 12px;
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .brand {
        color: var(--sk-accent);
        font-size: 16px;
      }
      .place {
        font-size: inherit;
        font-weight: 400;
        margin-inline: 6px 14px;
      }
      .switch {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        min-block-size: 36px;
        padding: 4px 10px;
        border: 0;
        border-radius: 10px;
        background: none;
        font-weight: 550;
        white-space: nowrap;
      }
      .switch i {
        position: relative;
        inline-size: 34px;
        block-size: 20px;
        border-radius: 10px;
        background: var(--sk-line-strong);
        transition: background var(--sk-quick);
      }
      .switch i::after {
        content: "";
        position: absolute;
        inset-block-start: 2px;
        inset-inline-start: 2px;
        inline-size: 16px;
        block-size: 16px;
        border-radius: 50%;
        background: var(--sk-paper);
        transition: inset-inline-start var(--sk-quick);
      }
      .switch[aria-checked="true"] i {
        background: #2e9e5b;
      }
      .switch[aria-checked="true"] i::after {
        inset-inline-start: 16px;
      }
      .here {
        margin-inline-end: 6px;
        white-space: nowrap;
      }
      .lost {
        flex: 1;
        padding-inline: 8px;
        font-size: 13.5px;
        text-align: end;
        color: var(--sk-warn);
      }
      .tool {
        position: relative;
        padding: 4px;
        min-inline-size: 36px;
      }
      .count {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: 0;
        min-inline-size: 16px;
        padding: 0 4px;
        border-radius: 8px;
        background: var(--sk-accent);
        font-size: 11px;
        line-height: 16px;
        color: var(--sk-on-accent);
      }
      .tool,
      .wide {
        flex: none;
      }
      .name {
        flex: 0 1 auto;
        max-inline-size: 16em;
        padding-inline: 6px;
        overflow: hidden;
        font-weight: 550;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 1000px) {
        .here {
          display: none;
        }
      }
      @media (max-width: 800px) {
        .place {
          position: absolute;
          clip-path: inset(50%);
        }
        .wide {
          display: none;
        }
        :host {
          flex-wrap: wrap;
          gap: 0 2px;
          padding-inline: 8px;
        }
        .brand {
          display: none;
        }
        .language {
          padding-inline: 6px;
        }
        .tool {
          min-block-size: 40px;
        }
        .lost {
          padding-inline: 0;
          font-size: 12.5px;
        }
      }
    `,
  ];
}

customElements.define("inbox-bar", InboxBar);
