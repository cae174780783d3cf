import { describe, expect, test } from "vitest";
import { linkify } from "../../src/text/linkify.ts";

const links = (text: string): string[] =>
  linkify(text).flatMap((piece) => ("href" in piece ? [piece.href] : []));
const shown = (text: string): string =>
  linkify(text)
    .map((piece) => piece.text)
    .join("");

describe("addresses that become links", () => {
  test.each([
    ["See https://shop.example/delivery.", "https://shop.example/delivery"],
    ["详情见https://shop.example/a?b=1&c=2，谢谢", "https://shop.example/a?b=1&c=2"],
    ["(https://shop.example/a_(b))", "https://shop.example/a_(b)"],
    ["HTTPS://SHOP.EXAMPLE/X", "https://shop.example/X"],
    ["“https://shop.example”", "https://shop.example/"],
    ["write to hello@shop.example.", "mailto:hello@shop.example"],
    ["邮箱：a.b+c@shop.example。", "mailto:a.b%2Bc@shop.example"],
  ])("%s", (text, href) => {
    expect(links(text)).toEqual([href]);
    expect(shown(text)).toBe(text);
  });

  test("several in one text keep their order and the words between", () => {
    const text = "https://a.example/1, b@c.example; https://d.example/2";
    expect(links(text)).toEqual(["https://a.example/1", "mailto:b@c.example", "https://d.example/2"]);
    expect(shown(text)).toBe(text);
  });
});

describe("what never becomes a link", () => {
  test.each([
    ["script addresses", "javascript:alert(1)"],
    ["script addresses behind a line break", "java\nscript:alert(1)"],
    ["data addresses", "data:text/html,<script>alert(1)</script>"],
    ["plain http", "http://shop.example/"],
    ["files", "file:///etc/passwd"],
    ["markup", '<a href="javascript:alert(1)">x</a>'],
    ["an address inside another scheme", "view-source:xhttps://shop.example"],
    ["a user name before the host", "https://bank.example@evil.example/"],
    ["a user name and password", "https://a:b@evil.example/"],
    ["a host of one word", "https://localhost/admin"],
    ["a host with a direction mark", "https://\u202Eelpmaxe.pohs/"],
    ["a host in other letters", "https://аррӏе.example/"],
    ["nothing after the scheme", "https://"],
    ["a bracketed host", "https://[::1]/"],
    ["a mail name without host", "someone@"],
    ["a mail with two dots", "a..b@shop.example"],
    ["a host that is no mail host", "a@b"],
    ["an address of three thousand characters", `https://shop.example/${"a".repeat(3000)}`],
  ])("%s", (_name, text) => {
    expect(links(text).filter((href) => !href.startsWith("mailto:"))).toEqual([]);
    expect(shown(text)).toBe(text);
  });

  test("every link that is made is https or mailto, whatever stands around it", () => {
    const parts = [
      "https://",
      "javascript:",
      "a@b.example",
      "<",
      ">",
      '"',
      "'",
      "\u202E",
      "\u0000",
      "data:",
      ")",
      "中",
    ];
    for (let seed = 0; seed < 3000; seed += 1) {
      let rest = seed;
      let text = "";
      for (let count = 0; count < 6; count += 1) {
        text += parts[rest % parts.length];
        rest = Math.floor(rest / parts.length) + seed * 7;
      }
      for (const href of links(text)) expect(href).toMatch(/^(?:https:\/\/[a-z0-9.-]+\/|mailto:)/);
      expect(shown(text)).toBe(text);
    }
  });
});

describe("texts made to be slow", () => {
  test.each([
    ["a", "a".repeat(64_000)],
    ["a@", "a@".repeat(32_000)],
    ["https://", "https://".repeat(8_000)],
    ["a.", `x@${"a.".repeat(32_000)}`],
    ["))))", `https://a.example/${")".repeat(64_000)}`],
  ])("64 KiB of %s is read at once", (_name, text) => {
    // The processor's own time, which a busy machine does not stretch; a quadratic reading takes minutes.
    const began = process.cpuUsage();
    expect(shown(text)).toBe(text);
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(3_000);
  });
});
