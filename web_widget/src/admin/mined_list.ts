/** `<mined-list>`: the proposals of a look through old chats; what is chosen goes the way of every file. Fires `mined`. */
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import { FATES, type Fate, KINDS, type Mined, type Proposal } from "../rest/mined_answers.ts";
import type { Language } from "../wire/frames.ts";
import "./file_import.ts";
import type { FileImport } from "./file_import.ts";
import { countText } from "./learning_figures.ts";
import {
  chosenOf,
  type Draft,
  type Drafts,
  draftOf,
  keepDrafts,
  keptDrafts,
  lackOf,
  stillOpen,
} from "./mined_drafts.ts";
import "./mined_facts.ts";
import "./mined_proposal.ts";
import { type MinedWords, minedWords } from "./mined_words.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

const SHOWN_AT_ONCE = 20;
const LANGUAGES: readonly Language[] = ["zh", "en"];

/** What the list is sifted by; empty means all. */
interface Sieve {
  readonly kind: string;
  readonly language: string;
  readonly fate: Fate;
}

export class MinedList extends ConsolePart {
  static override properties = {
    mined: { attribute: false },
    drafts: { state: true },
    sieve: { state: true },
    shown: { state: true },
    importing: { state: true },
  };
  declare mined: Mined | null;
  declare drafts: Drafts;
  declare sieve: Sieve;
  declare shown: number;
  declare importing: boolean;

  constructor() {
    super();
    this.mined = null;
    this.drafts = keptDrafts(sessionStorage);
    this.sieve = { kind: "", language: "", fate: "waiting" };
    this.shown = SHOWN_AT_ONCE;
    this.importing = false;
  }

  private get words(): MinedWords {
    return minedWords[this.speech.language];
  }

  private get proposals(): readonly Proposal[] {
    return this.mined?.proposals ?? [];
  }

  override render(): TemplateResult {
    return html`<section class="card" ?hidden=${this.importing}>
        <mined-facts .mined=${this.mined}></mined-facts>
        ${this.proposals.length > 0 ? this.listView() : nothing}
      </section>
      ${
        this.importing
          ? html`<file-import made .api=${this.api} .heading=${this.words.importing} .away=${this.words.back}
              @published=${this.published} @left=${this.back}></file-import>`
          : nothing
      }`;
  }

  private listView(): TemplateResult {
    const sifted = this.proposals.filter((one) => passes(one, this.sieve));
    const shown = sifted.slice(0, this.shown);
    const further = Math.min(sifted.length - shown.length, SHOWN_AT_ONCE);
    return html`${this.sieveView()}
      ${sifted.length === 0 ? html`<p class="soft">${this.words.noneOfThese}</p>` : nothing}
      ${this.sieve.fate === "waiting" && sifted.length > 1 ? this.allView(sifted) : nothing}
      <div class="list">
        ${shown.map(
          (
            one,
          ) => html`<mined-proposal .api=${this.api} .proposal=${one} .draft=${draftOf(this.drafts, one.id)}
            @drafted=${(event: CustomEvent<Draft>) => this.write({ [one.id]: event.detail })}></mined-proposal>`,
        )}
      </div>
      ${further > 0 ? html`<div class="acts"><button class="button" @click=${this.showMore}>${this.words.showMore(this.count(further))}</button></div>` : nothing}
      ${this.actsView()}`;
  }

  private sieveView(): TemplateResult {
    const { words, sieve } = this;
    const ofFate = this.proposals.filter(({ became }) => became === sieve.fate);
    const counted = (name: string, matches: (one: Proposal) => boolean): string =>
      `${name} (${this.count(ofFate.filter(matches).length)})`;
    const kinds = KINDS.map(
      (kind) => [kind, counted(words.kinds[kind], (one) => one.kind === kind)] as const,
    );
    const languages = LANGUAGES.map(
      (language) =>
        [language, counted(words.languages[language], (one) => one.language === language)] as const,
    );
    const fates = FATES.map((fate) => [fate, `${words.fates[fate]} (${this.countOf(fate)})`] as const);
    return html`<div class="fields">
      ${this.choiceView(words.fate, sieve.fate, fates, (fate) => ({ fate: FATES.find((one) => one === fate) ?? "waiting" }))}
      ${this.choiceView(words.kind, sieve.kind, [["", words.all], ...kinds], (kind) => ({ kind }))}
      ${this.choiceView(words.language, sieve.language, [["", words.all], ...languages], (language) => ({ language }))}
    </div>`;
  }

  private choiceView(
    label: string,
    value: string,
    choices: readonly (readonly [string, string])[],
    change: (value: string) => Partial<Sieve>,
  ): TemplateResult {
    return html`<label class="field">${label}
      <select class="input" @change=${(event: Event) => this.sift(change(typedIn(event)))}>
        ${choices.map(([one, name]) => html`<option value=${one} ?selected=${one === value}>${name}</option>`)}
      </select>
    </label>`;
  }

