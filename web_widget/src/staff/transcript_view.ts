/** `<transcript-view>`: what was said, by whom, with notes, drafts, happenings and the reasons of the bot. */
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { linkedText } from "../desk/linked_text.ts";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import { Speech } from "../desk/speech.ts";
import type { Trace } from "../rest/answers.ts";
import { clockTime, dayName } from "../text/moments.ts";
import type { ChatEvent } from "../wire/frames.ts";
import type { Followed, Unaccepted } from "../wire/staff_socket.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";
import "./trace_card.ts";

const NEAR_END = 80;

export class TranscriptView extends LitElement {
  static override properties = {
    followed: { attribute: false },
    unaccepted: { attribute: false },
    traces: { attribute: false },
    me: {},
    revision: { type: Number },
    explained: { state: true },
  };
  declare followed: Followed | null;
  declare unaccepted: readonly Unaccepted[];
  declare traces: Readonly<Record<string, Trace>>;
  declare me: string;
  /** Raised whenever the followed conversation changed inside. */
  declare revision: number;
  declare explained: ReadonlySet<string>;
  private readonly speech = new Speech(this);
  private wasAtEnd = true;
  private heightBefore = 0;
  private firstBefore = 0;

  constructor() {
    super();
    this.followed = null;
    this.unaccepted = [];
    this.traces = {};
    this.me = "";
    this.revision = 0;
    this.explained = new Set();
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  /** Opens or closes the reasons of the last bot message. */
  explainLast(): void {
    const turns = this.followed?.transcript.events.map(({ trace_turn }) => trace_turn).filter(Boolean) ?? [];
    const last = turns[turns.length - 1];
    if (last !== undefined) this.explain(last);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("followed")) {
      this.explained = new Set();
      this.wasAtEnd = true;
      this.firstBefore = 0;
      return;
    }
    const { scrollTop, scrollHeight, clientHeight } = this;
    this.wasAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    this.heightBefore = scrollHeight - scrollTop;
  }

  protected override updated(): void {
    const first = this.followed?.transcript.firstSeq ?? 0;
    if (this.wasAtEnd) this.scrollTop = this.scrollHeight;
    else if (first < this.firstBefore) this.scrollTop = this.scrollHeight - this.heightBefore;
    this.firstBefore = first;
  }

  override render(): TemplateResult {
    const { followed, texts } = this;
    if (!followed) return html``;
    let day = "";
    const dayBefore = (event: ChatEvent): TemplateResult | typeof nothing => {
      const name = dayName(event.at, new Date(), this.speech.language);
      if (name === day || name === "") return nothing;
      day = name;
      return html`<div class="day">${name}</div>`;
    };
    const older = html`<button class="button plain small" @click=${() => this.tell("older")}>${texts.older}</button>`;
    return html`
      ${followed.transcript.hasFirst ? nothing : html`<div class="older">${older}</div>`}
      <div role="log" aria-live="polite">
        ${repeat(
          followed.transcript.events,
          ({ seq }) => seq,
          (event) => html`${dayBefore(event)}${this.eventView(event)}`,
        )}
        ${this.readMark(followed)}
      </div>
      ${this.unaccepted.map((message) => this.unacceptedView(message))}
      <p class="types soft" ?hidden=${!followed.shopperTypes}>${texts.shopperTypes}</p>
    `;
  }

  private eventView(event: ChatEvent): TemplateResult | typeof nothing {
    if (event.kind === "staff_noted") return this.noteView(event);
    if (event.kind === "bot_drafted") return this.draftView(event);
    if (event.text !== "") return this.messageView(event);
    const words = this.texts.events[event.kind];
    return words
      ? html`<div class="happening">${words(event.author.name ?? this.authorName(event))} · ${this.time(event)}</div>`
      : nothing;
  }

  private messageView(event: ChatEvent): TemplateResult {
    const { role } = event.author;
    const turn = event.trace_turn;
    return html`<article class="message ${role}">
      <header>
        ${role === "bot" ? picture("assistant") : nothing}
        <b>${this.authorName(event)}</b> ${this.time(event)}
        ${
          turn === undefined
            ? nothing
            : html`<button
              class="link why"
              aria-expanded=${String(this.explained.has(turn))}
              @click=${() => this.explain(turn)}
            >
              ${this.explained.has(turn) ? this.texts.whyHide : this.texts.whyThis}
            </button>`
        }
      </header>
      <p class="text" dir="auto">${linkedText(event.text)}</p>
      ${this.choicesView(event)}
      ${
        turn !== undefined && this.explained.has(turn)
          ? html`<trace-card data-turn=${turn} .trace=${this.traces[turn] ?? null}></trace-card>`
          : nothing
      }
    </article>`;
  }

  private choicesView({ choices }: ChatEvent): TemplateResult | typeof nothing {
    if (!choices || choices.length === 0) return nothing;
    return html`<p class="choices">${choices.map(({ label }) => html`<span class="chip">${label}</span>`)}</p>`;
  }

