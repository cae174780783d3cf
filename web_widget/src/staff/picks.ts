/** What is being picked in the composer at this moment: the sigil, what fits, and which one is marked. Pure. */
import { isComposed } from "../text/send_key.ts";
import type { Colleague } from "../wire/staff_frames.ts";
import { type CannedReply, fitting } from "./canned.ts";
import { optionId, type Pickable, stepped } from "./pick_list.ts";
import { ranked, replaced, type Typed, typedAt } from "./picking.ts";

export interface Sources {
  readonly replies: readonly CannedReply[];
  /** Whom a note may call: everybody but oneself. */
  readonly colleagues: readonly Colleague[];
  /** `/` in a reply, `/` and `@` in a note. */
  readonly sigils: string;
}

/** What a key press does to an open list; null when it is not the list's. */
export type PickAct = { readonly move: 1 | -1 } | "take" | "close" | null;

export class Picks {
  private constructor(
    readonly typed: Typed,
    readonly items: readonly Pickable[],
    readonly active: number,
  ) {}

  /** The list for the caret's place; null when nothing is picked there. */
  static at(text: string, caret: number, sources: Sources, before: Picks | null): Picks | null {
    const typed = typedAt(text, caret, sources.sigils);
    if (!typed) return null;
    const items = typed.sigil === "/" ? replies(sources, typed.letters) : called(sources, typed.letters);
    // Somebody who writes on after an @ that is nobody is not picking.
    if (typed.sigil === "@" && items.length === 0 && typed.letters !== "") return null;
    const same = before?.typed.sigil === typed.sigil && before.typed.letters === typed.letters;
    return new Picks(typed, items, same ? Math.min(before.active, Math.max(items.length - 1, 0)) : 0);
  }

  get marked(): Pickable | undefined {
    return this.items[this.active];
  }

  get markedId(): string {
    return optionId(this.active);
  }

  moved(by: 1 | -1): Picks {
    return new Picks(this.typed, this.items, stepped(this.active, by, this.items.length));
  }

  /** The text with what was typed replaced by what is picked. */
  taken(
    text: string,
    caret: number,
    { id, title }: Pickable,
    { replies: kept }: Sources,
  ): { readonly text: string; readonly caret: number } {
    const reply = kept.find((one) => one.id === id);
    const by = this.typed.sigil === "@" ? `@${title} ` : (reply?.text ?? "");
    return replaced(text, caret, this.typed, by);
  }
}

export function pickAct(event: KeyboardEvent, { items }: Picks): PickAct {
  if (isComposed(event) || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "Escape") return "close";
  if (items.length === 0) return null;
  if (event.key === "ArrowDown") return { move: 1 };
  if (event.key === "ArrowUp") return { move: -1 };
  return (event.key === "Enter" && !event.shiftKey) || event.key === "Tab" ? "take" : null;
}

function replies({ replies: kept }: Sources, letters: string): readonly Pickable[] {
  return fitting(kept, letters).map(({ id, shortcut, text, missing }) => ({
    id,
    title: `/${shortcut}`,
    detail: text,
    mark: missing.map((name) => `{${name}}`).join(" "),
  }));
}

function called({ colleagues }: Sources, letters: string): readonly Pickable[] {
  return ranked(colleagues, letters, ({ name }) => name).map(({ id, name }) => ({
    id,
    title: name,
    detail: "",
    mark: "",
  }));
}
