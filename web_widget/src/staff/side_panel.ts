/** `<side-panel>`: what stands beside the talk: tags, how to reach the shopper, and what was handed over. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import type { Contact } from "../wire/frames.ts";
import type { Packet } from "../wire/staff_frames.ts";
import "./packet_card.ts";
import type { TagEditor } from "./tag_editor.ts";
import "./tag_editor.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

const KINDS: readonly (keyof Contact)[] = ["name", "email", "phone", "wechat", "other"];

export class SidePanel extends LitElement {
  static override properties = {
    packet: { attribute: false },
    contact: { attribute: false },
    page: { attribute: false },
    tags: { attribute: false },
    tagsInUse: { attribute: false },
  };
  declare packet: Packet | null;
  declare contact: Contact | null;
  declare page: { readonly title: string; readonly url: string } | null;
  declare tags: readonly string[];
  declare tagsInUse: readonly string[];
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.packet = null;
    this.contact = null;
    this.page = null;
    this.tags = [];
    this.tagsInUse = [];
  }

  focusTags(): void {
    this.renderRoot.querySelector<TagEditor>("tag-editor")?.focus();
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts, contact, page } = this;
    return html`
      <tag-editor
        .tags=${this.tags}
        .inUse=${this.tagsInUse}
        @tag=${(event: CustomEvent) => this.dispatchEvent(new CustomEvent("tag", { detail: event.detail }))}
      ></tag-editor>
      ${contact ? this.section(texts.contact, this.ways(contact)) : nothing}
      ${page?.title || page?.url ? this.section(texts.page, this.pageView(page)) : nothing}
      <packet-card .packet=${this.packet}></packet-card>
    `;
  }

  private section(name: string, inside: TemplateResult): TemplateResult {
    return html`<section><h3>${name}</h3>${inside}</section>`;
  }

  private ways(contact: Contact): TemplateResult {
    const { contactKinds } = this.texts;
    return html`<dl>${KINDS.map((kind) => {
      const value = contact[kind];
      return value
        ? html`<div><dt>${contactKinds[kind]}</dt><dd dir="auto">${reached(kind, value)}</dd></div>`
        : nothing;
    })}</dl>`;
  }

  /** A stranger's text: shown as text, never as a link. */
  private pageView({ title, url }: { readonly title: string; readonly url: string }): TemplateResult {
    return html`<p dir="auto">${title}</p><p class="small-print address">${url}</p>`;
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 20px;
        align-content: start;
        font-size: 14px;
      }
      h3 {
        margin-block-end: 4px;
        font-size: 12.5px;
        font-weight: 600;
        color: var(--sk-ink-soft);
      }
      dl {
        display: grid;
        gap: 4px;
        margin: 0;
      }
      dl div {
        display: flex;
        gap: 8px;
      }
      dt {
        flex: none;
        color: var(--sk-ink-soft);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      dd a {
        color: var(--sk-accent-ink);
      }
      .address {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];
}

/** What is surely an address or a number can be pressed; everything else is a stranger's text, and stays text. */
function reached(kind: keyof Contact, value: string): TemplateResult | string {
  const number = value.replace(/[\s().-]/g, "");
  if (kind === "email" && /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(value))
    return html`<a href=${`mailto:${value}`}>${value}</a>`;
  if (kind === "phone" && /^\+?\d{5,15}$/.test(number)) return html`<a href=${`tel:${number}`}>${value}</a>`;
  return value;
}

customElements.define("side-panel", SidePanel);
