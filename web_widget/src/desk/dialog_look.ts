/** What a dialog of the desk looks like. */
import { css } from "lit";

export const dialogLook = css`
  dialog {
    inline-size: min(440px, calc(100vw - 32px));
    max-block-size: calc(100dvh - 48px);
    padding: 22px 24px;
    overflow-y: auto;
    border: 1px solid var(--sk-line);
    border-radius: 16px;
    background: var(--sk-paper);
    color: inherit;
    box-shadow: var(--sk-shadow-high);
  }
  dialog::backdrop {
    background: rgb(10 20 20 / 40%);
  }
  dialog h2 {
    margin-block-end: 14px;
    font-size: 18px;
  }
  dialog h3 {
    margin-block: 16px 6px;
    font-size: 13px;
    font-weight: 600;
    color: var(--sk-ink-soft);
  }
  .end {
    display: flex;
    justify-content: flex-end;
    margin-block-start: 18px;
  }
  kbd {
    padding: 1px 8px;
    border: 1px solid var(--sk-line-strong);
    border-radius: 6px;
    background: var(--sk-ground);
    font-family: var(--sk-font-mono);
    font-size: 13px;
    white-space: nowrap;
  }
`;
