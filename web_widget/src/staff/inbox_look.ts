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
        grid-template-columns: 360px 1fr;
        min-block-size: 0;
      }
      conversation-list {
        border-inline-end: 1px solid var(--sk-line);
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
      }
      .toast.bad {
        background: var(--sk-bad);
      }
      dialog {
        inline-size: min(440px, calc(100vw - 40px));
        padding: 22px 24px;
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
        font-size: 18px;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 8px 16px;
        margin: 16px 0;
        font-size: 14px;
      }
      dd {
        margin: 0;
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
      @media (max-width: 800px) {
        .toast {
          inset-block: 56px auto;
          inset-inline: 16px;
          max-inline-size: none;
        }
        main {
          grid-template-columns: 1fr;
        }
        main:not(.viewing) conversation-view,
        main.viewing conversation-list {
          display: none;
        }
      }
`;
