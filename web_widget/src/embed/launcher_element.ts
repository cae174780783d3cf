/**
 * `<shopkeeper-chat>`: the button on the shop's page, and the place where the chat's frame stands.
 *
 * Attributes: `server` (folder of widget.js), `language` (zh or en; else the browser's), `position` (`start` for
 * the other side), `theme` (`light` keeps it light), `accent` (a colour), `starters-zh` / `starters-en` (questions to
 * begin with, separated by `|`), `shop-zh` / `shop-en`. Methods: `open(draft?)`, `close()`.
 *
 * The talk itself is in the frame, on the assistant's own origin: no script of the shop's page can read it.
 */
import { paint } from "../shopper/accent.ts";
import { icon, make } from "../shopper/make.ts";
import { dress } from "../styles/dress.ts";
import tokens from "../styles/tokens.css?inline";
import { isLanguage, languageTag, preferredLanguage } from "../text/language.ts";
import { browserStorage } from "../wire/browser_surroundings.ts";
import type { Language } from "../wire/frames.ts";
import { ChatPlace } from "./chat_place.ts";
import look from "./launcher.css?inline";
import { type ChatState, type Setup, setupFrom } from "./messages.ts";
import { TitleCall } from "./title_call.ts";
import { type LauncherWords, words } from "./words.ts";

/** Smaller pages, a phone on its side too, give the chat the whole screen; launcher.css says the same. */
const SMALL = "(max-width: 640px), (max-height: 480px)";

export class ShopkeeperChatElement extends HTMLElement {
  static readonly observedAttributes = [
    "language",
    "accent",
    "theme",
    "shop-zh",
    "shop-en",
    "starters-zh",
    "starters-en",
  ];

  private readonly storage = browserStorage();
  private readonly drawings = { chat: icon("chat"), down: icon("down") };
  private readonly badge = make("span", { class: "badge", attributes: { hidden: true } });
  private readonly launcher: HTMLButtonElement;
  private place: ChatPlace | null = null;
  private readonly small = matchMedia(SMALL);
  private language: Language = "en";
  private unread = 0;
  /** What was unread when the shopper went to another tab. */
  private unreadBefore = 0;
  private readonly titleCall = new TitleCall();

