import { describe, expect, test } from "vitest";
import { afterClose, retryAfterSeconds } from "../../src/wire/close_codes.ts";
import { RetryTimer } from "../../src/wire/retry_timer.ts";
import { HandClock } from "../world/fake_surroundings.ts";

function timerWith(chance: number): { clock: HandClock; timer: RetryTimer; tries: () => number } {
  const clock = new HandClock();
  let tries = 0;
  const timer = new RetryTimer(
    clock,
    () => chance,
    () => {
      tries += 1;
    },
  );
  return { clock, timer, tries: () => tries };
}

function waits(chance: number, count: number): (number | null)[] {
  const { clock, timer } = timerWith(chance);
  return Array.from({ length: count }, () => {
    timer.schedule();
    const wait = clock.untilNext;
    timer.cancel();
    return wait;
  });
}

describe("how long a page waits before it comes back", () => {
  test("the span doubles from one second and stays at thirty", () => {
    expect(waits(1, 7)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  });

  test("the whole span is random, so a lucky page comes back at once", () => {
    expect(waits(0, 4)).toEqual([0, 0, 0, 0]);
    expect(waits(0.25, 3)).toEqual([250, 500, 1000]);
  });

  test("what the server asked for is waited before the random part begins", () => {
    const { clock, timer } = timerWith(0.5);
    timer.schedule(4);
    expect(clock.untilNext).toBe(4500);
  });

  test("after a proven connection the next wait is short again", () => {
    const { clock, timer } = timerWith(1);
    timer.schedule();
    timer.schedule();
    timer.reset();
    timer.schedule();
    expect(clock.untilNext).toBe(1000);
  });

  test("when the network comes back a waiting page hurries, and tries once only", () => {
    const { clock, timer, tries } = timerWith(1);
    timer.schedule();
    timer.hurry();
    clock.pass(0);
    clock.pass(60_000);
    expect(tries()).toBe(1);
  });

  test("hurrying does nothing when nothing is waited for", () => {
    const { clock, timer, tries } = timerWith(1);
    timer.hurry();
    clock.pass(60_000);
    expect(tries()).toBe(0);
  });
});

describe("what the close code says", () => {
  test("four thousand to 4099 means stop", () => {
    expect([4000, 4001, 4003, 4009, 4099].map((code) => afterClose(code, "").next)).toEqual(
      Array(5).fill("stop"),
    );
  });

  test("4100 to 4199 means back off, with a floor", () => {
    expect(afterClose(4100, "")).toEqual({ next: "back_off", atLeastSeconds: 5 });
    expect(afterClose(4199, "retry_after=20")).toEqual({ next: "back_off", atLeastSeconds: 20 });
  });

  test("4200 to 4299 means at once", () => {
    expect(afterClose(4208, "slow reader")).toEqual({ next: "at_once" });
    expect(afterClose(4299, "")).toEqual({ next: "at_once" });
  });

  test("a restarting server names the wait in its reason", () => {
    expect(afterClose(1012, "retry_after=3")).toEqual({ next: "back_off", atLeastSeconds: 3 });
    expect(afterClose(1012, '{"retry_after": 2.5}')).toEqual({ next: "back_off", atLeastSeconds: 2.5 });
  });

  test("a lost connection is retried by the timer alone", () => {
    expect(afterClose(1006, "")).toEqual({ next: "back_off", atLeastSeconds: 0 });
  });

  test("a hint of a week is cut, and nonsense is no hint", () => {
    expect(retryAfterSeconds("retry_after=604800")).toBe(120);
    expect(retryAfterSeconds("retry_after=soon")).toBe(0);
    expect(retryAfterSeconds("come back 5")).toBe(0);
  });
});
