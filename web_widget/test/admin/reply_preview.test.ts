import { describe, expect, test } from "vitest";
import { previewOf, unknownIn } from "../../src/admin/reply_preview.ts";

const VARIABLES = ["shopper_name", "order"];
const SAMPLES = { shopper_name: "Ms Wang", order: "LH1" };

describe("the preview of a canned reply", () => {
  test("fills variables in, and shows where it did", () => {
    expect(previewOf("Hello {shopper_name}, {order} left.", VARIABLES, SAMPLES)).toEqual([
      { text: "Hello ", kind: "plain" },
      { text: "Ms Wang", kind: "filled" },
      { text: ", ", kind: "plain" },
      { text: "LH1", kind: "filled" },
      { text: " left.", kind: "plain" },
    ]);
  });

  test("leaves braces that are no variable as they stand, and names unknown ones", () => {
    const text = "{secret} {Not} {} {secret} {{order}}";
    expect(unknownIn(text, VARIABLES)).toEqual(["secret"]);
    const joined = previewOf(text, VARIABLES, SAMPLES)
      .map((piece) => piece.text)
      .join("");
    expect(joined).toBe("{secret} {Not} {} {secret} {LH1}");
  });

  test("a variable without a sample stands in its braces", () => {
    expect(previewOf("{order}", VARIABLES, {})).toEqual([{ text: "{order}", kind: "filled" }]);
  });
});
