// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ScriptedSocket } from "../world/fake_surroundings.ts";
import { botSaid, shopperSaid } from "../world/frames.ts";
import { button, fill, inTheFrame, one, openChat, sockets } from "../world/placed_chat.ts";

const NOW = "2026-11-16T02:00:00Z";
const HOURS = { zh: "周一至周五 9:00–18:00", en: "Monday to Friday 09:00–18:00" };
const QUEUE = { type: "queue", place: 3, waiting: 5, staff_present: 2, open: true, left_message: false };
const OFFERS = ["wait", "leave_message", "go_on_with_bot"];
const LIN = { role: "staff", name: "Lin" };

inTheFrame();
beforeEach(() => vi.useFakeTimers({ now: new Date(NOW), toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

function wait(socket: ScriptedSocket, more: Record<string, unknown> = {}): void {
  socket.give({ type: "begun", conversation: "c1", token: "t1" });
  socket.give({ type: "event", event: shopperSaid(1, "x") });
  socket.give({ type: "stage", stage: "waiting_for_staff" });
  socket.give({ ...QUEUE, offers: OFFERS, ...more });
}

function lines(root: ShadowRoot): string[] {
  return [...root.querySelectorAll(".waiting .words > *")].map((line) => line.textContent ?? "");
}

function offers(root: ShadowRoot): string[] {
  const group = one<HTMLElement>(root, ".offers");
  return group.hidden ? [] : [...group.querySelectorAll("button")].map((one) => one.textContent ?? "");
}

function happenings(root: ShadowRoot): string[] {
  return [...root.querySelectorAll(".happening")].map((line) => line.textContent ?? "");
}

describe("a shopper who waits for a person", () => {
  test("is told the place and the pace, and nothing where nothing honest can be said", () => {
    const { root, socket } = openChat();
    wait(socket, { expected: { from_seconds: 130, to_seconds: 290 } });
    expect(lines(root)).toEqual([
      "You are number 3 of 5 in the queue.",
      "At the pace of the last two hours: 2 to 5 minutes.",
    ]);
    socket.give({ ...QUEUE, place: 1, waiting: 1, offers: OFFERS });
    expect(lines(root)).toEqual(["You are next in the queue."]);
  });

  test("never reads seconds, and reads hours as hours", () => {
    const { root, socket } = openChat();
    wait(socket, { expected: { from_seconds: 4, to_seconds: 40 } });
    expect(lines(root)[1]).toContain("less than a minute");
    socket.give({ ...QUEUE, expected: { from_seconds: 7_300, to_seconds: 12_000 }, offers: OFFERS });
    expect(lines(root)[1]).toContain("2 to 4 hours");
  });

  test("chooses to wait, and the offers make room until they are wanted again", () => {
    const { root, socket } = openChat();
    wait(socket);
    expect(offers(root)).toEqual(["I'll wait", "Leave a message", "Go on with the assistant"]);
    button(root, "I'll wait").click();
    socket.give({ ...QUEUE, place: 2, offers: OFFERS });
    expect(offers(root)).toEqual([]);
    button(root, "Other options").click();
    expect(offers(root)).toHaveLength(3);
  });

  test("presses a button that stays the same while the wait gets shorter", () => {
    const { root, socket } = openChat();
    wait(socket);
    const leave = button(root, "Leave a message");
    socket.give({ ...QUEUE, place: 2, offers: OFFERS });
    expect(lines(root)[0]).toBe("You are number 2 of 5 in the queue.");
    expect(button(root, "Leave a message")).toBe(leave);
  });

  test("goes on with the assistant", () => {
    const { root, socket } = openChat();
    wait(socket);
    button(root, "Go on with the assistant").click();
    expect(socket.sentOf("go_on_with_bot")).toHaveLength(1);
    const at = NOW;
    const author = { role: "shopper" };
    socket.give({ type: "event", event: { seq: 2, kind: "went_on_with_bot", at, author, text: "" } });
    socket.give({ type: "stage", stage: "with_bot" });
    expect(one<HTMLElement>(root, ".waiting").hidden).toBe(true);
    expect(happenings(root)).toEqual(["You go on with the automatic assistant"]);
  });

  test("reads the opening hours, and when people are back, while nobody is there", () => {
    const { root, socket } = openChat({}, { desk: { open: false, hours: HOURS, staff_present: 0 } });
    const opens_at = new Date(2026, 10, 17, 9, 0).toISOString();
    wait(socket, { open: false, staff_present: 0, opens_at, offers: OFFERS.slice(1) });
    expect(lines(root)).toEqual([
      "Nobody from our team is here right now. What you wrote is kept and will be answered.",
      "We are back tomorrow at 09:00 (your time).",
      "Hours: Monday to Friday 09:00–18:00.",
    ]);
    expect(offers(root)).toEqual(["Leave a message", "Go on with the assistant"]);
  });

  test("is told before asking for a person that nobody would come", () => {
    const { root } = openChat({ language: "zh" }, { desk: { open: true, hours: HOURS, staff_present: 0 } });
    expect(one(root, ".person + .warning").textContent).toBe(
      "现在没有客服在线。服务时间：周一至周五 9:00–18:00。",
    );
  });

  test("reads in the header that our team is waited for, and not that a machine answers", () => {
    const { root, socket } = openChat();
    wait(socket, {});
    expect(one(root, ".who").textContent).toBe("Waiting for our team");
  });
});

describe("a message that is left", () => {
  function openForm(more: Record<string, unknown> = {}): ReturnType<typeof openChat> {
    const opened = openChat();
    wait(opened.socket, more);
    button(opened.root, "Leave a message").click();
    return opened;
  }

  function send(root: ShadowRoot): void {
    one<HTMLFormElement>(root, "form.leave").dispatchEvent(new Event("submit", { cancelable: true }));
  }

  test("goes out with the way to answer, and stands in the talk", () => {
    const { root, socket } = openForm();
    fill(root, "#leave-text", "The cup came broken");
    fill(root, "#leave-reach", " lin@shop.example ");
    fill(root, "#leave-name", "Lin");
    send(root);
    const sent = socket.sentOf("leave_message")[0];
    expect(sent).toMatchObject({
      text: "The cup came broken",
      contact: { email: "lin@shop.example", name: "Lin" },
    });
    expect(root.querySelector("form.leave")).toBeNull();
    socket.give({ type: "accepted", id: sent?.id, seq: 2, at: NOW });
    expect(one(root, ".log .message:last-child .mark").textContent).toBe(
      "For our team · reply to lin@shop.example",
    );
    socket.give({ ...QUEUE, left_message: true, offers: [] });
    expect(lines(root)[0]).toMatch(/^Your message is with our team\./);
  });

  test.each([
    ["", "lin@shop.example", "#leave-text", "Please write what it is about."],
    ["Broken", "lin@", "#leave-reach", "Please give an e-mail address (name@example.com) or a phone number."],
    ["Broken", "", "#leave-reach", "Please give an e-mail address (name@example.com) or a phone number."],
    ["字".repeat(4001), "12345678", "#leave-text", "1 character too long"],
  ])("is not sent while %j / %j is not right, and says why", (text, reach, field, complaint) => {
    const { root, socket } = openForm();
    fill(root, "#leave-text", text);
    fill(root, "#leave-reach", reach);
    send(root);
    expect(socket.sentOf("leave_message")).toEqual([]);
    expect(one(root, `${field}-bad`).textContent).toBe(complaint);
    expect(one(root, field).getAttribute("aria-invalid")).toBe("true");
    expect(root.activeElement?.id).toBe(field.slice(1));
  });

  test("survives, half-written, a closed page", () => {
    const { root, element } = openForm();
    fill(root, "#leave-text", "The cup ca");
    fill(root, "#leave-reach", "139");
    element.remove();
    const again = openForm();
    expect(one<HTMLTextAreaElement>(again.root, "#leave-text").value).toBe("The cup ca");
    expect(one<HTMLInputElement>(again.root, "#leave-reach").value).toBe("139");
  });

  test("is kept without a network, says so, and goes out once when the link is back", () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const { root, element } = openForm();
    expect(one(root, "form.leave > .caution").textContent).toMatch(/^You are offline\./);
    fill(root, "#leave-text", "The cup came broken");
    fill(root, "#leave-reach", "0574-5550-0126");
    send(root);
    expect(sockets.at(-1)?.sentOf("leave_message")).toEqual([]);
    element.remove();
    vi.restoreAllMocks();
    const again = openChat({}, { conversation: "c1", stage: "waiting_for_staff", last_seq: 1 });
    expect(again.socket.sentOf("leave_message")).toMatchObject([{ contact: { phone: "0574-5550-0126" } }]);
  });

  test("can be left from the menu, and Escape leads back to the talk", () => {
    const { root, socket } = openChat();
    const item = one<HTMLButtonElement>(root, ".menu .item");
    expect(item.hidden).toBe(true);
    socket.give({ type: "begun", conversation: "c1", token: "t1" });
    socket.give({ type: "event", event: shopperSaid(1, "x") });
    expect(item.hidden).toBe(false);
    item.click();
    expect(root.activeElement?.id).toBe("leave-text");
    one(root, ".panel").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(root.querySelector("form.leave")).toBeNull();
    expect(one<HTMLElement>(root, ".panel").hidden).toBe(false);
  });
});

describe("the question at the end", () => {
  function ask(more: Record<string, unknown> = {}): ReturnType<typeof openChat> {
    const opened = openChat({}, more);
    opened.socket.give({ type: "begun", conversation: "c1", token: "t1" });
    opened.socket.give({ type: "event", event: shopperSaid(1, "x") });
    opened.socket.give({ type: "event", event: botSaid(2) });
    opened.socket.give({ type: "ask_rating" });
    return opened;
  }

  function choose(root: ShadowRoot, score: number): void {
    const radio = one<HTMLInputElement>(root, `.star input[value="${score}"]`);
    radio.checked = true;
    radio.dispatchEvent(new Event("change"));
  }

  test("is asked when the server asks, and takes a score with a comment", () => {
    const { root, socket } = ask();
    const card = one<HTMLFormElement>(root, ".rating");
    expect(card.hidden).toBe(false);
    choose(root, 4);
    expect(one(root, ".chosen").textContent).toBe("Satisfied");
    fill(root, ".comment", "quick");
    card.dispatchEvent(new Event("submit", { cancelable: true }));
    expect(socket.sentOf("rate")).toEqual([{ type: "rate", score: 4, comment: "quick" }]);
    expect(card.hidden).toBe(true);
    const event = { seq: 3, kind: "rated", at: NOW, author: { role: "shopper" }, text: "quick", score: 4 };
    socket.give({ type: "event", event });
    expect(happenings(root)).toEqual(["You rated this chat 4 of 5. Thank you!"]);
  });

  test("is not answered by a press on send without a choice", () => {
    const { root, socket } = ask();
    one(root, ".rating").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(socket.sentOf("rate")).toEqual([]);
  });

  test("can be passed, and is not asked again, on the next page neither", () => {
    const { root, socket, element } = ask();
    button(root, "Skip").click();
    expect(one<HTMLElement>(root, ".rating").hidden).toBe(true);
    socket.give({ type: "ask_rating" });
    expect(one<HTMLElement>(root, ".rating").hidden).toBe(true);
    element.remove();
    expect(one<HTMLElement>(ask().root, ".rating").hidden).toBe(true);
  });
});

describe("what staff do", () => {
  test("is told in a line each, with names", () => {
    const { root, socket } = openChat();
    const event = (seq: number, kind: string, more: Record<string, unknown> = {}) => ({
      type: "event",
      event: { seq, kind, at: NOW, author: LIN, text: "", ...more },
    });
    socket.give(event(1, "staff_claimed"));
    socket.give({ type: "stage", stage: "with_staff" });
    socket.give(event(2, "staff_transferred", { to_name: "Chen" }));
    expect(one(root, ".head .who").textContent).toBe("Chen · our team");
    socket.give(event(3, "staff_took_over"));
    expect(one(root, ".head .who").textContent).toBe("Lin · our team");
    expect(happenings(root)).toEqual([
      "Lin has joined",
      "Lin has passed the chat on to Chen",
      "Lin has taken over",
    ]);
  });

  test("is shown as read marks and as a typing sign with the name", () => {
    const { root, socket } = openChat();
    socket.give({ type: "event", event: { seq: 1, kind: "staff_claimed", at: NOW, author: LIN, text: "" } });
    socket.give({ type: "stage", stage: "with_staff" });
    socket.give({ type: "event", event: shopperSaid(2, "x") });
    expect(one<HTMLElement>(root, ".read").hidden).toBe(true);
    socket.give({ type: "read", up_to: 2 });
    expect(one(root, ".read").textContent).toBe("Read");
    socket.give({ type: "typing", who: "staff", on: true });
    expect(one(root, ".typing .unseen").textContent).toBe("Lin is writing");
  });

  test("when the server says no to a wish, it is read for a while", () => {
    const { root, socket } = openChat();
    wait(socket);
    const message = { zh: "现在不行", en: "Not just now" };
    socket.give({ type: "refused", what: "go_on_with_bot", code: "wrong_stage", message });
    socket.give({ type: "tick", at: NOW });
    expect(one(root, ".banner").textContent).toBe("Not just now");
  });
});