  private noteView(event: ChatEvent): TemplateResult {
    return html`<article class="message note">
      <header>${picture("note")} <b>${this.texts.note} · ${this.authorName(event)}</b> ${this.time(event)}</header>
      <p class="text" dir="auto">${linkedText(event.text)}</p>
    </article>`;
  }

  private draftView(event: ChatEvent): TemplateResult {
    return html`<article class="message draft">
      <header>
        ${picture("assistant")} <b>${this.texts.draft}</b> ${this.time(event)}
        <button class="link why" @click=${() => this.tell("use-draft", event.text)}>${this.texts.useDraft}</button>
      </header>
      <p class="text" dir="auto">${linkedText(event.text)}</p>
    </article>`;
  }

  private unacceptedView({ id, type, text, failed }: Unaccepted): TemplateResult {
    const { texts } = this;
    return html`<article class="message ${type === "note" ? "note" : "staff"} unaccepted">
      <header>
        <b>${failed ? texts.failed : texts.sending}</b>
        ${
          failed
            ? html`<button class="link" @click=${() => this.tell("again", id)}>${texts.tryAgain}</button>
              <button class="link" @click=${() => this.tell("discard", id)}>${texts.remove}</button>`
            : nothing
        }
      </header>
      <p class="text" dir="auto">${text}</p>
    </article>`;
  }

  /** "Read" under the last words of staff that the shopper has seen. */
  private readMark(followed: Followed): TemplateResult | typeof nothing {
    const { events } = followed.transcript;
    const last = events[events.length - 1];
    if (last?.kind !== "staff_said" || last.seq > followed.shopperReadUpTo) return nothing;
    return html`<p class="read">${this.texts.read}</p>`;
  }

  private authorName(event: ChatEvent): string {
    const { role, name } = event.author;
    if (role === "shopper") return this.texts.shopper;
    if (role === "bot") return this.texts.assistant;
    return name === undefined ? "" : name;
  }

  private time(event: ChatEvent): TemplateResult {
    return html`<time>${clockTime(event.at, this.speech.language)}</time>`;
  }

  private explain(turn: string): void {
    const explained = new Set(this.explained);
    if (!explained.delete(turn)) {
      explained.add(turn);
      if (!(turn in this.traces)) this.tell("want-traces");
    }
    this.explained = explained;
    void this.updateComplete.then(() =>
      this.renderRoot
        .querySelector(`[data-turn="${CSS.escape(turn)}"]`)
        ?.scrollIntoView({ block: "nearest" }),
    );
  }

  private tell(name: string, detail?: string): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: block;
        flex: 1;
        min-block-size: 0;
        padding: 16px 24px;
        overflow-y: auto;
        scrollbar-width: thin;
      }
      .older,
      .day,
      .happening {
        margin-block: 10px;
        font-size: 12.5px;
        text-align: center;
        color: var(--sk-ink-soft);
      }
      .message {
        max-inline-size: min(640px, 88%);
        margin-block-end: 14px;
      }
      .message.staff {
        margin-inline-start: auto;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
        margin-block-end: 3px;
        font-size: 12.5px;
        color: var(--sk-ink-soft);
      }
      header b {
        font-weight: 600;
      }
      header .picture {
        inline-size: 16px;
        block-size: 16px;
      }
      .staff header {
        justify-content: flex-end;
      }
      .why {
        font-size: 12.5px;
      }
      .text {
        inline-size: fit-content;
        max-inline-size: 100%;
        padding: 9px 14px;
        border-radius: 4px 14px 14px;
        background: var(--sk-raised);
        border: 1px solid var(--sk-line);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .text a {
        color: inherit;
        text-underline-offset: 2px;
      }
      .bot .text {
        background: var(--sk-bubble);
        border-color: transparent;
      }
      .staff .text {
        margin-inline-start: auto;
        border-radius: 14px 4px 14px 14px;
        border-color: transparent;
        background: var(--sk-accent);
        color: var(--sk-on-accent);
      }
      .note .text {
        background: var(--sk-note-soft);
        border-color: transparent;
        color: var(--sk-note);
      }
      .note header {
        color: var(--sk-note);
      }
      .draft .text {
        border: 1px dashed var(--sk-draft);
        background: var(--sk-draft-soft);
      }
      .draft header {
        color: var(--sk-draft);
      }
      .unaccepted .text {
        opacity: 0.7;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-block-start: 5px;
      }
      trace-card {
        margin-block-start: 8px;
      }
      .read {
        margin-block-start: -10px;
        font-size: 12px;
        text-align: end;
        color: var(--sk-ink-soft);
      }
      .types {
        font-size: 13px;
        font-style: italic;
      }
      @media (max-width: 800px) {
        :host {
          padding: 12px 14px;
        }
      }
    `,
  ];
}

customElements.define("transcript-view", TranscriptView);
