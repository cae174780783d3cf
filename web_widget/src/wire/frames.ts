/**
 * The frames of the shopper socket and the records that both sockets share, exactly as docs/wire.md has them.
 *
 * Types only: what comes in is checked in decoder.ts.
 */

export type Language = "zh" | "en";
export type Stage = "with_bot" | "waiting_for_staff" | "with_staff" | "closed";
export type Role = "shopper" | "bot" | "staff";
export type Source = "known" | "written" | "action" | "said";

/** A text in both languages, as the server sends everything that a shopper may read. */
export interface BothLanguages {
  readonly zh: string;
  readonly en: string;
}

/** A quick reply: what the button shows and sends as text, and what choosing it means. */
export interface Choice {
  readonly label: string;
  readonly value: string;
}

/** One thing that happened. `kind` stays a string, so that a kind of a later version still holds its number. */
export interface ChatEvent {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly author: { readonly role: Role; readonly name?: string };
  readonly text: string;
  readonly client_id?: string;
  readonly turn?: string;
  readonly trace_turn?: string;
  readonly choices?: readonly Choice[];
  readonly source?: Source;
  readonly language?: Language;
  readonly reason?: string;
}

export interface Limits {
  readonly text_characters: number;
  readonly unaccepted: number;
  readonly messages_per_minute: number;
}

/** From the widget to the server. */
export type ShopperFrame =
  | {
      type: "hello";
      protocol: 1;
      conversation?: string;
      token?: string;
      epoch?: string;
      last_seq?: number;
      language?: Language;
      page?: { title: string; url: string };
    }
  | { type: "say"; id: string; text: string; choice?: string }
  | { type: "seen"; up_to: number }
  | { type: "typing"; on: boolean }
  | { type: "more"; before: number; limit?: number }
  | { type: "close" }
  | { type: "tick" };

export interface ShopperWelcome {
  readonly type: "welcome";
  readonly conversation: string | null;
  readonly token?: string;
  readonly epoch: string;
  readonly stage: Stage;
  readonly last_seq: number;
  readonly language: Language;
  readonly label: BothLanguages;
  readonly shop: BothLanguages;
  readonly limits: Limits;
  readonly buttons: { readonly talk_to_person: BothLanguages };
  readonly warning: BothLanguages;
  /** First words of the assistant, where the shop has its own. */
  readonly greeting?: BothLanguages;
}

export interface ShopperRefused {
  readonly type: "refused";
  readonly id?: string;
  readonly code: string;
  readonly message: BothLanguages;
  readonly retry_after_seconds?: number;
}

/** From the server to the widget. */
export type ShopperServerFrame =
  | ShopperWelcome
  | { readonly type: "begun"; readonly conversation: string; readonly token: string }
  | { readonly type: "events"; readonly events: readonly ChatEvent[]; readonly more: boolean }
  | {
      readonly type: "start_over";
      readonly epoch: string;
      readonly events: readonly ChatEvent[];
      readonly first_seq: number;
      readonly last_seq: number;
      readonly stage: Stage;
    }
  | {
      readonly type: "older";
      readonly events: readonly ChatEvent[];
      readonly before: number;
      readonly first: boolean;
    }
  | { readonly type: "event"; readonly event: ChatEvent }
  | { readonly type: "accepted"; readonly id: string; readonly seq: number; readonly at: string }
  | ShopperRefused
  | { readonly type: "typing"; readonly who: "bot" | "staff"; readonly on: boolean }
  | {
      readonly type: "queue";
      readonly place: number;
      readonly waiting: number;
      readonly staff_present: number;
    }
  | { readonly type: "stage"; readonly stage: Stage }
  | { readonly type: "read"; readonly up_to: number }
  | { readonly type: "tick"; readonly at: string };
