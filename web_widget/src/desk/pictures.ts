/** Line drawings on a 24 x 24 grid for the pages of staff. */
import { svg, type TemplateResult } from "lit";

const drawings = {
  back: "M15 5l-7 7 7 7",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15z M10 20.5h4",
  sound: "M4 9.5h3.5L12 5.5v13l-4.5-4H4z M15.5 9a4.5 4.5 0 0 1 0 6 M18 6.500a8 8 0 0 1 0 11",
  mute: "M4 9.5h3.5L12 5.5v13l-4.5-4H4z M16 9.500l5 5 M21 9.500l-5 5",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z M15.5 15.500L20 20",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M9.5 9.500a2.5 2.5 0 1 1 3.5 2.300c-.7.3-1 .8-1 1.7 M12 16.700h.01",
  send: "M4.5 12h14 M12.5 6l6 6-6 6",
  note: "M5 4h14v11l-5 5H5z M14 20v-5h5",
  assistant: "M5 8.500h14v9.500H5z M12 8.500V5 M9.2 12.500v1.5 M14.8 12.500v1.5 M12 4.500h.01",
  upload: "M12 16V5 M7 9.500L12 4.500l5 5 M4.5 16v3.500h15V16",
  more: "M5 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0z M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0z M17 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
  filter: "M4 6h16 M7 12h10 M10 18h4",
  settings:
    "M4 7h9 M17 7h3 M4 17h3 M11 17h9 M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z M9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  at: "M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z M15.500 8.500v4.500a2.500 2.500 0 0 0 5 0v-1a8.500 8.500 0 1 0-3.300 6.700",
  tag: "M4 12.500V5h7.500l8 8-7.500 7.500z M8 9h.01",
  hand: "M4 12h13 M12.500 7l5 5-5 5",
  people:
    "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M3.500 19c.5-3.500 2.500-5 5.500-5s5 1.500 5.500 5 M16 11a2.500 2.500 0 1 0-1-4.800 M17 14c2 .3 3.200 1.800 3.500 4",
  eye: "M3 12c2.500-4.500 5.500-6.500 9-6.500s6.500 2 9 6.500c-2.500 4.500-5.500 6.500-9 6.500S5.500 16.500 3 12z M12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  pencil: "M5 19l1-4L16.500 4.500l3 3L9 18z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M12 7.500V12l3 2",
  spark: "M12 4l1.800 5.200L19 11l-5.200 1.800L12 18l-1.800-5.200L5 11l5.200-1.800z",
  star: "M12 4l2.500 5.200 5.500.8-4 3.900 1 5.600-5-2.700-5 2.700 1-5.600-4-3.900 5.500-.8z",
  exit: "M14 4.500H5.500v15H14 M10 12h10 M16.5 8.500L20 12l-3.5 3.5",
} as const;

export function picture(name: keyof typeof drawings): TemplateResult {
  return svg`<svg class="picture" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <path d=${drawings[name]}></path>
  </svg>`;
}
