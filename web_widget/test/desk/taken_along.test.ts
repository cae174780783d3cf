import { expect, test } from "vitest";
import { arrivedWith, takeAlong } from "../../src/desk/taken_along.ts";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";

test("a question is taken along once, and the newest one", () => {
  const storage = new PageStorage();
  expect(arrivedWith(storage)).toBe("");
  takeAlong(storage, "first?");
  takeAlong(storage, "寄到香港多少钱？");
  expect(arrivedWith(storage)).toBe("寄到香港多少钱？");
  expect([arrivedWith(storage), storage.length]).toEqual(["", 0]);
});

test("a storage that is full takes nothing along and breaks nothing", () => {
  class Full extends PageStorage {
    override setItem(): void {
      throw new DOMException("full", "QuotaExceededError");
    }
  }
  const storage = new Full();
  takeAlong(storage, "x?");
  expect(arrivedWith(storage)).toBe("");
});
