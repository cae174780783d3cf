import { beforeEach, describe, expect, test } from "vitest";
import type { ChatEvent } from "../../src/wire/frames.ts";
import type { StaffRefused, Summary } from "../../src/wire/staff_frames.ts";
import { type StaffOwner, StaffSocket } from "../../src/wire/staff_socket.ts";
import { HandSurroundings } from "../world/fake_surroundings.ts";
import { botSaid, shopperSaid } from "../world/frames.ts";

class Onlooker implements StaffOwner {
  readonly waitingNow: string[] = [];
  readonly refusals: StaffRefused[] = [];
  readonly heard: string[] = [];
  readonly did: string[] = [];
  outs = 0;
  changed(): void {}
  waiting(summary: Summary): void {
    this.waitingNow.push(summary.conversation);
  }
  said(_conversation: string, event: ChatEvent): void {
    this.heard.push(event.text);
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

function line(conversation: string, stage = "waiting_for_staff"): Record<string, unknown> {
  const last = { last_at: "2026-11-16T02:00:00Z", last_text: "hi", last_seq: 1, unread: 0 };
  return { conversation, stage, language: "en", ...last };
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
  staff = new StaffSocket("wss://shop.example/ws/staff", () => "csrf-1", world, onlooker);
  staff.start();
  greet();
});

describe("the staff socket", () => {
  test("repeats the CSRF token in its first frame", () => {
    expect(world.socket.sentOf("hello")).toEqual([{ type: "hello", protocol: 1, csrf: "csrf-1" }]);
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
    expect([...staff.unaccepted.values()].map(({ failed }) => failed)).toEqual([true]);
    reconnect();
    expect(world.socket.sentOf("say")).toEqual([]);
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
