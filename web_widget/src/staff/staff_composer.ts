/** `<staff-composer>`: a reply to the shopper, or a note that only the team sees. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { isComposed, isSendKey } from "../text/send_key.ts";
import { browserSurroundings } from "../wire/browser_surroundings.ts";
import type { Colleague, Suggestion } from "../wire/staff_frames.ts";
import { type CannedReply, firstGap, unfilled } from "./canned.ts";
import { composerLook } from "./composer_look.ts";
import type { Drafts, Kind } from "./drafts.ts";
import { calledInVain, mentionedIn } from "./mentions.ts";
import { PICK_LIST_ID, type Pickable, pickList, pickLook } from "./pick_list.ts";
import { Picks, pickAct, type Sources } from "./picks.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";
import { TypingSign } from "./typing_sign.ts";

const HIGHEST_BOX = 220;
const SUGGESTIONS_SHOWN = 3;
/** Of the demo shop's answers those that fitted scored 0.5 and more, noise mostly less; silence is better than noise. */
const SUGGESTED_FROM = 0.5;

export interface Written {
  readonly type: Kind;
  readonly text: string;
  readonly mentions: readonly string[];
}

export interface Typing {
  readonly on: boolean;
  readonly isPrivate: boolean;
}

export class StaffComposer extends LitElement {
  static override properties = {
    conversation: {},
    mayReply: { type: Boolean },
    hint: {},
    replies: { attribute: false },
    colleagues: { attribute: false },
    suggestions: { attribute: false },
    textCharacters: { type: Number },
    drafts: { attribute: false },
    kind: { state: true },
    text: { state: true },
    picks: { state: true },
  };
  declare conversation: string;
  /** Only the one who holds the conversation replies; anybody may note. */
  declare mayReply: boolean;
  declare hint: string;
  /** Kept replies filled in for this conversation; null until they were asked for. */
  declare replies: readonly CannedReply[] | null;
  /** Everybody but oneself. */
  declare colleagues: readonly Colleague[];
  declare suggestions: readonly Suggestion[];
  declare textCharacters: number;
  declare drafts: Drafts | null;
  declare kind: Kind;
  declare text: string;
  declare picks: Picks | null;
  private readonly speech = new Speech(this);
  /** Somebody wanted to reply before the conversation was theirs: when it is, the box is ready. */
  private wanted = false;
  private readonly sign = new TypingSign(browserSurroundings().clock, (on, isPrivate) =>
    this.tell("types", { on, isPrivate }),
  );

  constructor() {
    super();
    this.conversation = "";
    this.mayReply = false;
    this.hint = "";
    this.replies = null;
    this.colleagues = [];
    this.suggestions = [];
    this.textCharacters = Number.POSITIVE_INFINITY;
    this.drafts = null;
    this.kind = "say";
    this.text = "";
    this.picks = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sign.stopped();
  }

  /** Goes to the box; what is put in stands behind what was written, never instead of it. */
  begin(kind: Kind, put?: string): void {
    this.wanted = kind === "say" && !this.mayReply;
    if (this.wanted) return;
    this.choose(kind);
    if (put !== undefined) this.write(this.text.trim() === "" ? put : `${this.text.trimEnd()}\n${put}`);
    void this.updateComplete.then(() => this.box?.focus());
  }

  useFirstSuggestion(): void {
    const first = this.fitting[0];
    if (first) this.begin("say", first.answer);
  }

