/** `<conversation-view>`: one conversation with what can be done about it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { Speech } from "../desk/speech.ts";
import "../desk/sure_button.ts";
import type { Trace } from "../rest/answers.ts";
import type { StaffCommand, Summary } from "../wire/staff_frames.ts";
import type { Followed, Unaccepted } from "../wire/staff_socket.ts";
import "./packet_card.ts";
import type { StaffComposer } from "./staff_composer.ts";
import "./staff_composer.ts";
import { type InboxTexts, inboxTexts, plain } from "./texts.ts";
import type { TranscriptView } from "./transcript_view.ts";
import "./transcript_view.ts";

export class ConversationView extends LitElement {
  static override properties = {
    followed: { attribute: false },
    summary: { attribute: false },
    unaccepted: { attribute: false },
    traces: { attribute: false },
    me: {},
    revision: { type: Number },
  };
  declare followed: Followed | null;
  declare summary: Summary | undefined;
  declare unaccepted: readonly Unaccepted[];
  declare traces: Readonly<Record<string, Trace>>;
  declare me: string;
  declare revision: number;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.followed = null;
    this.summary = undefined;
    this.unaccepted = [];
    this.traces = {};
    this.me = "";
    this.revision = 0;
  }

  write(kind: "say" | "note", draft?: string): void {
    this.renderRoot.querySelector<StaffComposer>("staff-composer")?.begin(kind, draft);
  }

  explainLast(): void {
    this.renderRoot.querySelector<TranscriptView>("transcript-view")?.explainLast();
  }

  get isMine(): boolean {
    return this.summary?.stage === "with_staff" && this.summary.holder?.id === this.me;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { followed, texts } = this;
    if (!followed) {
      return html`<div class="none"><h2>${texts.choose}</h2><p class="soft">${texts.chooseHint}</p></div>`;
    }
    return html`
      <div class="talk">
        ${this.head()}
        <details class="packet-top">
          <summary>${texts.packet}…</summary>
          <packet-card .packet=${followed.packet}></packet-card>
        </details>
        <transcript-view
          .followed=${followed}
          .unaccepted=${this.unaccepted}
          .traces=${this.traces}
          .me=${this.me}
          .revision=${this.revision}
          @use-draft=${(event: CustomEvent<string>) => this.write("say", event.detail)}
          @older=${this.pass}
          @again=${this.pass}
          @discard=${this.pass}
          @want-traces=${this.pass}
        ></transcript-view>
        <staff-composer
          .mayReply=${this.isMine}
          .hint=${this.hint()}
          @written=${this.pass}
          @types=${this.pass}
        ></staff-composer>
      </div>
      <aside><packet-card .packet=${followed.packet}></packet-card></aside>
    `;
  }

  private head(): TemplateResult {
    const { texts, summary } = this;
    return html`<div class="head">
      <button class="button plain back" aria-label=${texts.back} title=${texts.back} @click=${() => this.tell("back")}>
        ${picture("back")}
      </button>
      <div class="what">
        <h2>${this.topic()}</h2>
        <p class="facts">
          ${summary?.language ? html`<span class="chip">${texts.languages[summary.language]}</span>` : nothing}
          ${this.stageChip()}
          ${summary?.order ? html`<span class="chip code">${summary.order}</span>` : nothing}
        </p>
      </div>
      <div class="commands">${this.commands()}</div>
    </div>`;
  }

  private topic(): string {
    const { summary, texts } = this;
    if (summary?.intent) return plain(summary.intent);
    return summary?.reason ? (texts.reasons[summary.reason] ?? plain(summary.reason)) : texts.shopper;
  }

  private stageChip(): TemplateResult | typeof nothing {
    const { summary, texts } = this;
    if (!summary) return nothing;
    if (summary.holder && summary.stage === "with_staff") {
      const words = this.isMine ? texts.heldByYou : texts.heldBy(summary.holder.name);
      return html`<span class="chip ${this.isMine ? "accent" : "warn"}">${words}</span>`;
    }
    return html`<span class="chip">${texts.stages[summary.stage]}</span>`;
  }

  private commands(): TemplateResult | typeof nothing {
    const { summary, texts } = this;
    if (summary?.stage === "waiting_for_staff") {
      return html`<button class="button strong" title=${texts.claimHint} @click=${() => this.command("claim")}>
        ${texts.claim}
      </button>`;
    }
    if (!this.isMine) return nothing;
    return html`
      <button class="button" title=${texts.handBackHint} @click=${() => this.command("hand_back")}>${texts.handBack}</button>
      <button class="button plain" title=${texts.releaseHint} @click=${() => this.command("release")}>
        ${texts.release}
      </button>
      <sure-button .label=${texts.close} .question=${texts.closeSure} @sure=${() => this.command("close")}></sure-button>
    `;
  }

  private hint(): string {
    const { summary, texts } = this;
    if (!summary || this.isMine) return "";
    if (summary.stage === "waiting_for_staff") return texts.mustClaim;
    if (summary.stage === "with_bot") return texts.botAnswers;
    if (summary.stage === "closed") return texts.closedNow;
    return summary.holder ? texts.heldElsewhere(summary.holder.name) : texts.mustClaim;
  }

  private command(command: StaffCommand): void {
    this.tell("command", command);
  }

  private pass(event: CustomEvent): void {
    this.tell(event.type, event.detail);
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: flex;
        min-block-size: 0;
        min-inline-size: 0;
      }
      .none {
        display: grid;
        align-content: center;
        gap: 6px;
        flex: 1;
        padding: 40px;
        text-align: center;
      }
      .none h2 {
        font-size: 18px;
      }
      .talk {
        display: flex;
        flex: 1;
        flex-direction: column;
        min-block-size: 0;
        min-inline-size: 0;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 10px 16px;
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
      }
      .back {
        display: none;
        padding: 4px;
        min-inline-size: 40px;
        min-block-size: 40px;
      }
      .what {
        flex: 1;
        min-inline-size: 160px;
      }
      h2 {
        font-size: 16px;
        line-height: 1.35;
      }
      .what h2::first-letter {
        text-transform: uppercase;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 5px;
        margin-block-start: 3px;
      }
      .commands {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      aside {
        flex: none;
        inline-size: 300px;
        padding: 18px;
        overflow-y: auto;
        border-inline-start: 1px solid var(--sk-line);
        background: var(--sk-paper);
      }
      .packet-top {
        display: none;
        padding: 8px 16px;
        max-block-size: 45vh;
        overflow-y: auto;
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .packet-top summary {
        min-block-size: 28px;
        font-weight: 600;
        cursor: pointer;
      }
      @media (max-width: 1120px) {
        aside {
          display: none;
        }
        .packet-top {
          display: block;
        }
      }
      @media (max-width: 800px) {
        .back {
          display: inline-flex;
        }
        .head {
          padding: 8px 10px;
        }
      }
    `,
  ];
}

customElements.define("conversation-view", ConversationView);
