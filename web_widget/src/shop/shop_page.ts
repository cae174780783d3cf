/** The front of the demo shop: what a shop's own page could look like, with the widget on it. */
import "../styles/tokens.css";
import "./shop.css";
import { make } from "../shopper/make.ts";
import { isLanguage, languageTag, preferredLanguage } from "../text/language.ts";
import type { Language } from "../wire/frames.ts";
import { categoriesOf, type Product, readProducts } from "./products.ts";
import { type ShopTexts, shopTexts } from "./texts.ts";

const FEW_LEFT = 5;
/** Variation selector 16: some signs are drawn in black and white without it. */
const AS_PICTURE = "\uFE0F";
const LANGUAGE_NAME = "shop/language";
const PRODUCTS = "api/shop/products";

let language: Language = firstLanguage();
let products: readonly Product[] = [];
let category: string | null = null;
let failed = false;

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(LANGUAGE_NAME);
  return isLanguage(asked) ? asked : preferredLanguage(navigator.languages);
}

function words(): ShopTexts {
  return shopTexts[language];
}

function place(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}`);
  return element;
}

function price(amount: number): string {
  const digits = Number.isInteger(amount) ? 0 : 2;
  return `¥${amount.toLocaleString(languageTag(language), { minimumFractionDigits: digits })}`;
}

/** The widget may not be there yet, or may be blocked: then the button does nothing. */
function openChat(draft?: string): void {
  const widget = document.querySelector("shopkeeper-chat");
  if (widget && "open" in widget && typeof widget.open === "function") widget.open(draft);
}

function draw(): void {
  const texts = words();
  document.documentElement.lang = languageTag(language);
  document.title = texts.title;
  place("skip").textContent = texts.skip;
  place("tagline").textContent = texts.tagline;
  place("story").textContent = texts.story;
  place("browse").textContent = texts.browse;
  place("ask-us").textContent = texts.askUs;
  place("footer").textContent = texts.footer;
  place("contact").textContent = texts.contact;
  place("promises").replaceChildren(...texts.promises.map((promise) => make("li", {}, promise)));
  const toggle = place("language");
  toggle.textContent = texts.otherLanguage;
  toggle.setAttribute("aria-label", texts.switchLanguage);
  place("categories").setAttribute("aria-label", texts.categories);
  drawCategories(texts);
  drawProducts(texts);
}

function drawCategories(texts: ShopTexts): void {
  const all = { id: null, words: texts.all };
  const named = categoriesOf(products).map((one) => ({ id: one.id, words: one[language] }));
  const buttons = [all, ...named].map(({ id, words: inside }) =>
    make(
      "button",
      {
        class: "category",
        attributes: { type: "button", "aria-pressed": String(id === category) },
        on: { click: () => choose(id) },
      },
      inside,
    ),
  );
  place("categories").replaceChildren(...(products.length > 0 ? buttons : []));
}

function choose(id: string | null): void {
  category = id;
  draw();
}

function drawProducts(texts: ShopTexts): void {
  const shown = products.filter((product) => category === null || product.category.id === category);
  place("count").textContent = products.length > 0 ? texts.count(shown.length) : "";
  if (products.length > 0) return place("products").replaceChildren(...shown.map(card));
  const retry = make("button", { class: "quiet", on: { click: () => load() } }, texts.tryAgain);
  const note = make("li", { class: "empty" }, failed ? texts.failed : texts.loading, failed ? retry : null);
  place("products").replaceChildren(note);
}

function card(product: Product): HTMLElement {
  const texts = words();
  const picture = make(
    "div",
    { class: "picture", attributes: { "aria-hidden": "true" } },
    make("span", {}, product.glyph + AS_PICTURE),
  );
  picture.style.setProperty("--hue", String(product.hue));
  const name = product.name[language];
  const ask = make(
    "button",
    {
      class: "quiet",
      attributes: { type: "button", "aria-label": `${texts.ask}: ${name}` },
      on: { click: () => openChat(texts.askDraft(name, product.sku)) },
    },
    texts.ask,
  );
  return make(
    "li",
    { class: product.stock === 0 ? "card gone" : "card" },
    picture,
    make(
      "div",
      { class: "about" },
      make("p", { class: "kind" }, product.category[language]),
      make("h2", {}, name),
      make("p", { class: "description" }, product.description[language]),
    ),
    make(
      "div",
      { class: "deal" },
      make("span", { class: "price" }, price(product.price)),
      stock(product, texts),
      ask,
    ),
  );
}

function stock(product: Product, texts: ShopTexts): HTMLElement | null {
  if (product.stock === 0) return make("span", { class: "stock none" }, texts.none);
  return product.stock <= FEW_LEFT ? make("span", { class: "stock" }, texts.few(product.stock)) : null;
}

async function load(): Promise<void> {
  failed = false;
  draw();
  try {
    const answer = await fetch(new URL(PRODUCTS, document.baseURI));
    if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
    products = readProducts(await answer.json());
  } catch {
    failed = true;
  }
  draw();
}

function switchLanguage(): void {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(LANGUAGE_NAME, language);
  document.querySelector("shopkeeper-chat")?.setAttribute("language", language);
  draw();
}

place("language").addEventListener("click", switchLanguage);
place("ask-us").addEventListener("click", () => openChat());
void load();
