import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeShopperFrame } from "../../src/wire/decoder.ts";
import { decodeStaffFrame } from "../../src/wire/staff_decoder.ts";
import { botSaid, welcome } from "../world/frames.ts";

function decoded(frame: unknown): { frame: unknown; warnings: string[] } {
  const warnings: string[] = [];
  const message = typeof frame === "string" ? frame : JSON.stringify(frame);
  return { frame: decodeShopperFrame(message, (text) => warnings.push(text)), warnings };
}

const samples = new URL("../wire_samples/", import.meta.url);

describe("every sample frame of the protocol is understood", () => {
  for (const name of readdirSync(samples)) {
    const frames = JSON.parse(readFileSync(new URL(name, samples), "utf8")) as { type: string }[];
    test.each(frames.map((frame) => [frame.type, frame] as const))(`${name}: %s`, (_type, frame) => {
      const warnings: string[] = [];
      const decode = name.startsWith("to_staff") ? decodeStaffFrame : decodeShopperFrame;
      expect(decode(JSON.stringify(frame), (text) => warnings.push(text))).toEqual(frame);
      expect(warnings).toEqual([]);
    });
  }
});

describe("what the widget does not understand", () => {
  test.each([
    ["not JSON", "{oops"],
    ["a list", "[]"],
    ["null", "null"],
    ["no type", "{}"],
    ["an unknown type", '{"type":"party"}'],
    ["a type that every object has", '{"type":"constructor"}'],
    ["a number that is none", '{"type":"accepted","id":"a","seq":"7","at":"x"}'],
    ["a negative number", '{"type":"read","up_to":-1}'],
    ["an event without author", '{"type":"event","event":{"seq":1,"kind":"bot_answered","at":"x"}}'],
    ["choices that are no list", { type: "event", event: { ...botSaid(1), choices: { label: "a" } } }],
    ["a stage that does not exist", { type: "stage", stage: "asleep" }],
    ["a text where two languages belong", welcome({ label: "assistant" })],
  ])("is ignored with a warning: %s", (_name, message) => {
    const { frame, warnings } = decoded(message);
    expect(frame).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  test("binary messages are ignored", () => {
    const warnings: string[] = [];
    expect(decodeShopperFrame(new ArrayBuffer(3), (text) => warnings.push(text))).toBeNull();
    expect(warnings).toEqual(["A frame was ignored: frame: expected a text frame"]);
  });

  test("the warning names the place and not what was written", () => {
    const { warnings } = decoded({ type: "event", event: { ...botSaid(1), text: ["secret"] } });
    expect(warnings[0]).toBe("A frame was ignored: event.event.text: expected a text");
  });

  test("a kind of event of a later version keeps its number", () => {
    const { frame } = decoded({ type: "event", event: { ...botSaid(8), kind: "bot_danced" } });
    expect(frame).toMatchObject({ event: { seq: 8, kind: "bot_danced" } });
  });

  test("a private event carries its number and nothing else", () => {
    const event = { seq: 4, kind: "private", text: "the note that must not leak" };
    expect(decoded({ type: "event", event }).frame).toEqual({
      type: "event",
      event: { seq: 4, kind: "private", at: "", author: { role: "bot" }, text: "" },
    });
  });
});
