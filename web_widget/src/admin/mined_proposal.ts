/** `<mined-proposal>`: one proposal from old chats, to be chosen and edited. Fires `drafted` with the new draft. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { ConsoleApi } from "../rest/console_api.ts";
import type { NamedEntry, Proposal } from "../rest/mined_answers.ts";
import { answerOf, type Draft, isEdited, kindOf, lackOf, questionsOf, UNTOUCHED } from "./mined_drafts.ts";
import "./mined_found.ts";
import { minedProposalLook } from "./mined_proposal_look.ts";
import { type MinedWords, minedWords } from "./mined_words.ts";
import { typedIn } from "./part.ts";

const MOST_QUESTIONS = 50;
const LONGEST_QUESTION = 500;
const LONGEST_ANSWER = 8_000;

export class MinedProposal extends LitElement {
  static override properties = {
    api: { attribute: false },
    proposal: { attribute: false },
    draft: { attribute: false },
    open: { state: true },
  };
  declare api: ConsoleApi;
  declare proposal: Proposal | null;
  declare draft: Draft;
  declare open: boolean;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.proposal = null;
    this.draft = UNTOUCHED;
    this.open = false;
  }

  private get words(): MinedWords {
    return minedWords[this.speech.language];
  }

  override render(): TemplateResult | typeof nothing {
    const { proposal } = this;
    if (!proposal) return nothing;
    return html`<article class=${this.draft.chosen ? "chosen" : ""}>
      ${this.headView(proposal)}
      ${this.open ? this.editView(proposal) : this.glanceView(proposal)}
      ${this.lackView(proposal)}
      ${proposal.became === "published" ? html`<mined-found .api=${this.api} .proposed=${proposal.id}></mined-found>` : nothing}
    </article>`;
  }

  private headView(proposal: Proposal): TemplateResult {
    const { words, draft } = this;
    const { chats, became } = proposal;
    const kind = kindOf(proposal, draft);
    const title = questionsOf(proposal, draft)[0] || (proposal.questions[0] ?? "");
    const isOpen = became === "waiting";
    return html`<div class="head">
      <label class="title">
        ${isOpen ? html`<input type="checkbox" aria-label=${words.choose1(title)} .checked=${draft.chosen} @change=${this.chosen} />` : nothing}
        <span dir="auto">${title}</span>
      </label>
      <button class="button small" aria-expanded=${this.open} @click=${this.toggle}>${this.open ? words.close : isOpen ? words.edit : words.see}</button>
      <p class="facts">
        <span class="chip ${kind === "differs" || kind === "unanswered" ? "warn" : "accent"}">${words.kinds[kind]}</span>
        <span class="chip">${words.languages[proposal.language]}</span>
        <span class="figure">${proposal.kind === "unanswered" && isOpen ? words.askedIn(chats) : words.inChats(chats)}</span>
        ${Object.entries(proposal.open).map(([why, n]) => html`<span class="figure">${words.open(words.why[why] ?? why, n)}</span>`)}
        ${isEdited(draft) ? html`<span class="chip good">${words.edited}</span>` : nothing}
      </p>
    </div>`;
  }

  // Closed: what is needed to decide
  private glanceView(proposal: Proposal): TemplateResult {
    const { words, draft } = this;
    const entry = this.ownEntry(proposal);
    const others = questionsOf(proposal, draft).slice(1);
    const said = answerOf(proposal, draft);
    const answer = said
      ? html`<p class="said" dir="auto">${said}</p>`
      : html`<p class="soft">${words.nobodySaid}</p>`;
    const also = others.length > 0 ? html`<p class="also" dir="auto">${others.join(" · ")}</p>` : nothing;
    // What is answered by now stands below, with whether it is found.
    if (proposal.became === "published") return html`${also} ${entry ? this.belongsView(entry) : nothing}`;
    return html`${also}
      ${
        entry
          ? html`${this.belongsView(entry)}
              <div class="pair">
                <div><h4>${words.published}</h4><p class="said" dir="auto">${entry.answer}</p></div>
                <div><h4>${words.staffSay}</h4>${answer}</div>
              </div>`
          : answer
      }`;
  }

  /** The entry that it becomes part of. */
  private ownEntry(proposal: Proposal): NamedEntry | null {
    const kind = kindOf(proposal, this.draft);
    return kind === "new" || kind === "unanswered" ? null : proposal.entry;
  }

  private belongsView(entry: NamedEntry): TemplateResult {
    return html`<p class="small-print">${this.words.belongsTo} <b dir="auto">${entry.questions[0] ?? entry.id}</b> <span class="code">${entry.id}</span></p>`;
  }

  // Open: what is to be published
  private editView(proposal: Proposal): TemplateResult {
    const { words, draft } = this;
    const kind = kindOf(proposal, draft);
    const entry = this.ownEntry(proposal);
    const isOpen = proposal.became === "waiting";
    return html`<div class="edit">
      ${entry ? this.belongsView(entry) : nothing}
      ${proposal.entry && isOpen ? this.placeView(proposal, proposal.entry) : nothing}
      ${this.questionsView(proposal, isOpen)}
      ${entry ? html`<div><h4>${words.published}</h4><p class="said" dir="auto">${entry.answer}</p></div>` : nothing}
      ${kind === "phrasings" ? html`<p class="small-print">${words.staysAsItIs}</p>${proposal.answer ? html`<div><h4>${words.staffSay}</h4><p class="said" dir="auto">${proposal.answer}</p></div>` : nothing}` : this.answerView(proposal, isOpen)}
      ${kind === "phrasings" ? nothing : this.wordingsView(proposal, isOpen)}
      ${kind === "differs" && entry?.source ? html`<p class="small-print">${words.fileSays(entry.source)}</p>` : nothing}
      ${isEdited(draft) ? html`<div class="acts"><button class="button small" @click=${this.undo}>${words.asFound}</button></div>` : nothing}
    </div>`;
  }

  /** Whether it is an entry of its own, or belongs to one that there is. */
  private placeView({ kind }: Proposal, entry: NamedEntry): TemplateResult {
    const { words, draft } = this;
    if (kind !== "unanswered") {
      return html`<label class="as-new"><input type="checkbox" .checked=${draft.asNew} @change=${this.setNew} /> ${words.asNew}</label>`;
    }
    return html`<label class="as-new"><input type="checkbox" .checked=${draft.toEntry} @change=${this.setPlace} />
        <span>${words.toEntry} <b dir="auto">${entry.questions[0] ?? entry.id}</b></span></label>
      ${draft.toEntry ? nothing : html`<p class="small-print said" dir="auto">${words.nearest}${words.colon}${entry.answer}</p>`}`;
  }

  private questionsView(proposal: Proposal, isOpen: boolean): TemplateResult {
    const { words } = this;
    const questions = questionsOf(proposal, this.draft);
    return html`<div class="questions" role="group" aria-label=${words.questions}>
      <h4>${words.questions}</h4>
      ${questions.map(
        (question, at) => html`<div class="question">
          <input class="input" maxlength=${LONGEST_QUESTION} dir="auto" aria-label=${words.questionAt(at + 1)} .value=${question} ?disabled=${!isOpen}
            @input=${(event: Event) => this.ask(questions.with(at, typedIn(event)))} />
          ${isOpen ? html`<button class="button small" aria-label=${words.remove(question)} title=${words.remove(question)} @click=${() => this.ask(questions.toSpliced(at, 1))}>×</button>` : nothing}
        </div>`,
      )}
      ${isOpen && questions.length < MOST_QUESTIONS ? html`<div class="acts"><button class="button small" @click=${() => this.add(questions)}>${words.addQuestion}</button></div>` : nothing}
    </div>`;
  }

  private answerView(proposal: Proposal, isOpen: boolean): TemplateResult {
    const { words } = this;
    return html`<label class="field">${kindOf(proposal, this.draft) === "differs" ? words.newAnswer : words.answer}
      <textarea class="input" rows="4" maxlength=${LONGEST_ANSWER} dir="auto" .value=${answerOf(proposal, this.draft)} ?disabled=${!isOpen}
        @input=${(event: Event) => this.say(typedIn(event))}></textarea>
    </label>`;
  }

  private wordingsView({ wordings }: Proposal, isOpen: boolean): TemplateResult | typeof nothing {
    const { words } = this;
    if (wordings.length === 0) return nothing;
    return html`<div><h4>${words.wordings}</h4>
      <ul>
        ${wordings.map(
          (wording) => html`<li>
            <span class="said" dir="auto">${wording}</span>
            ${isOpen ? html`<button class="button small" aria-label="${words.useThis}: ${wording}" @click=${() => this.say(wording)}>${words.useThis}</button>` : nothing}
          </li>`,
        )}
      </ul>
    </div>`;
  }

  private lackView(proposal: Proposal): TemplateResult | typeof nothing {
    const lack = this.draft.chosen ? lackOf(proposal, this.draft) : null;
    return lack === null ? nothing : html`<p class="notice bad" role="alert">${this.words.lacks[lack]}</p>`;
  }

  // What an admin does
  private chosen(event: Event): void {
    this.write({ chosen: (event.target as HTMLInputElement).checked });
  }

  private toggle(): void {
    this.open = !this.open;
  }

  private undo(): void {
    this.write({ answer: null, questions: null, asNew: false, toEntry: false });
  }

  private setNew(event: Event): void {
    this.write({ asNew: (event.target as HTMLInputElement).checked, chosen: true });
  }

  private setPlace(event: Event): void {
    this.write({ toEntry: (event.target as HTMLInputElement).checked, chosen: true });
  }

  /** Whoever edits a proposal wants it. */
  private say(answer: string): void {
    this.write({ answer, chosen: true });
  }

  private ask(questions: readonly string[]): void {
    this.write({ questions, chosen: true });
  }

  private async add(questions: readonly string[]): Promise<void> {
    this.ask([...questions, ""]);
    // The list comes back by way of whoever keeps the drafts.
    await new Promise((resolve) => setTimeout(resolve));
    await this.updateComplete;
    [...this.renderRoot.querySelectorAll<HTMLElement>(".question input")].at(-1)?.focus();
  }

  private write(change: Partial<Draft>): void {
    this.dispatchEvent(new CustomEvent<Draft>("drafted", { detail: { ...this.draft, ...change } }));
  }

  static override styles = [look, minedProposalLook];
}

customElements.define("mined-proposal", MinedProposal);
