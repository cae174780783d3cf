import { beforeEach, describe, expect, test } from "vitest";
import { inOrder } from "../../src/staff/colleagues.ts";
import { offersFor } from "../../src/staff/commands.ts";
import { countdown, lateFor } from "../../src/staff/deadlines.ts";
import { fits, howMany, NO_FILTERS, needsServer, offered } from "../../src/staff/filters.ts";
import { FoundList } from "../../src/staff/found_list.ts";
import type { Page } from "../../src/staff/inbox_api.ts";
import { InboxCalls } from "../../src/staff/inbox_calls.ts";
import { Once } from "../../src/staff/once.ts";
import { DEFAULTS, PREFERENCES_KEY, PreferenceBox } from "../../src/staff/preferences.ts";
import { inboxTexts } from "../../src/staff/texts.ts";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import type { Colleague, Deadline, Summary } from "../../src/wire/staff_frames.ts";

const AT = Date.parse("2026-11-16T02:00:00Z");

function summary(conversation: string, more: Partial<Summary> = {}): Summary {
  return {
    conversation,
    stage: "waiting_for_staff",
    language: "zh",
    last_at: "2026-11-16T02:00:00Z",
    last_text: "",
    last_seq: 1,
    unread: 0,
    tags: [],
    left_message: false,
    ...more,
  };
}

const due = (seconds: number, state: Deadline["state"] = "running"): Deadline => {
  return { kind: "first_reply", due_at: new Date(AT + seconds * 1000).toISOString(), state };
};
const ids = (summaries: readonly Summary[]): string[] => summaries.map(({ conversation }) => conversation);

describe("the timer of a conversation", () => {
  test.each([
    ["runs", 300, "running", 300],
    ["is near in its last minute", 59, "soon", 59],
    ["is overdue at its end", 0, "late", 0],
    ["counts on when it is overdue", -75, "late", -75],
  ] as const)("%s", (_name, seconds, state, left) => {
    expect(countdown(due(seconds), AT)).toEqual({ kind: "first_reply", seconds: left, state });
  });

  test("believes the server where the page's clock is slow", () => {
    expect(countdown(due(40, "late"), AT)).toMatchObject({ state: "late", seconds: 0 });
    expect(countdown(due(300, "soon"), AT)).toMatchObject({ state: "soon" });
  });

  test("has no seconds while the shop is closed, and is none where nobody waits", () => {
    expect(countdown({ kind: "next_reply", state: "running" }, AT)).toMatchObject({ seconds: null });
    expect(countdown(undefined, AT)).toBeNull();
  });

  test("concerns the one who holds it, and everybody while nobody does", () => {
    const holder = { id: "s2", name: "Zhou" };
    const all = [
      summary("queued", { deadline: due(-1) }),
      summary("hers", { stage: "with_staff", holder, deadline: due(-1) }),
      summary("fine", { deadline: due(100) }),
      summary("left", { stage: "with_bot", left_message: true, deadline: due(-1) }),
    ];
    expect(ids(lateFor("s1", all, AT))).toEqual(["queued", "left"]);
    expect(ids(lateFor("s2", all, AT))).toEqual(["queued", "hers", "left"]);
  });
});

describe("the inbox calls", () => {
  const names: string[] = [];
  let calls: InboxCalls;

  beforeEach(() => {
    names.length = 0;
    calls = new InboxCalls(
      { call: ({ occasion, body }) => names.push(`${occasion} ${body}`) },
      () => inboxTexts.en,
    );
  });

  test("for a reply that became overdue, once, and not for those that were when the page came", () => {
    const old = summary("old", { deadline: due(-100) });
    const fresh = summary("fresh", { deadline: due(1) });
    expect(calls.lookForLate("s1", [old, fresh], AT)).toEqual([]);
    expect(ids(calls.lookForLate("s1", [old, fresh], AT + 2_000))).toEqual(["fresh"]);
    expect(calls.lookForLate("s1", [old, fresh], AT + 3_000)).toEqual([]);
    expect(names).toEqual(["late "]);
  });

  test("again when the shopper waits anew", () => {
    calls.lookForLate("s1", [], AT);
    calls.lookForLate("s1", [summary("c1", { deadline: due(-1) })], AT);
    calls.lookForLate("s1", [summary("c1", { deadline: due(50) })], AT + 60_000);
    expect(names).toEqual(["late ", "late "]);
  });

  test("with the reason and never with the shopper's words", () => {
    calls.waiting(summary("c1", { reason: "wish", last_text: "my number is 138" }));
    expect(names).toEqual(["handoff Asked for a person"]);
  });
});

describe("of several tabs", () => {
  test("one takes each name, and the name is free again after a while", () => {
    const storage = new PageStorage();
    let now = AT;
    const tabs = [new Once(storage, () => now), new Once(storage, () => now)];
    expect(tabs.map((tab) => tab.take("waits/c1"))).toEqual([true, false]);
    expect(tabs.map((tab) => tab.take("waits/c2"))).toEqual([true, false]);
    now += 11 * 60_000;
    expect(tabs.map((tab) => tab.take("waits/c1"))).toEqual([true, false]);
  });
});

describe("alerts", () => {
  test("are silent until somebody turns them on, and stay as they were chosen", () => {
    const storage = new PageStorage();
    const box = new PreferenceBox(storage);
    expect(box.get()).toEqual(DEFAULTS);
    box.change({ sound: true, loudness: "loud" });
    box.switchOccasion("message");
    expect(new PreferenceBox(storage).get()).toEqual({
      ...DEFAULTS,
      sound: true,
      loudness: "loud",
      occasions: { ...DEFAULTS.occasions, message: false },
    });
  });

  test.each(["{oops", "[]", '{"sound":"yes","loudness":"deafening","occasions":7}'])(
    "%j falls back to silence",
    (kept) => {
      const storage = new PageStorage();
      storage.setItem(PREFERENCES_KEY, kept);
      expect(new PreferenceBox(storage).get()).toEqual(DEFAULTS);
    },
  );
});

