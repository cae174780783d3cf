/** What the frame of the inbox looks like. */
import { css } from "lit";

export const inboxLook = css`
  :host {
    display: flex;
    flex-direction: column;
    block-size: 100vh;
    block-size: 100dvh;
  }
  .asking {
    margin: auto;
  }
  main {
    display: grid;
    flex: 1;
    grid-template-columns: 360px minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
    min-block-size: 0;
  }
  conversation-list {
    border-inline-end: 1px solid var(--sk-line);
  }
  .not-stored:not(:empty) {
    padding: 8px 16px;
    background: var(--sk-bad-soft);
    font-size: 14px;
    color: var(--sk-bad);
  }
  .toast {
    position: fixed;
    inset-block-end: 20px;
    inset-inline-start: 20px;
    z-index: 5;
    max-inline-size: 320px;
    padding: 10px 18px;
    border-radius: 12px;
    background: var(--sk-ink);
    color: var(--sk-paper);
    font-size: 14px;
    box-shadow: var(--sk-shadow-high);
    /* On a phone it lies on the buttons of the bar, which stay to be pressed. */
    pointer-events: none;
  }
  .toast.bad {
    background: var(--sk-bad);
  }
  .toast .link {
    color: inherit;
    text-align: start;
    pointer-events: auto;
  }
  @media (max-width: 800px) {
    .toast {
      inset-block: 6px auto;
      inset-inline: 16px;
      max-inline-size: none;
    }
    main {
      grid-template-columns: minmax(0, 1fr);
    }
    main:not(.viewing) conversation-view,
    main.viewing conversation-list {
      display: none;
    }
  }
`;
