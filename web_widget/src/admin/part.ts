/** What the sections of the console share: the API, the language, and how a failed call is told. */
import { LitElement, type PropertyDeclarations } from "lit";
import { Speech } from "../desk/speech.ts";
import { type Api, ApiError } from "../rest/api.ts";
import { type ConsoleTexts, consoleTexts } from "./texts.ts";

export class ConsolePart extends LitElement {
  static override properties: PropertyDeclarations = {
    api: { attribute: false },
    error: { state: true },
    busy: { state: true },
  };
  declare api: Api;
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

  /** Does a call; null when it failed, and then `error` says why in the page's language. */
  protected async ask<T>(call: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.error = "";
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401)
        this.dispatchEvent(new CustomEvent("signed-out", { bubbles: true, composed: true }));
      this.error = error.both[this.speech.language];
      return null;
    } finally {
      this.busy = false;
    }
  }
}
