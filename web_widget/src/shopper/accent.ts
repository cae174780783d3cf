/** A shop's own colour on the widget: fills, what is written on them, and texts that stay readable. */

/** Above this relative luminance (WCAG 2) black is read better than white. */
const BRIGHT = 0.179;

/** Nothing happens when the value is no colour, so that a wrong attribute breaks nothing. */
export function paint(element: HTMLElement, colour: string): void {
  if (!CSS.supports("color", colour)) return;
  const set = (name: string, value: string): void => element.style.setProperty(name, value);
  set("--sk-accent", colour);
  set("--sk-on-accent", luminance(resolved(element, colour)) > BRIGHT ? "#101414" : "#ffffff");
  if (!CSS.supports("color", "color-mix(in srgb, red, blue)")) return;
  set("--sk-accent-strong", `color-mix(in srgb, ${colour} 82%, black)`);
  set("--sk-accent-soft", `color-mix(in srgb, ${colour} 14%, var(--sk-paper))`);
  set("--sk-accent-ink", `color-mix(in srgb, ${colour} 62%, var(--sk-ink))`);
}

/** The colour as the browser writes it: `rgb(r, g, b)`. */
function resolved(element: HTMLElement, colour: string): string {
  const before = element.style.color;
  element.style.color = colour;
  const written = getComputedStyle(element).color;
  element.style.color = before;
  return written;
}

export function luminance(rgb: string): number {
  const parts = (rgb.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => Number(part) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
