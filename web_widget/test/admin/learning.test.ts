// @vitest-environment happy-dom
import { afterEach, describe, expect, test } from "vitest";
import "../../src/admin/learning_page.ts";
import { countText, differenceText, figureText, share } from "../../src/admin/learning_figures.ts";
import type { LearningPage } from "../../src/admin/learning_page.ts";
import { learningWords } from "../../src/admin/learning_words.ts";
import { changedParts } from "../../src/admin/trained_sets.ts";
import { chooseLanguage } from "../../src/desk/speech.ts";
import { ConsoleApi } from "../../src/rest/console_api.ts";
import { type Figure, learnt } from "../../src/rest/learning_answers.ts";
import type { Language } from "../../src/wire/frames.ts";

const WRONG = { name: "acted_wrong", value: 0.0941, low: 0.06, high: 0.1347, promised: 0.1 };
const SERVING = {
  set: "000002-0b",
  made_at: "2026-11-26T09:00:00.000Z",
  by: "train",
  parts: { intents: "v2", doubt: "d2", moods: "m1" },
  figures: [{ ...WRONG, part: "doubt", name: "answered_wrong", language: "all" as const }],
  serving: true,
};
const OLDER = {
  ...SERVING,
  set: "000001-0a",
  by: "prepare",
  parts: { intents: "v1", doubt: "d1", moods: "m1" },
  serving: false,
};
const STANDING = {
  parts: [
    {
      part: "intents",
      version: "v2",
      made_at: "2026-11-26T09:00:00.000Z",
      counts: { intents: 36, phrases: 1980 },
      figures: [
        { name: "accuracy", language: "all", value: 0.7693, of: 1613 },
        { name: "accuracy", language: "zh", value: 0.7647, of: 846 },
        { ...WRONG, language: "all" },
      ],
      fine_tuned: ["zh"],
    },
    { part: "doubt", version: "shipped" },
    { part: "moods", version: null },
    { part: "takeover", version: "t1", counts: { chats: 72, desk: 3, took_over: 2 } },
  ],
  sets: [SERVING, OLDER],
  shared: false,
  sources: [{ source: "<b>faq</b>.csv", entries: 1234 }],
  refused: "",
  run: null,
};
const RUNNING = {
  job: "training-current",
  kind: "training",
  run: "r1",
  what: "intents",
  by: "boss",
  began_at: "2026-11-26T10:00:00.000Z",
  state: "running",
  progress: { step: "folds", done: 1, of: 4 },
  seconds: 65,
  seconds_left: 190,
};

type Answer = object | ((body: string) => object);

/** A console whose server answers each route by a table, and what it was asked. */
async function consoleWith(routes: Record<string, Answer>, language: Language = "en") {
  const asked: string[] = [];
  const api = new ConsoleApi(new URL("https://shop.example/"), async (address, init) => {
    const route = `${init.method} ${new URL(address).pathname.replace("/api/", "")}`;
    asked.push(typeof init.body === "string" ? `${route} ${init.body}` : route);
    const answer = routes[route];
    const body = typeof answer === "function" ? answer(String(init.body)) : answer;
    return new Response(JSON.stringify(body ?? { error: { code: "not_found", message: "no" } }), {
      status: body ? 200 : 404,
    });
  });
  chooseLanguage(language);
  const page = document.createElement("learning-page") as LearningPage;
  page.api = api;
  document.body.append(page);
  await settled(page);
  return { page, asked };
}

/** Until every part has drawn what the server said. */
async function settled(page: LearningPage): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    await page.updateComplete;
  }
}

function within(page: LearningPage, ...parts: readonly string[]): ShadowRoot {
  const root = parts.reduce<ShadowRoot | null | undefined>(
    (inside, part) => inside?.querySelector(part)?.shadowRoot,
    page.shadowRoot,
  );
  if (!root) throw new Error(`${parts.join(" ")} is not there`);
  return root;
}

function wordsOf(root: ShadowRoot): string {
  const body = root.cloneNode(true) as ShadowRoot;
  for (const style of body.querySelectorAll("style")) style.remove();
  return (body.textContent ?? "").replace(/\s+/g, " ");
}

function press(root: ShadowRoot, words: string): void {
  const buttons = [...root.querySelectorAll("button")];
  const inside = [...root.querySelectorAll("sure-button")].flatMap((one) => [
    ...(one.shadowRoot?.querySelectorAll("button") ?? []),
  ]);
  const button = [...buttons, ...inside].find((one) => one.textContent?.trim() === words);
  if (!button) throw new Error(`there is no button ${words}`);
  button.click();
}

