/** What this person may do with a conversation now, in the order in which it is offered. Pure. */
import type { Summary } from "../wire/staff_frames.ts";

export type Act = "claim" | "transfer" | "take_over" | "release" | "hand_back" | "close" | "reopen";

export interface Offer {
  readonly act: Act;
  /** `strong`: what is usually wanted; `plain`: a button of its own; `more`: in the menu. */
  readonly rank: "strong" | "plain" | "more";
}

export interface Person {
  readonly id: string;
  readonly isAdmin: boolean;
  /** Whether the holder's inbox is closed: then anybody may take over. */
  readonly holderIsGone: boolean;
}

export function offersFor({ stage, holder }: Summary, person: Person): readonly Offer[] {
  switch (stage) {
    case "waiting_for_staff":
      return [
        { act: "claim", rank: "strong" },
        { act: "close", rank: "more" },
      ];
    case "with_bot":
      return [{ act: "claim", rank: "plain" }];
    case "closed":
      return [{ act: "reopen", rank: "plain" }];
    case "with_staff":
      return holder?.id === person.id
        ? MINE
        : mayTakeOver(person)
          ? [{ act: "take_over", rank: "plain" }]
          : [];
  }
}

const MINE: readonly Offer[] = [
  { act: "transfer", rank: "plain" },
  { act: "hand_back", rank: "plain" },
  { act: "close", rank: "plain" },
  { act: "release", rank: "more" },
];

function mayTakeOver({ isAdmin, holderIsGone }: Person): boolean {
  return isAdmin || holderIsGone;
}
