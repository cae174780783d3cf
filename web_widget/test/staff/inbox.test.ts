import { describe, expect, test } from "vitest";
import { listed } from "../../src/staff/lists.ts";
import { meant, type Press } from "../../src/staff/shortcuts.ts";
import type { Summary } from "../../src/wire/staff_frames.ts";

function summary(conversation: string, more: Partial<Summary>): Summary {
  const said = { last_text: "", last_seq: 1, unread: 0, language: "zh" as const, tags: [] };
  return {
    conversation,
    stage: "waiting_for_staff",
    last_at: "2026-11-16T02:00:00Z",
    left_message: false,
    ...said,
    ...more,
  };
}

const ids = (summaries: readonly Summary[]): string[] => summaries.map(({ conversation }) => conversation);

describe("the lists of the inbox", () => {
  const lin = { id: "s1", name: "Lin" };
  const zhou = { id: "s2", name: "Zhou" };
  const all = [
    summary("late", { waiting_since: "2026-11-16T02:05:00Z", last_at: "2026-11-16T02:09:00Z" }),
    summary("early", { waiting_since: "2026-11-16T02:01:00Z", last_at: "2026-11-16T02:01:00Z" }),
    summary("mine", { stage: "with_staff", holder: lin, last_at: "2026-11-16T02:03:00Z" }),
    summary("hers", { stage: "with_staff", holder: zhou, last_at: "2026-11-16T02:04:00Z" }),
    summary("done", { stage: "closed", last_at: "2026-11-16T02:02:00Z" }),
  ];

  test("show who waits longest first", () => {
    expect(ids(listed("queue", all, "s1"))).toEqual(["early", "late"]);
  });

  test("follow the server's places where it gives them", () => {
    const angry = summary("angry", { waiting_since: "2026-11-16T02:08:00Z", place: 1 });
    const calm = summary("calm", { waiting_since: "2026-11-16T02:01:00Z", place: 2 });
    expect(ids(listed("queue", [calm, angry], "s1"))).toEqual(["angry", "calm"]);
  });

  test("tell mine from those of others", () => {
    expect(ids(listed("mine", all, "s1"))).toEqual(["mine"]);
    expect(ids(listed("others", all, "s1"))).toEqual(["hers"]);
  });

  test("show everything with the newest word first", () => {
    expect(ids(listed("all", all, "s1"))).toEqual(["late", "hers", "mine", "done", "early"]);
  });
});

describe("the keys of the inbox", () => {
  const press = (key: string, more: Partial<Press> = {}): Press => {
    const plain = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false, repeat: false };
    return { key, ...plain, ...more };
  };

  test("mean something only while nobody writes", () => {
    expect(meant(press("c"), false)).toEqual({ act: "do", what: ["claim"] });
    expect(meant(press("c"), true)).toBeNull();
    expect(meant(press("3"), false)).toEqual({ act: "tab", tab: "others" });
  });

  test("leave the browser's own combinations and the input method alone", () => {
    expect(meant(press("c", { ctrlKey: true }), false)).toBeNull();
    expect(meant(press("r", { metaKey: true }), false)).toBeNull();
    expect(meant(press("n", { isComposing: true }), false)).toBeNull();
  });

  test("held down, walk on through the list and do nothing else", () => {
    expect(meant(press("j", { repeat: true }), false)).toEqual({ act: "move", by: 1 });
    expect(["x", "c", "p", "Escape"].map((key) => meant(press(key, { repeat: true }), false))).toEqual(
      Array(4).fill(null),
    );
  });

  test("do nothing for keys without a meaning", () => {
    expect(["y", "0", "5", "constructor", "toString"].map((key) => meant(press(key), false))).toEqual(
      Array(5).fill(null),
    );
  });
});