describe("filters", () => {
  const angry = summary("angry", { mood: "angry", reason: "anger", tags: ["vip"], intent: "refund" });
  const held = summary("held", { stage: "with_staff", holder: { id: "s2", name: "Zhou" }, language: "en" });

  test("join, and a line without a mood is a calm one", () => {
    const asked = { ...NO_FILTERS, mood: "neutral", language: "en" as const };
    expect(ids([angry, held].filter((one) => fits(one, asked)))).toEqual(["held"]);
    expect(ids([angry, held].filter((one) => fits(one, { ...NO_FILTERS, tag: "vip" })))).toEqual(["angry"]);
  });

  test("find those whom nobody holds", () => {
    expect(ids([angry, held].filter((one) => fits(one, { ...NO_FILTERS, holder: "nobody" })))).toEqual([
      "angry",
    ]);
  });

  test("by words, time and mention go to the server", () => {
    expect(needsServer({ ...NO_FILTERS, stage: "closed" })).toBe(false);
    expect(needsServer({ ...NO_FILTERS, text: "cup" })).toBe(true);
    expect(howMany({ ...NO_FILTERS, text: "cup", mood: "angry", tag: "vip" })).toBe(2);
  });

  test("offer what the list holds", () => {
    expect(offered([angry, held])).toEqual({ reasons: ["anger"], intents: ["refund"], tags: ["vip"] });
  });
});

describe("the list that the server finds", () => {
  const pages: Record<string, Page> = {
    "": { conversations: [summary("c3", { last_at: "3" }), summary("c2", { last_at: "2" })], next: "2" },
    "2": { conversations: [summary("c2"), summary("c1", { last_at: "1" })] },
  };
  const source = {
    list: (_filters: unknown, before = ""): Promise<Page | null> => Promise.resolve(pages[before] ?? null),
    snippets: (): Promise<ReadonlyMap<string, string>> =>
      Promise.resolve(new Map([["c2", "the broken cup"]])),
  };
  const list = (): FoundList => new FoundList(source, () => undefined);

  test("goes on page by page, each conversation once", async () => {
    const found = list();
    await found.ask(NO_FILTERS);
    await found.more();
    expect(ids(found.lines([]))).toEqual(["c3", "c2", "c1"]);
    expect(found.next).toBeUndefined();
  });

  test("shows a line as it is now, and live ones that came since", async () => {
    const found = list();
    await found.ask(NO_FILTERS);
    const live = [summary("c2", { last_at: "4", unread: 1 }), summary("c9", { last_at: "5" })];
    expect(found.lines(live).map(({ conversation, unread }) => `${conversation} ${unread}`)).toEqual([
      "c9 0",
      "c2 1",
      "c3 0",
    ]);
  });

  test("of a search shows only what was found, with the message", async () => {
    const found = list();
    await found.ask({ ...NO_FILTERS, text: "cup" });
    expect(ids(found.lines([summary("c9")]))).toEqual(["c3", "c2"]);
    expect(found.snippets.get("c2")).toBe("the broken cup");
  });

  test("is that of the last question, however late an earlier answer comes", async () => {
    const answers: ((page: Page) => void)[] = [];
    const slow = { ...source, list: () => new Promise<Page>((resolve) => answers.push(resolve)) };
    const found = new FoundList(slow, () => undefined);
    const first = found.ask(NO_FILTERS);
    const second = found.ask({ ...NO_FILTERS, stage: "waiting_for_staff" });
    answers[1]?.({ conversations: [summary("right")] });
    await second;
    answers[0]?.({ conversations: [summary("wrong")] });
    await first;
    expect(ids(found.lines([]))).toEqual(["right"]);
  });
});

describe("what may be done", () => {
  const person = { id: "s1", isAdmin: false, holderIsGone: false };
  const acts = (one: Summary, more: Partial<typeof person> = {}): string[] =>
    offersFor(one, { ...person, ...more }).map(({ act }) => act);
  const withZhou = summary("c1", { stage: "with_staff", holder: { id: "s2", name: "Zhou" } });

  test("with a colleague's conversation is nothing, unless they are gone or one is an admin", () => {
    expect(acts(withZhou)).toEqual([]);
    expect(acts(withZhou, { isAdmin: true })).toEqual(["take_over"]);
    expect(acts(withZhou, { holderIsGone: true })).toEqual(["take_over"]);
  });

  test("with one's own is everything but claiming", () => {
    expect(acts({ ...withZhou, holder: { id: "s1", name: "Lin" } })).toEqual([
      "transfer",
      "hand_back",
      "close",
      "release",
    ]);
  });

  test("with one that ended is to reopen it", () => {
    expect(acts(summary("c1", { stage: "closed" }))).toEqual(["reopen"]);
  });
});

describe("who could get a conversation", () => {
  const one = (id: string, more: Partial<Colleague> = {}): Colleague => {
    return { id, name: id, presence: "present", holding: 0, languages: [], skills: [], ...more };
  };

  test("is whoever is here, not full, writes the language and has the least to do", () => {
    const all = [
      one("gone", { presence: "gone" }),
      one("full", { holding: 2, capacity: 2 }),
      one("english", { languages: ["en"] }),
      one("busy", { holding: 3 }),
      one("free"),
    ];
    expect(inOrder(all, "zh", "").map(({ id }) => id)).toEqual(["free", "busy", "english", "full", "gone"]);
    expect(inOrder(all, null, "E").map(({ id }) => id)).toEqual(["english", "free", "gone"]);
  });
});