afterEach(() => {
  document.body.replaceChildren();
});

describe("figures as people read them", () => {
  const figure = (name: string, more: Partial<Figure>): Figure => ({
    name,
    language: "all",
    value: 0,
    ...more,
  });

  test("shares are per cent with their interval, areas are not", () => {
    expect(figureText({ ...WRONG, language: "all" }, "en")).toBe("9.4% (6.0–13.5%)");
    expect(figureText(figure("accuracy", { value: 1 }), "zh")).toBe("100.0%");
    expect(figureText(figure("outside_told", { value: 0.7971 }), "en")).toBe("0.797");
    expect(figureText(figure("learnt_area", { value: 0.9, low: 0.85, high: 0.94 }), "en")).toBe(
      "0.900 (0.850–0.940)",
    );
    expect(share(0.05)).toBe("5%");
  });

  test("differences keep their sign, also inside the interval", () => {
    const worse = { value: -0.08, low: -0.12, high: 0.004 };
    expect(differenceText(worse, "en")).toBe("−8.0 points (−12.0 … +0.4)");
    expect(differenceText(worse, "zh")).toBe("−8.0 个百分点 (−12.0 … +0.4)");
    expect(figureText(figure("better_by", { value: 0.031, low: 0.01, high: 0.05 }), "en")).toBe(
      "+3.1 points (+1.0 … +5.0)",
    );
  });

  test("counts are grouped", () => {
    expect(countText(1980, "en")).toBe("1,980");
  });
});

describe("what the server says of learning", () => {
  test("is read whole, and what is left out is empty", () => {
    const read = learnt(STANDING, "answer");
    expect(read.parts[2]).toEqual({
      part: "moods",
      version: null,
      made_at: "",
      counts: {},
      figures: [],
      fine_tuned: [],
    });
    expect(learnt({ ...STANDING, run: RUNNING }, "answer").run).toMatchObject({
      step: "folds",
      done: 1,
      of: 4,
    });
  });

  test("a set tells which of its parts the one before did not have", () => {
    expect(changedParts(SERVING, OLDER)).toEqual(["intents", "doubt"]);
  });

  test("has the same names in both languages", () => {
    for (const part of ["parts", "figures", "counts", "steps", "by", "signs", "worse", "subjects"] as const) {
      expect(Object.keys(learningWords.zh[part])).toEqual(Object.keys(learningWords.en[part]));
    }
  });
});

