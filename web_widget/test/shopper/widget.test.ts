// @vitest-environment happy-dom
import { describe, expect, test, vi } from "vitest";
import { botSaid, shopperSaid, welcome } from "../world/frames.ts";
import { inTheFrame, one, openChat, place, pressEnter, sockets, write } from "../world/placed_chat.ts";

inTheFrame();

describe("the chat in its frame", () => {
  test("costs no connection before it is opened", () => {
    place();
    expect(sockets).toEqual([]);
  });

  test("connects to the folder its script came from", () => {
    openChat();
    expect(sockets[0]?.url).toBe("wss://shop.example/chat/ws/shopper");
  });

  test("comes back for a conversation that was begun on an earlier visit", () => {
    const key = JSON.stringify({ conversation: "c1", token: "t1" });
    localStorage.setItem("shopkeeper/shop.example/chat/conversation", key);
    place();
    sockets[0]?.open();
    expect(sockets[0]?.sent[0]).toMatchObject({ type: "hello", conversation: "c1", token: "t1" });
  });

  test("says in the header and beside every bot message that it is automatic", () => {
    const { root, socket } = openChat();
    socket.give({ type: "event", event: shopperSaid(1, "x") });
    socket.give({ type: "event", event: botSaid(2) });
    socket.give({ type: "event", event: botSaid(3) });
    expect(one(root, ".head .who").textContent).toBe("automatic assistant");
    const authors = [...root.querySelectorAll(".message.bot .author")].map((author) => author.textContent);
    expect(authors).toEqual(Array(3).fill("automatic assistant"));
  });

  test("shows the name of the person who answers", () => {
    const { root, socket } = openChat();
    const author = { role: "staff", name: "Lin Lan" };
    const at = "2026-11-16T02:00:00Z";
    socket.give({ type: "event", event: { seq: 1, kind: "staff_claimed", at, author, text: "" } });
    socket.give({ type: "event", event: { seq: 2, kind: "staff_said", at, author, text: "Hello" } });
    socket.give({ type: "stage", stage: "with_staff" });
    expect(one(root, ".head .who").textContent).toBe("Lin Lan · our team");
    expect(one(root, ".happening").textContent).toBe("Lin Lan has joined");
    expect(one(root, ".message.staff .author").textContent).toBe("Lin Lan");
  });

  test("shows hostile words as the words they are", () => {
    const { root, socket } = openChat();
    const text = '<img src=x onerror="alert(1)"><script>alert(2)</script> javascript:alert(3)';
    socket.give({ type: "event", event: { ...botSaid(1, text), choices: [{ label: text, value: "x" }] } });
    expect(root.querySelectorAll("img, script, a").length).toBe(0);
    expect(one(root, ".message.bot:not(.greeting) .text").textContent).toBe(text);
    expect(one(root, ".choice").textContent).toBe(text);
  });

  test("makes links that tell the other side nothing", () => {
    const { root, socket } = openChat();
    socket.give({ type: "event", event: botSaid(1, "see https://shop.example/x") });
    const link = one<HTMLAnchorElement>(root, ".text a");
    expect(link.getAttribute("href")).toBe("https://shop.example/x");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(link.getAttribute("target")).toBe("_blank");
  });

  test("sends on Enter, and not while an input method composes", () => {
    const { root, socket } = openChat();
    const box = write(root, "运费多少");
    pressEnter(box, { isComposing: true });
    pressEnter(box, { shiftKey: true });
    expect(socket.sentOf("say")).toEqual([]);
    pressEnter(box);
    expect(socket.sentOf("say").map(({ text }) => text)).toEqual(["运费多少"]);
    expect(box.value).toBe("");
  });

  test("never cuts a text that is too long: it stays and says by how much", () => {
    const { root, socket } = openChat();
    const box = write(root, "字".repeat(4001));
    pressEnter(box);
    expect(socket.sentOf("say")).toEqual([]);
    expect(box.value).toHaveLength(4001);
    expect(one(root, ".caution").textContent).toBe("1 character too long");
  });

  test("offers quick replies until somebody says something else", () => {
    const { root, socket } = openChat();
    const choices = [{ label: "The kettle", value: "entry:kettle" }];
    socket.give({ type: "event", event: { ...botSaid(1), kind: "bot_asked", choices } });
    one<HTMLButtonElement>(root, ".choice").click();
    expect(socket.sentOf("say")[0]).toMatchObject({ text: "The kettle", choice: "entry:kettle" });
    expect(root.querySelectorAll(".choice").length).toBe(0);
  });

  test("shows one button for a person where the bot offers one itself", () => {
    const { root, socket } = openChat();
    const standing = one<HTMLElement>(root, ".person");
    const choices = [{ label: "Talk to a person", value: "person" }];
    socket.give({ type: "event", event: { ...botSaid(1), kind: "bot_asked", choices } });
    expect([standing.hidden, root.querySelectorAll(".choice").length]).toEqual([true, 1]);
    socket.give({ type: "event", event: botSaid(2) });
    expect([standing.hidden, root.querySelectorAll(".choice").length]).toEqual([false, 0]);
  });

  test("asks for a person at one press", () => {
    const { root, socket } = openChat();
    one<HTMLButtonElement>(root, ".person").click();
    expect(socket.sentOf("say")[0]).toMatchObject({ text: "Talk to a person", choice: "person" });
  });

  test("counts what came in while it was closed, and tells the server only what was seen", () => {
    const { element, socket, told } = openChat();
    element.close();
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    socket.give({ type: "event", event: shopperSaid(1, "x") });
    socket.give({ type: "event", event: botSaid(2) });
    socket.give({ type: "event", event: botSaid(3) });
    expect(told.at(-1)).toEqual({ unread: 2, kept: true, language: "en" });
    expect(socket.sentOf("seen")).toEqual([]);
    element.open();
    expect(socket.sentOf("seen")).toEqual([{ type: "seen", up_to: 3 }]);
  });

  test("counts what came in while the shopper looked at another tab", () => {
    const { socket, told } = openChat();
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    socket.give({ type: "event", event: shopperSaid(1, "x") });
    socket.give({ type: "event", event: botSaid(2) });
    expect(told.at(-1)).toEqual({ unread: 1, kept: true, language: "en" });
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(told.at(-1)).toEqual({ unread: 0, kept: true, language: "en" });
    expect(socket.sentOf("seen")).toEqual([{ type: "seen", up_to: 2 }]);
  });

  test("does not count again what was read on an earlier visit", () => {
    const first = openChat();
    first.socket.give({ type: "begun", conversation: "c1", token: "t1" });
    first.socket.give({ type: "event", event: shopperSaid(1, "x") });
    first.socket.give({ type: "event", event: botSaid(2) });
    first.element.remove();

    const { told } = place();
    const back = sockets.at(-1);
    back?.open();
    back?.give(welcome({ conversation: "c1", last_seq: 3 }));
    back?.give({ type: "events", events: [shopperSaid(1, "x"), botSaid(2), botSaid(3)], more: false });
    expect(told.at(-1)).toEqual({ unread: 1, kept: true, language: "en" });
  });

  test("warns of card numbers before the first word, and leaves the room to the talk afterwards", () => {
    const { root, socket } = openChat();
    const warning = (): string => one(root, ".composer + .warning").textContent ?? "";
    expect(warning()).toBe("Never send passwords or card numbers");
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    socket.give({ type: "event", event: shopperSaid(1, "x") });
    expect(warning()).toBe("");
  });

  test("shows where a message stands until it is accepted", () => {
    const { root, socket } = openChat();
    pressEnter(write(root, "first"));
    pressEnter(write(root, "second"));
    expect([...root.querySelectorAll(".mark")].map((mark) => mark.textContent)).toEqual([
      "Sending…",
      "Will be sent when connected",
    ]);
    const id = socket.sentOf("say")[0]?.id;
    const message = { zh: "太长", en: "Too long" };
    socket.give({ type: "refused", id, code: "text_too_long", message });
    expect(one(root, ".failed .mark").textContent).toBe("Not sent: too longTry againRemove");
    const again = one(root, ".failed button");
    socket.give({ type: "typing", who: "bot", on: true });
    expect(one(root, ".failed button")).toBe(again);
  });

  test("keeps what was being typed for the next page", () => {
    const first = openChat();
    write(first.root, "half a question");
    first.element.remove();
    expect(one<HTMLTextAreaElement>(openChat().root, "textarea").value).toBe("half a question");
  });

  test("speaks the other language at one press, and greets in it", () => {
    const { root } = openChat();
    one<HTMLButtonElement>(root, ".language").click();
    expect(one(root, "h2").textContent).toBe("小港生活");
    expect(one(root, ".head .who").textContent).toBe("自动助手");
    expect(one(root, ".greeting .text").textContent).toMatch(/^您好！我是小港生活的自动助手/);
  });

  test("gives the focus to the box on opening, and says when Escape has closed it", () => {
    const { root, told } = openChat();
    expect(root.activeElement?.tagName).toBe("TEXTAREA");
    one(root, ".panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(told.at(-1)).toBe("closed");
  });

  test("waits with the box until the frame itself has the focus, and then while it is open", () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const { element, root } = openChat();
    expect(root.activeElement).toBeNull();
    element.close();
    dispatchEvent(new Event("focus"));
    expect(root.activeElement).toBeNull();
    element.open();
    dispatchEvent(new Event("focus"));
    expect(root.activeElement?.tagName).toBe("TEXTAREA");
    vi.restoreAllMocks();
  });

  test("takes the first key to the box where the browser kept the focus from it", () => {
    const { root, told } = openChat();
    const box = one<HTMLTextAreaElement>(root, "textarea");
    const press = (key: string, more: KeyboardEventInit = {}): boolean =>
      document.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
    box.blur();
    press("Tab");
    press("c", { ctrlKey: true });
    expect(root.activeElement).toBeNull();
    press("h");
    expect(root.activeElement).toBe(box);
    press("Escape"); // the panel's own
    expect(told).not.toContain("closed");
    box.blur();
    press("Escape");
    expect(told.at(-1)).toBe("closed");
  });

  test("stays open when Escape only drops what an input method composes", () => {
    const { root, told } = openChat();
    for (const mark of [{ isComposing: true }, { keyCode: 229 }]) {
      const event = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, ...mark });
      one(root, "textarea").dispatchEvent(event);
    }
    expect(told).not.toContain("closed");
  });

  test("tells the server the shop's page, not its own", () => {
    const { element } = place();
    element.page = { title: "Kettles", url: "https://www.shop.example/kettles" };
    element.open();
    sockets[0]?.open();
    expect(sockets[0]?.sent[0]).toMatchObject({
      page: { title: "Kettles", url: "https://www.shop.example/kettles" },
    });
  });

  test("deletes the conversation from the device only at the second tap", () => {
    const { root, socket } = openChat();
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    const forget = one<HTMLButtonElement>(root, ".item.bad");
    forget.click();
    expect(localStorage.getItem("shopkeeper/shop.example/chat/conversation")).not.toBeNull();
    forget.click();
    expect(localStorage.getItem("shopkeeper/shop.example/chat/conversation")).toBeNull();
  });
});

