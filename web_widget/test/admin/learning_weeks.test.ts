// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import "../../src/admin/learning_weeks.ts";
import type { LearningWeeks } from "../../src/admin/learning_weeks.ts";
import { chooseLanguage } from "../../src/desk/speech.ts";
import { ConsoleApi } from "../../src/rest/console_api.ts";
import { learnt } from "../../src/rest/learning_answers.ts";
import type { Language } from "../../src/wire/frames.ts";

const EMPTY = { answered: 0, asked: 0, handed_over: 0, published: [] };
const WEEKS = [
  { ...EMPTY, begins: "2026-11-02" },
  { begins: "2026-11-09", answered: 30, asked: 10, handed_over: 10, published: [] },
  {
    begins: "2026-11-16",
    answered: 45,
    asked: 3,
    handed_over: 2,
    published: [{ version: "000002-aa", made_at: "2026-11-16T10:00:00Z", note: "<b>old chats</b>" }],
  },
];

async function section(weeks: object, language: Language = "en"): Promise<ShadowRoot> {
  const api = new ConsoleApi(
    new URL("https://shop.example/"),
    async () => new Response(JSON.stringify({ zone: "Asia/Shanghai", weeks })),
  );
  chooseLanguage(language);
  const part = document.createElement("learning-weeks") as LearningWeeks;
  part.api = api;
  part.known = learnt({ parts: [], sets: [], run: null }, "answer");
  document.body.append(part);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  if (!part.shadowRoot) throw new Error("it has not been drawn");
  return part.shadowRoot;
}

function cells(root: ShadowRoot): string[][] {
  return [...root.querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("th, td")].map((cell) => (cell.textContent ?? "").trim()),
  );
}

afterEach(() => document.body.replaceChildren());

test("shares are told week by week, the newest first, from the first week in which anything was", async () => {
  const root = await section(WEEKS);
  expect(cells(root)).toEqual([
    ["2026-11-16", "", "90%", "6%", "4%", "50", "<b>old chats</b>"],
    ["2026-11-09", "", "60%", "20%", "20%", "50", ""],
  ]);
  expect(root.querySelector("td b")).toBeNull();
  const widths = [...(root.querySelector("svg")?.querySelectorAll("rect") ?? [])];
  expect(widths.map((one) => Number(one.getAttribute("width")))).toEqual([90, 6, 4]);
});

test("what was before the last publication stands beside what is since", async () => {
  expect((await section(WEEKS)).querySelector(".notice")?.textContent).toBe(
    "Answered at once: 60% (of 50) in the weeks before the last publication, 90% (of 50) from that week on.",
  );
  document.body.replaceChildren();
  expect((await section(WEEKS, "zh")).querySelector(".notice")?.textContent).toContain("60%（50 轮）");
});

test("few turns say nothing about a publication, and no turns are told in words", async () => {
  const few = WEEKS.map((week) => ({ ...week, answered: 3, asked: 0, handed_over: 0 }));
  expect((await section(few)).querySelector(".notice")).toBeNull();
  document.body.replaceChildren();
  const root = await section([{ ...EMPTY, begins: "2026-11-16" }]);
  expect(root.querySelector("table")).toBeNull();
  expect(root.textContent).toContain("has not been asked anything");
});
