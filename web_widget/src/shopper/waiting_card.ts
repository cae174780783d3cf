/** While the shopper waits for a person: where they stand, how long it may take, and what they may do instead. */
import type { Offer } from "../wire/frames.ts";
import { make } from "./make.ts";
import type { Texts } from "./texts.ts";
import type { WaitingWords } from "./waiting_words.ts";

export interface WaitingOwner {
  leaveMessage(): void;
  goOnWithBot(): void;
}

export class WaitingCard {
  readonly element: HTMLElement;
  private readonly words = make("div", { class: "words", attributes: { role: "status" } });
  private readonly offers = make("div", { class: "offers", attributes: { role: "group" } });
  private readonly others: HTMLButtonElement;
  private texts: Texts | null = null;
  /** The shopper has said to wait; the offers stay out of the way until they are asked for. */
  private waits = false;
  private shown = "";
  private shownOffers = "";

  constructor(private readonly owner: WaitingOwner) {
    this.others = make("button", {
      class: "quiet others",
      attributes: { type: "button", hidden: true },
      on: { click: () => this.settle(false) },
    });
    this.element = make(
      "div",
      { class: "waiting", attributes: { hidden: true } },
      this.words,
      this.offers,
      this.others,
    );
  }

  speak(texts: Texts): void {
    this.texts = texts;
    this.offers.setAttribute("aria-label", texts.waitingOffers);
    this.others.textContent = texts.otherOffers;
    this.shown = "";
    this.shownOffers = "";
  }

  show(waiting: WaitingWords | null): void {
    this.element.hidden = waiting === null;
    if (!waiting) {
      this.waits = false;
      return;
    }
    if (!waiting.offers.includes("wait")) this.waits = false;
    const now = JSON.stringify(waiting);
    if (now === this.shown) return;
    this.shown = now;
    const [first = "", ...rest] = waiting.lines;
    this.words.replaceChildren(make("b", {}, first), ...rest.map((line) => make("span", {}, line)));
    this.showOffers(waiting.offers);
    this.look();
  }

  /** The wait gets shorter while somebody presses or stands on a button: the same offers stay the same buttons. */
  private showOffers(offers: readonly Offer[]): void {
    const now = offers.join(" ");
    if (now === this.shownOffers) return;
    this.shownOffers = now;
    this.offers.replaceChildren(...offers.map((offer) => this.button(offer)));
  }

  private button(offer: Offer): HTMLButtonElement {
    const label = this.texts?.offers[offer] ?? "";
    const press = { wait: () => this.settle(true), ...this.acts() }[offer];
    return make("button", { class: "choice", attributes: { type: "button" }, on: { click: press } }, label);
  }

  private acts(): Record<Exclude<Offer, "wait">, () => void> {
    return { leave_message: () => this.owner.leaveMessage(), go_on_with_bot: () => this.owner.goOnWithBot() };
  }

  private settle(waits: boolean): void {
    this.waits = waits;
    this.look();
    const next = waits ? this.others : this.offers.querySelector("button");
    next?.focus();
  }

  private look(): void {
    this.offers.hidden = this.waits || this.offers.childElementCount === 0;
    this.others.hidden = !this.waits;
  }
}
