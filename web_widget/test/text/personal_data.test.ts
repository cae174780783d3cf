import { describe, expect, test } from "vitest";
import { personalNumberIn } from "../../src/text/personal_data.ts";

describe("a shopper is warned while typing", () => {
  test.each([
    ["a card number", "4111111111111111", "bank_card"],
    ["a card number in groups", "my card is 4111 1111 1111 1111, thanks", "bank_card"],
    ["a UnionPay number", "卡号6222021234567890128", "bank_card"],
    ["an identity number", "身份证 11010519491231002X", "identity_number"],
  ])("of %s", (_name, text, found) => {
    expect(personalNumberIn(text)).toBe(found);
  });

  test.each([
    ["an order number", "LH20261103-4821"],
    ["a phone number", "13800138000"],
    ["a card number with a wrong digit", "4111111111111112"],
    ["an identity number with a wrong check", "110105194912310021"],
    ["a tracking number", "75312345678901"],
  ])("but not of %s", (_name, text) => {
    expect(personalNumberIn(text)).toBeNull();
  });
});
