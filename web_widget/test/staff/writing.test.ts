import { beforeEach, describe, expect, test } from "vitest";
import { type CannedReply, firstGap, fitting, unfilled } from "../../src/staff/canned.ts";
import { Drafts, draftChanged } from "../../src/staff/drafts.ts";
import { KeptReplies, MOST_AT_ONCE } from "../../src/staff/kept_replies.ts";
import { calledInVain, mentionedIn, pieces } from "../../src/staff/mentions.ts";
import { replaced, typedAt } from "../../src/staff/picking.ts";
import { Picks, type Sources } from "../../src/staff/picks.ts";
import { TypingSign } from "../../src/staff/typing_sign.ts";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import type { Colleague } from "../../src/wire/staff_frames.ts";
import { HandClock } from "../world/fake_surroundings.ts";

const reply = (shortcut: string, text: string, missing: string[] = []): CannedReply => {
  return { id: shortcut, shortcut, text, missing };
};
const colleague = (id: string, name: string): Colleague => {
  return { id, name, presence: "present", holding: 0, languages: [], skills: [] };
};
const lin = colleague("s1", "Lin");
const linLan = colleague("s2", "Lin Lan");
const zhou = colleague("s3", "周伟");

describe("what is picked while writing", () => {
  test.each([
    ["/gr", "/", "gr"],
    ["hello /", "/", ""],
    ["好的，请看\n/退", "/", "退"],
    ["请@周", "@", "周"],
    ["ask @Lin", "@", "Lin"],
  ])("%j is seen", (text, sigil, letters) => {
    expect(typedAt(text, text.length, "/@")).toMatchObject({ sigil, letters });
  });

  test.each(["1/2", "https://a", "and/or", "lin@shop", "/two words", ""])("%j is nothing picked", (text) => {
    expect(typedAt(text, text.length, "/@")).toBeNull();
  });

  test("a colleague is called in notes only", () => {
    expect(typedAt("@Li", 3, "/")).toBeNull();
  });

  test("only what stands before the caret counts, and the rest stays", () => {
    const typed = typedAt("/he there", 3, "/");
    expect(typed && replaced("/he there", 3, typed, "Hello")).toEqual({ text: "Hello there", caret: 5 });
  });

  const sources: Sources = {
    replies: [reply("refund", "Your refund for {order}", ["order"]), reply("hello", "Hello!")],
    colleagues: [lin, linLan, zhou],
    sigils: "/@",
  };

  test("a kept reply comes in as it was filled in", () => {
    const picks = Picks.at("/ref", 4, sources, null);
    expect(picks?.marked).toMatchObject({ title: "/refund", mark: "{order}" });
    expect(picks?.marked && picks.taken("/ref", 4, picks.marked, sources).text).toBe(
      "Your refund for {order}",
    );
  });

  test("steps go round the list, and typing on begins at the first again", () => {
    const picks = Picks.at("/", 1, sources, null)?.moved(-1);
    expect(picks?.marked?.title).toBe("/refund");
    expect(picks && Picks.at("/", 1, sources, picks)?.marked?.title).toBe("/refund");
    expect(picks && Picks.at("/h", 2, sources, picks)?.marked?.title).toBe("/hello");
  });

  test("a name is followed by a space, and writing on after nobody's name picks nothing", () => {
    const picks = Picks.at("请@周", 3, sources, null);
    expect(picks?.marked && picks.taken("请@周", 3, picks.marked, sources).text).toBe("请@周伟 ");
    expect(Picks.at("@xyz", 4, sources, null)).toBeNull();
  });
});

describe("kept replies", () => {
  test("are found by shortcut first, then by what they say", () => {
    const replies = [reply("thanks", "hello again"), reply("hello", "Hi"), reply("bye", "Bye")];
    expect(fitting(replies, "HEL").map(({ shortcut }) => shortcut)).toEqual(["hello", "thanks"]);
  });

  test("are asked for once, however quickly somebody types", async () => {
    const asked: string[] = [];
    const kept = new KeptReplies(
      (conversation, _language, typed) => {
        asked.push(`${conversation} ${typed}`);
        return Promise.resolve([reply("hello", "Hi")]);
      },
      () => undefined,
    );
    await Promise.all(["", "h", "he"].map((typed) => kept.want("c1", "en", typed)));
    await kept.want("c1", "en", "hel");
    expect(asked).toEqual(["c1 "]);
    kept.forget();
    await kept.want("c2", "en", "x");
    expect(asked).toEqual(["c1 ", "c2 "]);
  });

  test("are asked for by letters where there are more than one answer holds", async () => {
    const asked: string[] = [];
    const many = Array.from({ length: MOST_AT_ONCE }, (_, index) => reply(`r${index}`, "x"));
    const kept = new KeptReplies(
      (_conversation, _language, typed) => {
        asked.push(typed);
        return Promise.resolve(typed === "" ? many : [reply("refund", "x")]);
      },
      () => undefined,
    );
    for (const typed of ["r", "re", "re"]) await kept.want("c1", "en", typed);
    expect(asked).toEqual(["", "re"]);
    expect(kept.items?.map(({ shortcut }) => shortcut)).toEqual(["refund"]);
  });

  test("with an open place are not to be sent, and the first place is where the caret goes", () => {
    expect(unfilled("Dear {shopper_name}, order {order}, {order}")).toEqual(["{shopper_name}", "{order}"]);
    expect(firstGap("Dear {shopper_name}!")).toEqual([5, 19]);
  });

  test("do not take braces of the shopper's own for places, but the variables of a later server", () => {
    expect(unfilled("Type {this} {carrier}", ["carrier"])).toEqual(["{carrier}"]);
    expect(firstGap("Type {this}")).toBeNull();
  });
});

