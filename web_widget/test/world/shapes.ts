/** Messages that are none of ours, or nearly: whoever hears one does nothing. */

const BOTH = { zh: "", en: "" };
export const SETUP = {
  shopkeeper: 1,
  type: "setup",
  language: "en",
  theme: "",
  accent: "",
  shop: BOTH,
  starters: BOTH,
  page: { title: "Kettles", url: "https://www.shop.example/kettles" },
  full: false,
};
export const STATE = { shopkeeper: 1, type: "state", unread: 2, kept: true, language: "en" };

const circle: Record<string, unknown> = { shopkeeper: 1, type: "close" };
circle.self = circle;

/** What neither side takes for a message. */
export const NOT_OURS: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 1],
  ["a flag", true],
  ["an empty text", ""],
  ["a word of ours", "open"],
  ["JSON as a text", JSON.stringify(SETUP)],
  ["an empty list", []],
  ["a list of messages", [SETUP, STATE]],
  ["an empty object", {}],
  ["a map", new Map(Object.entries(SETUP))],
  ["bytes", new Uint8Array([123, 125])],
  ["a date", new Date(0)],
  ["an error", new Error("x")],
  ["a message without the mark", { type: "close" }],
  ["a mark of another kind", { shopkeeper: "1", type: "close" }],
  ["a version to come", { shopkeeper: 2, type: "close" }],
  ["no type", { shopkeeper: 1 }],
  ["an unknown type", { shopkeeper: 1, type: "read_the_talk" }],
  ["a type of another kind", { shopkeeper: 1, type: ["close"] }],
  ["a type from the prototype", { shopkeeper: 1, type: "constructor" }],
  ["a type with a space", { shopkeeper: 1, type: "close " }],
  ["messages of a framework", { source: "react-devtools-bridge", payload: { event: "close" } }],
];

export const NO_SETUP: readonly (readonly [string, unknown])[] = [
  ["a setup without a page", { ...SETUP, page: undefined }],
  ["a setup with a page of another kind", { ...SETUP, page: "https://www.shop.example/" }],
  ["a setup with a title that is an object", { ...SETUP, page: { ...SETUP.page, title: {} } }],
  ["a setup with an endless address", { ...SETUP, page: { title: "", url: "x".repeat(2_001) } }],
  ["a setup in another language", { ...SETUP, language: "fr" }],
  ["a setup with a colour that is a list", { ...SETUP, accent: ["red"] }],
  ["a setup with an endless colour", { ...SETUP, accent: "r".repeat(101) }],
  ["a setup with starters in one language", { ...SETUP, starters: { zh: "" } }],
  ["a setup with a size that is no flag", { ...SETUP, full: "yes" }],
  ["a state, which is for the shop", STATE],
];

export const NO_OPENING: readonly (readonly [string, unknown])[] = [
  ["an opening with a draft that is an object", { shopkeeper: 1, type: "open", draft: { text: "x" } }],
  ["an opening without a draft", { shopkeeper: 1, type: "open" }],
  ["an opening with an endless draft", { shopkeeper: 1, type: "open", draft: "x".repeat(4_001) }],
];

export const NO_STATE: readonly (readonly [string, unknown])[] = [
  ["a count that is negative", { ...STATE, unread: -1 }],
  ["a count that is a text", { ...STATE, unread: "<b>2</b>" }],
  ["a count that is no number", { ...STATE, unread: Number.NaN }],
  ["a flag that is a text", { ...STATE, kept: "yes" }],
  ["another language", { ...STATE, language: "fr" }],
  ["no language", { ...STATE, language: undefined }],
  ["a setup, which is for the chat", SETUP],
  ["an opening, which is for the chat", { shopkeeper: 1, type: "open", draft: null }],
];

/** A circle is no JSON, but the browser carries it; ours read only what they know of it. */
export const CLOSE_WITH_A_CIRCLE = circle;
