/** The front of the shop: its name, its products where it lists some, and the widget, as on a shop's own page. */
import "../styles/tokens.css";
import "./shop.css";
import { make } from "../shopper/make.ts";
import { isLanguage, languageTag, preferredLanguage } from "../text/language.ts";
import type { Language } from "../wire/frames.ts";
import { namesOf, priceIn, readFront, type ShopFront } from "./front.ts";
import { categoriesOf, type Product, readProducts } from "./products.ts";
import { type ShopTexts, shopTexts } from "./texts.ts";

const FEW_LEFT = 5;
/** Variation selector 16: some signs are drawn in black and white without it. */
const AS_PICTURE = "\uFE0F";
const LANGUAGE_NAME = "shop/language";
const FRONT = "api/shop";
const PRODUCTS = "api/shop/products";
const WIDGET = "shopkeeper-chat";

let language: Language = firstLanguage();
let front: ShopFront | null = null;
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

/** The widget may not be there yet, or may be blocked: then the button does nothing. */
function openChat(draft?: string): void {
  const widget = document.querySelector(WIDGET);
  if (widget && "open" in widget && typeof widget.open === "function") widget.open(draft);
}

function draw(): void {
  const texts = words();
  document.documentElement.lang = languageTag(language);
  place("ask-us").textContent = texts.askUs;
  const toggle = place("language");
  toggle.textContent = texts.otherLanguage;
  toggle.setAttribute("aria-label", texts.switchLanguage);
  place("categories").setAttribute("aria-label", texts.categories);
  const lists = failed || products.length > 0;
  place("shelves").hidden = !lists;
  fill("skip", lists ? texts.skip : undefined);
  fill("browse", lists ? texts.browse : undefined);
  if (front) drawFront(front);
  drawCategories(texts);
  drawProducts(texts);
}

/** Puts words into their place; a place that there are none for is not shown. */
function fill(id: string, text: string | undefined): void {
  const element = place(id);
  element.textContent = text ?? "";
  element.hidden = !text;
}

function drawFront(shop: ShopFront): void {
  const name = shop.name[language];
  document.title = shop.title?.[language] ?? name;
  const names = namesOf(shop).map((one) =>
    make(
      "b",
      {
        class: one.words === name ? "" : "other",
        attributes: { lang: languageTag(one.language) },
      },
      one.words,
    ),
  );
  place("names").replaceChildren(...names.flatMap((one) => [" ", one]));
  fill("tagline", shop.tagline?.[language] ?? name);
  fill("story", shop.story?.[language]);
  fill("contact", shop.contact?.[language]);
  fill("footer", shop.footer?.[language]);
  place("scene").hidden = shop.tagline === null;
  const promises = shop.promises[language];
  place("promises").hidden = promises.length === 0;
  place("promises").replaceChildren(...promises.map((promise) => make("li", {}, promise)));
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
  if (!failed) return place("products").replaceChildren();
  const retry = make("button", { class: "quiet", on: { click: () => load() } }, texts.tryAgain);
  place("products").replaceChildren(make("li", { class: "empty" }, texts.failed, retry));
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
      make("span", { class: "price" }, priceIn(front?.currency ?? "", languageTag(language), product.price)),
      stock(product, texts),
      ask,
    ),
  );
}

function stock(product: Product, texts: ShopTexts): HTMLElement | null {
  if (product.stock === 0) return make("span", { class: "stock none" }, texts.none);
  return product.stock <= FEW_LEFT ? make("span", { class: "stock" }, texts.few(product.stock)) : null;
}

async function asked(path: string): Promise<unknown> {
  const answer = await fetch(new URL(path, document.baseURI));
  if (!answer.ok) throw new Error(`The server answered ${answer.status}`);
  return answer.json();
}

async function load(): Promise<void> {
  failed = false;
  draw();
  try {
    const [shop, listed] = await Promise.all([asked(FRONT), asked(PRODUCTS)]);
    front = readFront(shop);
    products = readProducts(listed);
    void offerStarters(front);
  } catch {
    failed = true;
  }
  draw();
}

/** The widget's script comes when it comes: only then is its element there. */
async function offerStarters(shop: ShopFront): Promise<void> {
  await customElements.whenDefined(WIDGET);
  const widget = document.querySelector(WIDGET);
  for (const one of ["zh", "en"] as const) {
    if (shop.starters[one].length > 0) widget?.setAttribute(`starters-${one}`, shop.starters[one].join("|"));
  }
}

function switchLanguage(): void {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(LANGUAGE_NAME, language);
  document.querySelector(WIDGET)?.setAttribute("language", language);
  draw();
}

place("language").addEventListener("click", switchLanguage);
place("ask-us").addEventListener("click", () => openChat());
void load();
