import { beforeEach, describe, expect, test } from "vitest";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import { type ChatOwner, ChatSocket } from "../../src/wire/chat_socket.ts";
import { ConversationKeyStore } from "../../src/wire/conversation_key.ts";
import type { ShopperRefused } from "../../src/wire/frames.ts";
import { UnsentBox } from "../../src/wire/unsent_box.ts";
import { HandSurroundings } from "../world/fake_surroundings.ts";
import { botSaid, shopperSaid, welcome } from "../world/frames.ts";

const KEY = "shopkeeper/shop.example/conversation";
const UNSENT = "shopkeeper/shop.example/unsent/";

let storage: PageStorage;
let world: HandSurroundings;

class Onlooker implements ChatOwner {
  readonly shown: string[] = [];
  readonly refusals: ShopperRefused[] = [];
  eventsChanged(where: string, events: readonly { seq: number }[]): void {
    this.shown.push(`${where} ${events.map(({ seq }) => seq).join(",")}`.trim());
  }
  changed(): void {}
  refused(frame: ShopperRefused): void {
    this.refusals.push(frame);
  }
}

function openTab(name = "tab"): { chat: ChatSocket; unsent: UnsentBox; onlooker: Onlooker } {
  const unsent = new UnsentBox(storage, UNSENT, name, () => world.clock.now());
  const onlooker = new Onlooker();
  const key = new ConversationKeyStore(storage, KEY);
  const page = (): { title: string; url: string } => ({ title: "Cups", url: "https://shop.example/cups" });
  const url = "wss://shop.example/ws/shopper";
  const chat = new ChatSocket({ url, surroundings: world, unsent, key, page }, onlooker);
  return { chat, unsent, onlooker };
}

function connected(frame = welcome()): ReturnType<typeof openTab> {
  const tab = openTab();
  tab.chat.start();
  world.socket.open();
  world.socket.give(frame);
  return tab;
}

function withConversation(lastSeq: number): ReturnType<typeof openTab> {
  storage.setItem(KEY, JSON.stringify({ conversation: "c1", token: "t1" }));
  const tab = connected(welcome({ conversation: "c1", last_seq: lastSeq }));
  const events = Array.from({ length: lastSeq }, (_, index) => botSaid(index + 1));
  if (lastSeq > 0) world.socket.give({ type: "events", events, more: false });
  return tab;
}

const seqs = (chat: ChatSocket): number[] => chat.transcript.events.map(({ seq }) => seq);
const hello = (): Record<string, unknown> => world.socket.sentOf("hello")[0] ?? {};
const said = (): unknown[] => world.socket.sentOf("say").map(({ text }) => text);

beforeEach(() => {
  storage = new PageStorage();
  world = new HandSurroundings();
});

