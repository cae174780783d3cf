/** Whose front it is and what stands on it, as GET /api/shop gives it. */
import { bothLanguages } from "../wire/decoder.ts";
import type { BothLanguages, Language } from "../wire/frames.ts";
import { list, orElse, type Reader, record, text } from "../wire/readers.ts";

type BothLists = Readonly<Record<Language, readonly string[]>>;

export interface ShopFront {
  readonly name: BothLanguages;
  /** As ISO 4217 names it; empty where the shop tells none. */
  readonly currency: string;
  /** What the shop wrote under [page] in its shop.toml; each may be missing. */
  readonly title: BothLanguages | null;
  readonly tagline: BothLanguages | null;
  readonly story: BothLanguages | null;
  readonly contact: BothLanguages | null;
  readonly footer: BothLanguages | null;
  readonly promises: BothLists;
  readonly starters: BothLists;
}

const words: Reader<BothLanguages | null> = orElse<BothLanguages | null>(bothLanguages, null);

const lists: Reader<BothLists> = orElse(
  record((take) => ({ zh: take("zh", list(text)), en: take("en", list(text)) })),
  { zh: [], en: [] },
);

const page = record((take) => ({
  title: take("title", words),
  tagline: take("tagline", words),
  story: take("story", words),
  contact: take("contact", words),
  footer: take("footer", words),
  promises: take("promises", lists),
  starters: take("starters", lists),
}));

const front: Reader<ShopFront> = record((take) => ({
  name: take("name", bothLanguages),
  currency: take("currency", orElse(text, "")),
  ...take("page", page),
}));

export function readFront(answer: unknown): ShopFront {
  return front(answer, "answer");
}

/** The shop's name, and the other one beside it where the shop has two. */
export function namesOf({ name }: ShopFront): readonly { language: Language; words: string }[] {
  const both = (["en", "zh"] as const).map((language) => ({ language, words: name[language] }));
  return name.en === name.zh ? both.slice(0, 1) : both;
}

/** An amount as people of a language write it, in the shop's currency. */
export function priceIn(currency: string, locale: string, amount: number): string {
  const digits = Number.isInteger(amount) ? 0 : 2;
  const written = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (!currency) return amount.toLocaleString(locale, written);
  return amount.toLocaleString(locale, {
    ...written,
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
  });
}
