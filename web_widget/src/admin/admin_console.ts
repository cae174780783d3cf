/** `<admin-console>`: the page of admins. Sign-in, the bar, and one section at a time. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { look } from "../desk/look.ts";
import { picture } from "../desk/pictures.ts";
import "../desk/sign_in_form.ts";
import { chooseLanguage, Speech } from "../desk/speech.ts";
import { type DeskTexts, deskTexts } from "../desk/texts.ts";
import type { SignedIn } from "../rest/answers.ts";
import { ApiError } from "../rest/api.ts";
import { ConsoleApi } from "../rest/console_api.ts";
import "./audit_log.ts";
import "./canned_replies.ts";
import "./desk_facts.ts";
import "./desk_figures.ts";
import "./embed_snippet.ts";
import "./file_import.ts";
import "./kept_days.ts";
import "./knowledge_search.ts";
import "./learning_page.ts";
import "./opening_hours.ts";
import "./own_password.ts";
import "./person_erasure.ts";
import "./server_status.ts";
import "./staff_accounts.ts";
import "./talk_export.ts";
import { consoleTexts } from "./texts.ts";
import type { VersionTable } from "./version_table.ts";
import "./version_table.ts";

const SECTIONS = ["knowledge", "learning", "desk", "figures", "people", "audit", "status"] as const;
type Section = (typeof SECTIONS)[number];

export class AdminConsole extends LitElement {
  static override properties = {
    signedIn: { state: true },
    asking: { state: true },
    notice: { state: true },
    section: { state: true },
  };
  declare signedIn: SignedIn | null;
  declare asking: boolean;
  declare notice: string;
  declare section: Section;
  private readonly api = new ConsoleApi(new URL("./", location.href));
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.signedIn = null;
    this.asking = true;
    this.notice = "";
    this.section = sectionInAddress();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.addressChanged);
    void this.resume();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.addressChanged);
  }

  private get desk(): DeskTexts {
    return deskTexts[this.speech.language];
  }

  /** On a phone the names of the sections stand in one line, of which a part is seen. */
  protected override updated(): void {
    this.renderRoot
      .querySelector("nav [aria-current=page]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  override render(): TemplateResult {
    const { desk, signedIn } = this;
    document.title = `${desk.product} · ${consoleTexts[this.speech.language].pageTitle}`;
    if (this.asking) return html`<p class="asking soft">${desk.loading}</p>`;
    if (!signedIn) {
      return html`<sign-in-form
        page="console"
        .api=${this.api}
        .notice=${this.notice}
        @signed-in=${(event: CustomEvent<SignedIn>) => this.begin(event.detail)}
      ></sign-in-form>`;
    }
    const isAdmin = signedIn.me.roles.includes("admin");
    return html`${this.bar(signedIn, isAdmin)}
      <main @signed-out=${this.signedOut}>${isAdmin ? this.sectionView(signedIn) : this.notAdmin()}</main>`;
  }

  private bar({ me }: SignedIn, isAdmin: boolean): TemplateResult {
    const { desk } = this;
    const names = consoleTexts[this.speech.language].sections;
    return html`<header>
      <h1 class="brand">${desk.product}</h1>
      <nav>
        ${
          isAdmin
            ? SECTIONS.map(
                (section) =>
                  html`<a href="#${section}" aria-current=${section === this.section ? "page" : "false"}>${names[section]}</a>`,
              )
            : nothing
        }
      </nav>
      <a class="button plain" href="inbox">${desk.inbox}</a>
      <button class="button plain" aria-label=${desk.switchLanguage} @click=${this.switchLanguage}>${desk.otherLanguage}</button>
      <span class="name">${me.name}</span>
      <button class="button plain" aria-label=${desk.signOut} title=${desk.signOut} @click=${this.signOut}>${picture("exit")}</button>
    </header>`;
  }

  private sectionView({ me }: SignedIn): TemplateResult {
    const { api } = this;
    switch (this.section) {
      case "desk":
        return html`<canned-replies .api=${api}></canned-replies>
          <opening-hours .api=${api}></opening-hours>
          <kept-days .api=${api}></kept-days>
          <person-erasure .api=${api}></person-erasure>
          <desk-facts .api=${api}></desk-facts>`;
      case "figures":
        return html`<desk-figures .api=${api}></desk-figures><talk-export .api=${api}></talk-export>`;
      case "learning":
        return html`<learning-page .api=${api}></learning-page>`;
      case "people":
        return html`<staff-accounts .api=${api} .me=${me.id}></staff-accounts>
          <own-password .api=${api}></own-password>`;
      case "audit":
        return html`<audit-log .api=${api}></audit-log>`;
      case "status":
        return html`<server-status .api=${api}></server-status><embed-snippet .api=${api}></embed-snippet>`;
      case "knowledge":
        return html`<file-import .api=${api} @published=${this.published}></file-import>
          <knowledge-search .api=${api} @published=${this.published}></knowledge-search>
          <version-table .api=${api}></version-table>`;
    }
  }

  private notAdmin(): TemplateResult {
    return html`<div class="card lost"><p>${this.desk.notAdmin}</p><a class="button strong" href="inbox">${this.desk.toInbox}</a></div>`;
  }

  private async resume(): Promise<void> {
    try {
      this.begin(await this.api.me());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "unreachable") this.notice = error.both[this.speech.language];
    } finally {
      this.asking = false;
    }
  }

  private begin(signedIn: SignedIn): void {
    this.signedIn = signedIn;
    this.notice = "";
  }

  private signedOut(event: CustomEvent<string | null>): void {
    this.signedIn = null;
    this.notice = event.detail ?? this.desk.signedOut;
  }

  private published(): void {
    void this.renderRoot.querySelector<VersionTable>("version-table")?.load();
  }

  private switchLanguage(): void {
    chooseLanguage(this.speech.language === "zh" ? "en" : "zh");
  }

  private async signOut(): Promise<void> {
    try {
      await this.api.signOut();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    location.reload();
  }

  private readonly addressChanged = (): void => {
    this.section = sectionInAddress();
  };

  static override styles = [
    look,
    css`
      :host {
        --card-padding: 20px 22px;
        display: block;
        min-block-size: 100vh;
      }
      .asking {
        padding: 40vh 0 0;
        text-align: center;
      }
      header {
        position: sticky;
        inset-block-start: 0;
        z-index: 3;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px;
        padding: 6px max(16px, calc((100% - 1080px) / 2));
        border-block-end: 1px solid var(--sk-line);
        background: var(--sk-paper);
        font-size: 14px;
      }
      .brand {
        margin-inline-end: 12px;
        font-size: 16px;
        color: var(--sk-accent);
      }
      nav {
        display: flex;
        flex: 1;
        flex-wrap: wrap;
        gap: 2px;
      }
      nav a {
        padding: 8px 12px;
        border-radius: 10px;
        text-decoration: none;
        color: var(--sk-ink-soft);
        white-space: nowrap;
      }
      nav a:hover {
        background: var(--sk-hover);
      }
      nav a[aria-current="page"] {
        background: var(--sk-accent-soft);
        font-weight: 600;
        color: var(--sk-accent);
      }
      .name {
        padding-inline: 6px;
        font-weight: 550;
      }
      main {
        display: grid;
        gap: 20px;
        grid-template-columns: minmax(0, 1fr);
        max-inline-size: 1112px;
        margin-inline: auto;
        padding: 20px 16px 60px;
      }
      .lost {
        display: grid;
        gap: 16px;
        justify-items: center;
        padding: 60px 20px;
      }
      @media (max-width: 760px) {
        :host {
          --card-padding: 16px 14px;
        }
        .name {
          display: none;
        }
        .brand {
          flex: 1;
        }
        nav {
          order: 9;
          flex: 1 0 100%;
          flex-wrap: nowrap;
          overflow-x: auto;
          padding-inline-end: 20px;
          scroll-padding-inline-end: 24px;
          scrollbar-width: none;
          /* that there is more to the side is seen by what fades out there */
          mask-image: linear-gradient(to left, transparent, black 20px);
        }
        nav a {
          padding-inline: 8px;
        }
        header {
          padding-inline: 10px;
        }
        header .button {
          padding-inline: 8px;
        }
        main {
          padding-inline: 10px;
        }
      }
    `,
  ];
}

function sectionInAddress(): Section {
  return SECTIONS.find((section) => `#${section}` === location.hash) ?? "knowledge";
}

customElements.define("admin-console", AdminConsole);
