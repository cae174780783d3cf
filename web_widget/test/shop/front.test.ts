import { describe, expect, test } from "vitest";
import { namesOf, priceIn, readFront } from "../../src/shop/front.ts";
import { readProducts } from "../../src/shop/products.ts";

const BARE = { name: { zh: "Spoke & Sprocket", en: "Spoke & Sprocket" }, currency: "", page: {} };

describe("the front of a shop", () => {
  test("a shop that tells nothing but its name has a front with nothing of another shop on it", () => {
    const front = readFront(BARE);
    expect([front.title, front.tagline, front.story, front.contact, front.footer]).toEqual(
      Array(5).fill(null),
    );
    expect(front.promises).toEqual({ zh: [], en: [] });
    expect(front.starters).toEqual({ zh: [], en: [] });
    expect(namesOf(front)).toEqual([{ language: "en", words: "Spoke & Sprocket" }]);
  });

  test("what a shop tells stands there in both languages", () => {
    const page = {
      tagline: { zh: "配件", en: "Parts" },
      starters: { zh: ["运费？"], en: ["Postage?", "Returns?"] },
    };
    const front = readFront({ ...BARE, name: { zh: "辐条", en: "Spoke" }, page });
    expect(front.tagline?.zh).toBe("配件");
    expect(front.starters.en).toEqual(["Postage?", "Returns?"]);
    expect(namesOf(front).map((one) => one.words)).toEqual(["Spoke", "辐条"]);
  });

  test("a price is written in the shop's own currency, and without a sign where it tells none", () => {
    expect(priceIn("CNY", "zh-CN", 159)).toBe("¥159");
    expect(priceIn("GBP", "en", 11.5)).toBe("£11.50");
    expect(priceIn("", "en", 1234)).toBe("1,234");
  });

  test("a product needs no picture of its own", () => {
    const name = { zh: "链条", en: "Chain" };
    const product = {
      id: "c",
      sku: "CHN",
      name,
      category: { id: "k", ...name },
      price: "18.99",
      stock: 2,
      description: name,
    };
    expect(readProducts({ products: [product] })[0]).toMatchObject({ price: 18.99, glyph: "📦" });
  });
});
