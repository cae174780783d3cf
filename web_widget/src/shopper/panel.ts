/** The open chat: header, banner, messages, quick replies, the box to write in. Draws; decides nothing. */

import { isComposed } from "../text/send_key.ts";
import type { Composer } from "./composer.ts";
import type { LeaveForm } from "./leave_form.ts";
import type { LogView } from "./log_view.ts";
import { icon, make } from "./make.ts";
import type { RatingCard } from "./rating_card.ts";
import type { Texts } from "./texts.ts";
import type { WaitingCard } from "./waiting_card.ts";

export interface PanelOwner {
  close(): void;
  switchLanguage(): void;
  endConversation(): void;
  forget(): void;
  askForPerson(): void;
  choose(value: string): void;
  leaveMessage(): void;
  backToChat(): void;
}

/** The pieces that the panel puts together; each draws itself. */
export interface PanelParts {
  readonly log: LogView;
  readonly composer: Composer;
  readonly waiting: WaitingCard;
  readonly leave: LeaveForm;
  readonly rating: RatingCard;
}

export interface Heading {
  readonly shop: string;
  /** Who answers: the label of the assistant, or the name of the one who holds the conversation. */
  readonly who: string;
  readonly kind: "bot" | "staff";
  readonly live: boolean;
}

export class Panel {
  readonly element: HTMLElement;
  private readonly title = make("h2", { attributes: { id: "title" } });
  private readonly who = make("p", { class: "who" });
  private readonly face = make("span", { class: "face", attributes: { "aria-hidden": "true" } });
  private readonly banner = make("div", { class: "banner", attributes: { role: "status", hidden: true } });
  private readonly choices = make("div", { class: "choices", attributes: { role: "group", hidden: true } });
  private readonly warning = make("p", { class: "warning" });
  private readonly deskNote = make("p", { class: "warning", attributes: { hidden: true } });
  private readonly storageNote = make("p", { class: "storage", attributes: { role: "note", hidden: true } });
  /** Everything that the form for leaving a message takes the place of. */
  private readonly talk: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly language: HTMLButtonElement;
  private readonly more: HTMLButtonElement;
  private readonly closer: HTMLButtonElement;
  private readonly person: HTMLButtonElement;
  private readonly leaver: HTMLButtonElement;
  /** The same beside the button that asks for a person, while nobody would come. */
  private readonly leaveNow: HTMLButtonElement;
  private readonly ender: HTMLButtonElement;
  private readonly forgetter: HTMLButtonElement;
  private sureToForget = false;
  private texts: Texts | null = null;
  private shownChoices = "";

