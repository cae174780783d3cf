import { describe, expect, test } from "vitest";
import type { ChatEvent } from "../../src/wire/frames.ts";
import { Transcript } from "../../src/wire/transcript.ts";

function event(seq: number): ChatEvent {
  return { seq, kind: "bot_answered", at: "", author: { role: "bot" }, text: String(seq) };
}

const numbers = (events: readonly ChatEvent[]): number[] => events.map(({ seq }) => seq);

describe("the transcript a page holds", () => {
  test("shows an event that comes twice once", () => {
    const transcript = new Transcript();
    transcript.add(event(1));
    expect(transcript.add(event(1))).toEqual([]);
    expect(numbers(transcript.events)).toEqual([1]);
  });

  test("holds an early event back until the one before it is there", () => {
    const transcript = new Transcript();
    transcript.add(event(1));
    expect(transcript.add(event(3))).toEqual([]);
    expect(transcript.hasGap).toBe(true);
    expect(numbers(transcript.add(event(2)))).toEqual([2, 3]);
    expect(transcript.hasGap).toBe(false);
    expect(transcript.lastSeq).toBe(3);
  });

  test("puts older events in front only where they join without a hole", () => {
    const transcript = new Transcript();
    transcript.startOver([event(5), event(6)], 6, "e1");
    expect(transcript.hasFirst).toBe(false);
    expect(transcript.addOlder([event(1), event(2)], true)).toEqual([]);
    expect(numbers(transcript.addOlder([event(3), event(4)], false))).toEqual([3, 4]);
    expect(numbers(transcript.addOlder([event(1), event(2), event(3)], true))).toEqual([1, 2]);
    expect(numbers(transcript.events)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(transcript.hasFirst).toBe(true);
  });

  test("forgets everything when it has to start over, early events too", () => {
    const transcript = new Transcript();
    transcript.add(event(1));
    transcript.add(event(9));
    transcript.startOver([event(401), event(400)], 401, "e2");
    expect(numbers(transcript.events)).toEqual([400, 401]);
    expect(transcript.hasGap).toBe(false);
    expect(numbers(transcript.add(event(402)))).toEqual([402]);
  });
});
