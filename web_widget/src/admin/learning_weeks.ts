/** `<learning-weeks>`: what share of the assistant's turns was answered, asked back and handed over, week by week. */
import { css, html, nothing, type PropertyValues, svg, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Week } from "../rest/learning_answers.ts";
import { countText } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

const SHARES = ["answered", "asked", "handed_over"] as const;
/** So many weeks before a publication are compared with those since; fewer turns than these say nothing. */
const WEEKS_BEFORE = 4;
const FEWEST_TURNS = 20;

export class LearningWeeks extends LearningPart {
  static override properties = { weeks: { state: true } };
  declare weeks: readonly Week[] | null;
  /** What serves and what ran when the weeks were asked for. */
  private lookedAt = "";

  constructor() {
    super();
    this.weeks = null;
  }

  override render(): TemplateResult {
    const { words, weeks } = this;
    return html`<section class="card">
      <h2>${words.weeks}</h2>
      <p class="soft">${words.weeksHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${weeks ? this.weeksView(weeks) : nothing}
    </section>`;
  }

  private weeksView(weeks: readonly Week[]): TemplateResult {
    const { words } = this;
    const first = weeks.findIndex((week) => turnsOf(week) > 0 || week.published.length > 0);
    const shown = first < 0 ? [] : weeks.slice(first).reverse();
    if (!shown.some((week) => turnsOf(week) > 0)) return html`<p class="soft">${words.noTurns}</p>`;
    return html`${this.comparedView(weeks)}
      <p class="key">${SHARES.map((name) => html`<span><i class=${name}></i> ${words.shares[name]}</span>`)}</p>
      <div class="table-frame" role="region" aria-label=${words.weeks} tabindex="0">
        <table>
          <thead>
            <tr><th>${words.week}</th><th class="bar"></th>${SHARES.map((name) => html`<th class="number">${words.shares[name]}</th>`)}<th class="number">${words.turns}</th><th>${words.published}</th></tr>
          </thead>
          <tbody>${shown.map((week) => this.weekView(week))}</tbody>
        </table>
      </div>`;
  }

  private weekView(week: Week): TemplateResult {
    const turns = turnsOf(week);
    return html`<tr>
      <th scope="row" class="figure">${week.begins}</th>
      <td class="bar">${turns > 0 ? barOf(week, turns) : nothing}</td>
      ${SHARES.map((name) => html`<td class="number figure">${turns > 0 ? percent(week[name] / turns) : "–"}</td>`)}
      <td class="number figure">${countText(turns, this.speech.language)}</td>
      <td>${week.published.map(({ version, note }) => html`<span class="note" dir="auto">${note || version}</span>`)}</td>
    </tr>`;
  }

  /** The weeks before the last publication beside those since, where both say something. */
  private comparedView(weeks: readonly Week[]): TemplateResult | typeof nothing {
    const last = weeks.findLastIndex(({ published }) => published.length > 0);
    if (last < 0) return nothing;
    const before = totalOf(weeks.slice(Math.max(0, last - WEEKS_BEFORE), last));
    const since = totalOf(weeks.slice(last));
    if (Math.min(before.turns, since.turns) < FEWEST_TURNS) return nothing;
    return html`<p class="notice">${this.words.beforeAfter(this.told(before), this.told(since))}</p>`;
  }

  private told({ answered, turns }: Total): string {
    return this.words.shareOf(percent(answered / turns), countText(turns, this.speech.language));
  }

  /** Looks when it appears, and whenever something else answers or a run has ended. */
  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("known") || !this.known) return;
    const { sources, run } = this.known;
    const now = JSON.stringify([sources, run?.run, run?.state]);
    if (now === this.lookedAt) return;
    this.lookedAt = now;
    void this.load();
  }

  private async load(): Promise<void> {
    this.weeks = (await this.ask(() => this.api.weeks())) ?? this.weeks;
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 18px;
        font-size: 13px;
        color: var(--sk-ink-soft);
      }
      .key i {
        display: inline-block;
        inline-size: 11px;
        block-size: 11px;
        border-radius: 3px;
      }
      .answered {
        background: var(--sk-good);
        fill: var(--sk-good);
      }
      .asked {
        background: var(--sk-accent);
        fill: var(--sk-accent);
      }
      .handed_over {
        background: var(--sk-warn);
        fill: var(--sk-warn);
      }
      th[scope="row"] {
        font-weight: 550;
        white-space: nowrap;
        background: none;
      }
      .bar {
        inline-size: 30%;
        min-inline-size: 110px;
      }
      svg {
        display: block;
        inline-size: 100%;
        block-size: 14px;
        border-radius: 4px;
      }
      .number {
        text-align: end;
      }
      .note {
        display: block;
        inline-size: 170px;
        font-size: 13px;
        overflow-wrap: anywhere;
      }
    `,
  ];
}

interface Total {
  readonly answered: number;
  readonly turns: number;
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

function turnsOf({ answered, asked, handed_over }: Week): number {
  return answered + asked + handed_over;
}

function totalOf(weeks: readonly Week[]): Total {
  return weeks.reduce(
    (total, week) => ({ answered: total.answered + week.answered, turns: total.turns + turnsOf(week) }),
    { answered: 0, turns: 0 },
  );
}

/** One bar of three parts; the figures stand beside it. */
function barOf(week: Week, turns: number): TemplateResult {
  let at = 0;
  const parts = SHARES.map((name) => {
    const wide = (week[name] / turns) * 100;
    at += wide;
    return svg`<rect class=${name} x=${at - wide} y="0" width=${wide} height="10"></rect>`;
  });
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

customElements.define("learning-weeks", LearningWeeks);
