/** Puts the style sheets of the widget on its shadow root. */
import tokens from "../styles/tokens.css?inline";
import look from "./widget.css?inline";

/** Constructed sheets pass a page's content policy; a style element, for older browsers, may not. */
export function dress(root: ShadowRoot): void {
  const css = tokens + look;
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = document.createElement("style");
  style.textContent = css;
  root.append(style);
}
