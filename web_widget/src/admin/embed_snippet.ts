/** `<embed-snippet>`: the tag that a shop pastes, pinned by the hash of the script, and the plain one. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { WidgetFacts } from "../rest/console_answers.ts";
import { ConsolePart } from "./part.ts";
import { sectionLook } from "./section_look.ts";

export class EmbedSnippet extends ConsolePart {
  static override properties = { facts: { state: true }, copied: { state: true } };
  declare facts: WidgetFacts | null;
  /** Which of the snippets was copied last. */
  declare copied: string;

  constructor() {
    super();
    this.facts = null;
    this.copied = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { terms, facts } = this;
    return html`<section class="card">
      <h2>${terms.embed}</h2>
      <p class="soft">${terms.embedHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      ${facts ? this.snippetsView(facts) : nothing}
    </section>`;
  }

  private snippetsView(facts: WidgetFacts): TemplateResult {
    const { terms } = this;
    if (facts.version === "") return html`<p class="notice warn">${terms.notBuilt}</p>`;
    return html`${this.snippetView(terms.embedPinned, pinned(facts))} ${this.snippetView(terms.embedPlain, plain())}`;
  }

  private snippetView(title: string, snippet: string): TemplateResult {
    const { terms } = this;
    return html`<div class="snippet">
      <p>${title}</p>
      <pre class="code" tabindex="0" aria-label=${title}>${snippet}</pre>
      <button class="button small" @click=${() => this.copy(snippet)}>${this.copied === snippet ? terms.copied : terms.copySnippet}</button>
    </div>`;
  }

  private async load(): Promise<void> {
    this.facts = await this.ask(() => this.api.widget());
  }

  private async copy(snippet: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(snippet);
      this.copied = snippet;
    } catch {
      // Without the right to the clipboard the snippet still stands there to be selected.
    }
  }

  static override styles = [
    look,
    sectionLook,
    css`
      .snippet {
        display: grid;
        gap: 6px;
        justify-items: start;
        grid-template-columns: minmax(0, 1fr);
        font-size: 14px;
      }
      .snippet p {
        margin: 0;
      }
      pre {
        inline-size: 100%;
        margin: 0;
        padding: 10px 14px;
        border: 1px solid var(--sk-line);
        border-radius: 10px;
        background: var(--sk-ground);
        font-size: 13px;
        white-space: pre-wrap;
        user-select: all;
      }
    `,
  ];
}

/** `crossorigin` is what makes a browser check the hash of a script from another site. */
function pinned({ src, integrity }: WidgetFacts): string {
  const address = new URL(src, location.href).href;
  return `<script src="${address}"\n        integrity="${integrity}"\n        crossorigin="anonymous" defer></script>`;
}

function plain(): string {
  return `<script src="${new URL("/widget.js", location.href).href}" defer></script>`;
}

customElements.define("embed-snippet", EmbedSnippet);
