// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import "../../src/admin/mined_questions.ts";
import {
  chosenOf,
  type Draft,
  keepDrafts,
  keptDrafts,
  lackOf,
  stillOpen,
  UNTOUCHED,
} from "../../src/admin/mined_drafts.ts";
import type { MinedQuestions } from "../../src/admin/mined_questions.ts";
import { minedWords } from "../../src/admin/mined_words.ts";
import { chooseLanguage } from "../../src/desk/speech.ts";
import { ConsoleApi } from "../../src/rest/console_api.ts";
import { learnt } from "../../src/rest/learning_answers.ts";
import { mined, type Proposal } from "../../src/rest/mined_answers.ts";
import type { Language } from "../../src/wire/frames.ts";

const EVIL = "<img src=x onerror=alert(1)>";
const MARS: Proposal = {
  id: "chats-0a",
  kind: "new",
  language: "en",
  chats: 9,
  questions: ["Do you ship to Mars?", `Is Mars ${EVIL} too far?`],
  answer: "Not yet, sorry.",
  wordings: ["We do not."],
  open: {},
  entry: null,
  became: "waiting",
};
const GIFT = { id: "gift", questions: ["Do you wrap gifts?"], answer: "Yes." };
const PRESENT: Proposal = {
  ...MARS,
  id: "chats-0b",
  kind: "phrasings",
  chats: 1,
  questions: ["Can it be a present?"],
  entry: GIFT,
};
const WRAPPING: Proposal = {
  ...MARS,
  id: "chats-0c",
  kind: "differs",
  language: "zh",
  questions: ["包装免费吗？"],
  answer: "包装收费 8 元。",
  entry: { ...GIFT, answer: "包装免费。" },
};
const GONE: Proposal = { ...MARS, id: "chats-0d", questions: ["Was it asked?"], became: "published" };
const ENGRAVED: Proposal = {
  ...MARS,
  id: "chats-0e",
  kind: "unanswered",
  chats: 3,
  questions: ["Do you engrave?"],
  answer: "",
  wordings: [],
  open: { nobody: 2, bot: 1 },
  entry: GIFT,
};
const FOUND = {
  run: "r1",
  counts: { chats: 40, from_desk: 2, exchanges: 120, known: 17, talk: 3 },
  left_out: { personal: 5, unheard_of: 1 },
  staff: ["Hana", EVIL],
  problems: [EVIL],
  problem_count: 3,
  more: 12,
  proposals: [MARS, PRESENT, WRAPPING, GONE],
};
const RUN = {
  run: "r1",
  what: "questions",
  by: "boss",
  began_at: "2026-11-26T10:00:00.000Z",
  state: "done",
  progress: { step: "compare", done: 1, of: 4 },
  seconds: 65,
  seconds_left: 190,
  report: { outcome: "found", found: { chats: 40, proposals: 4 } },
};
const STANDING = { parts: [], sets: [], run: RUN, mines: true };
const UPLOAD = {
  upload: "u1",
  name: "old-chats.jsonl",
  preview: {
    format: "jsonl",
    columns: ["question", "answer"],
    mapping: { question: "question", answer: "answer" },
    rows: [{ question: "Do you ship to Mars?", answer: "No." }],
  },
};
const JOB = { job: "j1", kind: "dry-run", progress: { step: "", done: 0, of: 0 } };

type Answer = object | ((body: string) => object);

/** The section, with a server that answers each route by a table, and what that was asked. */
async function section(
  routes: Record<string, Answer>,
  standing: object = STANDING,
  language: Language = "en",
) {
  const asked: string[] = [];
  const table: Record<string, Answer> = { "GET training/proposals": FOUND, ...routes };
  const api = new ConsoleApi(new URL("https://shop.example/"), async (address, init) => {
    const route = `${init.method} ${new URL(address).pathname.replace("/api/", "")}`;
    asked.push(typeof init.body === "string" ? `${route} ${init.body}` : route);
    const answer = table[route];
    const body = typeof answer === "function" ? answer(String(init.body)) : answer;
    return new Response(JSON.stringify(body ?? { error: { code: "not_found", message: "no" } }), {
      status: body ? 200 : 404,
    });
  });
  chooseLanguage(language);
  const part = document.createElement("mined-questions") as MinedQuestions;
  part.api = api;
  part.known = learnt(standing, "answer");
  document.body.append(part);
  await settled();
  return { part, asked };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
}

