/** The keys of the inbox. Pure: a key press in, the name of what is meant out. */
import { TABS, type Tab } from "./lists.ts";

export type Meant =
  | { readonly act: "tab"; readonly tab: Tab }
  | { readonly act: "move"; readonly by: 1 | -1 }
  | {
      readonly act:
        | "open"
        | "claim"
        | "reply"
        | "note"
        | "hand_back"
        | "release"
        | "explain"
        | "search"
        | "presence"
        | "leave"
        | "help";
    };

const KEYS: Readonly<Record<string, Meant>> = {
  j: { act: "move", by: 1 },
  k: { act: "move", by: -1 },
  Enter: { act: "open" },
  c: { act: "claim" },
  r: { act: "reply" },
  n: { act: "note" },
  h: { act: "hand_back" },
  u: { act: "release" },
  w: { act: "explain" },
  "/": { act: "search" },
  p: { act: "presence" },
  Escape: { act: "leave" },
  "?": { act: "help" },
};

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
}

/** Null while somebody writes, or with Ctrl, Alt or Command, which belong to the browser. */
export function meant(press: Press, isWriting: boolean): Meant | null {
  if (press.isComposing || press.ctrlKey || press.metaKey || press.altKey || isWriting) return null;
  const tab = TABS[Number(press.key) - 1];
  if (tab !== undefined) return { act: "tab", tab };
  return Object.hasOwn(KEYS, press.key) ? (KEYS[press.key] ?? null) : null;
}

/** Whether the innermost element that the key went to takes text. */
export function isWritten(path: readonly EventTarget[]): boolean {
  const target = path[0];
  return target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Enter on a button presses that button and nothing else. */
export function isPressed(path: readonly EventTarget[]): boolean {
  const target = path[0];
  return target instanceof HTMLElement && ["BUTTON", "A", "SUMMARY"].includes(target.tagName);
}
