/** A text with its links, for templates of the inbox and the console. */
import { html, type TemplateResult } from "lit";
import { linkify } from "../text/linkify.ts";

export function linkedText(text: string): (string | TemplateResult)[] {
  return linkify(text).map((piece) =>
    "href" in piece
      ? html`<a href=${piece.href} title=${piece.title} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
      : piece.text,
  );
}
