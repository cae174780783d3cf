/** What the inbox says, in both languages. */
import type { Language } from "../wire/frames.ts";
import { en } from "./texts_en.ts";
import { zh } from "./texts_zh.ts";

export type InboxTexts = typeof en;

/** What a happening is told with: who, to whom, and which tags; empty where nothing of it is known. */
export interface HappeningFacts {
  readonly name: string;
  readonly to: string;
  readonly added: string;
  readonly removed: string;
}

/** Keys of one part of the page: heading, then key and meaning. */
export type HelpGroup = readonly [string, readonly (readonly [string, string])[]];

export const inboxTexts: Readonly<Record<Language, InboxTexts>> = { en, zh };
