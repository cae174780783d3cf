import { expect, test } from "vitest";
import { luminance } from "../../src/shopper/accent.ts";

test("the brightness of a shop's colour is told as WCAG does", () => {
  expect(luminance("rgb(255, 255, 255)")).toBeCloseTo(1, 5);
  expect(luminance("rgb(0, 0, 0)")).toBe(0);
  expect(luminance("rgb(11, 107, 102)")).toBeCloseTo(0.1154, 3);
  expect(luminance("rgba(255, 200, 0, 0.5)")).toBeGreaterThan(0.6);
});
