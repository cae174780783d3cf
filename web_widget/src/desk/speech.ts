/** Which language the pages of staff speak: one choice for the page, kept in the browser. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isLanguage, languageTag, preferredLanguage } from "../text/language.ts";
import { browserStorage } from "../wire/browser_surroundings.ts";
import type { Language } from "../wire/frames.ts";

const NAME = "shopkeeper/desk/language";
const storage = browserStorage();
const hosts = new Set<ReactiveControllerHost>();
let chosen: Language = firstLanguage();

function firstLanguage(): Language {
  const kept = storage.getItem(NAME);
  return isLanguage(kept) ? kept : preferredLanguage(navigator.languages);
}

export function chooseLanguage(language: Language): void {
  storage.setItem(NAME, language);
  speak(language);
}

// Another tab of this browser chose a language: the same person reads both.
addEventListener("storage", ({ key, newValue }) => {
  if (key === NAME && isLanguage(newValue)) speak(newValue);
});

function speak(language: Language): void {
  chosen = language;
  document.documentElement.lang = languageTag(language);
  for (const host of hosts) host.requestUpdate();
}

/** Gives an element the page's language and draws it anew when that changes. */
export class Speech implements ReactiveController {
  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  get language(): Language {
    return chosen;
  }

  hostConnected(): void {
    hosts.add(this.host);
    document.documentElement.lang = languageTag(chosen);
  }

  hostDisconnected(): void {
    hosts.delete(this.host);
  }
}
