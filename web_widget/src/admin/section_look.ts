/** What the sections of the console have in common: cards with a title, rows of fields, small lists. */
import { css } from "lit";

export const sectionLook = css`
  :host {
    display: grid;
    gap: 20px;
    grid-template-columns: minmax(0, 1fr);
  }
  section {
    display: grid;
    gap: 12px;
    grid-template-columns: minmax(0, 1fr);
    padding: var(--card-padding);
  }
  h2 {
    font-size: 18px;
  }
  h3 {
    font-size: 15px;
  }
  form,
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(190px, 100%), 1fr));
    gap: 12px;
    align-items: end;
  }
  .wide {
    grid-column: 1 / -1;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }
  td.acts-cell {
    text-align: end;
    white-space: nowrap;
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
    gap: 10px;
  }
  .box {
    display: grid;
    align-content: start;
    padding: 10px 14px;
    border: 1px solid var(--sk-line);
    border-radius: 12px;
    font-size: 13px;
    color: var(--sk-ink-soft);
  }
  .box b {
    font-size: 24px;
    font-weight: 650;
    line-height: 1.2;
    color: var(--sk-ink);
  }
  dl {
    display: grid;
    grid-template-columns: minmax(120px, auto) 1fr;
    gap: 6px 20px;
    margin: 0;
    font-size: 14px;
  }
  dt {
    color: var(--sk-ink-soft);
  }
  dd {
    margin: 0;
  }
  .small-print {
    margin: 0;
  }
  @media (max-width: 760px) {
    /* Long names wrap before short values do. */
    dl {
      grid-template-columns: fit-content(60%) 1fr;
    }
    td.acts-cell {
      white-space: normal;
      text-align: start;
    }
  }
`;
