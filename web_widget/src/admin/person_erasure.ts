/** `<person-erasure>`: finds the conversations of a person by their words, shows them, and erases the chosen ones. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import { dateAndTime } from "../text/moments.ts";
import type { Summary } from "../wire/staff_frames.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

/** As many are looked at together; whoever has more is asked for again. */
const SHOWN = 20;
/** What the server takes. */
const LEAST_CHARACTERS = 3;

export class PersonErasure extends ConsolePart {
  static override properties = {
    words: { state: true },
    found: { state: true },
    more: { state: true },
    spared: { state: true },
    told: { state: true },
  };
  declare words: string;
  /** Null before anything was looked for. */
  declare found: readonly Summary[] | null;
  declare more: number;
  /** Conversations that were found and are to stay. */
  declare spared: ReadonlySet<string>;
  declare told: string;

  constructor() {
    super();
    this.words = "";
    this.told = "";
    this.clear();
  }

  override render(): TemplateResult {
    const { terms, found } = this;
    return html`<section class="card">
      <h2>${terms.erasing}</h2>
      <p class="soft">${terms.erasingHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.told ? html`<p class="notice good" role="status">${this.told}</p>` : nothing}
      <form @submit=${this.find}>
        <label class="field">${terms.personWords}
          <input class="input" type="search" required minlength=${LEAST_CHARACTERS} maxlength="200" autocomplete="off"
            .value=${this.words}
            @input=${(event: Event) => {
              this.words = typedIn(event);
              this.clear();
            }} />
        </label>
        <div class="acts"><button class="button" ?disabled=${this.busy}>${terms.findPerson}</button></div>
      </form>
      ${found ? this.foundView(found) : nothing}
    </section>`;
  }

  private foundView(found: readonly Summary[]): TemplateResult {
    const { terms } = this;
    if (found.length === 0) return html`<p class="soft" role="status">${terms.nobodyFound}</p>`;
    const chosen = this.chosen.length;
    return html`<ul>${found.map((one) => this.lineView(one))}</ul>
      ${this.more > 0 ? html`<p class="small-print">${terms.moreOfPerson(this.more)}</p>` : nothing}
      <div class="acts">
        <sure-button .label=${terms.erase(chosen)} .question=${terms.eraseSure} .disabled=${this.busy || chosen === 0} @sure=${this.erase}></sure-button>
      </div>`;
  }

  private lineView({ conversation, last_at, last_text, stage }: Summary): TemplateResult {
    return html`<li><label>
      <input type="checkbox" .checked=${!this.spared.has(conversation)} @change=${() => this.spare(conversation)} />
      <span class="about">
        <span dir="auto">${last_text}</span>
        <span class="small-print">${dateAndTime(last_at, this.speech.language)} · ${this.texts.stages[stage] ?? stage}</span>
      </span>
    </label>
    <a class="button small" href="inbox#${conversation}" target="_blank" rel="noopener" aria-label=${`${this.terms.readTalk}: ${last_text}`}>${this.terms.readTalk}</a></li>`;
  }

  private get chosen(): readonly string[] {
    const all = (this.found ?? []).map(({ conversation }) => conversation);
    return all.filter((conversation) => !this.spared.has(conversation));
  }

  private spare(conversation: string): void {
    const spared = new Set(this.spared);
    if (!spared.delete(conversation)) spared.add(conversation);
    this.spared = spared;
  }

  private clear(): void {
    this.found = null;
    this.more = 0;
    this.spared = new Set();
  }

  private async find(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    this.told = "";
    const words = this.words.trim();
    const found = await this.ask(async () => {
      const all = await this.api.conversationsOf(words);
      const shown = all.slice(0, SHOWN).map((conversation) => this.api.conversation(conversation));
      return { shown: await Promise.all(shown), more: Math.max(0, all.length - SHOWN) };
    });
    if (!found) return;
    this.clear();
    this.found = found.shown;
    this.more = found.more;
  }

  private async erase(): Promise<void> {
    const erased = await this.ask(() => this.api.erase(this.chosen));
    if (erased === null) return;
    this.clear();
    this.told = this.terms.erased(erased);
  }

  static override styles = [
    look,
    sectionLook,
    css`
      ul {
        display: grid;
        margin: 0;
        padding: 0;
        border: 1px solid var(--sk-line);
        border-radius: 10px;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        padding-inline-end: 12px;
      }
      li .button {
        flex: none;
      }
      li + li {
        border-block-start: 1px solid var(--sk-line);
      }
      li label {
        display: flex;
        align-items: flex-start;
        gap: 12px;
        padding: 10px 14px;
        cursor: pointer;
      }
      li input {
        flex: none;
        inline-size: 18px;
        block-size: 18px;
        margin: 2px 0 0;
        accent-color: var(--sk-accent);
      }
      li label {
        flex: 1;
        min-inline-size: 0;
      }
      .about {
        display: grid;
        min-inline-size: 0;
        font-size: 14px;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define("person-erasure", PersonErasure);