describe("saying something", () => {
  test("the first frame is hello and nothing is sent before the welcome", () => {
    const { chat } = openTab();
    chat.start();
    chat.say("hi");
    world.socket.open();
    expect(world.socket.sent.map(({ type }) => type)).toEqual(["hello"]);
    expect(hello()).toMatchObject({ protocol: 1, page: { title: "Cups" } });
    expect(hello()).not.toHaveProperty("conversation");
    world.socket.give(welcome());
    expect(said()).toEqual(["hi"]);
  });

  test("the token of a conversation that begins is kept for the next visit", () => {
    const { chat } = connected();
    chat.say("hi");
    world.socket.give({ type: "begun", conversation: "c9", token: "t9" });
    expect(JSON.parse(storage.getItem(KEY) ?? "")).toEqual({ conversation: "c9", token: "t9" });
  });

  test("an accepted message stands in the transcript and leaves the box", () => {
    const { chat, unsent } = withConversation(2);
    chat.say("hi");
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "accepted", id, seq: 3, at: "2026-11-16T02:00:00Z" });
    expect(unsent.all()).toEqual([]);
    expect(chat.transcript.events.at(-1)).toMatchObject({ seq: 3, text: "hi", client_id: id });
  });

  test("an own message that comes back as an event before it is accepted is shown once", () => {
    const { chat, unsent } = withConversation(0);
    chat.say("hi");
    const id = String(world.socket.sentOf("say")[0]?.id);
    world.socket.give({ type: "event", event: shopperSaid(1, id, "hi") });
    world.socket.give({ type: "accepted", id, seq: 1, at: "2026-11-16T02:00:00Z" });
    expect(seqs(chat)).toEqual([1]);
    expect(unsent.all()).toEqual([]);
  });

  test("three messages go out one after another, in the order written", () => {
    const { chat } = withConversation(0);
    for (const text of ["one", "two", "three"]) chat.say(text);
    expect(said()).toEqual(["one"]);
    for (let seq = 1; seq <= 3; seq += 1) {
      world.socket.give({ type: "accepted", id: world.socket.sentOf("say")[seq - 1]?.id, seq, at: "" });
    }
    expect(said()).toEqual(["one", "two", "three"]);
    expect(chat.transcript.events.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });

  test("a message that was not accepted is sent again with its id after a lost connection", () => {
    const { chat } = withConversation(0);
    chat.say("hi");
    const first = world.socket.sentOf("say")[0];
    world.socket.cut();
    world.clock.pass(1_000);
    world.socket.open();
    world.socket.give(welcome({ conversation: "c1" }));
    expect(world.sockets).toHaveLength(2);
    expect(world.socket.sentOf("say")).toEqual([first]);
  });

  test("a message that is never answered makes the page connect again", () => {
    const { chat } = withConversation(0);
    chat.say("hi");
    world.clock.pass(15_000);
    expect(world.sockets).toHaveLength(2);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  test("a message typed in a tab that was closed is delivered once by the next tab", () => {
    const first = openTab("first");
    first.chat.say("typed while offline");
    first.chat.stop();
    const second = openTab("second");
    second.chat.start();
    world.socket.open();
    world.socket.give(welcome());
    expect(said()).toEqual(["typed while offline"]);
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "begun", conversation: "c1", token: "t1" });
    world.socket.give({ type: "accepted", id, seq: 1, at: "" });
    world.clock.pass(20_000);
    expect(said()).toEqual(["typed while offline"]);
  });
});

describe("a refused message", () => {
  const message = { zh: "慢一点", en: "A little slower" };

  test("is sent again after the wait that the server names", () => {
    const { chat } = withConversation(0);
    chat.say("hi");
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "refused", id, code: "rate_limited", message, retry_after_seconds: 7 });
    expect(chat.slowedDown).toBe(true);
    world.clock.pass(6_999);
    expect(said()).toEqual(["hi"]);
    world.clock.pass(1);
    expect(world.socket.sentOf("say").map((frame) => frame.id)).toEqual([id, id]);
  });

  test("does not let the next one overtake it while it waits", () => {
    const { chat } = withConversation(0);
    chat.say("one");
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "refused", id, code: "storage", message, retry_after_seconds: 2 });
    chat.say("two");
    world.clock.pass(2_000);
    expect(said()).toEqual(["one", "one"]);
  });

  test("for good is marked as failed and lets the next one go", () => {
    const { chat, unsent } = withConversation(0);
    chat.say("one");
    chat.say("two");
    const id = String(world.socket.sentOf("say")[0]?.id);
    world.socket.give({ type: "refused", id, code: "text_too_long", message });
    expect(said()).toEqual(["one", "two"]);
    expect(unsent.get(id)?.failed).toBe("text_too_long");
    chat.sayAgain(id);
    expect(unsent.get(id)?.failed).toBeUndefined();
  });
});

