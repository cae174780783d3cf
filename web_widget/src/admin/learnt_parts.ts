/** `<learnt-parts>`: each part that was learnt, since when, from how much, and how good it is. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Figure, LearntPart } from "../rest/learning_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { countText, figureText, share } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

const LANGUAGES = ["all", "zh", "en"] as const;

export class LearntParts extends LearningPart {
  override render(): TemplateResult {
    const { words, known } = this;
    return html`<section class="card">
      <h2>${words.learnt}</h2>
      <p class="soft">${words.learntHint}</p>
      ${known?.refused ? html`<p class="notice bad" role="alert">${words.refused} <span dir="auto">${known.refused}</span></p>` : nothing}
      ${known?.parts.length === 0 ? html`<p class="soft">${words.nothing}</p>` : nothing}
      ${known?.parts.map((part) => this.partView(part))}
    </section>`;
  }

  private partView(part: LearntPart): TemplateResult {
    const { words } = this;
    const title = words.parts[part.part] ?? part.part;
    return html`<article aria-label=${title}>
      <div class="head">
        <h3>${title}</h3>
        ${this.versionView(part)}
      </div>
      <p class="small-print">${words.partHints[part.part] ?? nothing}</p>
      ${part.version === null ? html`<p class="soft">${words.notLearnt[part.part] ?? nothing}</p>` : this.knownView(part)}
    </article>`;
  }

  private versionView({ version, made_at }: LearntPart): TemplateResult | typeof nothing {
    const { words } = this;
    if (version === null) return nothing;
    if (version === "shipped") return html`<span class="chip">${words.shipped}</span>`;
    const at = dateAndTime(made_at, this.speech.language);
    return html`<span class="small-print">${at ? words.since(at) : nothing} <span class="code">${version}</span></span>`;
  }

  private knownView({ part, version, counts, figures, fine_tuned }: LearntPart): TemplateResult {
    const { words } = this;
    const { language } = this.speech;
    const told = Object.entries(counts).flatMap(([name, count]) => {
      const say = words.counts[name];
      return say ? [say(countText(count, language))] : [];
    });
    const tuned = fine_tuned.map((one) => words.languages[one] ?? one).join(language === "zh" ? "、" : ", ");
    return html`<p class="figure counts">
        ${told.join(" · ")} ${tuned ? html`<span class="chip accent">${words.fineTuned(tuned)}</span>` : nothing}
      </p>
      ${
        figures.length > 0
          ? this.figuresView(part, figures)
          : html`<p class="small-print">${version === "shipped" ? nothing : words.notMeasured}</p>`
      }`;
  }

  private figuresView(part: string, figures: readonly Figure[]): TemplateResult {
    const { words } = this;
    const columns = LANGUAGES.filter((language) => figures.some((one) => one.language === language));
    const names = [...new Set(figures.map(({ name }) => name))];
    const heading = (language: string): string =>
      columns.length === 1 ? words.value : (words.languages[language] ?? language);
    return html`<div class="table-frame">
      <table class="stack">
        <thead>
          <tr><th>${words.figure}</th>${columns.map((language) => html`<th class="number">${heading(language)}</th>`)}</tr>
        </thead>
        <tbody>
          ${names.map((name) => {
            const own = figures.filter((one) => one.name === name);
            const promised = own.find((one) => one.promised !== undefined)?.promised;
            return html`<tr>
              <th scope="row">
                ${words.figures[`${part}.${name}`] ?? name}
                ${promised === undefined ? nothing : html`<span class="small-print">${words.promised(share(promised))}</span>`}
              </th>
              ${columns.map((language) => {
                const one = own.find((figure) => figure.language === language);
                return html`<td class="number" data-label=${heading(language)}>${one ? figureText(one, this.speech.language) : "—"}</td>`;
              })}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }

  static override styles = [
    look,
    sectionLook,
    css`
      article {
        display: grid;
        gap: 6px;
        grid-template-columns: minmax(0, 1fr);
        padding-block-start: 14px;
        border-block-start: 1px solid var(--sk-line);
      }
      .notice {
        overflow-wrap: anywhere;
      }
      .counts {
        font-size: 14px;
      }
      thead th:first-child {
        inline-size: 40%;
      }
      tbody th {
        font-size: 14px;
        font-weight: 400;
        color: var(--sk-ink);
        white-space: normal;
        background: none;
      }
      tbody th .small-print {
        display: block;
        font-weight: 400;
      }
      tr:last-child th {
        border-block-end: 0;
      }
      @media (max-width: 760px) {
        .stack tbody tr {
          display: flex;
          flex-wrap: wrap;
          gap: 2px 14px;
        }
        tbody th {
          flex: 1 0 100%;
          padding: 0;
          border: 0;
          font-weight: 550;
        }
      }
    `,
  ];
}

customElements.define("learnt-parts", LearntParts);
