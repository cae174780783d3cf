/** How one colleague is shown in a list: presence, name, and what belongs to it. */
import { css } from "lit";

export const colleagueLook = css`
  .who {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    font-size: 14px;
  }
  .who b {
    font-weight: 600;
  }
  small {
    display: block;
    font-size: 12.5px;
    color: var(--sk-ink-soft);
  }
  i {
    flex: none;
    inline-size: 10px;
    block-size: 10px;
    border: 2px solid var(--sk-line-strong);
    border-radius: 50%;
  }
  i.present {
    border-color: #2e9e5b;
    background: #2e9e5b;
  }
  i.connected {
    border-color: #d98a1f;
  }
`;
