/** What the import of a file looks like. */
import { css } from "lit";

export const fileImportLook = css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
        padding: var(--card-padding);
      }
      h2 {
        font-size: 18px;
      }
      h3 {
        font-size: 15px;
        color: var(--sk-accent);
      }
      h4 {
        margin: 0;
        font-size: 14px;
      }
      .file {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      .options {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
        gap: 12px;
        align-items: end;
      }
      summary {
        inline-size: fit-content;
        font-size: 13.5px;
        font-weight: 550;
        color: var(--sk-ink-soft);
        cursor: pointer;
      }
      details[open] summary {
        margin-block-end: 10px;
      }
      .rows {
        max-block-size: 280px;
        overflow: auto;
      }
      .rows td {
        min-inline-size: 90px;
        max-inline-size: 320px;
        overflow-wrap: anywhere;
      }
      fieldset {
        display: grid;
        gap: 6px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 4px;
        font-size: 13.5px;
        font-weight: 550;
        color: var(--sk-ink-soft);
      }
      .radio {
        display: flex;
        gap: 8px;
        align-items: baseline;
        font-size: 14px;
      }
      input[type="radio"] {
        accent-color: var(--sk-accent);
      }
      .progress {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 12px;
        font-size: 14px;
      }
      progress {
        flex: 1;
        min-inline-size: 140px;
        accent-color: var(--sk-accent);
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
`;
