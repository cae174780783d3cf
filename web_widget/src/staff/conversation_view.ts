/** `<conversation-view>`: one conversation: its head, the talk, the composer, and what stands beside it. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Trace } from "../rest/answers.ts";
import type { Followed } from "../wire/followed.ts";
import type { Colleague, Summary } from "../wire/staff_frames.ts";
import type { Unaccepted } from "../wire/staff_unsent.ts";
import type { CannedReply } from "./canned.ts";
import type { Act, Person } from "./commands.ts";
import type { ConversationHead } from "./conversation_head.ts";
import "./conversation_head.ts";
import type { Drafts, Kind } from "./drafts.ts";
import type { SidePanel } from "./side_panel.ts";
import "./side_panel.ts";
import type { StaffComposer } from "./staff_composer.ts";
import "./staff_composer.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";
import type { TranscriptView } from "./transcript_view.ts";
import "./transcript_view.ts";
import { watchersLine } from "./watchers_line.ts";

export class ConversationView extends LitElement {
  static override properties = {
    followed: { attribute: false },
    summary: { attribute: false },
    unaccepted: { attribute: false },
    traces: { attribute: false },
    replies: { attribute: false },
    colleagues: { attribute: false },
    tagsInUse: { attribute: false },
    drafts: { attribute: false },
    textCharacters: { type: Number },
    me: {},
    isAdmin: { type: Boolean },
    revision: { type: Number },
  };
  declare followed: Followed | null;
  declare summary: Summary | undefined;
  declare unaccepted: readonly Unaccepted[];
  declare traces: Readonly<Record<string, Trace>>;
  declare replies: readonly CannedReply[] | null;
  declare colleagues: readonly Colleague[];
  declare tagsInUse: readonly string[];
  declare drafts: Drafts | null;
  declare textCharacters: number;
  declare me: string;
  declare isAdmin: boolean;
  declare revision: number;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.followed = null;
    this.summary = undefined;
    this.unaccepted = [];
    this.traces = {};
    this.replies = null;
    this.colleagues = [];
    this.tagsInUse = [];
    this.drafts = null;
    this.textCharacters = Number.POSITIVE_INFINITY;
    this.me = "";
    this.isAdmin = false;
    this.revision = 0;
  }

  write(kind: Kind, put?: string): void {
    this.composer?.begin(kind, put);
  }

  useFirstSuggestion(): void {
    this.composer?.useFirstSuggestion();
  }

  draftChanged(): void {
    this.composer?.draftChanged();
  }

  explainLast(): void {
    this.renderRoot.querySelector<TranscriptView>("transcript-view")?.explainLast();
  }

  act(act: Act): void {
    this.renderRoot.querySelector<ConversationHead>("conversation-head")?.act(act);
  }

  /** Goes to the tags, wherever the screen has room for them. */
  focusTags(): void {
    const [top, side] = this.renderRoot.querySelectorAll<SidePanel>("side-panel");
    const details = this.renderRoot.querySelector("details");
    if (details && details.offsetParent !== null) {
      details.open = true;
      top?.focusTags();
    } else side?.focusTags();
  }

  get isMine(): boolean {
    return this.summary?.stage === "with_staff" && this.summary.holder?.id === this.me;
  }

  private get composer(): StaffComposer | null {
    return this.renderRoot.querySelector<StaffComposer>("staff-composer");
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private get person(): Person {
    const holder = this.colleagues.find(({ id }) => id === this.summary?.holder?.id);
    return { id: this.me, isAdmin: this.isAdmin, holderIsGone: holder?.presence === "gone" };
  }

  override render(): TemplateResult {
    const { followed, texts, me } = this;
    if (!followed) {
      return html`<div class="none"><h2>${texts.choose}</h2><p class="soft">${texts.chooseHint}</p></div>`;
    }
    return html`
      <div class="talk">
        <conversation-head
          .summary=${this.summary}
          .person=${this.person}
          @back=${this.pass}
          @act=${this.pass}
        ></conversation-head>
        <details class="side-top">
          <summary>${texts.details}</summary>
          ${this.sideView(followed)}
        </details>
        <transcript-view
          .followed=${followed}
          .unaccepted=${this.unaccepted}
          .traces=${this.traces}
          .colleagues=${this.colleagues}
          .me=${me}
          .isAdmin=${this.isAdmin}
          .revision=${this.revision}
          @use-draft=${(event: CustomEvent<string>) => this.write("say", event.detail)}
          @older=${this.pass}
          @again=${this.pass}
          @discard=${this.pass}
          @want-traces=${this.pass}
        ></transcript-view>
        ${watchersLine(followed.watchers, me, this.speech.language)}
        <staff-composer
          .conversation=${followed.id}
          .mayReply=${this.isMine}
          .hint=${this.hint()}
          .replies=${this.replies}
          .colleagues=${this.colleagues.filter(({ id }) => id !== me)}
          .suggestions=${followed.suggestions ?? []}
          .textCharacters=${this.textCharacters}
          .drafts=${this.drafts}
          @written=${this.pass}
          @types=${this.pass}
          @want-replies=${this.pass}
        ></staff-composer>
      </div>
      <aside>${this.sideView(followed)}</aside>
    `;
  }

  private sideView({ packet, contact, page }: Followed): TemplateResult {
    return html`<side-panel
      .packet=${packet}
      .contact=${contact}
      .page=${page}
      .tags=${this.summary?.tags ?? []}
      .tagsInUse=${this.tagsInUse}
      @tag=${this.pass}
    ></side-panel>`;
  }

  private hint(): string {
    const { summary, texts } = this;
    if (!summary || this.isMine) return "";
    if (summary.stage === "waiting_for_staff") return texts.mustClaim;
    if (summary.stage === "with_bot") return texts.botAnswers;
    if (summary.stage === "closed") return texts.closedNow;
    return summary.holder ? texts.heldElsewhere(summary.holder.name) : texts.mustClaim;
  }

  private pass(event: CustomEvent): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail }));
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
      .watchers {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 16px;
        padding: 6px 16px;
        background: var(--sk-warn-soft);
        font-size: 13px;
        color: var(--sk-warn);
      }
      .watchers span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      .watchers .picture {
        flex: none;
        inline-size: 16px;
        block-size: 16px;
      }
      .watchers .writes {
        font-weight: 600;
      }
      aside {
        flex: none;
        inline-size: 300px;
        padding: 18px;
        overflow-y: auto;
        border-inline-start: 1px solid var(--sk-line);
        background: var(--sk-paper);
      }
      .side-top {
        display: none;
        flex: none;
        padding: 6px 16px;
        max-block-size: 45vh;
        overflow-y: auto;
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .side-top summary {
        min-block-size: 28px;
        font-weight: 600;
        cursor: pointer;
      }
      @media (max-width: 1120px) {
        aside {
          display: none;
        }
        .side-top {
          display: block;
        }
      }
    `,
  ];
}

customElements.define("conversation-view", ConversationView);
