/** The keys of the inbox. Pure: a key press in, the name of what is meant out. */
import type { Act } from "./commands.ts";
import { TABS, type Tab } from "./lists.ts";

export type Meant =
  | { readonly act: "tab"; readonly tab: Tab }
  | { readonly act: "move"; readonly by: 1 | -1 }
  | { readonly act: "do"; readonly what: readonly Act[] }
  | {
      readonly act:
        | "open"
        | "reply"
        | "note"
        | "suggestion"
        | "tags"
        | "explain"
        | "search"
        | "filters"
        | "mentions"
        | "presence"
        | "alerts"
        | "leave"
        | "help";
    };

export const KEYS: Readonly<Record<string, Meant>> = {
  j: { act: "move", by: 1 },
  k: { act: "move", by: -1 },
  Enter: { act: "open" },
  c: { act: "do", what: ["claim"] },
  t: { act: "do", what: ["transfer"] },
  // Whichever of the two is offered: never both at once.
  o: { act: "do", what: ["take_over", "reopen"] },
  h: { act: "do", what: ["hand_back"] },
  u: { act: "do", what: ["release"] },
  x: { act: "do", what: ["close"] },
  r: { act: "reply" },
  n: { act: "note" },
  s: { act: "suggestion" },
  g: { act: "tags" },
  w: { act: "explain" },
  "/": { act: "search" },
  f: { act: "filters" },
  m: { act: "mentions" },
  p: { act: "presence" },
  a: { act: "alerts" },
  Escape: { act: "leave" },
  "?": { act: "help" },
};

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
  /** The key was not pressed anew but is held down. */
  readonly repeat: boolean;
}

/**
 * Null while somebody writes, or with Ctrl, Alt or Command, which belong to the browser. A key that is held down goes
 * on in the list, and does nothing else: it must not answer what it was itself asked.
 */
export function meant(press: Press, isWriting: boolean): Meant | null {
  if (press.isComposing || press.ctrlKey || press.metaKey || press.altKey || isWriting) return null;
  const tab = TABS[Number(press.key) - 1];
  if (tab !== undefined) return { act: "tab", tab };
  const means = Object.hasOwn(KEYS, press.key) ? (KEYS[press.key] ?? null) : null;
  return press.repeat && means?.act !== "move" ? null : means;
}

/** Whether the innermost element that the key went to takes text. */
export function isWritten(path: readonly EventTarget[]): boolean {
  const target = path[0];
  const takesText = target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  // For a moment after a dialog closed the browser leaves the focus on a box inside it.
  return takesText && !dialogsOn(path).some(({ open }) => !open);
}

/** Enter on a button presses that button and nothing else. */
export function isPressed(path: readonly EventTarget[]): boolean {
  const target = path[0];
  return target instanceof HTMLElement && ["BUTTON", "A", "SUMMARY"].includes(target.tagName);
}

/** A dialog that is open has the keys to itself. */
export function isInDialog(path: readonly EventTarget[]): boolean {
  return dialogsOn(path).some(({ open }) => open);
}

function dialogsOn(path: readonly EventTarget[]): readonly HTMLDialogElement[] {
  return path.filter((target) => target instanceof HTMLDialogElement);
}
