import { describe, expect, test } from "vitest";
import { preferredLanguage } from "../../src/text/language.ts";
import { clockTime, comingTime, dayName, lasting } from "../../src/text/moments.ts";

describe("times as people read them", () => {
  test("a waiting time ticks in minutes and seconds, then in hours, then in days", () => {
    expect([0, 42, 125, 725].map((seconds) => lasting(seconds, "en"))).toEqual([
      "0 s",
      "42 s",
      "2 min 5 s",
      "12 min",
    ]);
    expect([42, 125, 725].map((seconds) => lasting(seconds, "zh"))).toEqual([
      "42 秒",
      "2 分 5 秒",
      "12 分钟",
    ]);
    expect(lasting(12_000, "en")).toBe("3 h 20 min");
    expect(lasting(12_000, "zh")).toBe("3 小时 20 分");
    expect(lasting(3 * 86_400, "zh")).toBe("3 天");
    expect(lasting(-5, "en")).toBe("0 s");
  });

  test("today and yesterday have names, other days a date", () => {
    const now = new Date(2026, 10, 16, 0, 5);
    expect(dayName(new Date(2026, 10, 16, 0, 1).toISOString(), now, "en")).toBe("Today");
    expect(dayName(new Date(2026, 10, 15, 23, 59).toISOString(), now, "zh")).toBe("昨天");
    expect(dayName(new Date(2026, 10, 1).toISOString(), now, "en")).toBe("November 1");
    expect(dayName(new Date(2025, 11, 31).toISOString(), now, "zh")).toBe("2025年12月31日");
  });

  test("what is no time shows nothing", () => {
    expect(clockTime("soon", "en")).toBe("");
    expect(dayName("", new Date(), "en")).toBe("");
  });
});

describe("a time to come", () => {
  const now = new Date(2026, 10, 26, 22, 0);
  test.each([
    [new Date(2026, 10, 26, 23, 5), "today at 23:05", "今天 23:05"],
    [new Date(2026, 10, 27, 9, 0), "tomorrow at 09:00", "明天 09:00"],
    [new Date(2026, 10, 30, 9, 0), "Monday, November 30 at 09:00", "11月30日星期一 09:00"],
  ])("%s has its day", (at, en, zh) => {
    expect(comingTime(at.toISOString(), now, "en")).toBe(en);
    expect(comingTime(at.toISOString(), now, "zh")).toBe(zh);
  });
});

describe("the language of a browser", () => {
  test.each([
    [["zh-TW", "en"], "zh"],
    [["zh-Hans-CN"], "zh"],
    [["fr", "en-GB", "zh"], "en"],
    [["fr", "de"], "en"],
    [[], "en"],
  ] as const)("%j speaks %s", (wanted, language) => {
    expect(preferredLanguage(wanted)).toBe(language);
  });
});
