import { beforeEach, describe, expect, test } from "vitest";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import type { StaffMentioned, StaffRefused, Summary } from "../../src/wire/staff_frames.ts";
import { type StaffOwner, StaffSocket } from "../../src/wire/staff_socket.ts";
import { StaffUnsent } from "../../src/wire/staff_unsent.ts";
import { HandSurroundings } from "../world/fake_surroundings.ts";
import { botSaid, shopperSaid } from "../world/frames.ts";

class Onlooker implements StaffOwner {
  readonly waitingNow: string[] = [];
  readonly refusals: StaffRefused[] = [];
  readonly heard: string[] = [];
  readonly did: string[] = [];
  readonly calls: string[] = [];
  readonly got: string[] = [];
  readonly gone: string[] = [];
  outs = 0;
  changed(): void {}
  waiting(summary: Summary): void {
    this.waitingNow.push(summary.conversation);
  }
  said(summary: Summary): void {
    this.heard.push(summary.conversation);
  }
  mentioned(frame: StaffMentioned): void {
    this.calls.push(`${frame.by.name}: ${frame.text}`);
  }
  given(summary: Summary): void {
    this.got.push(summary.conversation);
  }
  lost(summary: Summary): void {
    this.gone.push(`${summary.conversation} to ${summary.holder?.name}`);
  }
  refused(frame: StaffRefused): void {
    this.refusals.push(frame);
  }
  done(what: string, conversation: string): void {
    this.did.push(`${what} ${conversation}`);
  }
  signedOut(): void {
    this.outs += 1;
  }
}

let world: HandSurroundings;
let onlooker: Onlooker;
let staff: StaffSocket;
let storage: PageStorage;

function line(conversation: string, stage = "waiting_for_staff"): Record<string, unknown> {
  const last = { last_at: "2026-11-16T02:00:00Z", last_text: "hi", last_seq: 1, unread: 0 };
  return { conversation, stage, language: "en", ...last };
}

function openTab(): StaffSocket {
  const unsent = new StaffUnsent(storage);
  const url = "wss://shop.example/ws/staff";
  const now = (): number => world.clock.now();
  return new StaffSocket({ url, csrf: () => "csrf-1", surroundings: world, unsent, now }, onlooker);
}

function held(conversation: string, unread = 0): Record<string, unknown> {
  return { ...line(conversation, "with_staff"), holder: { id: "s1", name: "Lin" }, unread };
}

function greet(inbox: unknown[] = []): void {
  world.socket.open();
  const me = { id: "s1", name: "Lin", roles: ["staff"] };
  world.socket.give({ type: "welcome", me, epoch: "e1", inbox, staff_present: 1 });
}

function opened(events: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "opened",
    conversation: "c1",
    summary: line("c1"),
    events,
    first_seq: 1,
    packet: null,
    ...more,
  };
}

function reconnect(inbox: unknown[] = []): void {
  world.socket.cut();
  world.clock.pass(1_000);
  greet(inbox);
}

const seqs = (): number[] => staff.followed?.transcript.events.map(({ seq }) => seq) ?? [];

beforeEach(() => {
  world = new HandSurroundings();
  onlooker = new Onlooker();
  storage = new PageStorage();
  staff = openTab();
  staff.start();
  greet();
});