  constructor() {
    super();
    this.launcher = make(
      "button",
      {
        class: "launcher",
        attributes: { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", part: "launcher" },
        on: { click: () => this.toggle() },
      },
      this.drawings.chat,
      this.badge,
    );
    const root = this.attachShadow({ mode: "open" });
    dress(root, tokens + look);
    root.append(this.launcher);
  }

  connectedCallback(): void {
    const place = new ChatPlace(this.server, {
      setup: () => this.setup(),
      told: (state) => this.told(state),
      close: () => this.close(),
      changed: () => this.draw(),
    });
    this.place = place;
    this.shadowRoot?.prepend(place.element);
    this.language = this.firstLanguage();
    this.paint();
    this.small.addEventListener("change", this.tell);
    document.addEventListener("visibilitychange", this.turned);
    addEventListener("popstate", this.tell);
    addEventListener("storage", this.storageChanged);
    addEventListener("online", this.comeAgain);
    window.visualViewport?.addEventListener("resize", this.fitKeyboard);
    this.draw();
    if (this.storage.getItem(this.keptName) !== null) this.whenPageIsLoaded(() => this.place?.prepare());
  }

  disconnectedCallback(): void {
    this.small.removeEventListener("change", this.tell);
    document.removeEventListener("visibilitychange", this.turned);
    this.titleCall.show("");
    removeEventListener("popstate", this.tell);
    removeEventListener("storage", this.storageChanged);
    removeEventListener("online", this.comeAgain);
    window.visualViewport?.removeEventListener("resize", this.fitKeyboard);
    this.place?.end();
    this.place?.element.remove();
    this.place = null;
    this.show(false);
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (!this.place) return;
    if (name === "language" && isLanguage(value)) this.language = value;
    if (name === "accent") this.paint();
    this.draw();
    this.place.tell();
  }

  /** Opens the chat; `draft` is put into the box, for the shopper to send or change. */
  open(draft?: string): void {
    if (!this.place) return;
    this.show(true);
    this.place.tell();
    this.place.open(draft);
    this.draw();
  }

  close(): void {
    if (!this.isOpen) return;
    this.show(false);
    this.place?.close();
    this.draw();
    this.launcher.focus({ preventScroll: true });
  }

  private get isOpen(): boolean {
    return this.hasAttribute("opened");
  }

  private get server(): URL {
    return new URL(this.getAttribute("server") ?? "/", location.href);
  }

  private get words(): LauncherWords {
    return words[this.language];
  }

  private toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  private show(open: boolean): void {
    this.toggleAttribute("opened", open);
    this.launcher.setAttribute("aria-expanded", String(open));
  }

  private setup(): Setup {
    const asked = this.getAttribute("language");
    return setupFrom((name) => this.getAttribute(name), isLanguage(asked) ? asked : null, this.small.matches);
  }

  private told(state: ChatState): void {
    this.unread = state.unread;
    this.language = state.language;
    this.keep(this.keptName, state.kept ? "yes" : null);
    this.keep(this.spokenName, state.language);
    this.draw();
  }

  private draw(): void {
    const { place, unread } = this;
    if (!place) return;
    const shop = this.getAttribute(`shop-${this.language}`) ?? "";
    this.lang = languageTag(this.language);
    this.toggleAttribute("there", place.stands === "there");
    place.speak(this.words.title(shop), place.stands === "away" ? this.words.away : this.words.coming);
    this.titleCall.show(document.hidden && unread > this.unreadBefore ? this.words.news(unread) : "");
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread > 99 ? "99+" : String(unread);
    const label = unread > 0 ? this.words.openWithUnread(unread) : this.words.open;
    this.launcher.setAttribute("aria-label", this.isOpen ? this.words.close : label);
    // A press that began on a drawing is lost with it.
    const drawing = this.drawings[this.isOpen ? "down" : "chat"];
    if (drawing.parentNode !== this.launcher) this.launcher.replaceChildren(drawing, this.badge);
  }

  private paint(): void {
    const accent = this.getAttribute("accent");
    if (accent !== null) paint(this, accent);
  }

  private firstLanguage(): Language {
    const asked = [this.getAttribute("language"), this.storage.getItem(this.spokenName)];
    return asked.find(isLanguage) ?? preferredLanguage(navigator.languages);
  }

  /** Whether there is a talk to come back to; the talk and its key are in the frame, out of this page's reach. */
  private get keptName(): string {
    return `shopkeeper/${this.server.host}${this.server.pathname}kept`;
  }

  private get spokenName(): string {
    return `shopkeeper/${this.server.host}${this.server.pathname}spoken`;
  }

  private keep(name: string, value: string | null): void {
    try {
      if (value === null) this.storage.removeItem(name);
      else if (this.storage.getItem(name) !== value) this.storage.setItem(name, value);
    } catch {
      // Storage is full: on the next page the chat comes when it is opened.
    }
  }

  /** A talk that goes on must not slow the shop's page down. */
  private whenPageIsLoaded(then: () => void): void {
    if (document.readyState === "complete") then();
    else addEventListener("load", then, { once: true });
  }

  private readonly tell = (): void => this.place?.tell();

  /** To another tab, or back from one. */
  private readonly turned = (): void => {
    this.unreadBefore = document.hidden ? this.unread : 0;
    this.tell();
    this.draw();
  };

  /** A talk was begun in another tab. */
  private readonly storageChanged = (event: StorageEvent): void => {
    if (event.key === this.keptName && event.newValue !== null) this.place?.prepare();
  };

  private readonly comeAgain = (): void => {
    if (this.place?.stands === "away") this.place.prepare();
  };

  /** The on-screen keyboard of a phone covers the page without resizing it. */
  private readonly fitKeyboard = (): void => {
    const height = window.visualViewport?.height;
    if (height) this.style.setProperty("--sk-viewport-height", `${height}px`);
  };
}
