/**
 * The place of the chat in the shop's page: a frame of the assistant's own origin, made when it is first wanted.
 *
 * Says how the shop wants the chat, hears how it stands, and makes the frame anew when it never answered.
 */
import { make } from "../shopper/make.ts";
import type { Cancel } from "../wire/surroundings.ts";
import { hear } from "./hearing.ts";
import {
  type ChatState,
  draftOf,
  readToShop,
  type Setup,
  sealed,
  type ToChat,
  type ToShop,
} from "./messages.ts";

export const FRAME_PAGE = "chat-frame";
/** A chat that has not answered by then was refused, or its server is away. */
const ANSWERS_WITHIN_MS = 10_000;
/**
 * Enough to be a chat and no more: even a server in wrong hands leads the shop's page nowhere, and opens no dialog
 * on it. Links of the talk open in tabs of their own.
 */
const ALLOWED = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox";

export interface PlaceOwner {
  setup(): Setup;
  told(state: ChatState): void;
  close(): void;
  /** Whether the chat has come, or was waited for in vain. */
  changed(): void;
}

export class ChatPlace {
  readonly element = make("div", { class: "place", attributes: { part: "panel", hidden: true } });
  /** "none": there is no frame; "away": there is one that does not answer. */
  stands: "none" | "coming" | "there" | "away" = "none";
  private readonly note = make("p", { class: "note", attributes: { role: "status" } });
  private frame: HTMLIFrameElement | null = null;
  private cancelHearing: Cancel | null = null;
  private timer = 0;
  private title = "";
  private waiting: ToChat[] = [];

  constructor(
    private readonly server: URL,
    private readonly owner: PlaceOwner,
  ) {
    this.element.append(this.note);
  }

  speak(title: string, note: string): void {
    this.title = title;
    if (this.frame) this.frame.title = title;
    if (this.note.textContent !== note) this.note.textContent = note;
  }

  /** The chat begins to be, hidden or not. Nothing happens when it is there or on its way. */
  prepare(): void {
    if (this.stands === "there" || this.stands === "coming") return;
    this.frame?.remove();
    const frame = make("iframe", {
      attributes: { title: this.title, sandbox: ALLOWED, referrerpolicy: "no-referrer" },
      on: { load: () => this.loaded() },
    });
    frame.src = new URL(FRAME_PAGE, this.server).href;
    this.frame = frame;
    this.stands = "coming";
    this.cancelHearing ??= hear(
      {
        window: () => this.frame?.contentWindow ?? null,
        isTrusted: (origin) => origin === this.server.origin,
      },
      readToShop,
      (message) => this.heard(message),
    );
    this.element.append(frame);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.missed(), ANSWERS_WITHIN_MS);
    this.owner.changed();
  }

  /** The setup has changed. */
  tell(): void {
    if (this.stands === "there") this.post(this.owner.setup());
  }

  open(draft: string | undefined): void {
    this.element.hidden = false;
    this.prepare();
    this.say({ type: "open", draft: draftOf(draft) });
    if (this.stands === "there") this.enter();
  }

  close(): void {
    this.element.hidden = true;
    this.say({ type: "close" });
  }

  /** The element leaves the page. */
  end(): void {
    clearTimeout(this.timer);
    this.cancelHearing?.();
    this.cancelHearing = null;
    this.frame?.remove();
    this.frame = null;
    this.stands = "none";
    this.waiting = [];
  }

  /** Also when somebody has loaded the frame alone anew: the chat then knows nothing of the shop. */
  private loaded(): void {
    this.post(this.owner.setup());
    if (this.stands === "there" && !this.element.hidden) this.post({ type: "open", draft: null });
  }

  /** What is said before the chat is there waits for it; of opening and closing only the last counts. */
  private say(message: ToChat): void {
    if (this.stands === "there") this.post(message);
    else this.waiting = [message];
  }

  /** Only a page of the assistant's origin ever gets it: the browser looks at where the frame really is. */
  private post(message: ToChat): void {
    this.frame?.contentWindow?.postMessage(sealed(message), this.server.origin);
  }

  private heard(message: ToShop): void {
    if (message.type === "close") return this.owner.close();
    this.owner.told(message);
    if (this.stands !== "there") this.arrived();
  }

  private arrived(): void {
    clearTimeout(this.timer);
    this.stands = "there";
    this.element.classList.add("there");
    this.owner.changed();
    for (const message of this.waiting) this.post(message);
    this.waiting = [];
    if (!this.element.hidden) this.enter();
  }

  /** Firefox gives a frame of another origin no focus while a key is pressed: it gets it right afterwards. */
  private enter(): void {
    this.frame?.focus();
    window.setTimeout(() => {
      const { activeElement } = this.element.getRootNode() as Document | ShadowRoot;
      if (!this.element.hidden && activeElement !== this.frame) this.frame?.focus();
    });
  }

  private missed(): void {
    this.stands = "away";
    this.element.classList.remove("there");
    // biome-ignore lint/suspicious/noConsole: whoever embeds the chat looks there first
    console.warn(
      `[shopkeeper] No answer from ${this.server.href}. Is it running, and is ${location.origin} in its allowed_origins?`,
    );
    this.owner.changed();
  }
}