describe("a browser that lets the frame keep nothing", () => {
  test("is told to the shopper once there is something to lose, and nothing is promised for the next page", () => {
    refuseStorage();
    const { root, socket, told } = openChat();
    const note = one<HTMLElement>(root, ".storage");
    expect(note.hidden).toBe(true);
    pressEnter(write(root, "where is my order"));
    expect(note.textContent).toMatch(/^Your browser keeps nothing of this chat/);
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    expect(told.at(-1)).toEqual({ unread: 0, kept: false, language: "en" });
  });

  test("still chats, and comes back after a lost connection within the page", () => {
    vi.useFakeTimers();
    refuseStorage();
    const { root, socket } = openChat();
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    pressEnter(write(root, "where is my order"));
    socket.cut();
    vi.advanceTimersByTime(2_000);
    sockets[1]?.open();
    expect(sockets[1]?.sent[0]).toMatchObject({ type: "hello", conversation: "c1", token: "t1" });
    vi.useRealTimers();
  });

  test("says nothing of it where the browser keeps the talk", () => {
    const { root } = openChat();
    pressEnter(write(root, "where is my order"));
    expect(one<HTMLElement>(root, ".storage").hidden).toBe(true);
  });
});

function refuseStorage(): void {
  const refused = (): never => {
    throw new DOMException("no storage for third parties", "SecurityError");
  };
  vi.stubGlobal("localStorage", new Proxy({}, { get: refused, set: refused }));
}
