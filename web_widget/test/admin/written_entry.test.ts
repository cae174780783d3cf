import { describe, expect, test } from "vitest";
import { begun, fileOf, isWhole, noteOf, questionsOf } from "../../src/admin/written_entry.ts";
import type { SearchHit } from "../../src/rest/knowledge_answers.ts";

const fee: SearchHit = {
  id: "7",
  question: "寄到香港多少钱？",
  answer: "45 元。",
  category: "delivery",
  language: "zh",
  score: 0.9,
  similarity: 0.9,
  lexical: 3,
  exact: false,
};

describe("an entry that is written on the page", () => {
  test("begins with what was asked in vain, or with the answer that is there", () => {
    expect(begun(null, "can I pay by cheque?")).toEqual({
      about: null,
      questions: "can I pay by cheque?",
      answer: "",
    });
    expect(begun(fee, "whatever")).toEqual({ about: fee, questions: "", answer: "45 元。" });
  });

  test("is whole with a question and an answer, and a changed one only when something changes", () => {
    const fresh = begun(null, "");
    expect(isWhole({ ...fresh, answer: "Yes." })).toBe(false);
    expect(isWhole({ ...fresh, questions: " \n ", answer: "Yes." })).toBe(false);
    expect(isWhole({ ...fresh, questions: "Cheque?", answer: " " })).toBe(false);
    expect(isWhole({ ...fresh, questions: "Cheque?", answer: "Yes." })).toBe(true);
    const same = begun(fee, "");
    expect(isWhole({ ...same, answer: "45 元。\n" })).toBe(false);
    expect(isWhole({ ...same, answer: "50 元。" })).toBe(true);
    expect(isWhole({ ...same, questions: "邮费？" })).toBe(true);
    expect(isWhole({ ...same, answer: "" })).toBe(false);
  });

  test("asks each question once, after one by which the published entry is known", () => {
    expect(questionsOf({ ...begun(null, ""), questions: " a \n\nb\na" })).toEqual(["a", "b"]);
    expect(questionsOf({ ...begun(fee, ""), questions: "邮费？\n寄到香港多少钱？" })).toEqual([
      "寄到香港多少钱？",
      "邮费？",
    ]);
  });

  test("names its version by its question", () => {
    expect(noteOf(begun(fee, ""))).toBe("寄到香港多少钱？");
    expect(noteOf({ about: null, questions: `\n${"字".repeat(300)}\nb`, answer: "" })).toBe("字".repeat(120));
  });

  test("becomes a file of one entry, which keeps the id, language and category that are there", async () => {
    const changed = fileOf({ ...begun(fee, ""), answer: ' "50" 元。\n<b> ' });
    expect(changed.name).toBe("written-in-the-console.jsonl");
    expect((await changed.text()).split("\n").map((line) => line && JSON.parse(line))).toEqual([
      {
        question: ["寄到香港多少钱？"],
        answer: '"50" 元。\n<b>',
        id: "7",
        language: "zh",
        category: "delivery",
      },
      "",
    ]);
    const fresh = fileOf({ about: null, questions: "Cheque?", answer: "Yes." });
    expect(JSON.parse(await fresh.text())).toEqual({ question: ["Cheque?"], answer: "Yes." });
  });
});
