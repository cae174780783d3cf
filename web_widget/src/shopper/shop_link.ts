/**
 * The chat's end of what is said between it and the shop's page: takes the setup, opens, closes, tells how it stands.
 *
 * Only the window that holds the frame is heard, and only as a page of a shop on the list. The browser has checked
 * the same list before (frame-ancestors); should a proxy have taken that header away, nothing is told all the same.
 */
import { hear } from "../embed/hearing.ts";
import { readToChat, type Setup, sealed, type ToChat, type ToShop } from "../embed/messages.ts";
import type { BothLanguages } from "../wire/frames.ts";
import type { Cancel } from "../wire/surroundings.ts";
import { ChatRoomElement, type RoomOwner, type RoomState } from "./chat_room.ts";

export class ShopLink implements RoomOwner {
  private room: ChatRoomElement | null = null;
  /** Origin of the shop's page; the first that spoke. */
  private shop: string | null = null;
  private toldLast = "";

  constructor(
    private readonly parent: Window,
    private readonly shops: ReadonlySet<string>,
    private readonly place: HTMLElement,
  ) {}

  start(): Cancel {
    return hear(
      {
        window: () => this.parent,
        isTrusted: (origin) => this.shops.has(origin) && (this.shop === null || this.shop === origin),
      },
      readToChat,
      (message, origin) => this.take(message, origin),
    );
  }

  told(state: RoomState): void {
    const message = { type: "state" as const, ...state };
    const now = JSON.stringify(message);
    if (now === this.toldLast) return;
    this.toldLast = now;
    this.post(message);
  }

  closed(): void {
    this.post({ type: "close" });
  }

  private take(message: ToChat, origin: string): void {
    this.shop = origin;
    if (message.type === "setup") this.setUp(message, origin);
    else if (message.type === "open") this.room?.open(message.draft ?? undefined);
    else this.room?.close();
  }

  private setUp(setup: Setup, origin: string): void {
    const room = this.room ?? new ChatRoomElement();
    room.page = { title: setup.page.title, url: addressWithin(origin, setup.page.url) };
    for (const [name, value] of attributesOf(setup)) {
      if (value === "") room.removeAttribute(name);
      else if (room.getAttribute(name) !== value) room.setAttribute(name, value);
    }
    if (this.room) return;
    this.room = room;
    room.owner = this;
    this.place.replaceChildren(room);
  }

  private post(message: ToShop): void {
    if (this.shop !== null) this.parent.postMessage(sealed(message), this.shop);
  }
}

function attributesOf(setup: Setup): [string, string][] {
  const inBoth = (name: string, { zh, en }: BothLanguages): [string, string][] => [
    [`${name}-zh`, zh],
    [`${name}-en`, en],
  ];
  return [
    ["server", "."],
    ["language", setup.language ?? ""],
    ["theme", setup.theme],
    ["accent", setup.accent],
    ["full", setup.full ? "full" : ""],
    ...inBoth("shop", setup.shop),
    ...inBoth("starters", setup.starters),
  ];
}

/** Staff see where a shopper is; a shop's page speaks for its own addresses only. */
function addressWithin(origin: string, url: string): string {
  return url === origin || url.startsWith(`${origin}/`) ? url : `${origin}/`;
}
