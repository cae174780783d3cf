// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ShopkeeperChatElement } from "../../src/embed/launcher_element.ts";
import { one } from "../world/placed_chat.ts";
import { NO_STATE, NOT_OURS, STATE } from "../world/shapes.ts";

const SERVER = "https://chat.shop.example/";
const ORIGIN = "https://chat.shop.example";
const KEPT = "shopkeeper/chat.shop.example/kept";
const CLOSE = { shopkeeper: 1, type: "close" };

/** The window of the frame; keeps what it is told, and for which origin alone it was. */
class ChatWindow {
  readonly told: { message: Record<string, unknown>; origin: string }[] = [];
  postMessage(message: Record<string, unknown>, origin: string): void {
    this.told.push({ message, origin });
  }
}

let chat: ChatWindow;

customElements.define("shopkeeper-chat", ShopkeeperChatElement);
beforeEach(() => {
  chat = new ChatWindow();
  vi.useFakeTimers();
  // Here frames load no page, and each would say so.
  vi.spyOn(console, "error").mockReturnValue(undefined);
  vi.spyOn(HTMLIFrameElement.prototype, "contentWindow", "get").mockReturnValue(chat as unknown as never);
});
afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function place(attributes: Record<string, string> = {}): {
  element: ShopkeeperChatElement;
  root: ShadowRoot;
} {
  const element = document.createElement("shopkeeper-chat") as ShopkeeperChatElement;
  for (const [name, value] of Object.entries({ server: SERVER, language: "en", ...attributes })) {
    element.setAttribute(name, value);
  }
  document.body.append(element);
  if (!element.shadowRoot) throw new Error("no shadow root");
  return { element, root: element.shadowRoot };
}

function frame(root: ShadowRoot): HTMLIFrameElement {
  return one<HTMLIFrameElement>(root, "iframe");
}

function press(root: ShadowRoot): void {
  one<HTMLButtonElement>(root, ".launcher").click();
}

function say(data: unknown, origin = ORIGIN, source: unknown = chat): void {
  dispatchEvent(new MessageEvent("message", { data, origin, source: source as Window }));
}

function openChat(attributes: Record<string, string> = {}): ReturnType<typeof place> {
  const placed = place(attributes);
  press(placed.root);
  frame(placed.root).dispatchEvent(new Event("load"));
  say({ ...STATE, unread: 0, kept: false });
  return placed;
}

function typesTold(): unknown[] {
  return chat.told.map(({ message }) => message.type);
}

