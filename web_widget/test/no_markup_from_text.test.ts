import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

function filesIn(folder: string, endings: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => endings.test(name))
    .map((name) => join(root, folder, name));
}

/** Ways by which a text could become markup, script or an address of another kind. */
const FORBIDDEN =
  /\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function|unsafeHTML|unsafeSVG|srcdoc|setHTMLUnsafe|createContextualFragment|DOMParser|javascript:/;

describe("text never becomes markup", () => {
  test.each(filesIn("src", /\.ts$/).map((file) => [file.slice(root.length + 1), file]))(
    "in %s",
    (_name, file) => {
      expect(FORBIDDEN.exec(readFileSync(file, "utf8"))?.[0]).toBeUndefined();
    },
  );
});

describe("the pages pass a strict content policy", () => {
  test.each(filesIn("pages", /\.html$/).map((file) => [file.slice(root.length + 1), file]))(
    "%s has no inline script, style or handler",
    (_name, file) => {
      const page = readFileSync(file, "utf8");
      expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
      for (const [tag] of page.matchAll(/<script[^>]*>/g)) expect(tag).toMatch(/\ssrc="/);
    },
  );

  test("no template of the inbox or the console has a style attribute", () => {
    const found = [
      ...filesIn("src/staff", /\.ts$/),
      ...filesIn("src/admin", /\.ts$/),
      ...filesIn("src/desk", /\.ts$/),
    ].filter((file) => /\sstyle=[$"']/.test(readFileSync(file, "utf8")));
    expect(found).toEqual([]);
  });
});