describe("the staff socket", () => {
  test("repeats the CSRF token in its first frame", () => {
    expect(world.socket.sentOf("hello")).toEqual([{ type: "hello", protocol: 1, csrf: "csrf-1" }]);
  });

  test("knows whether what is said can be stored, also after it was away", () => {
    expect(staff.storing).toBe(true);
    world.socket.give({ type: "storing", on: false });
    expect(staff.storing).toBe(false);
    reconnect();
    expect(staff.storing).toBe(true);
  });

  test("tells of a shopper who begins to wait once, not with every change", () => {
    world.socket.give({ type: "summary", summary: line("c1") });
    world.socket.give({ type: "summary", summary: { ...line("c1"), unread: 2 } });
    world.socket.give({ type: "summary", summary: line("c1", "with_staff") });
    world.socket.give({ type: "summary", summary: line("c1") });
    expect(onlooker.waitingNow).toEqual(["c1", "c1"]);
  });

  test("does not ring for those who waited already when the page opened", () => {
    reconnect([line("c7")]);
    expect(onlooker.waitingNow).toEqual(["c7"]);
    reconnect([line("c7")]);
    expect(onlooker.waitingNow).toEqual(["c7"]);
  });

  test("follows one conversation and leaves the one before", () => {
    staff.open("c1");
    staff.open("c2");
    expect(world.socket.sent.slice(1)).toEqual([
      { type: "open", conversation: "c1" },
      { type: "leave", conversation: "c1" },
      { type: "open", conversation: "c2" },
    ]);
  });

  test("shows events in order and asks again for a hole", () => {
    staff.open("c1");
    world.socket.give(opened([botSaid(1), botSaid(2)]));
    world.socket.give({ type: "event", conversation: "c1", event: botSaid(4) });
    expect(seqs()).toEqual([1, 2]);
    world.clock.pass(1_500);
    expect(world.socket.sentOf("open").at(-1)).toEqual({ type: "open", conversation: "c1", last_seq: 2 });
    world.socket.give(opened([botSaid(3), botSaid(4)]));
    expect(seqs()).toEqual([1, 2, 3, 4]);
  });

  test("resumes the open conversation after a lost connection", () => {
    staff.open("c1");
    world.socket.give(opened([botSaid(1), botSaid(2)]));
    reconnect();
    expect(world.socket.sentOf("open")).toEqual([{ type: "open", conversation: "c1", last_seq: 2 }]);
    world.socket.give(opened([botSaid(3)]));
    expect(seqs()).toEqual([1, 2, 3]);
  });

  test("begins anew when too much was missed to join", () => {
    staff.open("c1");
    world.socket.give(opened([botSaid(1)]));
    reconnect();
    world.socket.give(opened([botSaid(500), botSaid(501)], { first_seq: 500 }));
    expect(seqs()).toEqual([500, 501]);
  });

  test("sends a reply again with its id until it is accepted", () => {
    staff.open("c1");
    staff.say("say", "c1", "Hello");
    const first = world.socket.sentOf("say")[0];
    reconnect();
    expect(world.socket.sentOf("say")).toEqual([first]);
    world.socket.give({ type: "accepted", id: first?.id, conversation: "c1", seq: 1, at: "" });
    reconnect();
    expect(world.socket.sentOf("say")).toEqual([]);
  });

  test("marks a refused reply and keeps it", () => {
    staff.say("say", "c1", "Hello");
    const id = world.socket.sentOf("say")[0]?.id;
    world.socket.give({ type: "refused", id, conversation: "c1", code: "not_holder", message: "Not yours" });
    expect(staff.unaccepted("c1").map(({ failed }) => failed)).toEqual([true]);
    reconnect();
    expect(world.socket.sentOf("say")).toEqual([]);
  });

  test("says by itself, in its order, what was said too fast", () => {
    staff.say("say", "c1", "one");
    world.clock.pass(1);
    const { id } = world.socket.sentOf("say")[0] ?? {};
    const message = { zh: "太快了", en: "Too fast" };
    world.socket.give({
      type: "refused",
      what: "say",
      id,
      conversation: "c1",
      code: "rate_limited",
      message,
      retry_after_seconds: 0.1,
    });
    staff.say("say", "c1", "two");
    expect(world.socket.sentOf("say").map(({ text }) => text)).toEqual(["one"]);
    expect(staff.unaccepted("c1").map(({ failed }) => failed)).toEqual([false, false]);
    expect(onlooker.refusals).toEqual([]);
    world.clock.pass(1_000);
    expect(world.socket.sentOf("say").map(({ text }) => text)).toEqual(["one", "one", "two"]);
  });

  test("tells who was quicker when two claim", () => {
    staff.command("claim", "c1");
    const message = { zh: "周伟已接待。", en: "Zhou Wei has it." };
    world.socket.give({
      type: "refused",
      what: "claim",
      conversation: "c1",
      code: "already_claimed",
      message,
    });
    expect(onlooker.refusals[0]).toMatchObject({ code: "already_claimed", message });
  });

  test("stays away after a reconnect when the person is away", () => {
    staff.setPresent(false);
    reconnect();
    expect(world.socket.sentOf("presence")).toEqual([{ type: "presence", present: false }]);
  });

  test("sends after a reload what the page before had not got stored, in the order written", () => {
    staff.say("say", "c1", "one");
    world.clock.pass(1);
    staff.say("note", "c2", "two", ["s2"]);
    const sent = world.socket.sent.slice(1);
    staff.stop();
    staff = openTab();
    staff.start();
    greet();
    expect(world.socket.sent.slice(1)).toEqual(sent);
    expect(sent[1]).toMatchObject({ type: "note", text: "two", mentions: ["s2"] });
  });

  test("never says one person's words in another's name", () => {
    staff.say("say", "c1", "mine");
    staff.stop();
    staff = openTab();
    staff.start();
    world.socket.open();
    const me = { id: "s9", name: "Zhou", roles: ["staff"] };
    world.socket.give({ type: "welcome", me, epoch: "e1", inbox: [], staff_present: 1 });
    expect(world.socket.sentOf("say")).toEqual([]);
  });

  test("tells what a shopper wrote to this person, whichever conversation is open", () => {
    world.socket.give({ type: "summary", summary: held("c1") });
    world.socket.give({ type: "summary", summary: held("c1", 1) });
    world.socket.give({ type: "summary", summary: held("c1", 1) });
    expect(onlooker.heard).toEqual(["c1"]);
  });

  test("tells what a colleague gave, and not what this person took", () => {
    staff.command("claim", "c1");
    world.socket.give({ type: "summary", summary: held("c1") });
    world.socket.give({ type: "summary", summary: held("c2") });
    expect(onlooker.got).toEqual(["c2"]);
  });

  test("tells of a conversation that a colleague took, and not of one that this person gave", () => {
    const zhou = { holder: { id: "s2", name: "Zhou" } };
    for (const id of ["c1", "c2"]) world.socket.give({ type: "summary", summary: held(id) });
    staff.transfer("c1", "s2");
    for (const id of ["c1", "c2"]) world.socket.give({ type: "summary", summary: { ...held(id), ...zhou } });
    expect(onlooker.gone).toEqual(["c2 to Zhou"]);
  });

  test("takes over from the holder that the page shows", () => {
    staff.takeOver("c1", "s2");
    expect(world.socket.sentOf("take_over")).toEqual([
      { type: "take_over", conversation: "c1", held_by: "s2" },
    ]);
  });

  test("knows who else looks at the open conversation and who writes", () => {
    staff.open("c1");
    world.socket.give(opened([]));
    const zhou = { id: "s2", name: "Zhou", composing: true };
    world.socket.give({ type: "watchers", conversation: "c1", watchers: [zhou] });
    world.socket.give({ type: "watchers", conversation: "c2", watchers: [] });
    expect(staff.followed?.watchers).toEqual([zhou]);
  });

  test("does not tell the shopper of a note being written", () => {
    staff.open("c1");
    staff.typing(true, true);
    staff.typing(false, false);
    expect(world.socket.sentOf("typing")).toEqual([
      { type: "typing", conversation: "c1", on: true, private: true },
      { type: "typing", conversation: "c1", on: false },
    ]);
  });

  test("passes on a colleague's call", () => {
    const by = { id: "s2", name: "Zhou" };
    world.socket.give({ type: "mentioned", conversation: "c1", seq: 3, by, text: "@Lin look" });
    expect(onlooker.calls).toEqual(["Zhou: @Lin look"]);
  });

  test("knows which notes were not seen as the server last told, whatever page saw them", () => {
    const by = { id: "s2", name: "Zhou" };
    const mention = { conversation: "c1", seq: 3, at: "2026-11-16T02:00:02Z", by, text: "@Lin look" };
    world.socket.give({ type: "mentions", unseen: [mention] });
    expect(staff.mentions).toEqual([mention]);
    staff.mentionsSeen();
    expect(world.socket.sentOf("mentions_seen")).toEqual([{ type: "mentions_seen" }]);
    world.socket.give({ type: "mentions", unseen: [] });
    expect(staff.mentions).toEqual([]);
  });

  test("keeps suggestions for the conversation they were asked for", () => {
    staff.open("c1");
    staff.suggest("How much?");
    world.socket.give({ type: "suggestions", conversation: "c2", text: "x", replies: [] });
    expect(staff.followed?.suggestions).toBeNull();
    world.socket.give({ type: "suggestions", conversation: "c1", text: "x", replies: [] });
    expect(staff.followed?.suggestions).toEqual([]);
  });

  test("tells what was seen once", () => {
    staff.open("c1");
    world.socket.give(opened([shopperSaid(1, "a")]));
    staff.seen();
    staff.seen();
    expect(world.socket.sentOf("seen")).toEqual([{ type: "seen", conversation: "c1", up_to: 1 }]);
  });

  test("says goodbye when the session has ended, and stays quiet", () => {
    world.socket.cut(4001, "signed out");
    world.clock.pass(600_000);
    expect(onlooker.outs).toBe(1);
    expect(world.sockets).toHaveLength(1);
  });
});

test("what was erased leaves the list and the screen, also when nobody told this page", () => {
  for (const told of [
    { type: "gone", conversation: "c1" },
    {
      type: "refused",
      what: "open",
      conversation: "c1",
      code: "not_yours",
      message: { zh: "没有", en: "None" },
    },
  ]) {
    greet([line("c1"), line("c2")]);
    staff.open("c1");
    world.socket.give(opened([shopperSaid(1, "hi")]));
    expect(staff.followed?.id).toBe("c1");
    world.socket.give(told);
    expect(staff.followed).toBeNull();
    expect(staff.summaries.map(({ conversation }) => conversation)).toEqual(["c2"]);
  }
});
