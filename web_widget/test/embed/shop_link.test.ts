// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatRoomElement } from "../../src/shopper/chat_room.ts";
import { ShopLink } from "../../src/shopper/shop_link.ts";
import { inTheFrame, sockets } from "../world/placed_chat.ts";
import { NO_OPENING, NO_SETUP, NOT_OURS, SETUP, STATE } from "../world/shapes.ts";

const SHOP = "https://www.shop.example";
const OTHER_SHOP = "https://m.shop.example";
const CLOSE = { shopkeeper: 1, type: "close" };

/** The window that holds the frame; keeps what it is told, and for whom it was. */
class ShopWindow {
  readonly told: { message: Record<string, unknown>; origin: string }[] = [];
  postMessage(message: Record<string, unknown>, origin: string): void {
    this.told.push({ message, origin });
  }
}

let parent: ShopWindow;
let stop: () => void;

inTheFrame();
beforeEach(() => {
  parent = new ShopWindow();
  stop = new ShopLink(parent as unknown as Window, new Set([SHOP, OTHER_SHOP]), document.body).start();
});
afterEach(() => stop());

function say(data: unknown, origin = SHOP, source: unknown = parent): void {
  dispatchEvent(new MessageEvent("message", { data, origin, source: source as Window }));
}

function room(): ChatRoomElement | null {
  return document.querySelector("chat-room");
}

describe("the chat in its frame", () => {
  test("begins when its shop says how, and tells how it stands to that shop alone", () => {
    say({ ...SETUP, accent: "#336699", full: true, starters: { zh: "怎么退货？", en: "Returns?" } });
    expect(room()?.getAttribute("accent")).toBe("#336699");
    expect(room()?.getAttribute("starters-zh")).toBe("怎么退货？");
    expect(room()?.hasAttribute("full")).toBe(true);
    expect(room()?.page).toEqual(SETUP.page);
    expect(parent.told).toEqual([
      { message: { shopkeeper: 1, type: "state", unread: 0, kept: false, language: "en" }, origin: SHOP },
    ]);
  });

  test("connects when it is opened, with the words it was given in the box", () => {
    say(SETUP);
    expect(sockets).toEqual([]);
    say({ shopkeeper: 1, type: "open", draft: "Is the kettle blue?" });
    expect(sockets).toHaveLength(1);
    expect(room()?.shadowRoot?.querySelector("textarea")?.value).toBe("Is the kettle blue?");
  });

  test("says when the shopper has closed it", () => {
    say(SETUP);
    say({ shopkeeper: 1, type: "open", draft: null });
    const panel = room()?.shadowRoot?.querySelector(".panel");
    panel?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(parent.told.at(-1)).toEqual({ message: CLOSE, origin: SHOP });
  });

  test("follows a later setup, and tells nothing twice", () => {
    say(SETUP);
    say({ ...SETUP, full: true });
    expect(room()?.hasAttribute("full")).toBe(true);
    say({ ...SETUP, language: "zh" });
    expect(room()?.hasAttribute("full")).toBe(false);
    expect(parent.told.map(({ message }) => message.language)).toEqual(["en", "zh"]);
  });

  test.each([
    "https://evil.example",
    "https://www.shop.example.evil.example",
    "http://www.shop.example",
    "https://www.shop.example:8443",
    "https://shop.example",
    "null",
    "",
    "*",
    "file://",
  ])("is deaf to %s, and tells it nothing", (origin) => {
    say(SETUP, origin);
    expect(room()).toBeNull();
    expect(parent.told).toEqual([]);
  });

  test("is deaf to every window but the one that holds it", () => {
    for (const source of [null, window, new ShopWindow()]) say(SETUP, SHOP, source);
    expect(room()).toBeNull();
    say(SETUP);
    say({ shopkeeper: 1, type: "open", draft: "send me your secrets" }, SHOP, new ShopWindow());
    expect(sockets).toEqual([]);
    expect(parent.told).toHaveLength(1);
  });

  test("stays with the shop that spoke first", () => {
    say(SETUP);
    say({ ...SETUP, language: "zh" }, OTHER_SHOP);
    expect(parent.told.map(({ message }) => message.language)).toEqual(["en"]);
  });

  test("lets a shop's page speak for its own addresses only", () => {
    for (const url of ["https://bank.example/login", `${SHOP}.evil.example/x`, "javascript:x", ""]) {
      say({ ...SETUP, page: { title: "x", url } });
      expect(room()?.page).toEqual({ title: "x", url: `${SHOP}/` });
    }
  });

  test("goes back to the shop's ways when an attribute is taken away", () => {
    say({ ...SETUP, theme: "light" });
    say(SETUP);
    expect(room()?.hasAttribute("theme")).toBe(false);
  });

  test.each([...NOT_OURS, ...NO_SETUP])("does nothing for %s", (_name, data) => {
    say(data);
    expect(room()).toBeNull();
    say(SETUP);
    const before = parent.told.length;
    say(data);
    expect(parent.told).toHaveLength(before);
  });

  test.each([...NO_OPENING, ["a state", STATE] as const])("opens nothing for %s", (_name, data) => {
    say(SETUP);
    say(data);
    expect(sockets).toEqual([]);
  });
});