  constructor(
    private readonly owner: PanelOwner,
    private readonly parts: PanelParts,
  ) {
    const { log, composer, waiting, rating } = parts;
    this.language = button("plain language", () => owner.switchLanguage());
    this.more = button("plain", () => this.toggleMenu(), icon("more"));
    this.closer = button("plain", () => owner.close(), icon("close"));
    this.person = button("person", () => owner.askForPerson());
    this.leaveNow = button("person", () => owner.leaveMessage());
    this.leaver = button("item", () => this.leaveMenu(() => owner.leaveMessage()));
    this.ender = button("item", () => this.leaveMenu(() => owner.endConversation()));
    this.forgetter = button("item bad", () => this.forget());
    this.menu = make(
      "div",
      { class: "menu", attributes: { hidden: true } },
      this.leaver,
      this.ender,
      this.forgetter,
    );
    this.more.setAttribute("aria-expanded", "false");
    const names = make("div", { class: "names" }, this.title, this.who);
    const header = make(
      "div",
      { class: "head" },
      this.face,
      names,
      this.language,
      this.more,
      this.closer,
      this.menu,
    );
    const foot = make(
      "div",
      { class: "foot" },
      rating.element,
      this.choices,
      this.person,
      this.leaveNow,
      this.deskNote,
      composer.element,
      this.warning,
    );
    this.talk = make("div", { class: "talk" }, waiting.element, log.element, foot);
    this.element = make(
      "section",
      {
        class: "panel",
        attributes: { role: "dialog", "aria-labelledby": "title" },
      },
      header,
      this.banner,
      this.storageNote,
      this.talk,
    );
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  speak(texts: Texts, personWords: string): void {
    this.texts = texts;
    this.language.textContent = texts.otherLanguage;
    name(this.language, texts.switchLanguage);
    name(this.more, texts.menu);
    name(this.closer, texts.close);
    this.person.replaceChildren(icon("person"), personWords);
    this.leaver.textContent = texts.leave.title;
    this.leaveNow.textContent = texts.leave.title;
    this.ender.textContent = texts.endConversation;
    this.forgetter.textContent = texts.forget;
    this.choices.setAttribute("aria-label", texts.quickReplies);
    const { composer, waiting, leave, rating } = this.parts;
    for (const part of [composer, waiting, leave, rating]) part.speak(texts);
  }

  head(heading: Heading): void {
    this.title.textContent = heading.shop;
    this.who.replaceChildren(
      make("i", { class: heading.live ? "lamp on" : "lamp" }),
      make("span", {}, heading.who),
    );
    this.face.className = `face ${heading.kind}`;
    const initial = heading.kind === "staff" ? [...heading.who][0] : undefined;
    this.face.replaceChildren(initial ?? icon("assistant"));
  }

  announce(words: string): void {
    this.banner.hidden = words === "";
    // Only a change is spoken by a screen reader.
    if (this.banner.textContent !== words) this.banner.textContent = words;
  }

  warn(words: string): void {
    this.warning.textContent = words;
    this.warning.hidden = words === "";
  }

  offerPerson(offered: boolean): void {
    this.person.hidden = !offered;
  }

  /** That nobody would come just now, beside the button that asks for a person. */
  noteDesk(words: string): void {
    this.deskNote.hidden = words === "";
    this.deskNote.textContent = words;
  }

  /** What it means for the talk that the browser keeps nothing. */
  noteStorage(words: string): void {
    this.storageNote.hidden = words === "";
    this.storageNote.textContent = words;
  }

  offerLeave(offered: boolean): void {
    this.leaver.hidden = !offered;
    this.leaveNow.hidden = !offered || this.deskNote.hidden;
  }

  get leaves(): boolean {
    return Boolean(this.talk.hidden);
  }

  /** The form and the talk are never on the screen together: on a phone there is room for one. */
  showLeave(shown: boolean): void {
    this.talk.hidden = shown;
    if (shown) this.element.append(this.parts.leave.element);
    else this.parts.leave.element.remove();
  }

  offerEnd(offered: boolean): void {
    this.ender.hidden = !offered;
  }

  offer(choices: readonly { label: string; value: string }[]): void {
    const now = JSON.stringify(choices);
    if (now === this.shownChoices) return;
    this.shownChoices = now;
    this.choices.hidden = choices.length === 0;
    this.choices.replaceChildren(
      ...choices.map(({ label, value }) => button("choice", () => this.owner.choose(value), label)),
    );
  }

  private toggleMenu(): void {
    this.showMenu(Boolean(this.menu.hidden));
  }

  private showMenu(shown: boolean): void {
    this.menu.hidden = !shown;
    this.more.setAttribute("aria-expanded", String(shown));
    this.sureToForget = false;
    if (this.texts) this.forgetter.textContent = this.texts.forget;
    const first = [this.leaver, this.ender].find((item) => !item.hidden) ?? this.forgetter;
    if (shown) first.focus();
  }

  private leaveMenu(then: () => void): void {
    this.showMenu(false);
    this.more.focus();
    then();
  }

  /** What is gone from this device cannot be opened again, so it takes two taps. */
  private forget(): void {
    if (this.sureToForget) return this.leaveMenu(() => this.owner.forget());
    this.sureToForget = true;
    if (this.texts) this.forgetter.textContent = this.texts.forgetSure;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !isComposed(event)) {
      event.stopPropagation();
      if (!this.menu.hidden) this.leaveMenu(() => undefined);
      else if (this.leaves) this.owner.backToChat();
      else this.owner.close();
    } else if (event.key === "Tab" && this.root.host.hasAttribute("full")) {
      this.keepFocusInside(event);
    }
  }

  private get root(): ShadowRoot {
    return this.element.getRootNode() as ShadowRoot;
  }

  /** On a phone the panel covers the page, so Tab must not wander behind it. */
  private keepFocusInside(event: KeyboardEvent): void {
    const all = this.element.querySelectorAll<HTMLElement>(
      "button, textarea, input, a[href], [tabindex='0']",
    );
    const reachable = [...all].filter((one) => one.offsetParent !== null && !one.hasAttribute("disabled"));
    const first = reachable[0];
    const last = reachable[reachable.length - 1];
    const focused = this.root.activeElement;
    if (event.shiftKey ? focused === first : focused === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }
}

function button(className: string, click: () => void, ...inside: (Node | string)[]): HTMLButtonElement {
  return make("button", { class: className, attributes: { type: "button" }, on: { click } }, ...inside);
}

function name(element: HTMLElement, words: string): void {
  element.setAttribute("aria-label", words);
  element.title = words;
}
