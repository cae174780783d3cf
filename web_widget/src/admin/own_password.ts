/** `<own-password>`: changes the password of whoever is signed in. Every session ends; fires `signed-out`. */
import { html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { ConsolePart } from "./part.ts";
import { sectionLook } from "./section_look.ts";

export class OwnPassword extends ConsolePart {
  override render(): TemplateResult {
    const { terms } = this;
    return html`<section class="card">
      <h2>${terms.ownPassword}</h2>
      <p class="soft">${terms.ownPasswordHint}</p>
      ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
      <form @submit=${this.change}>
        ${this.field("old", terms.oldPassword, "current-password")} ${this.field("new", terms.newPassword, "new-password")}
        ${this.field("again", terms.again, "new-password")}
        <button class="button strong" ?disabled=${this.busy}>${terms.changePassword}</button>
      </form>
    </section>`;
  }

  private field(
    name: string,
    label: string,
    autocomplete: "current-password" | "new-password",
  ): TemplateResult {
    return html`<label class="field">${label}<input class="input" type="password" name=${name} autocomplete=${autocomplete} maxlength="1024" required /></label>`;
  }

  private async change(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const [old, fresh, again] = ["old", "new", "again"].map((name) => String(form.get(name)));
    if (old === undefined || fresh === undefined) return;
    if (fresh !== again) {
      this.error = this.terms.notTheSame;
      return;
    }
    await this.ask(() => this.api.changePassword(old, fresh));
    if (this.error !== "") return;
    const detail = this.terms.passwordChanged;
    this.dispatchEvent(new CustomEvent("signed-out", { detail, bubbles: true, composed: true }));
  }

  static override styles = [look, sectionLook];
}

customElements.define("own-password", OwnPassword);
