/** `<help-sheet>`: every key of the inbox, by where it works. */
import { css, html, LitElement, type TemplateResult } from "lit";
import { dialogLook } from "../desk/dialog_look.ts";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import { inboxTexts } from "./texts.ts";

export class HelpSheet extends LitElement {
  private readonly speech = new Speech(this);

  show(): void {
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  override render(): TemplateResult {
    const texts = inboxTexts[this.speech.language];
    return html`<dialog aria-label=${texts.help}>
      <h2 tabindex="-1" autofocus>${texts.help}</h2>
      <div class="groups">
        ${texts.helpGroups.map(
          ([name, keys]) => html`<section>
            <h3>${name}</h3>
            <dl>${keys.map(([key, words]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${words}</dd></div>`)}</dl>
          </section>`,
        )}
      </div>
      <form method="dialog" class="end">
        <button class="button">${deskTexts[this.speech.language].close}</button>
      </form>
    </dialog>`;
  }

  static override styles = [
    look,
    dialogLook,
    css`
      dialog {
        inline-size: min(760px, calc(100vw - 32px));
      }
      h2:focus-visible {
        outline: none;
      }
      .groups {
        columns: 2 300px;
        column-gap: 32px;
      }
      section {
        break-inside: avoid;
        padding-block-end: 12px;
      }
      section h3 {
        margin-block-start: 0;
      }
      dl {
        display: grid;
        gap: 7px;
        margin: 0;
        font-size: 14px;
      }
      dl div {
        display: flex;
        gap: 12px;
      }
      dt {
        flex: none;
        inline-size: 104px;
      }
      dd {
        margin: 0;
      }
    `,
  ];
}

customElements.define("help-sheet", HelpSheet);