function within(part: MinedQuestions, ...parts: readonly string[]): ShadowRoot {
  const root = parts.reduce<ShadowRoot | null | undefined>(
    (inside, name) => inside?.querySelector(name)?.shadowRoot,
    part.shadowRoot,
  );
  if (!root) throw new Error(`${parts.join(" ")} is not there`);
  return root;
}

function cards(part: MinedQuestions): ShadowRoot[] {
  return [...within(part, "mined-list").querySelectorAll("mined-proposal")].flatMap(
    ({ shadowRoot }) => shadowRoot ?? [],
  );
}

function card(part: MinedQuestions, at: number): ShadowRoot {
  const found = cards(part)[at];
  if (!found) throw new Error(`there is no proposal ${at}`);
  return found;
}

function wordsOf(root: ShadowRoot): string {
  const body = root.cloneNode(true) as ShadowRoot;
  for (const style of body.querySelectorAll("style")) style.remove();
  return (body.textContent ?? "").replace(/\s+/g, " ");
}

function press(root: ShadowRoot, words: string): void {
  const inside = [...root.querySelectorAll("sure-button")].flatMap((one) => [
    ...(one.shadowRoot?.querySelectorAll("button") ?? []),
  ]);
  const button = [...root.querySelectorAll("button"), ...inside].find(
    (one) => one.textContent?.trim() === words,
  );
  if (!button) throw new Error(`there is no button ${words}`);
  button.click();
}

