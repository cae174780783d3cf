/** `<tag-editor>`: the staff's own words for a conversation; fires `tag` with what to add and remove. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { isComposed } from "../text/send_key.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const TAG_CHARACTERS = 40;

export interface TagChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export class TagEditor extends LitElement {
  static override properties = { tags: { attribute: false }, inUse: { attribute: false } };
  declare tags: readonly string[];
  /** Tags of other conversations, most used first. */
  declare inUse: readonly string[];
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.tags = [];
    this.inUse = [];
  }

  override focus(): void {
    this.renderRoot.querySelector("input")?.focus();
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts, tags } = this;
    const others = this.inUse.filter((tag) => !tags.includes(tag));
    return html`<h3>${texts.tags}</h3>
      ${
        tags.length > 0
          ? html`<ul>
            ${tags.map(
              (tag) => html`<li>
                <span dir="auto">${tag}</span>
                <button aria-label=${texts.removeTag(tag)} title=${texts.removeTag(tag)} @click=${() => this.tell([], [tag])}>
                  <span aria-hidden="true">✕</span>
                </button>
              </li>`,
            )}
          </ul>`
          : nothing
      }
      <form @submit=${this.submit}>
        <input
          class="input"
          name="tag"
          list="in-use"
          maxlength=${TAG_CHARACTERS}
          autocomplete="off"
          aria-label=${texts.addTag}
          placeholder=${texts.addTag}
          @keydown=${this.key}
        />
        <datalist id="in-use">${others.map((tag) => html`<option value=${tag}></option>`)}</datalist>
      </form>`;
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const box = this.renderRoot.querySelector("input");
    const tag = box?.value.trim() ?? "";
    if (!box || tag === "") return;
    box.value = "";
    if (!this.tags.includes(tag)) this.tell([tag], []);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !isComposed(event)) (event.target as HTMLInputElement).blur();
  }

  private tell(add: readonly string[], remove: readonly string[]): void {
    this.dispatchEvent(new CustomEvent<TagChange>("tag", { detail: { add, remove } }));
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 8px;
        font-size: 14px;
      }
      h3 {
        font-size: 12.5px;
        font-weight: 600;
        color: var(--sk-ink-soft);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: inline-flex;
        align-items: center;
        max-inline-size: 100%;
        border: 1px solid var(--sk-line-strong);
        border-radius: 12px;
        font-size: 13px;
        line-height: 24px;
      }
      li span {
        overflow: hidden;
        padding-inline-start: 10px;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      li button {
        flex: none;
        min-inline-size: 26px;
        min-block-size: 24px;
        padding: 0 6px;
        border: 0;
        border-radius: 12px;
        background: none;
        font-size: 11px;
        color: var(--sk-ink-soft);
      }
      li button span {
        padding: 0;
      }
      li button:hover {
        color: var(--sk-bad);
      }
      .input {
        min-block-size: 34px;
        font-size: 14px;
      }
    `,
  ];
}

customElements.define("tag-editor", TagEditor);
