// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import { readToChat, readToShop, sealed, setupFrom } from "../../src/embed/messages.ts";
import {
  CLOSE_WITH_A_CIRCLE,
  NO_OPENING,
  NO_SETUP,
  NO_STATE,
  NOT_OURS,
  SETUP,
  STATE,
} from "../world/shapes.ts";

describe("a message between the shop's page and the chat", () => {
  test("is read as what it is", () => {
    const { shopkeeper: _, ...setup } = SETUP;
    expect(readToChat(SETUP)).toEqual(setup);
    expect(readToChat(sealed({ type: "open", draft: "x" }))).toEqual({ type: "open", draft: "x" });
    expect(readToShop(sealed({ type: "state", unread: 0, kept: false, language: "zh" }))).toMatchObject({
      language: "zh",
    });
    expect(readToShop(sealed({ type: "close" }))).toEqual({ type: "close" });
  });

  test("is cut down to what is known of it", () => {
    const more = { ...STATE, token: "t1", __proto__: { admin: true } };
    expect(readToShop(more)).toEqual({ type: "state", unread: 2, kept: true, language: "en" });
    expect(readToChat(CLOSE_WITH_A_CIRCLE)).toEqual({ type: "close" });
  });

  test.each([...NOT_OURS, ...NO_SETUP, ...NO_OPENING])("is none for the chat: %s", (_name, value) => {
    expect(readToChat(value)).toBeNull();
  });

  test.each([...NOT_OURS, ...NO_STATE])("is none for the shop: %s", (_name, value) => {
    expect(readToShop(value)).toBeNull();
  });

  test("is made short enough by the shop's side, whatever the shop has written", () => {
    const long = setupFrom((name) => (name === "theme" ? null : "x".repeat(10_000)), null, true);
    expect(readToChat(sealed(long))).toMatchObject({ type: "setup", theme: "", full: true });
  });
});
