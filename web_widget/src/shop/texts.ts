/** What the demo shop says around its products. */
import type { Language } from "../wire/frames.ts";

const en = {
  title: "Little Harbour · home, kitchen, coffee and tea",
  tagline: "Good things for quiet mornings",
  story:
    "Home, kitchen, coffee and tea goods from a small warehouse by the sea in Ningbo. Chosen slowly, packed with care.",
  browse: "See everything",
  askUs: "Ask us anything",
  promises: [
    "Free delivery from ¥99 on the mainland",
    "Returns within 15 days",
    "Real people behind the chat",
  ],
  all: "Everything",
  categories: "Categories",
  count: (count: number) => `${count} products`,
  ask: "Ask about it",
  askDraft: (name: string, sku: string) => `I have a question about "${name}" (${sku}): `,
  few: (left: number) => `Only ${left} left`,
  none: "Sold out",
  loading: "Unpacking the shelves…",
  failed: "The shelves could not be loaded.",
  tryAgain: "Try again",
  otherLanguage: "中文",
  switchLanguage: "切换到中文",
  skip: "Skip to the products",
  footer: "Little Harbour is an invented shop that shows Shopkeeper at work. Nothing is sold here.",
  contact: "hello@littleharbour.example · Monday to Friday 09:00–21:00, weekends 10:00–18:00",
};

export type ShopTexts = typeof en;

const zh: ShopTexts = {
  title: "小港生活 · 家居、厨房、咖啡与茶",
  tagline: "好物，留给安静的清晨",
  story: "来自宁波海边小仓库的家居、厨房、咖啡与茶器。慢慢挑选，用心打包。",
  browse: "逛逛全部",
  askUs: "有问题，随时问",
  promises: ["大陆满 99 元包邮", "15 天内可退换", "聊天背后有真人"],
  all: "全部",
  categories: "商品分类",
  count: (count) => `共 ${count} 件商品`,
  ask: "咨询这件",
  askDraft: (name, sku) => `想咨询一下“${name}”（${sku}）：`,
  few: (left) => `仅剩 ${left} 件`,
  none: "已售罄",
  loading: "正在上架…",
  failed: "商品没有加载出来。",
  tryAgain: "重试",
  otherLanguage: "English",
  switchLanguage: "Switch to English",
  skip: "跳到商品列表",
  footer: "小港生活是为演示掌柜（Shopkeeper）而虚构的店铺，这里不出售任何商品。",
  contact: "hello@littleharbour.example · 周一至周五 9:00–21:00，周末 10:00–18:00",
};

export const shopTexts: Readonly<Record<Language, ShopTexts>> = { en, zh };
