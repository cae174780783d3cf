import { describe, expect, test } from "vitest";
import { isComposed, isSendKey } from "../../src/text/send_key.ts";

function press(more: Partial<KeyboardEvent>): KeyboardEvent {
  const plain = { key: "Enter", keyCode: 13, isComposing: false };
  const held = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };
  return { ...plain, ...held, ...more } as KeyboardEvent;
}

describe("the Enter key", () => {
  test("sends", () => {
    expect(isSendKey(press({}))).toBe(true);
  });

  test("with Shift breaks the line", () => {
    expect(isSendKey(press({ shiftKey: true }))).toBe(false);
  });

  test("while an input method composes picks a word and sends nothing", () => {
    expect(isSendKey(press({ isComposing: true, keyCode: 229 }))).toBe(false);
  });

  test("that ends a composition in Safari sends nothing", () => {
    expect(isSendKey(press({ isComposing: false, keyCode: 229 }))).toBe(false);
  });

  test("is the only key that sends", () => {
    expect(["a", "Tab", "Escape", " "].filter((key) => isSendKey(press({ key, keyCode: 0 })))).toEqual([]);
  });
});

describe("a key that an input method takes", () => {
  test("is told by the composition, or in Safari by its code alone", () => {
    expect(isComposed(press({ key: "Escape", isComposing: true, keyCode: 27 }))).toBe(true);
    expect(isComposed(press({ key: "Escape", isComposing: false, keyCode: 229 }))).toBe(true);
    expect(isComposed(press({ key: "Escape", isComposing: false, keyCode: 27 }))).toBe(false);
  });
});
