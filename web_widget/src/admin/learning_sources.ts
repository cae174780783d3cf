/** `<learning-sources>`: the FAQ files and the conversations from which the assistant has learnt. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import type { Learnt } from "../rest/learning_answers.ts";
import { countText } from "./learning_figures.ts";
import { LearningPart } from "./learning_part.ts";
import { sectionLook } from "./section_look.ts";

export class LearningSources extends LearningPart {
  override render(): TemplateResult {
    const { words, known } = this;
    return html`<section class="card">
      <h2>${words.sources}</h2>
      ${known ? html`${this.filesView(known)} ${this.talksView(known)}` : nothing}
    </section>`;
  }

  private filesView({ sources }: Learnt): TemplateResult {
    const { words } = this;
    return html`<h3>${words.faq}</h3>
      ${
        sources.length === 0
          ? html`<p class="soft">${words.noFaq}</p>`
          : html`<ul>
              ${sources.map(({ source, entries }) => html`<li><b dir="auto">${source}</b> <span class="soft figure">${words.entriesOf(this.count(entries))}</span></li>`)}
            </ul>`
      }
      <p><a class="link" href="#knowledge">${words.toKnowledge}</a></p>`;
  }

  private talksView({ parts }: Learnt): TemplateResult {
    const { words } = this;
    const counts = parts.find(({ part }) => part === "takeover")?.counts ?? {};
    const lines = [
      ...(counts.chats ? [words.fromChats(this.count(counts.chats))] : []),
      ...(counts.desk ? [words.fromDesk(this.count(counts.desk))] : []),
    ];
    const signs = Object.entries(words.signs).flatMap(([name, say]) => {
      const times = counts[name];
      return times ? [say(this.count(times))] : [];
    });
    return html`<h3>${words.oldChats}</h3>
      ${
        lines.length === 0
          ? html`<p class="soft">${words.noChats}</p>`
          : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
      }
      ${signs.length > 0 ? html`<p class="small-print">${signs.join(" · ")}</p>` : nothing}
      <p class="small-print">${words.chatsTeach}</p>`;
  }

  private count(count: number): string {
    return countText(count, this.speech.language);
  }

  static override styles = [
    look,
    sectionLook,
    css`
      ul {
        display: grid;
        gap: 4px;
        margin: 0;
        padding-inline-start: 20px;
        font-size: 14px;
      }
      li {
        overflow-wrap: anywhere;
      }
    `,
  ];
}

customElements.define("learning-sources", LearningSources);
