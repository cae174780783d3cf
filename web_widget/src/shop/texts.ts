/** What stands on a shop's front in every shop; what is of one shop comes with it (see front.ts). */
import type { Language } from "../wire/frames.ts";

const en = {
  browse: "See everything",
  askUs: "Ask us anything",
  all: "Everything",
  categories: "Categories",
  count: (count: number) => (count === 1 ? "1 product" : `${count} products`),
  ask: "Ask about it",
  askDraft: (name: string, sku: string) => `I have a question about "${name}" (${sku}): `,
  few: (left: number) => `Only ${left} left`,
  none: "Sold out",
  failed: "The page could not be loaded.",
  tryAgain: "Try again",
  otherLanguage: "中文",
  switchLanguage: "切换到中文",
  skip: "Skip to the products",
};

export type ShopTexts = typeof en;

const zh: ShopTexts = {
  browse: "逛逛全部",
  askUs: "有问题，随时问",
  all: "全部",
  categories: "商品分类",
  count: (count) => `共 ${count} 件商品`,
  ask: "咨询这件",
  askDraft: (name, sku) => `想咨询一下“${name}”（${sku}）：`,
  few: (left) => `仅剩 ${left} 件`,
  none: "已售罄",
  failed: "页面没有加载出来。",
  tryAgain: "重试",
  otherLanguage: "English",
  switchLanguage: "Switch to English",
  skip: "跳到商品列表",
};

export const shopTexts: Readonly<Record<Language, ShopTexts>> = { en, zh };
