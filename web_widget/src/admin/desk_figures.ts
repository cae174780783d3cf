/** `<desk-figures>`: the queue now, and what happened lately; every figure says of how many it is. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Figures, WaitFigures } from "../rest/console_answers.ts";
import { lasting } from "../text/moments.ts";
import { LivePart } from "./live_part.ts";
import { sectionLook } from "./section_look.ts";

const PERIODS = [1, 7, 30, 90];
const SCORES = ["5", "4", "3", "2", "1"];

export class DeskFigures extends LivePart {
  static override properties = { known: { state: true }, days: { state: true } };
  declare known: Figures | null;
  declare days: number;
  protected readonly refreshMs = 30_000;

  constructor() {
    super();
    this.known = null;
    this.days = 7;
  }

  override render(): TemplateResult {
    const { known } = this;
    return html`${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${known ? html`${this.nowView(known)} ${this.talksView(known)} ${this.waitsView(known.first_wait)} ${this.ratingsView(known)}` : nothing}`;
  }

  private nowView(known: Figures): TemplateResult {
    const { terms } = this;
    const since = known.longest_waiting_since;
    const longest = since === null ? "—" : this.time((Date.now() - Date.parse(since)) / 1000);
    return html`<section class="card">
      <h2>${terms.now}</h2>
      <div class="figures">
        ${this.box(String(known.waiting_now), terms.waitingNow)} ${this.box(longest, terms.longest)}
        ${this.box(String(known.staff_present), terms.here)}
      </div>
    </section>`;
  }

  private talksView(known: Figures): TemplateResult {
    const { terms } = this;
    return html`<section class="card">
      <div class="head">
        <h2>${terms.talks}</h2>
        <select class="input period" aria-label=${terms.figures} @change=${this.choose}>
          ${PERIODS.map((days) => html`<option value=${days} ?selected=${days === this.days}>${terms.lastDays(days)}</option>`)}
        </select>
      </div>
      <div class="figures">
        ${this.box(String(known.conversations), terms.begun)} ${this.box(String(known.bot_only), terms.botOnly)}
        ${this.box(String(known.handed_over), terms.handedOver)} ${this.box(String(known.claimed), terms.claimed)}
        ${this.box(String(known.messages_left), terms.messagesLeft)} ${this.box(String(known.went_on_with_bot), terms.wentOn)}
        ${this.box(String(known.gave_up_waiting), terms.gaveUp)}
      </div>
    </section>`;
  }

  private waitsView({ count, median_seconds, p90_seconds }: WaitFigures): TemplateResult {
    const { terms } = this;
    return html`<section class="card">
      <h2>${terms.waits}</h2>
      ${
        median_seconds === null || p90_seconds === null
          ? html`<p class="soft">${terms.noWaits}</p>`
          : html`<div class="figures">${this.box(this.time(median_seconds), terms.median)} ${this.box(this.time(p90_seconds), terms.p90)}</div>
              <p class="small-print">${terms.waitsOf(count)}</p>`
      }
    </section>`;
  }

  private ratingsView(known: Figures): TemplateResult {
    const { terms } = this;
    return html`<section class="card">
      <h2>${terms.ratings}</h2>
      <div class="ratings">
        ${this.scoresView(terms.allRatings, known.scores)} ${this.scoresView(terms.botRatings, known.bot_scores)}
        ${this.scoresView(terms.staffRatings, known.staff_scores)}
      </div>
    </section>`;
  }

  private scoresView(title: string, scores: Readonly<Record<string, number>>): TemplateResult {
    const { terms } = this;
    const count = SCORES.reduce((sum, score) => sum + (scores[score] ?? 0), 0);
    if (count === 0) return html`<div><h3>${title}</h3><p class="soft">${terms.noRatings}</p></div>`;
    const sum = SCORES.reduce((total, score) => total + Number(score) * (scores[score] ?? 0), 0);
    return html`<div>
      <h3>${title}</h3>
      <p class="small-print figure">${terms.mean((sum / count).toFixed(1), count)}</p>
      <dl>
        ${SCORES.map((score) => {
          const many = scores[score] ?? 0;
          const label = terms.stars(Number(score));
          return html`<dt class="figure">${label}</dt><dd><meter min="0" max=${count} .value=${many} aria-label=${label}></meter> <span class="figure">${many}</span></dd>`;
        })}
      </dl>
    </div>`;
  }

  private box(figure: string, words: string): TemplateResult {
    return html`<div class="box"><b class="figure">${figure}</b><span>${words}</span></div>`;
  }

  private time(seconds: number): string {
    return lasting(seconds, this.speech.language);
  }

  private choose(event: Event): void {
    this.days = Number((event.target as HTMLSelectElement).value);
    void this.load();
  }

  protected async load(): Promise<void> {
    const { days } = this;
    const known = await this.ask(() => this.api.figures(days));
    if (known && days === this.days) this.known = known;
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .period {
        inline-size: auto;
      }
      .ratings {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr));
        gap: 20px 32px;
      }
      .ratings > div {
        display: grid;
        gap: 6px;
        align-content: start;
      }
      .ratings dl {
        grid-template-columns: auto 1fr;
        gap: 2px 12px;
      }
      .ratings dd {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      meter {
        flex: 1;
        min-inline-size: 60px;
        block-size: 12px;
      }
    `,
  ];
}

customElements.define("desk-figures", DeskFigures);
