// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EndInView } from "../../src/text/end_in_view.ts";

/** A box of a certain height, with so much in it. */
class Scroller {
  readonly element = document.createElement("div");
  scrollTop = 0;
  constructor(
    public height: number,
    public inside: number,
  ) {
    Object.defineProperties(this.element, {
      clientHeight: { get: () => this.height },
      scrollHeight: { get: () => this.inside },
      scrollTop: {
        get: () => this.scrollTop,
        set: (top: number) => {
          this.scrollTop = Math.max(0, Math.min(top, this.inside - this.height));
        },
      },
    });
  }

  scrollTo(top: number): void {
    this.element.scrollTop = top;
    this.element.dispatchEvent(new Event("scroll"));
  }
}

let resized: () => void;

beforeEach(() => {
  const observe = vi.fn();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly observe = observe;
      constructor(changed: () => void) {
        resized = changed;
      }
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

describe("the end of a talk", () => {
  test("stays in view when the box below it grows", () => {
    const scroller = new Scroller(400, 1000);
    const end = new EndInView(scroller.element);
    resized();
    expect(scroller.scrollTop).toBe(600);
    scroller.height = 250;
    resized();
    expect(scroller.scrollTop).toBe(750);
    expect(end.isWanted).toBe(true);
  });

  test("is left alone while the reader looks at what was said before", () => {
    const scroller = new Scroller(400, 1000);
    const end = new EndInView(scroller.element);
    resized();
    scroller.scrollTo(100);
    scroller.height = 250;
    resized();
    expect(scroller.scrollTop).toBe(100);
    expect(end.isWanted).toBe(false);
    end.toEnd();
    expect(scroller.scrollTop).toBe(750);
  });

  test("is followed although a change of height moved the reader from it", () => {
    const scroller = new Scroller(400, 1000);
    const end = new EndInView(scroller.element);
    resized();
    scroller.height = 200;
    scroller.element.dispatchEvent(new Event("scroll"));
    expect(end.isWanted).toBe(true);
  });
});
