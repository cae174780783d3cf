/** What the sections of the console share: the API, the language, and how a failed call is told. */
import { LitElement, type PropertyDeclarations } from "lit";
import { Speech } from "../desk/speech.ts";
import { ApiError } from "../rest/api.ts";
import type { ConsoleApi } from "../rest/console_api.ts";
import { type DeskWords, deskWords } from "./desk_words.ts";
import { type ConsoleTexts, consoleTexts } from "./texts.ts";

export class ConsolePart extends LitElement {
  static override properties: PropertyDeclarations = {
    api: { attribute: false },
    error: { state: true },
    busy: { state: true },
  };
  declare api: ConsoleApi;
  declare error: string;
  declare busy: boolean;
  protected readonly speech = new Speech(this);

  constructor() {
    super();
    this.error = "";
    this.busy = false;
  }

  protected get texts(): ConsoleTexts {
    return consoleTexts[this.speech.language];
  }

  /** What the sections about the desk and its records say. */
  protected get terms(): DeskWords {
    return deskWords[this.speech.language];
  }

  /** Does a call; null when it failed, and then `error` says why in the page's language. */
  protected async ask<T>(call: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.error = "";
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A wrong old password is 401 too, and no reason to leave.
      if (error.code === "not_signed_in")
        this.dispatchEvent(new CustomEvent("signed-out", { bubbles: true, composed: true }));
      this.error = error.both[this.speech.language];
      return null;
    } finally {
      this.busy = false;
    }
  }
}

/** What stands in the field that an event comes from. */
export function typedIn(event: Event): string {
  return (event.target as HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement).value;
}

/** Names between commas of either language. */
export function namesIn(typed: string): readonly string[] {
  return typed
    .split(/[,，、;；\n]/)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
