import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { KEYS } from "../../src/staff/shortcuts.ts";
import { inboxTexts } from "../../src/staff/texts.ts";

const page = readFileSync(new URL("../../../docs/inbox.md", import.meta.url), "utf8");
const named = (key: string): string => (key === "Escape" ? "Esc" : key);
const sheet = (language: "zh" | "en"): string[] =>
  inboxTexts[language].helpGroups.flatMap(([, keys]) => keys.flatMap(([key]) => key.split(/ \/ | /)));

describe("every key of the inbox", () => {
  test.each(Object.keys(KEYS).map(named))(
    "%s is on the help sheet, in both languages, and in the docs",
    (key) => {
      expect(sheet("zh")).toContain(key);
      expect(sheet("en")).toContain(key);
      expect(page).toContain(`\`${key}\``);
    },
  );

  test("means the same in both languages", () => {
    expect(sheet("zh")).toEqual(sheet("en"));
  });
});

describe("what the inbox says", () => {
  test("has the same names of moods, reasons, attempts and happenings in both languages", () => {
    for (const part of ["moods", "reasons", "attempts", "happenings", "done", "outcomes"] as const) {
      expect(Object.keys(inboxTexts.zh[part])).toEqual(Object.keys(inboxTexts.en[part]));
    }
  });
});
