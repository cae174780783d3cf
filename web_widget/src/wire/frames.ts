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

/** How to reach a shopper who does not wait; at least one beside the name. */
export interface Contact {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly wechat?: string;
  readonly other?: string;
}

/** Whether people answer now by the shop's calendar, and when they do next. */
export interface DeskHours {
  readonly open: boolean;
  readonly opens_at?: string;
  readonly hours: BothLanguages;
  readonly staff_present: number;
}

/** What a shopper who waits may do instead; in the order in which the server offers it. */
export type Offer = "wait" | "leave_message" | "go_on_with_bot";

/** One thing that happened. `kind` stays a string, so that a kind of a later version still holds its number. */
export interface ChatEvent {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly author: { readonly role: Role; readonly name?: string; readonly id?: string };
  readonly text: string;
  readonly client_id?: string;
  readonly turn?: string;
  readonly trace_turn?: string;
  readonly choices?: readonly Choice[];
  readonly source?: Source;
  readonly language?: Language;
  /** What a `bot_notice` is about: `nobody_here`, `overload`, `failed`. */
  readonly notice?: string;
  /** The quick reply that was pressed. */
  readonly choice?: string;
  /** Of `message_left`. */
  readonly contact?: Contact;
  /** Of `rated`: 1 to 5; the comment is the text. */
  readonly score?: number;
  /** Of a change of holder. */
  readonly to_name?: string;
  // What follows comes to staff only.
  readonly reason?: string;
  readonly to?: string;
  readonly from?: string;
  readonly right?: string;
  readonly away?: boolean;
  readonly routed?: boolean;
  /** Of `reply_late`: which deadline passed. */
  readonly late?: string;
  readonly mentions?: readonly string[];
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
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
  | { type: "leave_message"; id: string; text: string; contact: Contact }
  | { type: "go_on_with_bot" }
  | { type: "rate"; score: number; comment?: string }
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
  readonly desk?: DeskHours;
  /** The satisfaction told so far. */
  readonly score?: number;
}

export interface ShopperRefused {
  readonly type: "refused";
  readonly id?: string;
  /** What was asked for, where it was no message: `leave_message`, `go_on_with_bot`, `rate`, `close`. */
  readonly what?: string;
  readonly code: string;
  readonly message: BothLanguages;
  readonly retry_after_seconds?: number;
}

/** Where the shopper stands among those who wait, and what they may do. */
export interface ShopperQueue {
  readonly type: "queue";
  readonly place: number;
  readonly waiting: number;
  readonly staff_present: number;
  readonly open: boolean;
  readonly opens_at?: string;
  /** Left out where nothing honest can be said: then say nothing. */
  readonly expected?: { readonly from_seconds: number; readonly to_seconds: number };
  readonly left_message: boolean;
  readonly offers: readonly Offer[];
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
  | ShopperQueue
  | { readonly type: "ask_rating" }
  | { readonly type: "stage"; readonly stage: Stage }
  | { readonly type: "read"; readonly up_to: number }
  | { readonly type: "tick"; readonly at: string };
