/** Who else looks at a conversation or writes in it, above the composer; nothing when nobody does. */
import { html, nothing, type TemplateResult } from "lit";
import { picture } from "../desk/pictures.ts";
import type { Language } from "../wire/frames.ts";
import type { Watcher } from "../wire/staff_frames.ts";
import { inboxTexts } from "./texts.ts";

export function watchersLine(
  watchers: readonly Watcher[],
  me: string,
  language: Language,
): TemplateResult | typeof nothing {
  const others = watchers.filter(({ id }) => id !== me);
  if (others.length === 0) return nothing;
  const texts = inboxTexts[language];
  const composing = others.filter((one) => one.composing);
  const looking = others.filter((one) => !one.composing);
  return html`<p class="watchers" role="status">
    ${composing.length > 0 ? html`<span class="writes">${picture("pencil")} ${texts.composing(...names(composing, language))}</span>` : nothing}
    ${looking.length > 0 ? html`<span>${picture("eye")} ${texts.looking(...names(looking, language))}</span>` : nothing}
  </p>`;
}

/** The names in one, and whether they are several. */
function names(watchers: readonly Watcher[], language: Language): [string, boolean] {
  const distinct = [...new Set(watchers.map(({ name }) => name))];
  return [distinct.join(language === "zh" ? "、" : ", "), distinct.length > 1];
}
