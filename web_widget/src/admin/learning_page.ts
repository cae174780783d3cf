/** `<learning-page>`: what was learnt, having it learnt again, going back; looks more often while something runs. */
import { html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Learnt } from "../rest/learning_answers.ts";
import "./learning_run.ts";
import "./learning_sources.ts";
import "./learning_weeks.ts";
import "./learnt_parts.ts";
import { LivePart } from "./live_part.ts";
import "./mined_questions.ts";
import { sectionLook } from "./section_look.ts";
import "./trained_sets.ts";

/** Of the looks while nothing runs, one of so many is taken. */
const IDLE_LOOKS = 4;

export class LearningPage extends LivePart {
  static override properties = { known: { state: true } };
  declare known: Learnt | null;
  protected readonly refreshMs = 1_500;
  private looks = 0;

  constructor() {
    super();
    this.known = null;
  }

  override render(): TemplateResult {
    const { api, known } = this;
    return html`${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      <learnt-parts .api=${api} .known=${known} @learnt=${this.take}></learnt-parts>
      <learning-run .api=${api} .known=${known} @learnt=${this.take}></learning-run>
      ${known?.mines ? html`<mined-questions .api=${api} .known=${known} @learnt=${this.take}></mined-questions>` : nothing}
      <learning-weeks .api=${api} .known=${known}></learning-weeks>
      <trained-sets .api=${api} .known=${known} @learnt=${this.take}></trained-sets>
      <learning-sources .api=${api} .known=${known}></learning-sources>`;
  }

  protected async load(): Promise<void> {
    const idle = this.known !== null && this.known.run?.state !== "running";
    if (idle && this.looks++ % IDLE_LOOKS !== 0) return;
    this.known = (await this.ask(() => this.api.learnt())) ?? this.known;
  }

  private take(event: CustomEvent<Learnt | null>): void {
    this.looks = 0;
    if (event.detail) this.known = event.detail;
    else void this.load();
  }

  static override styles = [look, sectionLook];
}

customElements.define("learning-page", LearningPage);
