/** Which of the two languages a surface speaks. */
import type { BothLanguages, Language } from "../wire/frames.ts";

export function isLanguage(value: unknown): value is Language {
  return value === "zh" || value === "en";
}

/** The first of the browser's languages that we speak; Chinese in any script or region is Chinese. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split(/[-_]/)[0];
    if (isLanguage(base)) return base;
  }
  return "en";
}

/** BCP 47 tag for `lang` attributes and for Intl. */
export function languageTag(language: Language): string {
  return language === "zh" ? "zh-CN" : "en";
}

export function say(texts: BothLanguages, language: Language): string {
  return texts[language];
}
