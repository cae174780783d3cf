/** The products of the shop, as GET /api/shop/products gives them. */

import { bothLanguages } from "../wire/decoder.ts";
import type { BothLanguages } from "../wire/frames.ts";
import { count, list, number, orElse, type Reader, record, text } from "../wire/readers.ts";

export interface Category extends BothLanguages {
  readonly id: string;
}

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly name: BothLanguages;
  readonly category: Category;
  /** In the shop's currency. */
  readonly price: number;
  readonly stock: number;
  readonly description: BothLanguages;
  /** Degrees on the colour circle, for the drawn picture. */
  readonly hue: number;
  readonly glyph: string;
}

const category: Reader<Category> = record((take) => ({
  id: take("id", text),
  zh: take("zh", text),
  en: take("en", text),
}));

/** Of products that tell none. */
const PLAIN_HUE = 210;
const PLAIN_GLYPH = "📦";

/** Money comes as a decimal text, so that no rounding happens on the way. */
const money: Reader<number> = (value, path) =>
  number(typeof value === "string" ? Number(value) : value, path);

const product: Reader<Product> = record((take) => ({
  id: take("id", text),
  sku: take("sku", text),
  name: take("name", bothLanguages),
  category: take("category", category),
  price: take("price", money),
  stock: take("stock", count),
  description: take("description", bothLanguages),
  hue: take("hue", orElse(number, PLAIN_HUE)),
  glyph: take("glyph", orElse(text, PLAIN_GLYPH)),
}));

export function readProducts(answer: unknown): readonly Product[] {
  return record((take) => take("products", list(product)))(answer, "answer");
}

/** Each category once, in the order in which products name them. */
export function categoriesOf(products: readonly Product[]): readonly Category[] {
  const known = new Map<string, Category>();
  for (const { category: one } of products) if (!known.has(one.id)) known.set(one.id, one);
  return [...known.values()];
}
