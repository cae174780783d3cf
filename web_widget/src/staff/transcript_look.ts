/** What the talk looks like to staff. */
import { css } from "lit";

export const transcriptLook = css`
  :host {
    display: block;
    flex: 1;
    min-block-size: 0;
    padding: 16px 24px;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .older,
  .day,
  .happening {
    margin-block: 10px;
    font-size: 12.5px;
    text-align: center;
    color: var(--sk-ink-soft);
  }
  .message {
    max-inline-size: min(640px, 88%);
    margin-block-end: 14px;
  }
  .message.staff {
    margin-inline-start: auto;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    margin-block-end: 3px;
    font-size: 12.5px;
    color: var(--sk-ink-soft);
  }
  header b {
    font-weight: 600;
  }
  header .picture {
    inline-size: 16px;
    block-size: 16px;
  }
  .staff header {
    justify-content: flex-end;
  }
  .why {
    font-size: 12.5px;
  }
  .text {
    inline-size: fit-content;
    max-inline-size: 100%;
    padding: 9px 14px;
    border-radius: 4px 14px 14px;
    background: var(--sk-raised);
    border: 1px solid var(--sk-line);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .text a {
    color: inherit;
    text-underline-offset: 2px;
  }
  .bot .text {
    background: var(--sk-bubble);
    border-color: transparent;
  }
  .staff .text {
    margin-inline-start: auto;
    border-radius: 14px 4px 14px 14px;
    border-color: transparent;
    background: var(--sk-accent);
    color: var(--sk-on-accent);
  }
  .note .text {
    background: var(--sk-note-soft);
    border-color: transparent;
    color: var(--sk-note);
  }
  .note header {
    color: var(--sk-note);
  }
  .draft .text {
    border: 1px dashed var(--sk-draft);
    background: var(--sk-draft-soft);
  }
  .draft header {
    color: var(--sk-draft);
  }
  .left .text {
    border: 1px solid var(--sk-accent);
  }
  .ways {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    margin-block-start: 4px;
    font-size: 13px;
  }
  .called {
    font-weight: 650;
  }
  .called.me {
    padding: 0 3px;
    border-radius: 4px;
    background: var(--sk-note);
    color: var(--sk-note-soft);
  }
  .happening.late {
    color: var(--sk-bad);
  }
  .happening.rated {
    color: var(--sk-ink);
  }
  .happening q {
    display: block;
    overflow-wrap: anywhere;
  }
  .stars {
    letter-spacing: 2px;
    color: #b36b00;
  }
  .unaccepted .text {
    opacity: 0.7;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin-block-start: 5px;
  }
  trace-card {
    margin-block-start: 8px;
  }
  .read {
    margin-block-start: -10px;
    font-size: 12px;
    text-align: end;
    color: var(--sk-ink-soft);
  }
  .types {
    font-size: 13px;
    font-style: italic;
  }
  .types:empty {
    display: none;
  }
  @media (max-width: 800px) {
    :host {
      padding: 12px 14px;
    }
  }
`;
