// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from "vitest";
import { Drafts } from "../../src/staff/drafts.ts";
import type { StaffComposer, Written } from "../../src/staff/staff_composer.ts";
import "../../src/staff/staff_composer.ts";
import { PageStorage } from "../../src/wire/browser_surroundings.ts";
import type { Suggestion } from "../../src/wire/staff_frames.ts";

let composer: StaffComposer;
let drafts: Drafts;
let sent: Written[];

const fits = (answer: string, score = 0.8): Suggestion => {
  return { entry: "e", question: "How much?", answer, language: "en", score };
};
const box = (): HTMLTextAreaElement => {
  const found = composer.renderRoot.querySelector("textarea");
  if (!found) throw new Error("no box to write in");
  return found;
};
const send = (): HTMLButtonElement | null => composer.renderRoot.querySelector(".strong");

async function type(text: string): Promise<void> {
  box().value = text;
  box().selectionStart = text.length;
  box().selectionEnd = text.length;
  box().dispatchEvent(new InputEvent("input", { bubbles: true }));
  await composer.updateComplete;
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  box().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  await composer.updateComplete;
}

beforeEach(async () => {
  document.body.replaceChildren();
  drafts = new Drafts(new PageStorage(), () => 1_000);
  composer = document.createElement("staff-composer") as StaffComposer;
  composer.conversation = "c1";
  composer.mayReply = true;
  composer.drafts = drafts;
  composer.textCharacters = 50;
  composer.colleagues = [
    { id: "s2", name: "周伟", presence: "present", holding: 0, languages: [], skills: [] },
  ];
  sent = [];
  composer.addEventListener("written", (event) => sent.push((event as CustomEvent<Written>).detail));
  document.body.append(composer);
  await composer.updateComplete;
});

describe("the box of staff", () => {
  test("sends with Enter and is empty then, and its draft is gone", async () => {
    await type("Hello");
    expect(drafts.get("c1", "say")).toBe("Hello");
    await press("Enter");
    expect(sent).toEqual([{ type: "say", text: "Hello", mentions: [] }]);
    expect([box().value, drafts.get("c1", "say")]).toEqual(["", ""]);
  });

  test("leaves the Enter to an input method and to a new line", async () => {
    await type("nihao");
    await press("Enter", { isComposing: true });
    await press("Enter", { keyCode: 229 });
    await press("Enter", { shiftKey: true });
    expect(sent).toEqual([]);
  });

  test("keeps the focus when Escape only drops what an input method composes", async () => {
    box().focus();
    await press("Escape", { isComposing: true });
    await press("Escape", { keyCode: 229 });
    expect(composer.shadowRoot?.activeElement).toBe(box());
    await press("Escape");
    expect(composer.shadowRoot?.activeElement).toBeNull();
  });

  test("does not send an open place nor more than the server takes", async () => {
    await type("Your order {order}");
    await press("Enter");
    expect(send()?.disabled).toBe(true);
    await type("x".repeat(51));
    await press("Enter");
    expect(sent).toEqual([]);
    expect(composer.renderRoot.querySelector(".trouble")?.textContent).toBe("1 character too many.");
  });

  test("puts a suggestion behind what was written, and sends nothing by itself", async () => {
    composer.suggestions = [fits("45 yuan."), fits("noise", 0.2)];
    await type("Hello,");
    composer.useFirstSuggestion();
    await composer.updateComplete;
    expect(box().value).toBe("Hello,\n45 yuan.");
    expect(composer.renderRoot.querySelectorAll(".suggestion")).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  test("is not there while a colleague holds the conversation, and the draft waits", async () => {
    await type("We are sorry");
    composer.mayReply = false;
    await composer.updateComplete;
    expect(composer.renderRoot.querySelector("textarea")).toBeNull();
    composer.mayReply = true;
    await composer.updateComplete;
    expect(box().value).toBe("We are sorry");
  });

  test("is ready as soon as the conversation is this person's, when they wanted to reply before", async () => {
    composer.mayReply = false;
    await composer.updateComplete;
    composer.begin("say");
    composer.mayReply = true;
    await composer.updateComplete;
    await composer.updateComplete;
    expect(composer.shadowRoot?.activeElement).toBe(box());
  });

  test("says whom a note calls", async () => {
    await type("a reply");
    composer.begin("note");
    await composer.updateComplete;
    expect(box().value).toBe("");
    await type("@周伟 please look");
    await press("Enter");
    expect(sent).toEqual([{ type: "note", text: "@周伟 please look", mentions: ["s2"] }]);
  });

  test("tells when a note calls somebody who is nobody here, and is saved all the same", async () => {
    const told = (): string | undefined => composer.renderRoot.querySelector(".trouble")?.textContent;
    composer.begin("note");
    await composer.updateComplete;
    await type("@周");
    expect(told()).toBe("");
    await type("@lin please look");
    expect(told()).toBe("No colleague is called @lin: nobody will be told.");
    expect(send()?.disabled).toBe(false);
    await type("@周伟 please look");
    expect(told()).toBe("");
  });

  test("is still one for notes after a note: a second one must not go to the shopper", async () => {
    await type("a reply");
    composer.begin("note");
    await composer.updateComplete;
    for (const note of ["he was rude last time", "give him nothing"]) {
      await type(note);
      await press("Enter");
    }
    expect(sent.map((one) => one.type)).toEqual(["note", "note"]);
    composer.begin("say");
    await composer.updateComplete;
    expect(box().value).toBe("a reply");
  });

  test("has a draft for each conversation", async () => {
    await type("for the first");
    composer.conversation = "c2";
    await composer.updateComplete;
    expect(box().value).toBe("");
    composer.conversation = "c1";
    await composer.updateComplete;
    expect(box().value).toBe("for the first");
  });

  test("puts in a kept reply that is picked by keys", async () => {
    composer.replies = [
      { id: "1", shortcut: "bye", text: "Goodbye!", missing: [] },
      { id: "2", shortcut: "hello", text: "Hello!", missing: [] },
    ];
    await type("/");
    expect(composer.renderRoot.querySelectorAll("[role=option]")).toHaveLength(2);
    await press("ArrowDown");
    await press("Enter");
    expect([box().value, sent]).toEqual(["Hello!", []]);
  });
});
