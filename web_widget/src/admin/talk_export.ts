/** `<talk-export>`: the conversations that filters choose, as a file. */
import { html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { TagCount } from "../rest/console_answers.ts";
import { ConsolePart, typedIn } from "./part.ts";
import { sectionLook } from "./section_look.ts";

const FORMATS = ["csv", "jsonl"] as const;
const STAGES = ["with_bot", "waiting_for_staff", "with_staff", "closed"];
const DAY_MS = 86_400_000;

export class TalkExport extends ConsolePart {
  static override properties = { filters: { state: true }, tags: { state: true } };
  declare filters: Readonly<Record<string, string>>;
  declare tags: readonly TagCount[];

  constructor() {
    super();
    this.filters = {};
    this.tags = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, texts } = this;
    return html`<section class="card">
      <h2>${terms.talkExport}</h2>
      <p class="soft">${terms.talkExportHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      <div class="fields">
        ${this.choice(
          "stage",
          terms.state,
          terms.anyStage,
          STAGES.map((stage) => [stage, texts.stages[stage] ?? stage]),
        )}
        ${this.choice("language", terms.language, texts.anyLanguage, [
          ["zh", texts.languages.zh],
          ["en", texts.languages.en],
        ])}
        ${this.choice(
          "tag",
          terms.tags,
          terms.anyTag,
          this.tags.map(({ tag }) => [tag, tag]),
        )}
        ${this.day("since", terms.from)} ${this.day("until", terms.until)}
        <label class="field">${terms.withWords}<input class="input" type="search" maxlength="200" @change=${(event: Event) => this.choose("text", typedIn(event).trim())} /></label>
      </div>
      <div class="acts">
        ${FORMATS.map((format) => html`<a class="button" href=${this.api.talksAddress(format, this.asked)} download>${texts.export} ${format.toUpperCase()}</a>`)}
      </div>
    </section>`;
  }

  private choice(
    name: string,
    label: string,
    any: string,
    choices: readonly (readonly [string, string])[],
  ): TemplateResult | typeof nothing {
    if (choices.length === 0) return nothing;
    return html`<label class="field">${label}
      <select class="input" @change=${(event: Event) => this.choose(name, typedIn(event))}>
        <option value="">${any}</option>
        ${choices.map(([value, words]) => html`<option value=${value}>${words}</option>`)}
      </select>
    </label>`;
  }

  private day(name: string, label: string): TemplateResult {
    return html`<label class="field">${label}<input class="input" type="date" @change=${(event: Event) => this.choose(name, typedIn(event))} /></label>`;
  }

  private choose(name: string, value: string): void {
    this.filters = { ...this.filters, [name]: value };
  }

  /** Days are the admin's own, from midnight to midnight. */
  private get asked(): Readonly<Record<string, string>> {
    const { since = "", until = "", ...rest } = this.filters;
    return { ...rest, since: moment(since, 0), until: moment(until, DAY_MS) };
  }

  private async load(): Promise<void> {
    this.tags = (await this.ask(() => this.api.tags())) ?? this.tags;
  }

  static override styles = [look, sectionLook];
}

/** The beginning of a day, or of the one after it, as the server reads times. */
function moment(day: string, later: number): string {
  const begin = new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(begin) ? "" : new Date(begin + later).toISOString();
}

customElements.define("talk-export", TalkExport);