describe("what comes in", () => {
  test("is shown in order without holes, whatever the order of arrival", () => {
    const { chat } = withConversation(2);
    for (const seq of [4, 3, 3, 6, 5]) world.socket.give({ type: "event", event: botSaid(seq) });
    expect(seqs(chat)).toEqual([1, 2, 3, 4, 5, 6]);
    world.clock.pass(5_000);
    expect(world.sockets).toHaveLength(1);
  });

  test("with a hole that stays makes the page resume from the last number it has", () => {
    const { chat } = withConversation(2);
    world.socket.give({ type: "event", event: botSaid(4) });
    world.clock.pass(1_500);
    expect(world.sockets).toHaveLength(2);
    world.socket.open();
    expect(hello()).toMatchObject({ conversation: "c1", token: "t1", epoch: "e1", last_seq: 2 });
    world.socket.give(welcome({ conversation: "c1", last_seq: 4 }));
    world.socket.give({ type: "events", events: [botSaid(3), botSaid(4)], more: false });
    expect(seqs(chat)).toEqual([1, 2, 3, 4]);
  });

  test("with the same hole again makes the page ask for everything anew", () => {
    withConversation(2);
    for (let round = 0; round < 2; round += 1) {
      world.socket.give({ type: "event", event: botSaid(4) });
      world.clock.pass(3_000);
      world.socket.open();
      if (round === 0) world.socket.give(welcome({ conversation: "c1", last_seq: 2 }));
    }
    expect(hello()).toMatchObject({ conversation: "c1" });
    expect(hello()).not.toHaveProperty("last_seq");
  });

  test("that the welcome promised and that does not come is asked for again", () => {
    storage.setItem(KEY, JSON.stringify({ conversation: "c1", token: "t1" }));
    connected(welcome({ conversation: "c1", last_seq: 5 }));
    world.clock.pass(8_000);
    expect(world.sockets).toHaveLength(2);
  });

  test("after a gap of hundreds replaces all that was shown", () => {
    const { chat, onlooker } = withConversation(2);
    const events = [botSaid(900), botSaid(901)];
    const stage = "with_staff";
    world.socket.give({ type: "start_over", epoch: "e2", events, first_seq: 900, last_seq: 901, stage });
    expect(seqs(chat)).toEqual([900, 901]);
    expect(chat.stage).toBe("with_staff");
    expect(onlooker.shown.at(-1)).toBe("anew 900,901");
    world.socket.cut();
    world.clock.pass(1_000);
    world.socket.open();
    expect(hello()).toMatchObject({ epoch: "e2", last_seq: 901 });
  });

  test("as an unknown or broken frame is ignored and the connection lives on", () => {
    const { chat } = withConversation(1);
    world.socket.give("{oops");
    world.socket.give({ type: "fireworks" });
    world.socket.give({ type: "event", event: botSaid(2) });
    expect(seqs(chat)).toEqual([1, 2]);
    expect(world.warnings).toHaveLength(2);
  });

  test("from a socket that was left is not heard any more", () => {
    const { chat } = withConversation(1);
    const old = world.socket;
    old.cut();
    world.clock.pass(1_000);
    old.give({ type: "event", event: botSaid(2) });
    expect(seqs(chat)).toEqual([1]);
  });

  test("older than what is shown is put in front on request, once", () => {
    const { chat, onlooker } = withConversation(0);
    const events = [botSaid(51), botSaid(52)];
    const stage = "with_bot";
    world.socket.give({ type: "start_over", epoch: "e1", events, first_seq: 51, last_seq: 52, stage });
    chat.loadOlder();
    chat.loadOlder();
    expect(world.socket.sentOf("more")).toEqual([{ type: "more", before: 51, limit: 50 }]);
    const older = Array.from({ length: 50 }, (_, index) => botSaid(index + 1));
    world.socket.give({ type: "older", events: older, before: 51, first: true });
    expect(onlooker.shown.at(-1)).toMatch(/^front 1,2,.*,50$/);
    chat.loadOlder();
    expect(world.socket.sentOf("more")).toHaveLength(1);
  });
});

describe("a dead or closed link", () => {
  test("is noticed when two ticks are missing", () => {
    withConversation(0);
    world.clock.pass(25_000);
    world.socket.give({ type: "tick", at: "" });
    world.clock.pass(54_999);
    expect(world.sockets).toHaveLength(1);
    world.clock.pass(1);
    expect(world.sockets).toHaveLength(2);
  });

  test("is tried at once when the network comes back", () => {
    withConversation(0);
    world.socket.cut();
    world.wake("online");
    world.clock.pass(0);
    expect(world.sockets).toHaveLength(2);
  });

  test("is probed when the page is looked at again after a sleep", () => {
    withConversation(0);
    world.clock.pass(30_000);
    world.wake("visible");
    expect(world.socket.sentOf("tick")).toHaveLength(1);
    world.clock.pass(5_000);
    expect(world.sockets).toHaveLength(2);
  });

  test("that answers the probe is kept", () => {
    withConversation(0);
    world.wake("online");
    world.socket.give({ type: "tick", at: "" });
    world.clock.pass(10_000);
    expect(world.sockets).toHaveLength(1);
  });

  test("by a code of the stop band is not tried again", () => {
    const { chat } = connected();
    world.socket.cut(4009, "protocol");
    world.clock.pass(600_000);
    expect(world.sockets).toHaveLength(1);
    expect(chat.stoppedBy).toBe(4009);
  });

  test("for a slow reader is resumed at once", () => {
    withConversation(3);
    world.socket.cut(4208, "slow");
    expect(world.sockets).toHaveLength(2);
    world.socket.open();
    expect(hello()).toMatchObject({ last_seq: 3 });
  });

  test("for a restart waits as long as the server asks", () => {
    world.chance = 0;
    withConversation(3);
    world.socket.cut(1012, "retry_after=4");
    world.clock.pass(3_999);
    expect(world.sockets).toHaveLength(1);
    world.clock.pass(1);
    expect(world.sockets).toHaveLength(2);
  });

  test("that never gives a welcome is given up after twelve seconds", () => {
    world.chance = 0;
    const { chat } = openTab();
    chat.start();
    world.socket.open();
    world.clock.pass(12_000);
    world.clock.pass(0);
    expect(world.sockets).toHaveLength(2);
  });
});

