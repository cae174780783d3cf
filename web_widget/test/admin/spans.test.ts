import { describe, expect, test } from "vitest";
import { readSpans, writeSpans } from "../../src/admin/spans.ts";

describe("opening hours as they are typed", () => {
  test.each([
    ["09:00-18:00", [["09:00", "18:00"]]],
    [
      "9:00 – 12:00, 13:00–18:30",
      [
        ["09:00", "12:00"],
        ["13:00", "18:30"],
      ],
    ],
    ["９:00", null],
    [
      "9：00至21：00；22:00~24:00",
      [
        ["09:00", "21:00"],
        ["22:00", "00:00"],
      ],
    ],
    ["", []],
    ["  ,  ", []],
    ["9-18", null],
    ["25:00-26:00", null],
    ["09:60-10:00", null],
    ["24:30-25:00", null],
    ["closed", null],
  ])("%j", (typed, spans) => {
    expect(readSpans(typed)).toEqual(spans);
  });

  test("what was written is read back", () => {
    const spans = [
      ["09:00", "12:00"],
      ["22:00", "02:00"],
    ] as const;
    expect(readSpans(writeSpans(spans))).toEqual(spans);
  });
});
