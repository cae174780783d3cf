/** `<account-skills>`: which languages and subjects a person takes, and how many at once. Fires `saved` and `left`. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Account } from "../rest/answers.ts";
import type { IntentNames } from "../staff/intent_names.ts";
import type { Language } from "../wire/frames.ts";
import { ConsolePart } from "./part.ts";

const LANGUAGES: readonly Language[] = ["zh", "en"];
/** What the server takes. */
const MOST_AT_ONCE = 1000;

export class AccountSkills extends ConsolePart {
  static override properties = { account: { attribute: false }, intents: { attribute: false } };
  declare account: Account | null;
  /** What the shop calls its intents. */
  declare intents: IntentNames;

  constructor() {
    super();
    this.account = null;
    this.intents = {};
  }

  override render(): TemplateResult {
    const { account, terms, texts } = this;
    if (!account) return html``;
    return html`<form @submit=${this.save}>
      <h3>${terms.takesOf(account.name)}</h3>
      <p class="small-print">${terms.takesHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      <fieldset>
        <legend>${terms.takesLanguages}</legend>
        ${LANGUAGES.map((one) => this.checkView("languages", one, texts.languages[one], account.languages))}
      </fieldset>
      <details ?open=${account.skills.length > 0}>
        <summary>${terms.takesSubjects}</summary>
        <div class="subjects">${this.subjects(account).map(([name, words]) => this.checkView("skills", name, words, account.skills))}</div>
      </details>
      <label class="field">${terms.takesAtOnce}
        <input class="input figure" type="number" name="capacity" min="1" max=${MOST_AT_ONCE} step="1" .value=${String(account.capacity ?? "")} />
      </label>
      <div class="buttons">
        <button class="button small strong" ?disabled=${this.busy}>${terms.save}</button>
        <button class="button small" type="button" @click=${() => this.tell("left")}>${terms.cancel}</button>
      </div>
    </form>`;
  }

  private checkView(name: string, value: string, words: string, chosen: readonly string[]): TemplateResult {
    return html`<label class="check"><input type="checkbox" name=${name} value=${value} .checked=${chosen.includes(value)} /> ${words}</label>`;
  }

  /** The shop's intents by their names, and whatever else was set before. */
  private subjects(account: Account): readonly (readonly [string, string])[] {
    const { language } = this.speech;
    const known = Object.entries(this.intents).map(
      ([name, words]) => [name, words[language] ?? name] as const,
    );
    const others = account.skills.filter((skill) => !(skill in this.intents));
    return [
      ...known.sort(([, a], [, b]) => a.localeCompare(b)),
      ...others.map((skill) => [skill, skill] as const),
    ];
  }

  private async save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { account } = this;
    if (!account) return;
    const form = new FormData(event.target as HTMLFormElement);
    const capacity = String(form.get("capacity"));
    const saved = await this.ask(() =>
      this.api.setSkills(account.id, {
        languages: form.getAll("languages").map(String),
        skills: form.getAll("skills").map(String),
        capacity: capacity === "" ? null : Number(capacity),
      }),
    );
    if (saved) this.tell("saved");
  }

  private tell(name: string): void {
    this.dispatchEvent(new CustomEvent(name));
  }

  static override styles = [
    look,
    css`
      form {
        display: grid;
        gap: 12px;
        padding: 16px 18px;
        border: 1px solid var(--sk-line);
        border-radius: 12px;
        background: var(--sk-ground);
      }
      h3 {
        font-size: 15px;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend,
      summary {
        padding: 0 0 4px;
        font-size: 13.5px;
        font-weight: 550;
        color: var(--sk-ink-soft);
      }
      summary {
        inline-size: fit-content;
        cursor: pointer;
      }
      .subjects {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr));
        gap: 6px 16px;
        max-block-size: 260px;
        overflow: auto;
      }
      .check {
        display: flex;
        gap: 8px;
        align-items: center;
        min-block-size: 24px;
        font-size: 14px;
      }
      input[type="checkbox"] {
        flex: none;
        accent-color: var(--sk-accent);
      }
      .field {
        max-inline-size: 340px;
      }
      .buttons {
        display: flex;
        gap: 8px;
      }
    `,
  ];
}

customElements.define("account-skills", AccountSkills);
