/** `<packet-card>`: what the assistant hands over with a conversation. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { dateAndTime } from "../text/moments.ts";
import type { Packet } from "../wire/staff_frames.ts";
import { intentWords, plain } from "./intent_names.ts";
import { takeoverWords } from "./takeover_words.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export class PacketCard extends LitElement {
  static override properties = { packet: { attribute: false } };
  declare packet: Packet | null;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.packet = null;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { packet, texts } = this;
    if (!packet) return html`<p class="soft">${texts.noPacket}</p>`;
    return html`
      <h3>${texts.packet} <time class="soft">${dateAndTime(packet.at, this.speech.language)}</time></h3>
      <dl>
        ${this.fact(texts.reason, texts.reasons[packet.reason] ?? plain(packet.reason))}
        ${packet.why && this.why(packet.why) ? this.fact(this.words.title, this.why(packet.why)) : nothing}
        ${this.fact(texts.mood, this.mood(packet.mood))}
        ${packet.intent ? this.fact(texts.intent, this.intent(packet)) : nothing}
        ${packet.language ? this.fact(texts.language, texts.languages[packet.language]) : nothing}
        ${packet.order ? this.fact(texts.order, html`<span class="code">${packet.order}</span>`) : nothing}
      </dl>
      <h4>${texts.asked}</h4>
      <ul>
        ${packet.asked.map((one) => html`<li dir="auto">${one}</li>`)}
      </ul>
      ${packet.tried.length > 0 ? this.tried(packet) : nothing}
    `;
  }

  private fact(name: string, value: string | TemplateResult): TemplateResult {
    return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  }

  private get words(): (typeof takeoverWords)["en"] {
    return takeoverWords[this.speech.language];
  }

  /** In words that are ours; a sign that this page does not know is left out. */
  private why(signs: readonly string[]): string {
    const known = signs.map((sign) => this.words.signs.get(sign)).filter((one) => one !== undefined);
    return known.join(this.words.between);
  }

  private mood(mood: string): TemplateResult {
    const kind = { angry: "bad", negative: "warn", positive: "good" }[mood] ?? "";
    return html`<span class="chip ${kind}">${this.texts.moods[mood] ?? mood}</span>`;
  }

  private intent({ intent, intent_confidence: share }: Packet): string {
    const name = intentWords(intent ?? "", this.speech.language);
    return share === undefined ? name : `${name} · ${Math.round(share * 100)}%`;
  }

  /** What came to something in full; what merely passed on in one line. */
  private tried(packet: Packet): TemplateResult {
    const { texts } = this;
    const told = packet.tried.filter((one) => one.outcome !== "passed" || one.entry !== undefined);
    const passed = packet.tried.filter((one) => !told.includes(one));
    return html`<h4>${texts.tried}</h4>
      <ol class="tried">
        ${told.map(
          ({ attempt, outcome, entry, score }) => html`<li>
            <span>${texts.attempts[attempt] ?? plain(attempt)} <span class="soft">→ ${texts.outcomes[outcome] ?? plain(outcome)}</span></span>
            ${entry === undefined ? nothing : html`<span class="code soft">${entry}</span>`}
            ${score === undefined ? nothing : html`<span class="figure">${score.toFixed(2)}</span>`}
          </li>`,
        )}
      </ol>
      ${
        passed.length > 0
          ? html`<p class="small-print">${texts.alsoTried}: ${passed.map(({ attempt }) => texts.attempts[attempt] ?? plain(attempt)).join(" · ")}</p>`
          : nothing
      }`;
  }

  static override styles = [
    look,
    css`
      :host {
        display: block;
        font-size: 14px;
      }
      h3 {
        font-size: 14px;
      }
      h3 time {
        display: block;
        font-size: 12.5px;
        font-weight: 400;
      }
      h4,
      dt {
        margin: 0;
        font-size: 12.5px;
        font-weight: 600;
        color: var(--sk-ink-soft);
      }
      h4 {
        margin-block: 16px 4px;
      }
      dl {
        display: grid;
        gap: 10px;
        margin: 14px 0 0;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      ul,
      ol {
        display: grid;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      ul li {
        padding-inline-start: 10px;
        border-inline-start: 3px solid var(--sk-line-strong);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .tried li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 8px;
        padding-block-end: 6px;
        border-block-end: 1px solid var(--sk-line);
        font-size: 13.5px;
      }
      .tried .code {
        grid-row: 2;
      }
      .tried .figure {
        grid-column: 2;
        grid-row: 1;
      }
    `,
  ];
}

customElements.define("packet-card", PacketCard);
