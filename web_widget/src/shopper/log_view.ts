/**
 * The list of messages: keeps its place while older ones come in, follows the newest only when the reader is
 * there, and lets a screen reader speak new messages but not the whole history.
 */
import { EndInView } from "../text/end_in_view.ts";
import { dayName } from "../text/moments.ts";
import type { ChatEvent } from "../wire/frames.ts";
import type { Unsent } from "../wire/unsent_box.ts";
import { icon, make } from "./make.ts";
import { eventView, greetingView, type Manner, type UnsentActions, unsentView } from "./message_view.ts";

const NEAR_START = 120;

export interface LogOwner extends UnsentActions {
  /** The reader has scrolled near the oldest message. */
  nearStart(): void;
  /** The reader is at the end: everything has been seen. */
  atEnd(): void;
}

export class LogView {
  readonly element: HTMLElement;
  private readonly scroller = make("div", { class: "scroller", attributes: { tabindex: "0" } });
  private readonly start = make("div", { class: "start" });
  private readonly log = make("div", { class: "log", attributes: { role: "log", "aria-live": "polite" } });
  private readonly unsent = make("div", { class: "unsent" });
  private readonly typing = make("div", { class: "typing", attributes: { hidden: true } });
  private readonly read = make("div", { class: "read", attributes: { hidden: true } });
  private readonly jump: HTMLButtonElement;
  private shownUnsent = "";
  private lastDay = "";
  private readonly end: EndInView;

  constructor(private readonly owner: LogOwner) {
    this.jump = make(
      "button",
      { class: "jump", attributes: { type: "button", hidden: true }, on: { click: () => this.toEnd() } },
      icon("down"),
    );
    this.scroller.append(this.start, this.log, this.read, this.unsent, this.typing);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.end = new EndInView(this.scroller);
    this.element = make("div", { class: "log-frame" }, this.scroller, this.jump);
  }

  get isAtEnd(): boolean {
    return this.end.isAtEnd;
  }

  /** Draws everything anew, silently for screen readers. */
  showAll(events: readonly ChatEvent[], hasFirst: boolean, greeting: string, manner: Manner): void {
    this.scroller.setAttribute("aria-label", manner.texts.log);
    this.silently(() => {
      this.log.replaceChildren();
      this.lastDay = "";
      if (hasFirst) this.log.append(greetingView(greeting, manner));
      this.append(events, manner);
    });
    this.toEnd();
  }

  addAtEnd(events: readonly ChatEvent[], manner: Manner): void {
    const follow = this.end.isWanted;
    this.append(events, manner);
    if (follow || events.some((event) => event.author.role === "shopper")) this.toEnd();
    else this.offerJump(manner);
  }

  /** Puts older events in front; what the reader looks at stays where it is. */
  addInFront(all: readonly ChatEvent[], hasFirst: boolean, greeting: string, manner: Manner): void {
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.silently(() => {
      this.log.replaceChildren();
      this.lastDay = "";
      if (hasFirst) this.log.append(greetingView(greeting, manner));
      this.append(all, manner);
    });
    this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
  }

  showStart(words: string): void {
    this.start.textContent = words;
    this.start.hidden = words === "";
  }

  showUnsent(messages: readonly Unsent[], sendingId: string | null, manner: Manner): void {
    const now = JSON.stringify([messages, sendingId, manner.language]);
    if (now === this.shownUnsent) return; // a press on a button that is made anew would be lost
    this.shownUnsent = now;
    const follow = this.end.isWanted;
    const views = messages.map((message) => {
      const state = message.failed ? "failed" : message.id === sendingId ? "sending" : "unsent";
      return unsentView(message, state, manner, this.owner);
    });
    this.unsent.replaceChildren(...views);
    if (follow) this.toEnd();
  }

  showTyping(words: string | null): void {
    const follow = this.end.isWanted;
    this.typing.hidden = words === null;
    if (words === null) return this.typing.replaceChildren();
    if (this.typing.dataset.words === words && this.typing.childNodes.length > 0) return;
    this.typing.dataset.words = words;
    const dots = make("span", { class: "dots", attributes: { "aria-hidden": "true" } });
    dots.append(make("i"), make("i"), make("i"));
    this.typing.replaceChildren(dots, make("span", { class: "unseen" }, words));
    if (follow) this.toEnd();
  }

  /** "Read" under the last message of the shopper, once staff have read that far. */
  showRead(words: string | null): void {
    this.read.hidden = words === null;
    this.read.textContent = words ?? "";
  }

  toEnd(): void {
    this.end.toEnd();
    this.jump.hidden = true;
    this.owner.atEnd();
  }

  private append(events: readonly ChatEvent[], manner: Manner): void {
    for (const event of events) {
      const view = eventView(event, manner);
      if (!view) continue;
      this.appendDay(event.at, manner);
      this.log.append(view);
    }
  }

  private appendDay(at: string, manner: Manner): void {
    const day = dayName(at, new Date(), manner.language);
    if (day === "" || day === this.lastDay) return;
    this.lastDay = day;
    this.log.append(make("div", { class: "day" }, make("span", {}, day)));
  }

  private offerJump(manner: Manner): void {
    this.jump.hidden = false;
    this.jump.setAttribute("aria-label", manner.texts.newMessages);
  }

  private scrolled(): void {
    if (this.isAtEnd) {
      this.jump.hidden = true;
      this.owner.atEnd();
    }
    if (this.scroller.scrollTop < NEAR_START) this.owner.nearStart();
  }

  /** A screen reader would read a whole history aloud; it hears only what comes after. */
  private silently(draw: () => void): void {
    this.log.setAttribute("aria-live", "off");
    draw();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 200);
  }
}