  /** Another tab wrote in this draft. */
  draftChanged(): void {
    const kept = this.drafts?.get(this.conversation, this.present) ?? "";
    if (kept !== this.text && !this.box?.matches(":focus")) this.text = kept;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("conversation")) {
      this.sign.stopped();
      this.kind = "say";
      this.picks = null;
      this.wanted = false;
    }
    if (changed.has("conversation") || changed.has("mayReply") || changed.has("drafts")) {
      this.text = this.drafts?.get(this.conversation, this.present) ?? "";
    }
    if (changed.has("replies") && this.picks) this.look();
  }

  protected override updated(): void {
    if (this.wanted && this.mayReply) this.begin("say");
    const { box } = this;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, HIGHEST_BOX)}px`;
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  private get box(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  private get present(): Kind {
    return this.mayReply ? this.kind : "note";
  }

  private get sources(): Sources {
    const sigils = this.present === "note" ? "/@" : "/";
    return { replies: this.replies ?? [], colleagues: this.colleagues, sigils };
  }

  /** Why it may not be sent, empty when it may. */
  private get trouble(): string {
    const { text, texts } = this;
    const over = [...text].length - this.textCharacters;
    if (over > 0) return texts.tooLong(over);
    const open = this.present === "say" ? unfilled(text, this.missing) : [];
    return open.length > 0 ? texts.fillFirst(open.join(" ")) : "";
  }

  /** What may be sent as it is, and is perhaps not meant so; silent while a name is being picked. */
  private get caution(): string {
    const { text, texts, colleagues } = this;
    const vain = this.present === "note" && !this.picks ? calledInVain(text, colleagues) : [];
    return vain.length > 0 ? texts.calledInVain(vain.join(" ")) : "";
  }

  private get missing(): readonly string[] {
    return (this.replies ?? []).flatMap(({ missing }) => missing);
  }

  override render(): TemplateResult {
    const { texts, present } = this;
    if (!this.mayReply && this.kind !== "note") return this.closedView();
    return html`<form class=${present} @submit=${this.submit}>
      ${present === "say" ? this.suggestionsView() : nothing}
      <div class="top">
        <div class="kinds">
          ${this.mayReply ? this.kindView("say", texts.reply) : nothing} ${this.kindView("note", texts.note)}
        </div>
        <span class="small-print">${this.hint || (present === "say" ? texts.writeHint : texts.noteHint)}</span>
      </div>
      <div class="row">
        ${this.picks ? this.picksView(this.picks) : nothing} ${this.boxView()}
        <button class="button strong" ?disabled=${this.text.trim() === "" || this.trouble !== ""}>
          ${present === "say" ? texts.send : texts.saveNote}
        </button>
      </div>
      <p class="trouble" role="status">${this.trouble || this.caution}</p>
    </form>`;
  }

  private boxView(): TemplateResult {
    const { texts, present, picks } = this;
    return html`<textarea
      class="input"
      rows="2"
      dir="auto"
      aria-label=${present === "say" ? texts.reply : texts.note}
      aria-autocomplete="list"
      aria-haspopup="listbox"
      aria-controls=${picks ? PICK_LIST_ID : nothing}
      aria-activedescendant=${picks?.marked ? picks.markedId : nothing}
      placeholder=${present === "say" ? texts.reply_to : texts.noteTo}
      .value=${live(this.text)}
      @input=${this.written}
      @click=${this.look}
      @keydown=${this.key}
      @blur=${() => {
        this.picks = null;
      }}
    ></textarea>`;
  }

  private picksView(picks: Picks): TemplateResult {
    const { texts } = this;
    const ofReplies = picks.typed.sigil === "/";
    const words = {
      label: ofReplies ? texts.canned : texts.mentions,
      empty:
        this.replies === null && ofReplies
          ? texts.loadingMore
          : texts[ofReplies ? "cannedEmpty" : "mentionEmpty"],
      hint: texts.pickHint,
    };
    return pickList(picks.items, picks.active, words, (item) => this.take(item));
  }

  /** Nothing to answer here: the way to a note is one press away. */
  private closedView(): TemplateResult {
    return html`<div class="closed">
      <span class="soft">${this.hint}</span>
      <button type="button" class="button small" @click=${() => this.begin("note")}>${this.texts.note}</button>
    </div>`;
  }

  private kindView(kind: Kind, words: string): TemplateResult {
    return html`<button
      type="button"
      class="button small ${this.present === kind ? "" : "plain"}"
      aria-pressed=${String(this.present === kind)}
      @click=${() => this.begin(kind)}
    >
      ${words}
    </button>`;
  }

  private get fitting(): readonly Suggestion[] {
    return this.suggestions.filter(({ score }) => score >= SUGGESTED_FROM).slice(0, SUGGESTIONS_SHOWN);
  }

  private suggestionsView(): TemplateResult | typeof nothing {
    const { texts, fitting } = this;
    if (fitting.length === 0) return nothing;
    return html`<div class="suggestions" role="group" aria-label=${texts.suggestions}>
      <span class="small-print" title=${texts.suggestionHint}>${texts.suggestions}</span>
      ${fitting.map(
        ({ question, answer }) => html`<button
          type="button"
          class="suggestion"
          title=${answer}
          @click=${() => this.begin("say", answer)}
        >
          <span dir="auto">${question}</span>
        </button>`,
      )}
    </div>`;
  }

  private choose(kind: Kind): void {
    if (kind === this.kind) return;
    this.sign.stopped();
    this.kind = kind;
    this.picks = null;
    this.text = this.drafts?.get(this.conversation, this.present) ?? "";
  }

  private write(text: string): void {
    this.text = text;
    this.drafts?.put(this.conversation, this.present, text);
  }

  private written(event: InputEvent): void {
    this.write((event.target as HTMLTextAreaElement).value);
    if (this.text.trim() === "") this.sign.stopped();
    else this.sign.wrote(this.present === "note");
    this.look();
  }

  /** Looks what is picked at the caret. */
  private look(): void {
    const { box } = this;
    if (!box) return;
    const caret = box.selectionStart === box.selectionEnd ? box.selectionStart : -1;
    this.picks = caret < 0 ? null : Picks.at(box.value, caret, this.sources, this.picks);
    if (this.picks?.typed.sigil === "/") this.tell("want-replies", this.picks.typed.letters);
  }

  private key(event: KeyboardEvent): void {
    if (this.picks && this.pickKey(event, this.picks)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === "Escape" && !isComposed(event)) this.box?.blur();
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.send();
  }

  private pickKey(event: KeyboardEvent, picks: Picks): boolean {
    const act = pickAct(event, picks);
    if (act === null) return false;
    if (act === "close") this.picks = null;
    else if (act === "take") this.take(picks.marked);
    else this.picks = picks.moved(act.move);
    return true;
  }

  /** Puts in what is picked; a place that is still open is selected, to be written over. */
  private take(item: Pickable | undefined): void {
    const { box, picks } = this;
    if (!box || !picks || !item) return;
    const put = picks.taken(box.value, box.selectionStart, item, this.sources);
    this.picks = null;
    this.write(put.text);
    void this.updateComplete.then(() => {
      const [start, end] = firstGap(put.text, this.missing) ?? [put.caret, put.caret];
      box.focus();
      box.setSelectionRange(start, end);
    });
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.send();
  }

  /** After a note the box stays one for notes: a second one that is typed on must not go to the shopper. */
  private send(): void {
    const text = this.text.trim();
    if (text === "" || this.trouble !== "") return;
    const type = this.present;
    const mentions = type === "note" ? mentionedIn(text, this.colleagues) : [];
    this.write("");
    this.picks = null;
    this.sign.stopped();
    this.tell("written", { type, text, mentions } satisfies Written);
  }

  private tell(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override styles = [look, pickLook, composerLook];
}

customElements.define("staff-composer", StaffComposer);
