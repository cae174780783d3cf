import { beforeEach, describe, expect, test } from "vitest";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import { ChatSocket } from "../../src/wire/chat_socket.ts";
import { ConversationKeyStore } from "../../src/wire/conversation_key.ts";
import { UnsentBox } from "../../src/wire/unsent_box.ts";
import { HandSurroundings } from "../world/fake_surroundings.ts";
import { welcome } from "../world/frames.ts";

const KEY = "shopkeeper/shop.example/conversation";

let storage: PageStorage;
let world: HandSurroundings;
let unsent: UnsentBox;
let chat: ChatSocket;

function greet(more: Record<string, unknown> = {}): void {
  world.socket.open();
  world.socket.give(welcome({ conversation: "c1", stage: "waiting_for_staff", ...more }));
}

function reconnect(): void {
  world.socket.cut();
  world.clock.pass(1_000);
  greet();
}

beforeEach(() => {
  storage = new PageStorage();
  world = new HandSurroundings();
  storage.setItem(KEY, JSON.stringify({ conversation: "c1", token: "t1" }));
  unsent = new UnsentBox(storage, "shopkeeper/unsent/", "tab", () => world.clock.now());
  const key = new ConversationKeyStore(storage, KEY);
  const page = (): { title: string; url: string } => ({ title: "", url: "" });
  const owner = { eventsChanged(): void {}, changed(): void {}, refused(): void {} };
  chat = new ChatSocket({ url: "wss://shop.example", surroundings: world, unsent, key, page }, owner);
  chat.start();
  greet();
});

describe("a shopper who waits", () => {
  test("is told the place, the honest wait and what else there is to do", () => {
    const expected = { from_seconds: 60, to_seconds: 240 };
    const offers = ["wait", "leave_message", "dance"];
    const queue = { type: "queue", place: 2, waiting: 3, staff_present: 1, open: true, left_message: false };
    world.socket.give({ ...queue, expected, offers });
    expect(chat.queue).toMatchObject({ place: 2, expected, offers: ["wait", "leave_message"] });
  });

  test("leaves a message that is sent again with its contact until it is accepted", () => {
    chat.leaveMessage("The cup is broken", { email: "lin@shop.example" });
    const first = world.socket.sentOf("leave_message")[0];
    expect(first).toMatchObject({ text: "The cup is broken", contact: { email: "lin@shop.example" } });
    reconnect();
    expect(world.socket.sentOf("leave_message")).toEqual([first]);
    world.socket.give({ type: "accepted", id: first?.id, seq: 1, at: "2026-11-16T02:00:00Z" });
    expect(unsent.all()).toEqual([]);
    expect(chat.transcript.events.at(-1)).toMatchObject({ kind: "message_left", seq: 1 });
  });

  test("goes on with the bot", () => {
    expect(chat.goOnWithBot()).toBe(true);
    expect(world.socket.sentOf("go_on_with_bot")).toHaveLength(1);
  });
});

describe("satisfaction", () => {
  const rated = (score: number): Record<string, unknown> => {
    const author = { role: "shopper" };
    return { type: "event", event: { seq: 1, kind: "rated", at: "x", author, text: "", score } };
  };

  test("is asked for until it is told or declined", () => {
    world.socket.give({ type: "ask_rating" });
    expect(chat.ratingAsked).toBe(true);
    chat.declineRating();
    expect(chat.ratingAsked).toBe(false);
  });

  test("gets out of the way when the talk goes on, and is asked at its end", () => {
    world.socket.give({ type: "ask_rating" });
    expect(chat.asksRating).toBe(true);
    const event = { seq: 1, kind: "bot_answered", at: "x", author: { role: "bot" }, text: "by the way" };
    world.socket.give({ type: "event", event });
    expect(chat.asksRating).toBe(true);
    const said = { ...event, seq: 2, kind: "shopper_said", author: { role: "shopper" } };
    world.socket.give({ type: "event", event: said });
    expect(chat.asksRating).toBe(false);
    world.socket.give({ type: "stage", stage: "closed" });
    expect(chat.asksRating).toBe(true);
  });

  test("is told again after a lost connection until it stands in the transcript", () => {
    chat.rate(5, "quick");
    reconnect();
    expect(world.socket.sentOf("rate")).toEqual([{ type: "rate", score: 5, comment: "quick" }]);
    world.socket.give(rated(5));
    reconnect();
    expect(world.socket.sentOf("rate")).toEqual([]);
    expect(chat.score).toBe(5);
  });

  test("that another tab told is known here and not asked for again", () => {
    world.socket.give(rated(2));
    world.socket.give({ type: "ask_rating" });
    expect([chat.score, chat.ratingAsked]).toEqual([2, false]);
  });

  test("of an earlier visit comes with the welcome", () => {
    world.socket.cut();
    world.clock.pass(1_000);
    greet({ score: 4 });
    expect(chat.score).toBe(4);
  });
});
