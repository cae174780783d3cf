/** `<server-status>`: how the server is, what it serves with, and how many conversations stand where. */
import { html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Overview, Status } from "../rest/answers.ts";
import { LivePart } from "./live_part.ts";
import { sectionLook } from "./section_look.ts";

export class ServerStatus extends LivePart {
  static override properties = { status: { state: true }, overview: { state: true } };
  declare status: Status | null;
  declare overview: Overview | null;
  protected readonly refreshMs = 10_000;

  constructor() {
    super();
    this.status = null;
    this.overview = null;
  }

  override render(): TemplateResult {
    const { status, overview } = this;
    return html`
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${status ? this.statusView(status, overview) : nothing} ${overview ? this.overviewView(overview) : nothing}
    `;
  }

  private statusView(status: Status, overview: Overview | null): TemplateResult {
    const { texts } = this;
    // Without a generator nothing is ever written, however well the server is.
    const mute = status.step === "full" && overview?.versions.generator === "off";
    const step = mute ? "no_writing" : status.step;
    const kind = { ok: "good", degraded: "warn", down: "bad" }[status.status] ?? "";
    return html`<section class="card">
      <h2>${texts.status}</h2>
      <p class="notice ${kind}">${texts.sentences([texts.states[status.status] ?? status.status, texts.steps[step] ?? step])}</p>
      <p class="soft">${status.open ? texts.shopOpen : texts.shopClosed} · ${texts.staffPresent}: ${status.staff_present}</p>
    </section>`;
  }

  private overviewView(overview: Overview): TemplateResult {
    const { texts } = this;
    const { version, ...versions } = overview.versions;
    const models = version === undefined ? versions : { ...versions, database_version: version };
    return html`<section class="card">
        <h2>${texts.conversations}</h2>
        <div class="figures">
          ${Object.entries(overview.conversations).map(([stage, count]) => this.box(texts.stages[stage] ?? stage, count))}
          ${this.box(texts.events, overview.events)} ${this.box(texts.openTurns, overview.open_turns)}
        </div>
      </section>
      ${this.pairs(texts.knowledgeBase, overview.knowledge)} ${this.pairs(texts.models, models)}`;
  }

  private box(words: string, count: number): TemplateResult {
    return html`<div class="box"><b class="figure">${count}</b><span>${words}</span></div>`;
  }

  private pairs(title: string, values: Readonly<Record<string, string>>): TemplateResult {
    return html`<section class="card">
      <h2>${title}</h2>
      <dl>${Object.entries(values).map(([name, value]) => html`<dt>${this.texts.parts[name] ?? name}</dt><dd class="code">${value}</dd>`)}</dl>
    </section>`;
  }

  protected async load(): Promise<void> {
    this.status = (await this.ask(() => this.api.status())) ?? this.status;
    this.overview = (await this.ask(() => this.api.overview())) ?? this.overview;
  }

  static override styles = [look, sectionLook];
}

customElements.define("server-status", ServerStatus);
