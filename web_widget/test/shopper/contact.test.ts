import { describe, expect, test } from "vitest";
import { contactIn } from "../../src/shopper/contact.ts";

describe("how to reach a shopper", () => {
  test.each([
    ["lin@shop.example", { email: "lin@shop.example" }],
    ["  Lin.Lan+a@mail.shop.example ", { email: "Lin.Lan+a@mail.shop.example" }],
    ["lin＠shop．example", { email: "lin@shop.example" }],
    ["13900001111", { phone: "13900001111" }],
    ["１３９００００１１１１", { phone: "13900001111" }],
    ["+86 139-0000-1111", { phone: "+86 139-0000-1111" }],
    ["(0574) 5550.0126", { phone: "(0574) 5550.0126" }],
  ])("%j is understood", (words, contact) => {
    expect(contactIn(words)).toEqual(contact);
  });

  test.each([
    "",
    "lin",
    "lin@",
    "@shop.example",
    "lin@shop",
    "a b@shop.example",
    "lin@shop..",
    "1234",
    "1".repeat(16),
    "call 13900001111",
    "++86139000",
    `${"a".repeat(200)}@shop.example`,
  ])("%j is asked about again", (words) => {
    expect(contactIn(words)).toBeNull();
  });

  test("takes no longer for an endless one", () => {
    expect(contactIn("1-".repeat(50_000))).toBeNull();
    expect(contactIn(`${"a.".repeat(50_000)}@`)).toBeNull();
  });
});
