/** `<transcript-view>`: what was said, by whom, with notes, drafts, happenings and the reasons of the bot. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Trace } from "../rest/answers.ts";
import { EndInView } from "../text/end_in_view.ts";
import { dayName } from "../text/moments.ts";
import type { Followed } from "../wire/followed.ts";
import type { ChatEvent } from "../wire/frames.ts";
import type { Unaccepted } from "../wire/staff_unsent.ts";
import { type EventScene, eventView, unacceptedView } from "./event_view.ts";
import type { Named } from "./mentions.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";
import "./trace_card.ts";
import { transcriptLook } from "./transcript_look.ts";

export class TranscriptView extends LitElement {
  static override properties = {
    followed: { attribute: false },
    unaccepted: { attribute: false },
    traces: { attribute: false },
    colleagues: { attribute: false },
    me: {},
    isAdmin: { type: Boolean },
    revision: { type: Number },
    explained: { state: true },
  };
  declare followed: Followed | null;
  declare unaccepted: readonly Unaccepted[];
  declare traces: Readonly<Record<string, Trace>>;
  declare colleagues: readonly Named[];
  declare me: string;
  declare isAdmin: boolean;
  /** Raised whenever the followed conversation changed inside. */
  declare revision: number;
  declare explained: ReadonlySet<string>;
  private readonly speech = new Speech(this);
  private readonly end = new EndInView(this);
  private mineBefore = 0;
  private heightBefore = 0;
  private firstBefore = 0;

  constructor() {
    super();
    this.followed = null;
    this.unaccepted = [];
    this.traces = {};
    this.colleagues = [];
    this.me = "";
    this.isAdmin = false;
    this.revision = 0;
    this.explained = new Set();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // It scrolls, so a keyboard must reach it.
    this.tabIndex = 0;
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
      this.end.follows = true;
      this.firstBefore = 0;
      return;
    }
    this.heightBefore = this.scrollHeight - this.scrollTop;
  }

  protected override updated(): void {
    const first = this.followed?.transcript.firstSeq ?? 0;
    const saysMine = this.unaccepted.length > this.mineBefore;
    this.mineBefore = this.unaccepted.length;
    if (saysMine || this.end.isWanted) this.end.toEnd();
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
    const scene = this.scene();
    const read = readUpTo(followed);
    return html`
      ${followed.transcript.hasFirst ? nothing : html`<div class="older">${older}</div>`}
      <div role="log" aria-live="polite" aria-label=${texts.talk}>
        ${repeat(
          followed.transcript.events,
          ({ seq }) => seq,
          (event) => html`${dayBefore(event)}${eventView(event, scene)}
            ${event.seq === read ? html`<p class="read">${texts.read}</p>` : nothing}`,
        )}
      </div>
      ${this.unaccepted.map((message) => unacceptedView(message, texts, (name, id) => this.tell(name, id)))}
      <p class="types soft" role="status">${followed.shopperTypes ? texts.shopperTypes : ""}</p>
    `;
  }

  private scene(): EventScene {
    const { me, colleagues } = this;
    return {
      language: this.speech.language,
      me,
      colleagues,
      why: (event) => this.whyButton(event.trace_turn),
      trace: (event) => this.traceView(event),
      useDraft: (text) => this.tell("use-draft", text),
    };
  }

  private whyButton(turn: string | undefined): TemplateResult | typeof nothing {
    if (turn === undefined) return nothing;
    const open = this.explained.has(turn);
    return html`<button class="link why" aria-expanded=${String(open)} @click=${() => this.explain(turn)}>
      ${open ? this.texts.whyHide : this.texts.whyThis}
    </button>`;
  }

  private traceView({ trace_turn: turn, seq }: ChatEvent): TemplateResult | typeof nothing {
    if (turn === undefined || !this.explained.has(turn)) return nothing;
    const said = this.followed?.transcript.events.findLast(
      (event) => event.kind === "shopper_said" && event.seq < seq,
    );
    return html`<trace-card
      data-turn=${turn}
      .trace=${this.traces[turn] ?? null}
      .question=${said?.text ?? ""}
      .mends=${this.isAdmin}
    ></trace-card>`;
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

  static override styles = [look, transcriptLook];
}

/** The last words of staff, when the shopper has seen them and said nothing since; else 0. */
function readUpTo({ transcript, shopperReadUpTo }: Followed): number {
  const last = transcript.events.findLast(({ kind }) => kind === "staff_said" || kind === "shopper_said");
  return last?.kind === "staff_said" && last.seq <= shopperReadUpTo ? last.seq : 0;
}

customElements.define("transcript-view", TranscriptView);
