/** `<conversation-head>`: what a conversation is about, how it stands, and what can be done with it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { Speech } from "../desk/speech.ts";
import { Ticking } from "../desk/ticking.ts";
import type { Summary } from "../wire/staff_frames.ts";
import type { CommandBar } from "./command_bar.ts";
import "./command_bar.ts";
import { type Act, offersFor, type Person } from "./commands.ts";
import { ratingChip } from "./conversation_line.ts";
import { deadlineChip } from "./deadline_chip.ts";
import { intentWords, plain } from "./intent_names.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const MOOD_LOOKS: Readonly<Record<string, string>> = { angry: "bad", negative: "warn", positive: "good" };

export class ConversationHead extends LitElement {
  static override properties = { summary: { attribute: false }, person: { attribute: false } };
  declare summary: Summary | undefined;
  declare person: Person;
  private readonly speech = new Speech(this);
  private readonly ticking = new Ticking(this);

  constructor() {
    super();
    this.summary = undefined;
    this.person = { id: "", isAdmin: false, holderIsGone: false };
  }

  /** Obeys a key: what is not offered now is not done. */
  act(act: Act): void {
    const offers = this.summary ? offersFor(this.summary, this.person) : [];
    if (!offers.some((offer) => offer.act === act)) return;
    if (act === "close" || act === "take_over") {
      this.renderRoot.querySelector<CommandBar>("command-bar")?.pressSure(act);
    } else this.tell("act", act);
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts, summary } = this;
    return html`
      <button class="button plain back" aria-label=${texts.back} title=${texts.back} @click=${() => this.tell("back")}>
        ${picture("back")}
      </button>
      <div class="what">
        <h2>${this.topic()}</h2>
        <p class="facts">${summary ? this.facts(summary) : nothing}</p>
      </div>
      ${
        summary
          ? html`<command-bar
              .offers=${offersFor(summary, this.person)}
              .holder=${summary.holder?.name ?? ""}
              .fromBot=${summary.stage === "with_bot"}
              @act=${(event: CustomEvent<Act>) => this.tell("act", event.detail)}
            ></command-bar>`
          : nothing
      }
    `;
  }

  private topic(): string {
    const { summary, texts } = this;
    if (summary?.intent) return intentWords(summary.intent, this.speech.language);
    return summary?.reason ? (texts.reasons[summary.reason] ?? plain(summary.reason)) : texts.shopper;
  }

  private facts(summary: Summary): TemplateResult {
    const { texts } = this;
    const mood = summary.mood ?? "neutral";
    return html`
      ${summary.language ? html`<span class="chip">${texts.languages[summary.language]}</span>` : nothing}
      ${this.stageChip(summary)} ${deadlineChip(summary.deadline, this.ticking.now, this.speech.language)}
      ${mood === "neutral" ? nothing : html`<span class="chip ${MOOD_LOOKS[mood] ?? ""}">${texts.moods[mood] ?? mood}</span>`}
      ${summary.left_message ? html`<span class="chip accent">${texts.leftMessage}</span>` : nothing}
      ${summary.order ? html`<span class="chip code">${summary.order}</span>` : nothing}
      ${summary.score === undefined ? nothing : ratingChip(summary.score, texts)}
    `;
  }

  private stageChip({ stage, holder }: Summary): TemplateResult {
    const { texts } = this;
    if (holder && stage === "with_staff") {
      const mine = holder.id === this.person.id;
      return html`<span class="chip named ${mine ? "accent" : "warn"}">${mine ? texts.heldByYou : texts.heldBy(holder.name)}</span>`;
    }
    return html`<span class="chip">${texts.stages[stage]}</span>`;
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: flex;
        flex: none;
        align-items: center;
        gap: 8px 12px;
        padding: 10px 16px;
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
      }
      .back {
        display: none;
        flex: none;
        padding: 4px;
        min-inline-size: 40px;
        min-block-size: 40px;
      }
      .what {
        flex: 1;
        min-inline-size: 0;
      }
      h2 {
        overflow: hidden;
        font-size: 16px;
        line-height: 1.35;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      h2::first-letter {
        text-transform: uppercase;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        gap: 5px;
        margin-block-start: 3px;
      }
      @media (max-width: 800px) {
        :host {
          padding: 8px 10px;
        }
        .back {
          display: inline-flex;
        }
      }
    `,
  ];
}

customElements.define("conversation-head", ConversationHead);
