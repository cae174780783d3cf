/** The list that opens over the composer while something is picked: its view, its look, and where it stands. */
import { css, html, nothing, type TemplateResult } from "lit";

export interface Pickable {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** A small mark at the end: a language, a load. */
  readonly mark: string;
}

export const PICK_LIST_ID = "picks";
const MOST_SHOWN = 50;

export function optionId(index: number): string {
  return `pick-${index}`;
}

/** Steps round the list: after the last comes the first. */
export function stepped(active: number, by: 1 | -1, length: number): number {
  return length === 0 ? 0 : (active + by + Math.min(length, MOST_SHOWN)) % Math.min(length, MOST_SHOWN);
}

export function pickList(
  items: readonly Pickable[],
  active: number,
  words: { readonly label: string; readonly empty: string; readonly hint: string },
  pick: (item: Pickable) => void,
): TemplateResult {
  // The press must not take the focus from the box that is written in.
  const stay = (event: Event): void => event.preventDefault();
  const last =
    items.length === 0
      ? html`<p class="small-print">${words.empty}</p>`
      : html`<p class="small-print keys">${words.hint}</p>`;
  return html`<div class="picks" @pointerdown=${stay} @mousedown=${stay}>
    <div role="listbox" id=${PICK_LIST_ID} aria-label=${words.label}>
      ${items.slice(0, MOST_SHOWN).map(
        (item, index) => html`<div
          role="option"
          id=${optionId(index)}
          class=${index === active ? "pick active" : "pick"}
          aria-selected=${String(index === active)}
          @click=${() => pick(item)}
        >
          <b>${item.title}</b>
          <span dir="auto">${item.detail}</span>
          ${item.mark ? html`<small>${item.mark}</small>` : nothing}
        </div>`,
      )}
    </div>
    ${last}
  </div>`;
}

export const pickLook = css`
  .picks {
    position: absolute;
    inset-block-end: calc(100% + 6px);
    inset-inline: 0;
    z-index: 3;
    overflow: hidden;
    border: 1px solid var(--sk-line);
    border-radius: 12px;
    background: var(--sk-paper);
    box-shadow: var(--sk-shadow-high);
  }
  .picks [role="listbox"] {
    max-block-size: min(280px, 40vh);
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .picks .small-print {
    padding: 6px 14px;
    border-block-start: 1px solid var(--sk-line);
    font-size: 12.5px;
  }
  .pick {
    display: grid;
    grid-template-columns: minmax(80px, auto) 1fr auto;
    gap: 4px 12px;
    align-items: baseline;
    padding: 8px 14px;
    font-size: 14px;
    cursor: pointer;
  }
  .pick:hover,
  .pick.active {
    background: var(--sk-accent-soft);
  }
  .pick b {
    font-weight: 600;
  }
  .pick span {
    overflow: hidden;
    color: var(--sk-ink-soft);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .pick small {
    font-size: 12px;
    color: var(--sk-ink-soft);
  }
  @media (max-width: 800px) {
    .picks .keys {
      display: none;
    }
    .pick {
      grid-template-columns: 1fr auto;
    }
    .pick span {
      grid-row: 2;
      grid-column: 1 / -1;
    }
  }
`;