describe("the page about learning", () => {
  test("shows each part with its figures, what judges where nothing was learnt, and where it came from", async () => {
    const { page } = await consoleWith({ "GET training": STANDING });
    const parts = wordsOf(within(page, "learnt-parts"));
    expect(parts).toContain("36 intents · 1,980 phrases fine-tuned for Chinese");
    expect(parts).toContain("Wrong among these promised: at most 10%");
    expect(parts).toContain("9.4% (6.0–13.5%)");
    expect(parts).toContain("as it came with the program");
    expect(parts).toContain("Not learnt yet: fixed words and signs tell.");
    const sources = within(page, "learning-sources");
    expect(wordsOf(sources)).toContain("<b>faq</b>.csv 1,234 entries");
    expect(wordsOf(sources)).toContain("72 old chats that were brought");
    expect(sources.querySelector("a")?.getAttribute("href")).toBe("#knowledge");
  });

  test("speaks Chinese", async () => {
    const { page } = await consoleWith({ "GET training": { ...STANDING, run: RUNNING } }, "zh");
    expect(wordsOf(within(page, "learnt-parts"))).toContain("36 个意图 · 1,980 条说法 已针对中文微调");
    expect(wordsOf(within(page, "learning-run", "run-progress"))).toContain("用没见过的说法检验");
    expect(wordsOf(within(page, "learning-run", "run-progress"))).toContain(
      "1 / 4 · 已用 1 分 5 秒 · 这一步大约还要 3 分 10 秒",
    );
  });

  test("begins a learning and shows how far it is", async () => {
    const { page, asked } = await consoleWith({
      "GET training": STANDING,
      "POST training/runs": { run: RUNNING },
    });
    press(within(page, "learning-run"), "Learn intents");
    await settled(page);
    expect(asked).toContain('POST training/runs {"what":"intents"}');
    const run = within(page, "learning-run", "run-progress");
    expect(run.querySelector("progress")?.getAttribute("max")).toBe("4");
    expect(wordsOf(run)).toContain("1 of 4 · 1 min 5 s so far · about 3 min 10 s left in this step");
    const back = within(page, "trained-sets").querySelector("sure-button");
    expect((back as unknown as { disabled: boolean }).disabled).toBe(true);
  });

  test("tells the time left of the whole by what the last one took, while that holds", async () => {
    const known = { ...STANDING, run: { ...RUNNING, usual_seconds: 108 } };
    const { page } = await consoleWith({ "GET training": known });
    const run = within(page, "learning-run", "run-progress");
    expect(wordsOf(run)).toContain("1 of 4 · 1 min 5 s so far · about 43 s left, by the last time");
    expect(run.querySelector("progress")?.getAttribute("max")).toBe("108");
    const { page: late } = await consoleWith({
      "GET training": {
        ...known,
        run: { ...known.run, seconds: 200, progress: { step: "fit", done: 1, of: 1 } },
      },
    });
    expect(wordsOf(within(late, "learning-run", "run-progress"))).toContain(
      "Working: learning 3 min 20 s so far Started by",
    );
    expect(within(late, "learning-run", "run-progress").querySelector("progress")?.hasAttribute("max")).toBe(
      false,
    );
  });

  test("stops one only when that is said twice", async () => {
    const { page, asked } = await consoleWith({
      "GET training": { ...STANDING, run: RUNNING },
      "POST training/end": { run: "r1" },
    });
    press(within(page, "learning-run", "run-progress"), "Stop");
    await settled(page);
    expect(asked.some((one) => one.startsWith("POST"))).toBe(false);
    press(within(page, "learning-run", "run-progress"), "Stop, and keep what is there?");
    await settled(page);
    expect(asked).toContain("POST training/end {}");
    expect(wordsOf(within(page, "learning-run", "run-progress"))).toContain("Stopping…");
  });

  test("tells that a worse result was not kept, with the figures, and never as markup", async () => {
    const interval = { value: -0.08, low: -0.12, high: -0.04 };
    const report = {
      outcome: "refused",
      comparison: { phrases: 120, accuracy: interval, confidence: interval, is_worse: true },
      figures: { figures: {} },
      problems: ["<img src=x onerror=alert(1)>"],
      problem_count: 3,
    };
    const run = { ...RUNNING, state: "done", report };
    const { page } = await consoleWith({ "GET training": { ...STANDING, run } });
    const told = within(page, "learning-run");
    expect(wordsOf(told)).toContain("Not kept: on phrases that were held back the new model is worse.");
    expect(wordsOf(told)).toContain("Right intents−8.0 points (−12.0 … −4.0)");
    expect(wordsOf(told)).toContain("<img src=x onerror=alert(1)>");
    expect(told.querySelector("img")).toBeNull();
    expect(told.querySelector("details li:last-child")?.textContent?.trim()).toBe("and 2 more");
  });

  test("tells what became of one that broke off, in the page's language", async () => {
    const error = { code: "ended", message: { zh: "服务器停止了。", en: "The server ended." } };
    const run = { ...RUNNING, state: "failed", error };
    const { page } = await consoleWith({ "GET training": { ...STANDING, run } });
    expect(wordsOf(within(page, "learning-run"))).toContain("The server ended.");
    chooseLanguage("zh");
    await settled(page);
    expect(wordsOf(within(page, "learning-run"))).toContain("上一次学习没有完成： 服务器停止了。");
  });

  test("goes back when that is said twice, and shows what answers then", async () => {
    const back = {
      ...STANDING,
      sets: [
        { ...SERVING, serving: false },
        { ...OLDER, serving: true },
      ],
    };
    const { page, asked } = await consoleWith({
      "GET training": STANDING,
      "POST training/sets/000001-0a/roll-back": back,
    });
    expect(wordsOf(within(page, "trained-sets"))).toContain("Wrong among these 9.4% (6.0–13.5%)");
    press(within(page, "trained-sets"), "Go back to this");
    await settled(page);
    press(within(page, "trained-sets"), "Answer by this one?");
    await settled(page);
    expect(asked).toContain("POST training/sets/000001-0a/roll-back {}");
    const rows = [...within(page, "trained-sets").querySelectorAll("tbody tr")];
    expect(rows.map((row) => row.className)).toEqual(["", "serves"]);
    expect(wordsOf(within(page, "trained-sets"))).toContain("The chosen version answers now");
  });
});
