/** `<staff-accounts>`: who may answer and who may manage. A password is shown once, when it is made. */
import { css, html, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import "../desk/sure_button.ts";
import { deskTexts } from "../desk/texts.ts";
import type { Account, NewPassword } from "../rest/answers.ts";
import type { IntentNames } from "../staff/intent_names.ts";
import { dateAndTime } from "../text/moments.ts";
import "./account_skills.ts";
import { ConsolePart } from "./part.ts";

const ROLES = ["staff", "admin"] as const;

export class StaffAccounts extends ConsolePart {
  static override properties = {
    me: {},
    accounts: { state: true },
    fresh: { state: true },
    copied: { state: true },
    editing: { state: true },
    intents: { state: true },
  };
  declare me: string;
  declare accounts: readonly Account[];
  declare fresh: NewPassword | null;
  declare copied: boolean;
  /** Whose skills are being set. */
  declare editing: Account | null;
  declare intents: IntentNames;

  constructor() {
    super();
    this.me = "";
    this.accounts = [];
    this.fresh = null;
    this.copied = false;
    this.editing = null;
    this.intents = {};
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  override render(): TemplateResult {
    const { texts } = this;
    return html`<section class="card">
        <h2>${texts.people}</h2>
        ${this.error ? html`<p class="notice bad" role="alert">${this.error}</p>` : nothing}
        ${this.fresh ? this.freshView(this.fresh) : nothing}
        <div class="table-frame">
          <table class="stack">
            <thead>
              <tr><th>${texts.login}</th><th>${texts.name}</th><th>${texts.roles}</th><th>${this.terms.takes}</th><th>${texts.created}</th><th><span class="unseen">${texts.acts}</span></th></tr>
            </thead>
            <tbody>${this.accounts.map((account) => this.row(account))}</tbody>
          </table>
        </div>
        ${
          this.editing
            ? html`<account-skills
              .api=${this.api}
              .account=${this.editing}
              .intents=${this.intents}
              @saved=${this.skillsSaved}
              @left=${() => this.edit(null)}
            ></account-skills>`
            : nothing
        }
      </section>
      <section class="card">
        <h2>${texts.add}</h2>
        <p class="soft">${texts.peopleHint}</p>
        <form @submit=${this.create}>
          <label class="field">${texts.login}<input class="input" name="login" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" /></label>
          <label class="field">${texts.name}<input class="input" name="name" required maxlength="64" autocomplete="off" /></label>
          <fieldset>
            <legend>${texts.roles}</legend>
            ${ROLES.map((role) => html`<label class="check"><input type="checkbox" name="roles" value=${role} ?checked=${role === "staff"} /> ${texts.roleNames[role]}</label>`)}
          </fieldset>
          <button class="button strong" ?disabled=${this.busy}>${texts.create}</button>
        </form>
      </section>`;
  }

  private row(account: Account): TemplateResult {
    const { texts } = this;
    const isMe = account.id === this.me;
    return html`<tr class=${account.disabled ? "off" : ""}>
      <td>${account.login} ${isMe ? html`<span class="chip accent">${texts.you}</span>` : nothing}</td>
      <td dir="auto">${account.name} ${account.disabled ? html`<span class="chip">${texts.disabled}</span>` : nothing}</td>
      <td>${account.roles.map((role) => html`<span class="chip">${texts.roleNames[role] ?? role}</span> `)}${isMe || account.disabled ? nothing : this.roleView(account)}</td>
      <td data-label=${this.terms.takes}>${this.takes(account)} <button class="button small" aria-label="${this.terms.change}: ${this.terms.takesOf(account.name)}" @click=${() => this.edit(account)}>${this.terms.change}</button></td>
      <td class="figure" data-label=${texts.created}>${dateAndTime(account.created_at, this.speech.language)}</td>
      <td class="acts">${isMe ? nothing : this.acts(account)}</td>
    </tr>`;
  }

  private takes({ languages, skills, capacity }: Account): string {
    const { terms, texts } = this;
    const parts = [
      ...languages.map((one) => (one === "zh" || one === "en" ? texts.languages[one] : one)),
      ...(skills.length > 0 ? [terms.takesSome(skills.length)] : []),
      ...(capacity === undefined ? [] : [terms.takesUpTo(capacity)]),
    ];
    return parts.length > 0 ? parts.join(" · ") : terms.takesAll;
  }

  private edit(account: Account | null): void {
    this.editing = account;
  }

  private async skillsSaved(): Promise<void> {
    this.edit(null);
    await this.load();
  }

  /** One press gives or takes a right; the last one cannot be taken: disable the account instead. */
  private roleView(account: Account): TemplateResult {
    const { texts, terms } = this;
    return html`<span class="roles">${ROLES.map((role) => {
      const has = account.roles.includes(role);
      const roles = has ? account.roles.filter((one) => one !== role) : [...account.roles, role];
      if (roles.length === 0) return nothing;
      const name = texts.roleNames[role] ?? role;
      return html`<sure-button small .label=${has ? terms.takeRole(name) : terms.giveRole(name)} .question=${terms.roleSure} @sure=${() => this.setRoles(account, roles)}></sure-button> `;
    })}</span>`;
  }

  private acts(account: Account): TemplateResult {
    const { texts } = this;
    const reset = html`<sure-button small .label=${texts.reset} .question=${texts.resetSure} @sure=${() => this.reset(account)}></sure-button>`;
    if (account.disabled) {
      return html`<button class="button small" @click=${() => this.setDisabled(account, false)}>${texts.enable}</button>`;
    }
    return html`${reset}
      <sure-button small .label=${texts.disable} .question=${texts.disableSure} @sure=${() => this.setDisabled(account, true)}></sure-button>`;
  }

  private freshView({ account, password }: NewPassword): TemplateResult {
    const { texts } = this;
    const desk = deskTexts[this.speech.language];
    return html`<div class="fresh" role="status">
      <h3>${texts.passwordOf(account.name)}</h3>
      <p><span class="soft">${texts.login}</span> <span class="code">${account.login}</span></p>
      <p class="password code">${password}</p>
      <p class="small-print">${texts.passwordHint}</p>
      <p class="buttons">
        <button class="button small" @click=${() => this.copy(password)}>${this.copied ? desk.copied : desk.copy}</button>
        <button class="button small strong" @click=${this.forgetPassword}>${texts.done}</button>
      </p>
    </div>`;
  }

  private async load(): Promise<void> {
    const accounts = await this.ask(() => this.api.staff());
    if (!accounts) return;
    this.accounts = accounts;
    this.intents = (await this.ask(() => this.api.intents())) ?? this.intents;
  }

  private async create(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const element = event.target as HTMLFormElement;
    const form = new FormData(element);
    const roles = form.getAll("roles").map(String);
    const made = await this.ask(() =>
      this.api.addStaff(String(form.get("login")).trim(), String(form.get("name")).trim(), roles),
    );
    if (!made) return;
    element.reset();
    await this.show(made);
  }

  private async reset(account: Account): Promise<void> {
    const made = await this.ask(() => this.api.resetStaff(account.id));
    if (made) await this.show(made);
  }

  private async setRoles(account: Account, roles: readonly string[]): Promise<void> {
    if (await this.ask(() => this.api.setRoles(account.id, roles))) await this.load();
  }

  private async setDisabled(account: Account, disabled: boolean): Promise<void> {
    if (await this.ask(() => this.api.setDisabled(account.id, disabled))) await this.load();
  }

  private async show(made: NewPassword): Promise<void> {
    this.fresh = made;
    this.copied = false;
    await this.load();
    this.renderRoot.querySelector(".fresh")?.scrollIntoView({ block: "nearest" });
  }

  private async copy(password: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(password);
      this.copied = true;
    } catch {
      // Without the right to the clipboard the password still stands there to be selected.
    }
  }

  private forgetPassword(): void {
    this.fresh = null;
  }

  static override styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 20px;
      }
      section {
        display: grid;
        gap: 12px;
        padding: var(--card-padding);
      }
      h2 {
        font-size: 18px;
      }
      h3 {
        font-size: 15px;
      }
      form {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
        gap: 12px;
        align-items: end;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        min-block-size: 40px;
        margin: 0;
        padding: 0;
        border: 0;
        align-items: center;
      }
      legend {
        padding: 0;
        font-size: 13.5px;
        font-weight: 550;
        color: var(--sk-ink-soft);
      }
      .check {
        display: inline-flex;
        gap: 6px;
        font-size: 14px;
      }
      input[type="checkbox"] {
        accent-color: var(--sk-accent);
      }
      .roles {
        display: inline-flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-block-start: 4px;
      }
      .off td {
        color: var(--sk-ink-soft);
      }
      .acts {
        text-align: end;
        white-space: nowrap;
      }
      .fresh {
        display: grid;
        gap: 6px;
        padding: 16px 18px;
        border-radius: 12px;
        background: var(--sk-note-soft);
      }
      .password {
        padding: 8px 14px;
        border-radius: 8px;
        background: var(--sk-paper);
        font-size: 18px;
        user-select: all;
      }
      .buttons {
        display: flex;
        gap: 8px;
      }
    `,
  ];
}

customElements.define("staff-accounts", StaffAccounts);
