/**
 * What the shop's page and the chat in its frame say to each other, and nothing else.
 *
 * The two are of different origins and trust each other with nothing: whatever comes is looked at for its window,
 * its origin and its shape, and what is not exactly known is ignored. No word of the talk is among these messages.
 */
import { isLanguage } from "../text/language.ts";
import type { BothLanguages, Language } from "../wire/frames.ts";
import { count, fields, flag, Malformed, orNull, type Reader, record, text } from "../wire/readers.ts";

/** Every message carries this number under `shopkeeper`; it grows when an older side would misread a message. */
const VERSION = 1;

const TITLE_CHARACTERS = 200;
const ADDRESS_CHARACTERS = 2000;
const DRAFT_CHARACTERS = 4000;
const COLOUR_CHARACTERS = 100;
const STARTERS_CHARACTERS = 2000;

export interface PageNow {
  readonly title: string;
  readonly url: string;
}

/** How the shop wants its chat, and where it stands; said at the beginning and after every change. */
export interface Setup {
  readonly type: "setup";
  /** Null leaves the choice to the shopper and the browser. */
  readonly language: Language | null;
  readonly theme: string;
  readonly accent: string;
  readonly shop: BothLanguages;
  /** Questions to begin with, separated by `|`. */
  readonly starters: BothLanguages;
  readonly page: PageNow;
  /** The frame covers the whole page, as on a phone. */
  readonly full: boolean;
}

export type ToChat =
  | Setup
  | { readonly type: "open"; readonly draft: string | null }
  | { readonly type: "close" };

/** All that a shop's page ever learns of a chat. */
export interface ChatState {
  readonly type: "state";
  readonly unread: number;
  /** There is something to come back for on the next page: a conversation, or a text that is not sent yet. */
  readonly kept: boolean;
  readonly language: Language;
}

export type ToShop = ChatState | { readonly type: "close" };

export function sealed(message: ToChat | ToShop): Record<string, unknown> {
  return { shopkeeper: VERSION, ...message };
}

/** Null for anything that is no such message. */
export function readToChat(value: unknown): ToChat | null {
  return readSealed(value, (type) => {
    if (type === "setup") return setup(value, type);
    if (type === "open")
      return { type, draft: orNull(short(DRAFT_CHARACTERS))(fields(value, type).draft, type) };
    return type === "close" ? { type } : null;
  });
}

/** Null for anything that is no such message. */
export function readToShop(value: unknown): ToShop | null {
  return readSealed(value, (type) => {
    if (type === "state") return state(value, type);
    return type === "close" ? { type } : null;
  });
}

function readSealed<T>(value: unknown, read: (type: unknown) => T | null): T | null {
  try {
    const from = fields(value, "message");
    return from.shopkeeper === VERSION ? read(from.type) : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function short(characters: number): Reader<string> {
  return (value, path) => {
    const read = text(value, path);
    if (read.length > characters) throw new Malformed(path, `at most ${characters} characters`);
    return read;
  };
}

const language: Reader<Language> = (value, path) => {
  if (!isLanguage(value)) throw new Malformed(path, "zh | en");
  return value;
};

function both(characters: number): Reader<BothLanguages> {
  return record((take) => ({ zh: take("zh", short(characters)), en: take("en", short(characters)) }));
}

const page: Reader<PageNow> = record((take) => ({
  title: take("title", short(TITLE_CHARACTERS)),
  url: take("url", short(ADDRESS_CHARACTERS)),
}));

const setup: Reader<Setup> = record((take) => ({
  type: "setup",
  language: take("language", orNull(language)),
  theme: take("theme", short(COLOUR_CHARACTERS)),
  accent: take("accent", short(COLOUR_CHARACTERS)),
  shop: take("shop", both(TITLE_CHARACTERS)),
  starters: take("starters", both(STARTERS_CHARACTERS)),
  page: take("page", page),
  full: take("full", flag),
}));

const state: Reader<ChatState> = record((take) => ({
  type: "state",
  unread: take("unread", count),
  kept: take("kept", flag),
  language: take("language", language),
}));

/** A setup as the chat takes it: what a shop has made too long is cut, so that the rest still counts. */
export function setupFrom(
  read: (name: string) => string | null,
  language: Language | null,
  full: boolean,
): Setup {
  const cut = (name: string, characters: number): string => (read(name) ?? "").slice(0, characters);
  const inBoth = (name: string, characters: number): BothLanguages => ({
    zh: cut(`${name}-zh`, characters),
    en: cut(`${name}-en`, characters),
  });
  return {
    type: "setup",
    language,
    theme: cut("theme", COLOUR_CHARACTERS),
    accent: cut("accent", COLOUR_CHARACTERS),
    shop: inBoth("shop", TITLE_CHARACTERS),
    starters: inBoth("starters", STARTERS_CHARACTERS),
    page: {
      title: document.title.slice(0, TITLE_CHARACTERS),
      url: (location.origin + location.pathname).slice(0, ADDRESS_CHARACTERS),
    },
    full,
  };
}

export function draftOf(words: string | undefined): string | null {
  return words === undefined ? null : words.slice(0, DRAFT_CHARACTERS);
}
