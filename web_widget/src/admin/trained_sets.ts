/** `<trained-sets>`: what was learnt when, which answers, and the way back. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import type { Learnt, TrainedSet } from "../rest/learning_answers.ts";
import { dateAndTime } from "../text/moments.ts";
import { figureText } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

export class TrainedSets extends LearningPart {
  static override properties = { told: { state: true } };
  declare told: string;

  constructor() {
    super();
    this.told = "";
  }

  override render(): TemplateResult {
    const { words, known } = this;
    return html`<section class="card">
      <h2>${words.sets}</h2>
      <p class="soft">${known?.shared ? words.setsHint.shared : words.setsHint.here}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${this.told ? html`<p class="notice good" role="status">${this.told}</p>` : nothing}
      ${known && known.sets.length > 0 ? this.table(known) : html`<p class="soft">${known ? words.noSets : nothing}</p>`}
    </section>`;
  }

  private table({ sets, run }: Learnt): TemplateResult {
    const { words } = this;
    const mayGoBack = !this.busy && run?.state !== "running";
    return html`<div class="table-frame">
      <table class="stack">
        <thead>
          <tr>
            <th>${words.made}</th><th>${words.changed}</th><th>${words.set}</th>
            <th><span class="unseen">${this.texts.acts}</span></th>
          </tr>
        </thead>
        <tbody>${sets.map((one, at) => this.row(one, sets[at + 1], mayGoBack))}</tbody>
      </table>
    </div>`;
  }

  private row(one: TrainedSet, before: TrainedSet | undefined, mayGoBack: boolean): TemplateResult {
    const { words } = this;
    // Of a learning its name says which parts it brought.
    const told = before && !one.by.startsWith("train") ? changedParts(one, before) : [];
    const changed = told.map((part) => words.parts[part] ?? part);
    return html`<tr class=${one.serving ? "serves" : ""}>
      <td class="figure at">${dateAndTime(one.made_at, this.speech.language)}</td>
      <td>
        ${words.by[one.by] ?? one.by} ${changed.map((part) => html` <span class="chip">${part}</span>`)}
        ${one.figures.length > 0 ? html`<p class="small-print figure">${this.figuresOf(one)}</p>` : nothing}
      </td>
      <td class="code soft">${one.set}</td>
      <td class="acts-cell">
        ${
          one.serving
            ? html`<span class="chip good">${words.inUse}</span>`
            : html`<sure-button
              small
              .label=${words.back}
              .question=${words.backSure}
              .disabled=${!mayGoBack}
              @sure=${() => this.goBack(one.set)}
            ></sure-button>`
        }
      </td>
    </tr>`;
  }

  private figuresOf({ figures }: TrainedSet): string {
    const { words } = this;
    const told = figures.map(
      (one) =>
        `${words.figures[`${one.part}.${one.name}`] ?? one.name} ${figureText(one, this.speech.language)}`,
    );
    return told.join(" · ");
  }

  private async goBack(set: string): Promise<void> {
    this.told = "";
    const learnt = await this.ask(() => this.api.learntBefore(set));
    if (!learnt) return;
    this.told = this.words.wentBack;
    this.tell(learnt);
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .serves {
        background: var(--sk-good-soft);
      }
      .at {
        white-space: nowrap;
      }
    `,
  ];
}

/** The parts that a set does not have from the one before it. */
export function changedParts(one: TrainedSet, before: TrainedSet): readonly string[] {
  return Object.entries(one.parts).flatMap(([part, version]) =>
    before.parts[part] === version ? [] : [part],
  );
}

customElements.define("trained-sets", TrainedSets);
