/** Asks once how satisfied the shopper is: five choices, a comment if they like, and a way past it. */
import { make } from "./make.ts";
import type { Texts } from "./texts.ts";

export interface RatingOwner {
  rate(score: number, comment: string): void;
  skipRating(): void;
}

const SCORES = [1, 2, 3, 4, 5] as const;
const STAR = "★";

export class RatingCard {
  readonly element: HTMLFormElement;
  private readonly question = make("legend");
  private readonly radios: HTMLInputElement[];
  private readonly chosen = make("p", { class: "chosen", attributes: { "aria-hidden": "true" } });
  private readonly comment = make("input", {
    class: "comment",
    attributes: { type: "text", dir: "auto", hidden: true },
  });
  private readonly sender = make("button", { class: "strong", attributes: { type: "submit", hidden: true } });
  private readonly skipper: HTMLButtonElement;
  private texts: Texts | null = null;
  private limit = 4000;

  constructor(private readonly owner: RatingOwner) {
    this.radios = SCORES.map((score) =>
      make("input", {
        class: "unseen",
        attributes: { type: "radio", name: "score", value: String(score) },
        on: { change: () => this.look() },
      }),
    );
    const stars = this.radios.map((radio) =>
      make("label", { class: "star" }, radio, make("span", { attributes: { "aria-hidden": "true" } }, STAR)),
    );
    this.skipper = make("button", {
      class: "quiet",
      attributes: { type: "button" },
      on: { click: () => owner.skipRating() },
    });
    this.element = make(
      "form",
      {
        class: "rating",
        attributes: { hidden: true, novalidate: true },
        on: { submit: (event) => this.submit(event) },
      },
      make("fieldset", {}, this.question, make("div", { class: "stars" }, ...stars), this.chosen),
      this.comment,
      make("div", { class: "acts" }, this.sender, this.skipper),
    );
  }

  speak(texts: Texts): void {
    this.texts = texts;
    this.question.textContent = texts.rating.question;
    this.radios.forEach((radio, index) => {
      radio.setAttribute("aria-label", texts.rating.words[index] ?? "");
    });
    this.comment.placeholder = texts.rating.comment;
    this.comment.setAttribute("aria-label", texts.rating.comment);
    this.sender.textContent = texts.rating.send;
    this.skipper.textContent = texts.rating.skip;
    this.look();
  }

  show(shown: boolean, limit: number): void {
    this.limit = limit;
    if (this.element.hidden === !shown) return;
    this.element.hidden = !shown;
    this.element.reset();
    this.look();
  }

  private get score(): number {
    return Number(this.radios.find((radio) => radio.checked)?.value ?? 0);
  }

  private look(): void {
    const { score } = this;
    for (const radio of this.radios) {
      radio.parentElement?.classList.toggle("lit", Number(radio.value) <= score);
    }
    this.chosen.textContent = score > 0 ? (this.texts?.rating.words[score - 1] ?? "") : "";
    this.comment.hidden = score === 0;
    this.sender.hidden = score === 0;
  }

  private submit(event: Event): void {
    event.preventDefault();
    const comment = [...this.comment.value.trim()].slice(0, this.limit).join("");
    if (this.score > 0) this.owner.rate(this.score, comment);
  }
}
