/** `<sign-in-form>`: name and password; fires `signed-in` with who it is. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import type { SignedIn } from "../rest/answers.ts";
import { type Api, ApiError } from "../rest/api.ts";
import { look } from "./look.ts";
import { chooseLanguage, Speech } from "./speech.ts";
import { type DeskTexts, deskTexts } from "./texts.ts";

export class SignInForm extends LitElement {
  static override properties = {
    api: { attribute: false },
    page: {},
    notice: {},
    busy: { state: true },
    error: { state: true },
  };
  static override styles = [
    look,
    css`
      :host {
        display: grid;
        min-block-size: 100vh;
        padding: 20px;
        place-items: center;
        background:
          radial-gradient(circle at 20% 0%, var(--sk-accent-soft), transparent 50%), var(--sk-ground);
      }
      main {
        inline-size: min(380px, 100%);
      }
      form {
        display: grid;
        gap: 16px;
        padding: 32px 28px 24px;
        box-shadow: var(--sk-shadow);
      }
      .brand {
        display: flex;
        align-items: center;
        justify-content: space-between;
        font-weight: 650;
        color: var(--sk-accent);
      }
      h1 {
        font-size: 24px;
        line-height: 1.25;
        letter-spacing: -0.01em;
      }
      .strong {
        min-block-size: 44px;
        font-size: 15px;
      }
    `,
  ];
  declare api: Api;
  declare page: "inbox" | "console";
  declare notice: string;
  declare busy: boolean;
  declare error: string;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.page = "inbox";
    this.notice = "";
    this.busy = false;
    this.error = "";
  }

  private get texts(): DeskTexts {
    return deskTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts } = this;
    return html`<main><form class="card" @submit=${this.submit}>
      <div class="brand">
        <span>${texts.product}</span>
        <button class="button plain small" type="button" @click=${this.switchLanguage}>${texts.otherLanguage}</button>
      </div>
      <h1>${texts.signInTitle[this.page]}</h1>
      ${this.notice ? html`<p class="notice warn">${this.notice}</p>` : nothing}
      <label class="field">
        ${texts.login}
        <input class="input" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required />
      </label>
      <label class="field">
        ${texts.password}
        <input class="input" name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="notice bad" role="alert" ?hidden=${this.error === ""}>${this.error}</p>
      <button class="button strong" ?disabled=${this.busy}>${this.busy ? texts.signingIn : texts.signIn}</button>
      <p class="small-print">${texts.signInHint[this.page]}</p>
    </form></main>`;
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input")?.focus();
  }

  private switchLanguage(): void {
    chooseLanguage(this.speech.language === "zh" ? "en" : "zh");
  }

  private async submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    this.busy = true;
    this.error = "";
    try {
      const detail = await this.api.signIn(String(form.get("login")).trim(), String(form.get("password")));
      this.dispatchEvent(new CustomEvent<SignedIn>("signed-in", { detail }));
    } catch (error) {
      this.error = this.words(error);
    } finally {
      this.busy = false;
    }
  }

  private words(error: unknown): string {
    if (!(error instanceof ApiError)) throw error;
    return error.both[this.speech.language];
  }
}

customElements.define("sign-in-form", SignInForm);
