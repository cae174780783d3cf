/** Builds elements. Texts become text nodes, never markup: there is no other way in. */

export type Child = Node | string | null | undefined | false;

export interface Setup {
  readonly class?: string;
  readonly attributes?: Readonly<Record<string, string | boolean | undefined>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  setup: Setup = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (setup.class) element.className = setup.class;
  for (const [name, value] of Object.entries(setup.attributes ?? {})) {
    if (value === true) element.setAttribute(name, "");
    else if (typeof value === "string") element.setAttribute(name, value);
  }
  for (const [name, listen] of Object.entries(setup.on ?? {})) element.addEventListener(name, listen);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Line drawings on a 24 x 24 grid. */
const drawings = {
  chat: "M4 5.5h16v11H10l-4.5 3.5v-3.5H4z M8.5 9.5h7 M8.5 12.5h4.5",
  close: "M6 6l12 12 M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  send: "M4.5 12h14 M12.5 6l6 6-6 6",
  more: "M5.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M11.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M17.5 12a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M4.5 20c.8-3.6 3.6-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
  assistant: "M5 8.5h14v9.5H5z M12 8.5V5 M9.2 12.5v1.5 M14.8 12.5v1.5 M12 4.5h.01",
  alert: "M12 4l9 16H3z M12 10v4.5 M12 17h.01",
} as const;

export function icon(name: keyof typeof drawings): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", drawings[name]);
  svg.append(path);
  return svg;
}
