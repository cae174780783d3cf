/** What a proposal from old chats looks like. */
import { css } from "lit";

export const minedProposalLook = css`
  :host {
    display: block;
  }
  article {
    display: grid;
    gap: 8px;
    grid-template-columns: minmax(0, 1fr);
    padding: 12px 14px;
    border: 1px solid var(--sk-line);
    border-radius: 12px;
    font-size: 14px;
    overflow-wrap: anywhere;
  }
  article.chosen {
    border-color: var(--sk-accent);
    background: color-mix(in srgb, var(--sk-accent-soft) 35%, transparent);
  }
  .head {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 4px 10px;
    align-items: start;
  }
  .title {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 10px;
    align-items: start;
    min-block-size: 30px;
    padding-block-start: 4px;
    font-size: 15px;
    font-weight: 600;
    cursor: pointer;
  }
  input[type="checkbox"] {
    inline-size: 18px;
    block-size: 18px;
    margin: 2px 0 0;
    accent-color: var(--sk-accent);
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    grid-column: 1 / -1;
    gap: 4px 8px;
    align-items: center;
    font-size: 13px;
    color: var(--sk-ink-soft);
  }
  h4 {
    margin: 0 0 3px;
    font-size: 13px;
    font-weight: 550;
    color: var(--sk-ink-soft);
  }
  .also {
    font-size: 13.5px;
    color: var(--sk-ink-soft);
  }
  .said {
    white-space: pre-wrap;
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr));
    gap: 8px 18px;
  }
  .edit,
  .questions {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
  }
  .questions {
    gap: 6px;
  }
  .question {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 6px;
    align-items: center;
  }
  .question .button {
    min-inline-size: 34px;
    min-block-size: 34px;
    font-size: 17px;
  }
  .as-new {
    display: flex;
    gap: 10px;
    align-items: center;
    min-block-size: 30px;
  }
  .as-new input[type="checkbox"] {
    margin: 0;
  }
  textarea {
    resize: vertical;
  }
  ul {
    display: grid;
    gap: 6px;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 10px;
    align-items: start;
    padding: 6px 0;
    border-block-start: 1px solid var(--sk-line);
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;