describe("a note", () => {
  test("calls the colleague with the longer name where two begin alike", () => {
    expect(mentionedIn("@Lin Lan please look, @周伟也看一下", [lin, linLan, zhou])).toEqual(["s2", "s3"]);
    expect(mentionedIn("@Lin, mail to a@b.c", [lin, linLan])).toEqual(["s1"]);
  });

  test.each([
    ["@Linda please look", []],
    ["@Lin2 please look", []],
    ["@Lina\u0301 please look", []],
    ["@Lin请看", ["s1"]],
    ["@Lin's turn", ["s1"]],
    ["@周伟明天看", ["s3"]],
    ["(@Lin)", ["s1"]],
    ["@lin please look", ["s1"]],
    ["@LIN!", ["s1"]],
  ])("calls whole names only: %s", (note, called) => {
    expect(mentionedIn(note, [lin, zhou])).toEqual(called);
  });

  test("calls nobody by a plain at sign, and nobody twice", () => {
    expect(mentionedIn("meet @ five", [lin])).toEqual([]);
    expect(mentionedIn("@Lin @Lin", [lin])).toEqual(["s1"]);
  });

  test.each([
    ["@Linda please look at it, @Lin", ["@Linda"]],
    ["请 @小王 看一下，@小王，@周伟也看", ["@小王"]],
    ["meet @ five, mail to a@b.c or @Lin's", []],
    ["@周伟", []],
    ["(@nobody)", ["@nobody"]],
  ])("tells which names are nobody's: %s", (note, vain) => {
    expect(calledInVain(note, [lin, zhou])).toEqual(vain);
  });

  test("keeps every character when it is cut into pieces", () => {
    const note = "请 @周伟 看 @ 五点，@Lin Lan!";
    const cut = pieces(note, [lin, linLan, zhou]);
    expect(cut.map(({ text }) => text).join("")).toBe(note);
    expect(cut.flatMap(({ who }) => who?.id ?? [])).toEqual(["s3", "s2"]);
  });
});

describe("a draft", () => {
  let storage: PageStorage;
  let now: number;
  let drafts: Drafts;

  beforeEach(() => {
    storage = new PageStorage();
    now = 1_000;
    drafts = new Drafts(storage, () => now);
  });

  test("is kept for each conversation, the reply apart from the note", () => {
    drafts.put("c1", "say", "Hello");
    drafts.put("c1", "note", "vip");
    expect([drafts.get("c1", "say"), drafts.get("c1", "note"), drafts.get("c2", "say")]).toEqual([
      "Hello",
      "vip",
      "",
    ]);
  });

  test("that was emptied or is a week old is gone", () => {
    drafts.put("c1", "say", "Hello");
    drafts.put("c1", "say", " ");
    drafts.put("c2", "say", "old");
    now += 8 * 24 * 3_600_000;
    drafts.put("c3", "say", "new");
    expect(["c1", "c2", "c3"].map((id) => drafts.get(id, "say"))).toEqual(["", "", "new"]);
  });

  test("of another tab is told by its key", () => {
    drafts.put("c1", "note", "x");
    expect(draftChanged(storage.key(0))).toEqual({ conversation: "c1", kind: "note" });
    expect(draftChanged("shopkeeper/desk/language")).toBeNull();
  });

  test("that is not ours is passed over", () => {
    storage.setItem("shopkeeper/desk/draft/say/c1", "{oops");
    expect(drafts.get("c1", "say")).toBe("");
  });
});

describe("the sign of writing", () => {
  test("is given now and then while somebody writes, and taken back when they stop", () => {
    const clock = new HandClock();
    const told: string[] = [];
    const sign = new TypingSign(clock, (on, isPrivate) => told.push(`${on}${isPrivate ? " private" : ""}`));
    sign.wrote(false);
    sign.wrote(false);
    clock.pass(3_000);
    sign.wrote(false);
    clock.pass(6_000);
    expect(told).toEqual(["true", "true", "false"]);
    sign.stopped();
    expect(told).toHaveLength(3);
  });

  test("changes from a reply to a note without the shopper being told of the note", () => {
    const told: string[] = [];
    const sign = new TypingSign(new HandClock(), (on, isPrivate) => told.push(`${on} ${isPrivate}`));
    sign.wrote(false);
    sign.wrote(true);
    expect(told).toEqual(["true false", "false false", "true true"]);
  });
});
