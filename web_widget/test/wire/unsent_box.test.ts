import { beforeEach, describe, expect, test } from "vitest";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import { UnsentBox } from "../../src/wire/unsent_box.ts";

const PREFIX = "shopkeeper/shop.example/unsent/";

describe("messages that the server has not accepted", () => {
  let storage: PageStorage;
  let now: number;
  const box = (tab: string): UnsentBox => new UnsentBox(storage, PREFIX, tab, () => now);

  beforeEach(() => {
    storage = new PageStorage();
    now = 1_000_000;
  });

  test("are still there after the tab was closed and opened again", () => {
    box("first").put("id-1", "Where is my parcel?", "entry:parcel");
    const reopened = box("second").all();
    expect(reopened).toHaveLength(1);
    expect(reopened[0]).toMatchObject({ id: "id-1", text: "Where is my parcel?", choice: "entry:parcel" });
  });

  test("keep the order they were written in, also within one millisecond", () => {
    const one = box("first");
    for (const id of ["c", "a", "b"]) one.put(id, id);
    expect(one.all().map((message) => message.id)).toEqual(["c", "a", "b"]);
  });

  test("of a living tab are shown in another tab but not sent by it", () => {
    box("first").put("id-1", "hello");
    const other = box("second");
    expect(other.all()).toHaveLength(1);
    expect(other.next()).toBeNull();
  });

  test("of a tab that said goodbye are sent by another one at once", () => {
    const first = box("first");
    first.put("id-1", "hello");
    first.release();
    expect(box("second").next()).toMatchObject({ id: "id-1", tab: "second" });
  });

  test("of a crashed tab are sent by another one after three seconds of silence", () => {
    box("first").put("id-1", "hello");
    now += 3_000;
    expect(box("second").next()).toBeNull();
    now += 1;
    expect(box("second").next()?.id).toBe("id-1");
  });

  test("stay with a tab that keeps saying it lives", () => {
    const first = box("first");
    first.put("id-1", "hello");
    now += 2_500;
    first.touch();
    now += 2_500;
    expect(box("second").next()).toBeNull();
  });

  test("of two tabs never overwrite each other", () => {
    const first = box("first");
    const second = box("second");
    first.put("id-1", "one");
    second.put("id-2", "two");
    first.remove("id-1");
    expect(second.all().map((message) => message.id)).toEqual(["id-2"]);
  });

  test("wait for an older one that another tab is sending", () => {
    const first = box("first");
    const second = box("second");
    first.put("id-1", "one");
    now += 1;
    second.put("id-2", "two");
    expect(second.next()).toBeNull();
    first.remove("id-1");
    expect(second.next()?.id).toBe("id-2");
  });

  test("that were refused are kept, not sent, and can be tried again", () => {
    const one = box("first");
    one.put("id-1", "hello");
    one.fail("id-1", "text_too_long");
    expect(one.next()).toBeNull();
    expect(one.all()[0]?.failed).toBe("text_too_long");
    one.revive("id-1");
    expect(one.next()).toMatchObject({ id: "id-1" });
    expect(one.all()[0]?.failed).toBeUndefined();
  });

  test("live in the page when the browser's storage is full", () => {
    storage.setItem = () => {
      throw new Error("QuotaExceededError");
    };
    const one = box("first");
    one.put("id-1", "hello");
    expect(one.next()?.id).toBe("id-1");
    one.remove("id-1");
    expect(one.all()).toEqual([]);
  });

  test("that somebody spoiled in storage are dropped, the others stay", () => {
    const one = box("first");
    one.put("id-1", "hello");
    storage.setItem(`${PREFIX}x`, "{not json");
    storage.setItem(`${PREFIX}y`, '{"id":"another","text":3}');
    storage.setItem("shop/basket", "3 cups");
    expect(one.all().map((message) => message.id)).toEqual(["id-1"]);
    expect(storage.getItem("shop/basket")).toBe("3 cups");
  });
});
