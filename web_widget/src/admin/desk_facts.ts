/** `<desk-facts>`: the tags in use, how the desk is set up, and what could not be delivered. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { DeadLetter, DeskFacts, TagCount } from "../rest/console_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { ConsolePart } from "./part.ts";
import { sectionLook } from "./section_look.ts";

export class DeskFactsView extends ConsolePart {
  static override properties = { facts: { state: true }, tags: { state: true } };
  declare facts: DeskFacts | null;
  declare tags: readonly TagCount[] | null;

  constructor() {
    super();
    this.facts = null;
    this.tags = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, facts, tags } = this;
    return html`<section class="card">
        <h2>${terms.tags}</h2>
        ${tags?.length === 0 ? html`<p class="soft">${terms.noTags}</p>` : nothing}
        <p class="tags">${(tags ?? []).map(({ tag, conversations }) => html`<span class="chip"><span dir="auto">${tag}</span> <span class="figure soft">${terms.conversationsOf(conversations)}</span></span> `)}</p>
      </section>
      <section class="card">
        <h2>${terms.desk}</h2>
        ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
        ${facts ? this.factsView(facts) : nothing}
      </section>`;
  }

  private factsView(facts: DeskFacts): TemplateResult {
    const { terms } = this;
    // Settings are whole minutes or a few seconds; anything else is told in seconds, exactly.
    const time = (seconds: number): string =>
      seconds >= 60 && seconds % 60 === 0 ? terms.minutes(seconds / 60) : terms.seconds(seconds);
    return html`<dl>
        <dt>${terms.routing}</dt><dd>${terms.routingNames[facts.routing] ?? facts.routing}</dd>
        <dt>${terms.firstReply}</dt><dd class="figure">${time(facts.first_reply_seconds)}</dd>
        <dt>${terms.nextReply}</dt><dd class="figure">${time(facts.next_reply_seconds)}</dd>
        <dt>${terms.away}</dt><dd class="figure">${time(facts.staff_away_seconds)}</dd>
        <dt>${terms.channels}</dt><dd>${facts.channels.length > 0 ? facts.channels.join(", ") : terms.noChannels}</dd>
        <dt>${terms.outbox}</dt><dd class="figure">${facts.waiting}</dd>
      </dl>
      ${facts.dead.length > 0 ? this.deadView(facts.dead) : nothing}
      <p class="small-print">${terms.settingsHint}</p>`;
  }

  private deadView(dead: readonly DeadLetter[]): TemplateResult {
    const { terms } = this;
    return html`<h3>${terms.dead}</h3>
      <div class="table-frame">
        <table class="stack">
          <thead><tr><th>${terms.at}</th><th>${terms.about}</th><th class="number">${terms.tries}</th><th>${terms.why}</th><th><span class="unseen">${this.texts.acts}</span></th></tr></thead>
          <tbody>
            ${dead.map(
              (letter) => html`<tr>
                <td class="figure">${dateAndTime(letter.at, this.speech.language)}</td>
                <td class="code">${letter.kind}</td>
                <td class="number" data-label=${terms.tries}>${letter.tries}</td>
                <td class="why">${letter.why}</td>
                <td class="acts-cell"><button class="button small" ?disabled=${this.busy} @click=${() => this.revive(letter)}>${terms.revive}</button></td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
  }

  private async load(): Promise<void> {
    this.tags = (await this.ask(() => this.api.tags())) ?? this.tags;
    this.facts = (await this.ask(() => this.api.deskFacts())) ?? this.facts;
  }

  private async revive(letter: DeadLetter): Promise<void> {
    await this.ask(() => this.api.reviveLetter(letter.id));
    if (this.error === "") await this.load();
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .tags {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .why {
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define("desk-facts", DeskFactsView);