  private allView(sifted: readonly Proposal[]): TemplateResult {
    const all = sifted.every(({ id }) => draftOf(this.drafts, id).chosen);
    return html`<label class="all"><input type="checkbox" .checked=${all} @change=${(event: Event) => {
      const { checked } = event.target as HTMLInputElement;
      const changed = sifted.map(({ id }) => [id, { ...draftOf(this.drafts, id), chosen: checked }]);
      this.write(Object.fromEntries(changed));
    }} /> ${this.words.chooseAll}</label>`;
  }

  private actsView(): TemplateResult | typeof nothing {
    const { words, busy } = this;
    const chosen = chosenOf(this.proposals, this.drafts);
    if (chosen.length === 0) return nothing;
    const ids = new Set(chosen.map(({ id }) => id));
    const lacking = this.proposals.filter(
      (one) => ids.has(one.id) && lackOf(one, draftOf(this.drafts, one.id)) !== null,
    ).length;
    return html`<div class="acts bottom" role="group" aria-label=${words.chosen(this.count(chosen.length))}>
      <b class="figure">${words.chosen(this.count(chosen.length))}</b>
      <button class="button strong" ?disabled=${busy || lacking > 0} @click=${this.lookAt}>${words.look}</button>
      <sure-button .label=${words.leaveOut} .question=${words.leaveOutSure} .disabled=${busy} @sure=${() => this.leaveOut([...ids])}></sure-button>
      ${lacking > 0 ? html`<span class="notice bad" role="status">${words.mend(this.count(lacking))}</span>` : nothing}
      ${this.error ? html`<span class="notice bad" role="alert">${this.error}</span>` : nothing}
    </div>`;
  }

  // What an admin does
  private showMore(): void {
    this.shown += SHOWN_AT_ONCE;
  }

  private sift(change: Partial<Sieve>): void {
    this.sieve = { ...this.sieve, ...change };
    this.shown = SHOWN_AT_ONCE;
  }

  private write(changed: Drafts): void {
    this.drafts = { ...this.drafts, ...changed };
    keepDrafts(sessionStorage, this.drafts);
  }

  private async leaveOut(ids: readonly string[]): Promise<void> {
    this.tell(await this.ask(() => this.api.leaveOut(ids)));
  }

  private async lookAt(): Promise<void> {
    const upload = await this.ask(() => this.api.fileOfChosen(chosenOf(this.proposals, this.drafts)));
    if (!upload) {
      this.tell(null); // one of them may be gone
      return;
    }
    this.importing = true;
    await this.updateComplete;
    const preview = this.renderRoot.querySelector<FileImport>("file-import");
    preview?.scrollIntoView({ block: "start" });
    // Nothing of what is there goes: the file holds only what was chosen.
    await preview?.begin(upload, "learn");
  }

  /** Comes back to what was published, where it shows whether it is found. */
  private published(): void {
    this.sift({ fate: "published", kind: "", language: "" });
    this.tell(null);
  }

  private async back(): Promise<void> {
    this.importing = false;
    this.tell(null);
    await this.updateComplete;
    this.scrollIntoView({ block: "start" });
    this.renderRoot.querySelector<HTMLElement>(".acts.bottom .button, select")?.focus();
  }

  private tell(mined: Mined | null): void {
    this.dispatchEvent(new CustomEvent("mined", { detail: mined }));
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("mined") || !this.mined) return;
    this.drafts = stillOpen(this.drafts, this.proposals);
    keepDrafts(sessionStorage, this.drafts);
  }

  private countOf(fate: Fate): string {
    return this.count(this.proposals.filter(({ became }) => became === fate).length);
  }

  private count(count: number): string {
    return countText(count, this.speech.language);
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .list {
        display: grid;
        gap: 10px;
        grid-template-columns: minmax(0, 1fr);
      }
      .all {
        display: flex;
        gap: 10px;
        align-items: center;
        min-block-size: 30px;
        padding-inline-start: 15px;
        font-size: 14px;
      }
      input[type="checkbox"] {
        inline-size: 18px;
        block-size: 18px;
        margin: 0;
        accent-color: var(--sk-accent);
      }
      .bottom {
        position: sticky;
        inset-block-end: 0;
        z-index: 2;
        margin: 0 -22px -20px;
        padding: 10px 22px;
        border-block-start: 1px solid var(--sk-line);
        border-radius: 0 0 var(--sk-radius) var(--sk-radius);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .notice {
        overflow-wrap: anywhere;
      }
      @media (max-width: 760px) {
        .bottom {
          margin: 0 -14px -16px;
          padding: 10px 14px;
        }
      }
    `,
  ];
}

function passes({ kind, language, became }: Proposal, sieve: Sieve): boolean {
  return (
    became === sieve.fate &&
    (sieve.kind === "" || sieve.kind === kind) &&
    (sieve.language === "" || sieve.language === language)
  );
}

customElements.define("mined-list", MinedList);
