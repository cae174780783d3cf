/** `<alert-settings>`: when and how this browser calls its person; what is chosen is kept. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { dialogLook } from "../desk/dialog_look.ts";
import { look } from "../desk/look.ts";
import { Speech } from "../desk/speech.ts";
import { deskTexts } from "../desk/texts.ts";
import { type Alerts, permission } from "./alerts.ts";
import { LOUDNESSES, type Loudness, OCCASIONS, type PreferenceBox } from "./preferences.ts";
import { type InboxTexts, inboxTexts } from "./texts.ts";

export class AlertSettings extends LitElement {
  static override properties = { alerts: { attribute: false }, preferences: { attribute: false } };
  declare alerts: Alerts | null;
  declare preferences: PreferenceBox | null;
  private readonly speech = new Speech(this);

  constructor() {
    super();
    this.alerts = null;
    this.preferences = null;
  }

  show(): void {
    this.requestUpdate();
    this.renderRoot.querySelector("dialog")?.showModal();
  }

  private get texts(): InboxTexts {
    return inboxTexts[this.speech.language];
  }

  override render(): TemplateResult {
    const { texts } = this;
    return html`<dialog aria-label=${texts.alertSettings}>
      <h2>${texts.alertSettings}</h2>
      ${this.soundView()} ${this.notificationView()}
      <h3 id="occasions">${texts.alerts.occasions}</h3>
      <div role="group" aria-labelledby="occasions">${OCCASIONS.map((occasion) => this.occasionView(occasion))}</div>
      <form method="dialog" class="end">
        <button class="button">${deskTexts[this.speech.language].close}</button>
      </form>
    </dialog>`;
  }

  private soundView(): TemplateResult {
    const { alerts: words } = this.texts;
    const chosen = this.preferences?.get();
    return html`<label class="choice">
        <input type="checkbox" .checked=${chosen?.sound === true} @change=${this.switchSound} />
        <span>${words.sound}<small>${words.soundHint}</small></span>
      </label>
      <p class="under" ?hidden=${!chosen?.sound}>
        <select aria-label=${words.loudness} @change=${this.chooseLoudness}>
          ${LOUDNESSES.map(
            (one) =>
              html`<option value=${one} ?selected=${one === chosen?.loudness}>${words.loudnesses[one]}</option>`,
          )}
        </select>
        <button class="button small" @click=${() => this.alerts?.play("handoff")}>${words.tryIt}</button>
      </p>`;
  }

  private notificationView(): TemplateResult {
    const { alerts: words } = this.texts;
    const known = typeof Notification !== "undefined";
    const blocked = known && permission() === "denied";
    return html`<label class="choice">
        <input
          type="checkbox"
          .checked=${this.alerts?.notifications === true}
          ?disabled=${!known || blocked}
          @change=${this.switchNotifications}
        />
        <span>${words.notifications}<small>${words.notificationsHint}</small></span>
      </label>
      ${known && !blocked ? nothing : html`<p class="notice warn">${known ? words.blocked : words.unsupported}</p>`}`;
  }

  private occasionView(occasion: (typeof OCCASIONS)[number]): TemplateResult {
    return html`<label class="choice">
      <input
        type="checkbox"
        .checked=${this.preferences?.get().occasions[occasion] === true}
        @change=${() => this.change(() => this.preferences?.switchOccasion(occasion))}
      />
      <span>${this.texts.alerts[occasion]}</span>
    </label>`;
  }

  private switchSound(): void {
    this.change(() => this.alerts?.switchSound());
  }

  private chooseLoudness(event: Event): void {
    const loudness = (event.target as HTMLSelectElement).value as Loudness;
    this.change(() => this.preferences?.change({ loudness }));
    this.alerts?.play("handoff");
  }

  private async switchNotifications(): Promise<void> {
    await this.alerts?.switchNotifications();
    this.change(() => undefined);
  }

  private change(make: () => unknown): void {
    make();
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent("preferences"));
  }

  static override styles = [
    look,
    dialogLook,
    css`
      .choice {
        display: flex;
        align-items: flex-start;
        gap: 10px;
        padding-block: 6px;
        font-size: 14px;
      }
      .choice input {
        flex: none;
        inline-size: 18px;
        block-size: 18px;
        margin: 2px 0 0;
        accent-color: var(--sk-accent);
      }
      small {
        display: block;
        font-size: 13px;
        color: var(--sk-ink-soft);
      }
      .under {
        display: flex;
        gap: 8px;
        padding: 2px 0 8px 28px;
      }
      select {
        min-block-size: 30px;
        border: 1px solid var(--sk-line-strong);
        border-radius: 8px;
        background: var(--sk-paper);
        font-size: 13px;
      }
    `,
  ];
}

customElements.define("alert-settings", AlertSettings);
