/** The frames of the staff socket, exactly as docs/wire.md has them. Types only. */
import type { ChatEvent, Language, Stage } from "./frames.ts";

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** One conversation as a line of the inbox. */
export interface Summary {
  readonly conversation: string;
  readonly stage: Stage;
  readonly language: Language | null;
  readonly holder?: { readonly id: string; readonly name: string };
  readonly waiting_since?: string;
  readonly last_at: string;
  readonly last_text: string;
  readonly last_seq: number;
  readonly unread: number;
  readonly reason?: string;
  readonly intent?: string;
  readonly mood?: string;
  readonly order?: string;
  readonly place?: number;
}

/** One attempt of the bot, as the packet shows it. */
export interface Tried {
  readonly attempt: string;
  readonly outcome: string;
  readonly entry?: string;
  readonly score?: number;
}

/** What the bot hands over with a conversation. */
export interface Packet {
  readonly asked: readonly string[];
  readonly language: Language | null;
  readonly intent?: string;
  readonly intent_confidence?: number;
  readonly mood: string;
  readonly reason: string;
  readonly tried: readonly Tried[];
  readonly order?: string;
  readonly at: string;
}

export type StaffCommand = "claim" | "release" | "hand_back" | "close";

/** From the inbox to the server. */
export type StaffFrame =
  | { type: "hello"; protocol: 1; csrf: string }
  | { type: "open"; conversation: string; last_seq?: number }
  | { type: "more"; conversation: string; before: number; limit?: number }
  | { type: "leave"; conversation: string }
  | { type: StaffCommand; conversation: string }
  | { type: "say" | "note"; id: string; conversation: string; text: string }
  | { type: "typing"; conversation: string; on: boolean }
  | { type: "seen"; conversation: string; up_to: number }
  | { type: "presence"; present: boolean }
  | { type: "tick" };

export interface StaffWelcome {
  readonly type: "welcome";
  readonly me: Me;
  readonly epoch: string;
  readonly inbox: readonly Summary[];
  readonly staff_present: number;
}

export interface StaffOpened {
  readonly type: "opened";
  readonly conversation: string;
  readonly summary: Summary;
  readonly events: readonly ChatEvent[];
  readonly first_seq: number;
  readonly packet: Packet | null;
  /** How far either side has read, where the server says so. */
  readonly read?: { readonly shopper: number; readonly staff: number };
}

export interface StaffRefused {
  readonly type: "refused";
  readonly id?: string;
  readonly what?: string;
  readonly conversation?: string;
  readonly code: string;
  /** In both languages, or as one text. */
  readonly message: string | { readonly zh: string; readonly en: string };
  readonly retry_after_seconds?: number;
}

/** From the server to the inbox. */
export type StaffServerFrame =
  | StaffWelcome
  | { readonly type: "summary"; readonly summary: Summary }
  | StaffOpened
  | {
      readonly type: "older";
      readonly conversation: string;
      readonly events: readonly ChatEvent[];
      readonly before: number;
      readonly first: boolean;
    }
  | { readonly type: "event"; readonly conversation: string; readonly event: ChatEvent }
  | {
      readonly type: "accepted";
      readonly id: string;
      readonly conversation: string;
      readonly seq: number;
      readonly at: string;
    }
  | { readonly type: "done"; readonly what: string; readonly conversation: string }
  | StaffRefused
  | { readonly type: "typing"; readonly conversation: string; readonly on: boolean }
  | { readonly type: "read"; readonly conversation: string; readonly up_to: number }
  | { readonly type: "presence"; readonly staff_present: number }
  | { readonly type: "tick"; readonly at: string };
