/** What the composer of the inbox looks like. */
import { css } from "lit";

export const composerLook = css`
  :host {
    display: block;
    flex: none;
  }
  form {
    display: grid;
    gap: 8px;
    padding: 10px 16px 12px;
    border-block-start: 1px solid var(--sk-line);
    background: var(--sk-paper);
  }
  form.note {
    background: var(--sk-note-soft);
  }
  .closed {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding: 12px 16px;
    border-block-start: 1px solid var(--sk-line);
    background: var(--sk-paper);
    font-size: 14px;
  }
  .closed .button {
    flex: none;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
  }
  .kinds {
    display: flex;
    gap: 4px;
  }
  .row {
    position: relative;
    display: flex;
    align-items: flex-end;
    gap: 8px;
  }
  textarea {
    flex: 1;
    min-inline-size: 0;
    resize: none;
    line-height: 1.45;
  }
  .strong {
    min-block-size: 44px;
  }
  .suggestions {
    display: flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .suggestions .small-print {
    flex: none;
  }
  .suggestion {
    flex: 0 1 auto;
    min-inline-size: 90px;
    max-inline-size: 260px;
    min-block-size: 30px;
    padding: 2px 12px;
    overflow: hidden;
    border: 1px solid var(--sk-line-strong);
    border-radius: 15px;
    background: var(--sk-paper);
    font-size: 13px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .suggestion:hover {
    border-color: var(--sk-accent);
    background: var(--sk-accent-soft);
  }
  .trouble {
    font-size: 13px;
    color: var(--sk-bad);
  }
  .trouble:empty {
    display: none;
  }
  @media (max-width: 800px) {
    form {
      padding-inline: 12px;
    }
    textarea {
      font-size: 16px;
    }
  }
`;
