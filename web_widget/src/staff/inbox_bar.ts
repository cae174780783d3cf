/** `<inbox-bar>`: presence, alerts, connection, language, help, who is signed in. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { chooseLanguage, Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export class InboxBar extends LitElement {
  static override properties = {
    name: {},
    isAdmin: { type: Boolean },
    present: { type: Boolean },
    staffPresent: { type: Number },
    live: { type: Boolean },
    sound: { type: Boolean },
    notifications: { type: Boolean },
  };
  declare name: string;
  declare isAdmin: boolean;
  declare present: boolean;
  declare staffPresent: number;
  declare live: boolean;
  declare sound: boolean;
  declare notifications: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.name = "";
    this.isAdmin = false;
    this.present = true;
    this.staffPresent = 0;
    this.live = false;
    this.sound = false;
    this.notifications = false;
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
      <span class="small-print here">${texts.staffPresent(this.staffPresent)}</span>
      <span class="lost" role="status">${this.live ? nothing : texts.reconnecting}</span>
      ${this.tool(this.sound ? "sound" : "mute", this.sound ? texts.soundOn : texts.soundOff, "sound", this.sound)}
      ${this.tool(
        "bell",
        this.notifications ? texts.notificationsOn : texts.notificationsOff,
        "notifications",
        this.notifications,
      )}
      <span class="wide">${this.tool("help", texts.help, "help")}</span>
      <button class="button plain language" @click=${this.switchLanguage} aria-label=${desk.switchLanguage}>
        ${desk.otherLanguage}
      </button>
      ${this.isAdmin ? html`<a class="button plain wide" href="console">${desk.toConsole}</a>` : nothing}
      <span class="name wide">${this.name}</span>
      ${this.tool("exit", desk.signOut, "sign-out")}
    `;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.role = "banner";
  }

  private tool(
    drawing: "sound" | "mute" | "bell" | "help" | "exit",
    words: string,
    event: string,
    on?: boolean,
  ): TemplateResult {
    return html`<button
      class="button plain tool ${on === true ? "on" : ""}"
      aria-label=${words}
      title=${words}
      aria-pressed=${on === undefined ? nothing : String(on)}
      @click=${() => this.tell(event)}
    >
      ${picture(drawing)}
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
      .lost {
        flex: 1;
        padding-inline: 8px;
        font-size: 13.5px;
        text-align: end;
        color: var(--sk-warn);
      }
      .tool {
        padding: 4px;
        min-inline-size: 36px;
      }
      .tool.on {
        color: var(--sk-accent);
      }
      .name {
        padding-inline: 6px;
        font-weight: 550;
      }
      @media (max-width: 800px) {
        .place {
          position: absolute;
          clip-path: inset(50%);
        }
        .here,
        .wide {
          display: none;
        }
        :host {
          flex-wrap: wrap;
          gap: 0 2px;
          padding-inline: 8px;
        }
        .brand {
          margin-inline-end: 4px;
        }
        .language {
          padding-inline: 6px;
        }
        .tool {
          min-block-size: 40px;
        }
      }
    `,
  ];
}

customElements.define("inbox-bar", InboxBar);
