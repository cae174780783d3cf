/** Puts style sheets on a shadow root. */

/**
 * Constructed sheets pass every content policy. Where a browser has none (Safari before 16.4), `sheets` are linked if
 * they are given, since the policy of our own frame lets no style element in; else a style element is tried.
 */
export function dress(root: ShadowRoot, css: string, sheets: readonly string[] = []): void {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  for (const href of sheets) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    root.append(link);
  }
  if (sheets.length > 0) return;
  const style = document.createElement("style");
  style.textContent = css;
  root.append(style);
}
