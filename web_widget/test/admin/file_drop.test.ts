// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import "../../src/admin/file_drop.ts";
import type { FileDrop } from "../../src/admin/file_drop.ts";

const WORDS = { drop: "Drop a file here, or", choose: "choose one", dropNow: "Let go", reading: "Reading…" };

async function placed(busy = false): Promise<{ drop: FileDrop; area: HTMLElement; brought: string[] }> {
  const drop = document.createElement("file-drop") as FileDrop;
  Object.assign(drop, { words: WORDS, accept: ".csv", busy });
  const brought: string[] = [];
  drop.addEventListener("brought", (event) => brought.push((event as CustomEvent<File>).detail.name));
  document.body.append(drop);
  await drop.updateComplete;
  return { drop, area: drop.renderRoot.querySelector(".drop") as HTMLElement, brought };
}

function dragged(kind: string, ...names: string[]): Event {
  const event = new Event(kind, { cancelable: true });
  return Object.assign(event, { dataTransfer: { files: names.map((name) => new File(["x"], name)) } });
}

function chosen(area: HTMLElement, name: string): HTMLInputElement {
  const box = area.querySelector("input") as HTMLInputElement;
  Object.defineProperty(box, "files", { configurable: true, value: [new File(["x"], name)] });
  box.dispatchEvent(new Event("change"));
  return box;
}

describe("the place for a file", () => {
  test("says what to do while a file hangs over it, and takes what falls", async () => {
    const { drop, area, brought } = await placed();
    const over = dragged("dragover");
    area.dispatchEvent(over);
    await drop.updateComplete;
    expect(area.textContent).toContain("Let go");
    expect(over.defaultPrevented).toBe(true);
    area.dispatchEvent(dragged("drop", "faq.csv", "second.csv"));
    await drop.updateComplete;
    expect(brought).toEqual(["faq.csv"]);
    expect(area.textContent?.replace(/\s+/g, " ")).toContain("Drop a file here, or choose one");
  });

  test("takes the same file again, since it may have been mended", async () => {
    const { area, brought } = await placed();
    expect(chosen(area, "faq.csv").value).toBe("");
    chosen(area, "faq.csv");
    expect(brought).toEqual(["faq.csv", "faq.csv"]);
  });

  test("takes nothing while the last one is read", async () => {
    const { area, brought } = await placed(true);
    area.dispatchEvent(dragged("drop", "faq.csv"));
    expect(area.textContent).toContain("Reading…");
    expect(brought).toEqual([]);
  });

  test("keeps what was being chosen when it got busy", async () => {
    const { area, brought } = await placed(true);
    chosen(area, "faq.csv");
    expect(brought).toEqual(["faq.csv"]);
  });
});