describe("a conversation that is not ours", () => {
  test("is forgotten, a new one is begun, and the unsent message goes there", () => {
    storage.setItem(KEY, JSON.stringify({ conversation: "old", token: "bad" }));
    const { chat } = openTab();
    chat.say("hello?");
    chat.start();
    world.socket.open();
    expect(hello()).toMatchObject({ conversation: "old", token: "bad" });
    world.socket.cut(4003, "not yours");
    world.socket.open();
    expect(hello()).not.toHaveProperty("conversation");
    world.socket.give(welcome());
    expect(said()).toEqual(["hello?"]);
  });

  test("begun in another tab is joined by this one", () => {
    const { chat } = connected();
    storage.setItem(KEY, JSON.stringify({ conversation: "c5", token: "t5" }));
    chat.storageChanged();
    world.socket.open();
    expect(hello()).toMatchObject({ conversation: "c5", token: "t5" });
  });

  test("begun in another tab between hello and welcome is joined, not forgotten", () => {
    const { chat } = openTab();
    chat.start();
    world.socket.open();
    storage.setItem(KEY, JSON.stringify({ conversation: "c7", token: "t7" }));
    chat.say("hi");
    world.socket.give(welcome());
    expect(said()).toEqual([]);
    world.socket.open();
    expect(hello()).toMatchObject({ conversation: "c7", token: "t7" });
    world.socket.give(welcome({ conversation: "c7" }));
    expect(said()).toEqual(["hi"]);
  });

  test("begun in another tab is joined before this tab's first word begins a second one", () => {
    const { chat } = connected();
    storage.setItem(KEY, JSON.stringify({ conversation: "c7", token: "t7" }));
    chat.say("hi");
    expect(said()).toEqual([]);
    world.socket.open();
    world.socket.give(welcome({ conversation: "c7" }));
    expect(said()).toEqual(["hi"]);
  });

  test("forgotten in this tab leaves nothing behind in the browser", () => {
    const { chat } = withConversation(2);
    chat.say("secret");
    chat.forget();
    expect(storage.length).toBe(0);
    expect(seqs(chat)).toEqual([]);
  });
});

describe("without a network", () => {
  test("nothing is put into a socket that only looks alive, and it goes out when the network is back", () => {
    const { chat } = withConversation(0);
    world.online = false;
    chat.say("typed in the lift");
    expect(said()).toEqual([]);
    world.online = true;
    world.wake("online");
    expect(said()).toEqual(["typed in the lift"]);
  });
});

describe("a tab that crashed with an unsent message", () => {
  test("is noticed by a living tab within seconds, which sends it once", () => {
    openTab("crashed").unsent.put("2f1d3c5a-7b1e-4a53-9d0c-0a5c4f0c5e11", "are you there?");
    const { chat } = withConversation(0);
    expect(said()).toEqual([]);
    world.clock.pass(4_000);
    expect(said()).toEqual(["are you there?"]);
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "accepted", id, seq: 1, at: "" });
    world.clock.pass(10_000);
    expect(said()).toEqual(["are you there?"]);
    expect(seqs(chat)).toEqual([1]);
  });

  test("costs a quiet page no timer once everything is sent", () => {
    withConversation(0);
    world.clock.pass(6_000);
    expect(world.clock.untilNext).toBeGreaterThan(40_000);
  });
});