describe("the button on a shop's page", () => {
  test("makes no frame before it is pressed", () => {
    expect(place().root.querySelector("iframe")).toBeNull();
  });

  test("opens the chat of the assistant's own origin, in a frame that can lead the shop's page nowhere", () => {
    const { root } = openChat({ "shop-en": "Little Harbour" });
    expect(frame(root).src).toBe("https://chat.shop.example/chat-frame");
    expect(frame(root).title).toBe("Chat with Little Harbour");
    const rights = frame(root).getAttribute("sandbox")?.split(" ") ?? [];
    expect(rights.filter((right) => /navigation|modals|downloads|pointer/.test(right))).toEqual([]);
    expect(one(root, ".launcher").getAttribute("aria-expanded")).toBe("true");
  });

  test("tells the chat what the shop wants, for the assistant's origin alone", () => {
    openChat({ "starters-en": "Returns?", accent: "#336699" });
    expect(typesTold()).toEqual(["setup", "open"]);
    expect(new Set(chat.told.map(({ origin }) => origin))).toEqual(new Set([ORIGIN]));
    expect(chat.told[0]?.message).toMatchObject({ accent: "#336699", language: "en", full: false });
    expect(chat.told[0]?.message.starters).toEqual({ zh: "", en: "Returns?" });
  });

  test("gives the draft of the shop's page to the chat once it is there", () => {
    const { element, root } = place();
    element.open("Is the kettle blue?");
    frame(root).dispatchEvent(new Event("load"));
    expect(typesTold()).toEqual(["setup"]);
    say(STATE);
    expect(chat.told.at(-1)?.message).toEqual({ shopkeeper: 1, type: "open", draft: "Is the kettle blue?" });
  });

  test("shows what is unread, in words too", () => {
    const { element, root } = openChat();
    element.close();
    say({ ...STATE, unread: 120 });
    expect(one(root, ".badge").textContent).toBe("99+");
    expect(one(root, ".launcher").getAttribute("aria-label")).toBe("Open chat, 120 unread");
    say({ ...STATE, unread: 0, language: "zh" });
    expect(one<HTMLElement>(root, ".badge").hidden).toBe(true);
    expect(one(root, ".launcher").getAttribute("aria-label")).toBe("打开客服对话");
  });

  test("calls in the title of the page for what comes while the shopper looks at another tab", () => {
    document.title = "Kettles";
    openChat();
    const turn = (away: boolean): void => {
      vi.spyOn(document, "hidden", "get").mockReturnValue(away);
      document.dispatchEvent(new Event("visibilitychange"));
    };
    say({ ...STATE, unread: 2 });
    turn(true);
    expect(document.title).toBe("Kettles"); // known before
    say({ ...STATE, unread: 3 });
    expect(document.title).toBe("(3) New messages · Kettles");
    say({ ...STATE, unread: 4, language: "zh" });
    expect(document.title).toBe("(4) 新消息 · Kettles");
    turn(false);
    expect(document.title).toBe("Kettles");
    turn(true);
    say({ ...STATE, unread: 5 });
    document.body.replaceChildren();
    expect(document.title).toBe("Kettles");
  });

  test("keeps its drawing when the chat says how it stands: a press may have begun on it", () => {
    const { element, root } = openChat();
    element.close();
    const drawing = one(root, ".launcher svg");
    say({ ...STATE, unread: 3 });
    expect(one(root, ".launcher svg")).toBe(drawing);
    press(root);
    expect(one(root, ".launcher svg")).not.toBe(drawing);
  });

  test("takes the focus back when the shopper closes the chat from within", () => {
    const { element, root } = openChat();
    say(CLOSE);
    expect(element.hasAttribute("opened")).toBe(false);
    expect(one<HTMLElement>(root, ".place").hidden).toBe(true);
    expect(root.activeElement?.className).toBe("launcher");
    expect(typesTold()).toEqual(["setup", "open", "close"]);
  });

  test("gives the focus once more where a browser gave none while a key was pressed", () => {
    const { element, root } = openChat();
    element.close();
    const given = vi.spyOn(frame(root), "focus").mockReturnValueOnce(undefined);
    press(root);
    vi.runOnlyPendingTimers();
    expect(given).toHaveBeenCalledTimes(2);
    expect(root.activeElement).toBe(frame(root));
    press(root);
    press(root);
    vi.runOnlyPendingTimers();
    expect(given).toHaveBeenCalledTimes(3);
  });

  test("comes back by itself on the next page when there is a talk, and keeps nothing else of it", () => {
    openChat();
    say(STATE);
    expect(Object.entries({ ...localStorage }).sort()).toEqual([
      [KEPT, "yes"],
      ["shopkeeper/chat.shop.example/spoken", "en"],
    ]);
    document.body.replaceChildren();
    const { root } = place();
    expect(frame(root).src).toBe("https://chat.shop.example/chat-frame");
    expect(one<HTMLElement>(root, ".place").hidden).toBe(true);
    say({ ...STATE, unread: 0, kept: false });
    expect(localStorage.getItem(KEPT)).toBeNull();
  });

  test("comes when a talk was begun in another tab", () => {
    const { root } = place();
    dispatchEvent(new StorageEvent("storage", { key: KEPT, newValue: "yes" }));
    expect(frame(root)).not.toBeNull();
  });

  test("tells a changed language, and follows one that the shopper chose in the chat", () => {
    const { element, root } = openChat();
    element.setAttribute("language", "zh");
    expect(chat.told.at(-1)?.message).toMatchObject({ type: "setup", language: "zh" });
    expect(one(root, ".launcher").getAttribute("aria-label")).toBe("关闭对话");
    expect(frame(root).title).toBe("在线客服");
    say({ ...STATE, language: "en" });
    expect(one(root, ".launcher").getAttribute("aria-label")).toBe("Close chat");
  });

  test("says so when the chat does not come, and tries again when it is opened again", () => {
    const warned = vi.spyOn(console, "warn").mockReturnValue(undefined);
    const { element, root } = place();
    press(root);
    expect(one(root, ".note").textContent).toBe("Opening the chat…");
    vi.advanceTimersByTime(10_000);
    expect(one(root, ".note").textContent).toMatch(/^The chat cannot be reached/);
    expect(warned.mock.calls[0]?.[0]).toContain("allowed_origins");
    const first = frame(root);
    press(root);
    element.open("again");
    expect(frame(root)).not.toBe(first);
    frame(root).dispatchEvent(new Event("load"));
    say(STATE);
    expect(chat.told.at(-1)?.message).toMatchObject({ type: "open", draft: "again" });
    expect(root.querySelectorAll("iframe")).toHaveLength(1);
  });

  test("takes everything with it when the shop takes it away", () => {
    const { element } = openChat();
    element.remove();
    say({ ...STATE, unread: 7 });
    document.body.append(element);
    const root = element.shadowRoot as ShadowRoot;
    expect(root.querySelector("iframe")).toBeNull();
    expect(one<HTMLElement>(root, ".badge").hidden).toBe(true);
  });

  test.each([
    "https://evil.example",
    "https://chat.shop.example.evil.example",
    "http://chat.shop.example",
    "https://chat.shop.example:8443",
    "https://shop.example",
    "null",
    "",
  ])("is deaf to %s, even from the frame's window", (origin) => {
    const { element, root } = openChat();
    say({ ...STATE, unread: 9 }, origin);
    say(CLOSE, origin);
    expect(one<HTMLElement>(root, ".badge").hidden).toBe(true);
    expect(element.hasAttribute("opened")).toBe(true);
  });

  test("is deaf to every window but its frame's", () => {
    const { element, root } = openChat();
    for (const source of [null, window, new ChatWindow()]) {
      say({ ...STATE, unread: 9 }, ORIGIN, source);
      say(CLOSE, ORIGIN, source);
    }
    expect(one<HTMLElement>(root, ".badge").hidden).toBe(true);
    expect(element.hasAttribute("opened")).toBe(true);
  });

  test.each([...NOT_OURS, ...NO_STATE])("does nothing for %s", (_name, data) => {
    const { element, root } = openChat();
    const before = chat.told.length;
    say(data);
    expect(element.hasAttribute("opened")).toBe(true);
    expect(one<HTMLElement>(root, ".badge").hidden).toBe(true);
    expect(chat.told).toHaveLength(before);
  });

  test("questions to begin with that the page gives later reach the chat", () => {
    const { element } = openChat();
    element.setAttribute("starters-en", "Where is my order?");
    expect(chat.told.at(-1)?.message).toMatchObject({
      type: "setup",
      starters: { zh: "", en: "Where is my order?" },
    });
  });
});
