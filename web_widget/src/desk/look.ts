/** What buttons, fields, chips, cards and tables look like on the pages of staff. */
import { css } from "lit";

export const look = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    box-shadow: var(--sk-focus);
  }
  h1,
  h2,
  h3,
  p {
    margin: 0;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-block-size: 36px;
    padding: 4px 14px;
    border: 1px solid var(--sk-line-strong);
    border-radius: 10px;
    background: var(--sk-paper);
    font-size: 14px;
    font-weight: 550;
    text-decoration: none;
    color: var(--sk-ink);
    white-space: nowrap;
    transition: background var(--sk-quick), border-color var(--sk-quick);
  }
  .button:hover:not(:disabled) {
    background: var(--sk-hover);
  }
  .button.strong {
    border-color: var(--sk-accent);
    background: var(--sk-accent);
    color: var(--sk-on-accent);
  }
  .button.strong:hover:not(:disabled) {
    background: var(--sk-accent-strong);
  }
  .button.bad {
    color: var(--sk-bad);
  }
  .button.sure,
  .button.sure:hover:not(:disabled) {
    border-color: var(--sk-bad);
    background: var(--sk-bad);
    color: var(--sk-paper);
  }
  .button.plain {
    border-color: transparent;
    background: none;
    color: var(--sk-ink-soft);
  }
  .button.plain:hover:not(:disabled) {
    background: var(--sk-hover);
    color: var(--sk-ink);
  }
  .button.small {
    min-block-size: 30px;
    padding: 2px 10px;
    border-radius: 8px;
    font-size: 13px;
  }
  .link {
    padding: 0;
    border: 0;
    border-radius: 4px;
    background: none;
    color: var(--sk-accent);
    text-decoration: underline;
    text-underline-offset: 2px;
  }
  .field {
    display: grid;
    gap: 5px;
    font-size: 13.5px;
    font-weight: 550;
    color: var(--sk-ink-soft);
  }
  .input {
    inline-size: 100%;
    min-block-size: 40px;
    padding: 7px 12px;
    border: 1px solid var(--sk-line-strong);
    border-radius: 10px;
    background: var(--sk-paper);
    font-size: 15px;
    font-weight: 400;
    color: var(--sk-ink);
  }
  .input:focus {
    border-color: var(--sk-accent);
    box-shadow: 0 0 0 1px var(--sk-accent);
  }
  .input::placeholder {
    color: var(--sk-ink-soft);
    opacity: 1;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 0 8px;
    border-radius: 9px;
    background: var(--sk-hover);
    font-size: 12px;
    line-height: 20px;
    color: var(--sk-ink-soft);
    white-space: nowrap;
  }
  .chip.bad {
    background: var(--sk-bad-soft);
    color: var(--sk-bad);
  }
  .chip.warn {
    background: var(--sk-warn-soft);
    color: var(--sk-warn);
  }
  .chip.good {
    background: var(--sk-good-soft);
    color: var(--sk-good);
  }
  .chip.accent {
    background: var(--sk-accent-soft);
    color: var(--sk-accent);
  }
  /* Holds a name, which may be long: no flex box, whose text is cut without a sign of it. */
  .chip.named {
    display: inline-block;
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .card {
    background: var(--sk-paper);
    border: 1px solid var(--sk-line);
    border-radius: var(--sk-radius);
  }
  .notice {
    padding: 9px 14px;
    border-radius: 10px;
    background: var(--sk-accent-soft);
    font-size: 14px;
  }
  .notice.bad {
    background: var(--sk-bad-soft);
    color: var(--sk-bad);
  }
  .notice.warn {
    background: var(--sk-warn-soft);
    color: var(--sk-warn);
  }
  .notice.good {
    background: var(--sk-good-soft);
    color: var(--sk-good);
  }
  .soft {
    color: var(--sk-ink-soft);
  }
  .small-print {
    font-size: 13px;
    color: var(--sk-ink-soft);
  }
  .figure {
    font-variant-numeric: tabular-nums;
  }
  .code {
    font-family: var(--sk-font-mono);
    font-size: 0.9em;
    overflow-wrap: anywhere;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .table-frame {
    overflow-x: auto;
    border: 1px solid var(--sk-line);
    border-radius: 10px;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 14px;
  }
  th,
  td {
    padding: 8px 12px;
    text-align: start;
    vertical-align: top;
    border-block-end: 1px solid var(--sk-line);
  }
  tbody tr:last-child > * {
    border-block-end: 0;
  }
  th {
    font-size: 12.5px;
    font-weight: 600;
    color: var(--sk-ink-soft);
    white-space: nowrap;
    background: var(--sk-ground);
  }
  td.number,
  th.number {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 760px) {
    .stack thead {
      position: absolute;
      clip-path: inset(50%);
    }
    .stack tr {
      display: grid;
      gap: 2px;
      padding: 10px 12px;
      border-block-end: 1px solid var(--sk-line);
    }
    .stack tr:last-child {
      border-block-end: 0;
    }
    .stack td,
    .stack td.number {
      padding: 0;
      border: 0;
      text-align: start;
    }
    .stack td[data-label]::before {
      content: attr(data-label) " ";
      color: var(--sk-ink-soft);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
