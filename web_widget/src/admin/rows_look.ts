/** How the rows of a list of facts or problems look in a part of the console. */
import { css } from "lit";

export const rowsLook = css`
  ul {
    display: grid;
    gap: 4px;
    margin: 0;
    padding-inline-start: 20px;
    font-size: 13.5px;
  }
  li {
    overflow-wrap: anywhere;
  }
`;