async function type(field: Element | null | undefined, words: string): Promise<void> {
  const input = field as HTMLInputElement;
  input.value = words;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

async function tick(root: ShadowRoot, checked = true): Promise<void> {
  const box = root.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (!box) throw new Error("there is no box");
  box.checked = checked;
  box.dispatchEvent(new Event("change"));
  await settled();
}

beforeEach(() => sessionStorage.clear());
afterEach(() => document.body.replaceChildren());

describe("what was chosen and edited", () => {
  const edited: Draft = {
    chosen: true,
    answer: " No. ",
    questions: [" Mars? ", " "],
    asNew: false,
    toEntry: false,
  };

  test("is told as it is to be published, and the rest as it was found", () => {
    const drafts = {
      "chats-0a": edited,
      "chats-0b": { ...UNTOUCHED, chosen: true, answer: "never asked for" },
      "chats-0c": { ...edited, chosen: false },
      "chats-0d": edited,
    };
    expect(chosenOf([MARS, PRESENT, WRAPPING, GONE], drafts)).toEqual([
      { id: "chats-0a", answer: "No.", questions: ["Mars?"] },
      { id: "chats-0b" },
    ]);
    const asNew = { "chats-0b": { ...edited, asNew: true } };
    expect(chosenOf([PRESENT], asNew)).toEqual([
      { id: "chats-0b", answer: "No.", questions: ["Mars?"], as_new: true },
    ]);
  });

  test("lacks a question or an answer, but not where an entry has its own", () => {
    expect(lackOf(MARS, UNTOUCHED)).toBeNull();
    expect(lackOf(MARS, { ...edited, questions: [" "] })).toBe("questions");
    expect(lackOf(MARS, { ...edited, answer: " " })).toBe("answer");
    expect(lackOf(PRESENT, { ...edited, answer: "" })).toBeNull();
    expect(lackOf(PRESENT, { ...edited, questions: [] })).toBe("questions");
    expect(lackOf(WRAPPING, { ...edited, questions: [] })).toBeNull();
    expect(lackOf(WRAPPING, { ...edited, questions: [], asNew: true })).toBe("questions");
    expect(lackOf(PRESENT, { ...edited, answer: "", asNew: true })).toBe("answer");
    expect(lackOf(ENGRAVED, UNTOUCHED)).toBe("answer");
    expect(lackOf(ENGRAVED, { ...UNTOUCHED, answer: "Yes." })).toBeNull();
    expect(lackOf(ENGRAVED, { ...UNTOUCHED, toEntry: true })).toBeNull();
    expect(lackOf({ ...ENGRAVED, entry: null }, { ...UNTOUCHED, toEntry: true })).toBe("answer");
  });

  test("of what nobody has answered goes to the nearest entry without an answer", () => {
    const drafts = { "chats-0e": { ...UNTOUCHED, chosen: true, answer: "Yes.", toEntry: true } };
    expect(chosenOf([ENGRAVED], drafts)).toEqual([{ id: "chats-0e", to_entry: true }]);
    const written = { "chats-0e": { ...UNTOUCHED, chosen: true, answer: " Yes. " } };
    expect(chosenOf([ENGRAVED], written)).toEqual([{ id: "chats-0e", answer: "Yes." }]);
  });

  test("is kept by the tab until it is published", () => {
    keepDrafts(sessionStorage, { "chats-0a": edited, "chats-0d": edited });
    expect(keptDrafts(sessionStorage)).toEqual({ "chats-0a": edited, "chats-0d": edited });
    const open = stillOpen(keptDrafts(sessionStorage), [MARS, GONE]);
    expect(open).toEqual({ "chats-0a": edited });
    keepDrafts(sessionStorage, {});
    expect(sessionStorage.length).toBe(0);
  });

  test.each(["{", "[3]", '{"a": {"chosen": 1, "answer": null, "questions": null}}', '{"a": null}'])(
    "is forgotten where somebody else wrote %s",
    (kept) => {
      sessionStorage.setItem("shopkeeper.old-chats", kept);
      expect(keptDrafts(sessionStorage)).toEqual({});
    },
  );
});

describe("what the server says of old chats", () => {
  test("is read where it tells only what it must", () => {
    expect(mined({ proposals: [] }, "answer")).toEqual({
      run: null,
      counts: {},
      left_out: {},
      staff: [],
      problems: [],
      problem_count: 0,
      more: 0,
      proposals: [],
    });
  });

  test("has the same names in both languages", () => {
    for (const part of ["kinds", "fates", "leftOut", "lacks", "why"] as const)
      expect(Object.keys(minedWords.zh[part])).toEqual(Object.keys(minedWords.en[part]));
  });
});

describe("the section about questions from old chats", () => {
  test("brings a file and has it looked through with the own desk or without", async () => {
    const { part, asked } = await section(
      {
        "POST training/chats": { upload: "u9", name: EVIL },
        "POST training/runs": { run: { ...RUN, state: "running" } },
        "GET training/proposals": { run: null, counts: {}, proposals: [] },
      },
      { ...STANDING, run: null },
    );
    const root = within(part);
    const transfer = { files: [new File(["x"], "chats.csv")] };
    const drop = new Event("drop", { cancelable: true }) as Event & { dataTransfer: object };
    drop.dataTransfer = transfer;
    within(part, "file-drop").querySelector(".drop")?.dispatchEvent(drop);
    await settled();
    expect(root.querySelector(".file b")?.textContent).toBe(EVIL);
    expect(root.querySelector("img")).toBeNull();
    await tick(root, false);
    await type(root.querySelector("input[name=staff]"), " Hana,Oscar、小满， ");
    press(root, "Find questions");
    await settled();
    expect(asked).toContain(
      'POST training/runs {"what":"questions","desk":false,"staff":["Hana","Oscar","小满"],"upload":"u9"}',
    );
    expect(root.querySelector("mined-list")).toBeNull();
  });

  test("looks at the own desk alone", async () => {
    const { part, asked } = await section({ "POST training/runs": { run: { ...RUN, state: "running" } } });
    press(within(part), "Look at my own desk only");
    await settled();
    expect(asked).toContain('POST training/runs {"what":"questions","desk":true,"staff":[]}');
  });

  test("tells how far a run is, waits for another one, and says why one failed", async () => {
    const { part } = await section({}, { ...STANDING, run: { ...RUN, state: "running" } });
    expect(wordsOf(within(part, "run-progress"))).toContain(
      "comparing with what the assistant answers 1 of 4 · 1 min 5 s so far · about 3 min 10 s left in this step",
    );
    part.known = learnt({ ...STANDING, run: { ...RUN, what: "intents", state: "running" } }, "answer");
    await settled();
    expect(wordsOf(within(part))).toContain("Something else is being learnt just now");
    const error = { message: { zh: "文件打不开。", en: "The file does not open." } };
    part.known = learnt({ ...STANDING, run: { ...RUN, state: "failed", report: null, error } }, "answer");
    await settled();
    expect(wordsOf(within(part))).toContain("did not come to its end: The file does not open.");
  });

  test("tells what was found, what was left out and why, and never as markup", async () => {
    const { part } = await section({});
    const facts = within(part, "mined-list", "mined-facts");
    expect(wordsOf(facts)).toContain("Proposals: 16 Chats looked through: 40, of your own desk: 2");
    expect(wordsOf(facts)).toContain("12 further proposals");
    expect(wordsOf(facts)).toContain("somebody's number, address or name is in it: 5");
    expect(wordsOf(facts)).toContain("unheard_of: 1");
    expect(wordsOf(facts)).toContain(`Hana, ${EVIL}`);
    expect(wordsOf(facts)).toContain("What was odd about the files: 3");
    expect(wordsOf(card(part, 0))).toContain(`Is Mars ${EVIL} too far?`);
    expect([facts, ...cards(part)].map((one) => one.querySelector("img"))).toEqual([null, null, null, null]);
  });

  test("shows each kind with what is needed to decide, the most asked first", async () => {
    const { part } = await section({}, STANDING, "zh");
    expect(cards(part).map((one) => one.querySelector(".title span")?.textContent)).toEqual([
      "Do you ship to Mars?",
      "Can it be a present?",
      "包装免费吗？",
    ]);
    expect(wordsOf(card(part, 0))).toContain("新条目 英文 9 段对话中问到");
    expect(wordsOf(card(part, 1))).toContain("属于条目 Do you wrap gifts? gift");
    expect(wordsOf(card(part, 1))).toContain("已发布的答案Yes. 客服的答法Not yet, sorry.");
    expect(wordsOf(card(part, 2))).toContain("已发布的答案包装免费。 客服的答法包装收费 8 元。");
  });

  test("is sifted by kind, language and what became of it", async () => {
    const { part } = await section({});
    const list = within(part, "mined-list");
    const [fate, kind, language] = list.querySelectorAll("select");
    const choose = async (select: HTMLSelectElement | undefined, value: string) => {
      if (!select) throw new Error("there is no choice");
      select.value = value;
      select.dispatchEvent(new Event("change"));
      await settled();
      return cards(part).length;
    };
    expect(wordsOf(list)).toContain("New entry (1)");
    expect(await choose(kind, "differs")).toBe(1);
    expect(await choose(language, "en")).toBe(0);
    expect(wordsOf(list)).toContain("There are none of these.");
    expect(await choose(kind, "")).toBe(2);
    expect(await choose(fate, "published")).toBe(1);
    expect(card(part, 0).querySelector("input[type=checkbox]")).toBeNull();
  });

  test("what is edited is chosen, survives a reload, and is looked at like a file", async () => {
    const first = await section({});
    press(card(first.part, 0), "Edit");
    await settled();
    const question = card(first.part, 0).querySelectorAll<HTMLElement>(".question");
    question[1]?.querySelector("button")?.click();
    await settled();
    await type(card(first.part, 0).querySelector(".question input"), "Mars?");
    press(card(first.part, 0), "Use this");
    await settled();
    expect(card(first.part, 0).querySelector("textarea")?.value).toBe("We do not.");
    await tick(card(first.part, 1));
    document.body.replaceChildren();

    const { part, asked } = await section({
      "POST training/proposals/file": UPLOAD,
      "POST knowledge/uploads/u1/dry-run": { job: "j1" },
      "GET jobs/j1": { ...JOB, state: "failed", error: { message: { zh: "不行", en: "No way." } } },
    });
    const list = within(part, "mined-list");
    expect(wordsOf(list)).toContain("2 chosen");
    press(list, "Look at what would change");
    await settled();
    const edited = '{"id":"chats-0a","answer":"We do not.","questions":["Mars?"]}';
    expect(asked).toContain(`POST training/proposals/file {"chosen":[${edited},{"id":"chats-0b"}]}`);
    expect(asked.find((one) => one.startsWith("POST knowledge/uploads/u1/dry-run"))).toContain(
      '"mode":"learn"',
    );
    const preview = within(part, "mined-list", "file-import");
    expect(wordsOf(preview)).toContain("What your choice would change");
    expect(wordsOf(preview)).toContain("No way.");
    expect(list.querySelector("section")?.hidden).toBe(true);
    press(preview, "Back to the proposals");
    await settled();
    expect(list.querySelector("section")?.hidden).toBe(false);
    expect(wordsOf(list)).toContain("2 chosen");
  });

  test("what was found to be about a wrong entry becomes one of its own", async () => {
    const { part, asked } = await section({ "POST training/proposals/file": UPLOAD });
    press(card(part, 1), "Edit");
    await settled();
    expect(card(part, 1).querySelector("textarea")).toBeNull();
    const box = card(part, 1).querySelector<HTMLInputElement>(".as-new input");
    if (box) box.checked = true;
    box?.dispatchEvent(new Event("change"));
    await settled();
    expect(wordsOf(card(part, 1))).toContain("New entry English");
    await type(card(part, 1).querySelector("textarea"), "Every day.");
    press(within(part, "mined-list"), "Look at what would change");
    await settled();
    const told = '[{"id":"chats-0b","answer":"Every day.","as_new":true}]';
    expect(asked).toContain(`POST training/proposals/file {"chosen":${told}}`);
  });

  test("what lacks a question is not looked at before that is mended", async () => {
    const { part } = await section({});
    press(card(part, 1), "Edit");
    await settled();
    await type(card(part, 1).querySelector(".question input"), " ");
    expect(wordsOf(card(part, 1))).toContain("It needs a question at least.");
    const list = within(part, "mined-list");
    expect(wordsOf(list)).toContain("1 of them lack");
    expect(list.querySelector<HTMLButtonElement>(".bottom .strong")?.disabled).toBe(true);
    press(card(part, 1), "As it was found");
    await settled();
    expect(list.querySelector<HTMLButtonElement>(".bottom .strong")?.disabled).toBe(false);
  });

  test("all of a kind are left out when that is said twice", async () => {
    const left = { ...FOUND, proposals: FOUND.proposals.map((one) => ({ ...one, became: "left_out" })) };
    const { part, asked } = await section({ "POST training/proposals/left-out": left });
    const list = within(part, "mined-list");
    const all = list.querySelector<HTMLInputElement>(".all input");
    if (all) all.checked = true;
    all?.dispatchEvent(new Event("change"));
    await settled();
    press(list, "Leave these out");
    await settled();
    press(list, "Never propose these again?");
    await settled();
    expect(asked).toContain('POST training/proposals/left-out {"ids":["chats-0a","chats-0b","chats-0c"]}');
    expect(cards(part)).toHaveLength(0);
    expect(sessionStorage.length).toBe(0);
  });

  test("what nobody has answered gets its answer here, or goes to the entry that came nearest", async () => {
    const found = { ...FOUND, problems: [{ zh: "第 3 行", en: "Row 3" }], proposals: [ENGRAVED] };
    const { part, asked } = await section({
      "GET training/proposals": found,
      "POST training/proposals/file": UPLOAD,
    });
    expect(wordsOf(card(part, 0))).toContain("No answer yet English asked in 3 chats, no answer yet");
    expect(wordsOf(card(part, 0))).toContain("nobody replied: 2the assistant did not know: 1");
    expect(wordsOf(card(part, 0))).toContain("Nobody has answered this yet.");
    expect(wordsOf(within(part, "mined-list", "mined-facts"))).toContain("Row 3");
    await tick(card(part, 0));
    expect(wordsOf(card(part, 0))).toContain("It needs an answer.");
    press(card(part, 0), "Edit");
    await settled();
    await type(card(part, 0).querySelector("textarea"), "Yes, in a week.");
    press(within(part, "mined-list"), "Look at what would change");
    await settled();
    expect(asked).toContain(
      'POST training/proposals/file {"chosen":[{"id":"chats-0e","answer":"Yes, in a week."}]}',
    );

    const box = card(part, 0).querySelector<HTMLInputElement>(".as-new input");
    if (box) box.checked = true;
    box?.dispatchEvent(new Event("change"));
    await settled();
    expect(wordsOf(card(part, 0))).toContain("New phrasings");
    expect(card(part, 0).querySelector("textarea")).toBeNull();
  });

  test("a published proposal says whether its questions find it by now", async () => {
    const all = { entry: "x", asked: 2, right: 2, questions: [] };
    const some = {
      entry: "y",
      asked: 2,
      right: 1,
      questions: [
        { question: "Was it asked?", found: true },
        { question: EVIL, found: false, got: "Something else?" },
      ],
    };
    const two = [GONE, { ...GONE, id: "chats-0f" }];
    const { part } = await section({
      "GET training/proposals": { ...FOUND, proposals: two },
      "GET training/proposals/chats-0d/check": all,
      "GET training/proposals/chats-0f/check": some,
    });
    const list = within(part, "mined-list");
    const fate = list.querySelector("select");
    if (fate) fate.value = "published";
    fate?.dispatchEvent(new Event("change"));
    await settled();
    const told = [0, 1].map((at) => card(part, at).querySelector("mined-found")?.shadowRoot);
    expect(told[0] && wordsOf(told[0])).toContain("Asked again, all 2 questions find it.");
    expect(told[1] && wordsOf(told[1])).toContain("Asked again, 1 of 2 questions find it.");
    expect(told[1] && wordsOf(told[1])).toContain(`${EVIL} → found instead Something else?`);
    expect(told[1]?.querySelector("img")).toBeNull();
  });
});
