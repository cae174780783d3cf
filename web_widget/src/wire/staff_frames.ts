/** The frames of the staff socket, exactly as docs/wire.md has them. Types only. */
import type { ChatEvent, Contact, DeskHours, Language, Stage } from "./frames.ts";

export interface Me {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** By when a shopper who waits should have a word, counted in opening hours. */
export interface Deadline {
  readonly kind: "first_reply" | "next_reply";
  /** Left out while the desk is closed and does not open soon. */
  readonly due_at?: string;
  readonly state: "running" | "soon" | "late";
}

/** One of the staff, oneself too. `connected` has the inbox open and takes nobody new. */
export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly presence: "present" | "connected" | "gone";
  readonly holding: number;
  readonly capacity?: number;
  readonly languages: readonly string[];
  readonly skills: readonly string[];
}

/** A colleague who has a conversation open, and whether they are writing in it. */
export interface Watcher {
  readonly id: string;
  readonly name: string;
  readonly composing: boolean;
}

/** A known answer that fits; put into the composer only when somebody presses it. */
export interface Suggestion {
  readonly entry: string;
  readonly question: string;
  readonly answer: string;
  readonly language: string;
  readonly score: number;
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
  readonly deadline?: Deadline;
  readonly tags: readonly string[];
  /** How satisfied the shopper was, 1 to 5. */
  readonly score?: number;
  /** Whether the shopper left contact details instead of waiting. */
  readonly left_message: boolean;
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
  /** Signs in the course of the talk that speak for a person, strongest first. */
  readonly why?: readonly string[];
  readonly at: string;
}

/** Commands that need nothing but the conversation. */
export type StaffCommand = "claim" | "release" | "hand_back" | "close" | "reopen";

/** From the inbox to the server. */
export type StaffFrame =
  | { type: "hello"; protocol: 1; csrf: string }
  | { type: "open"; conversation: string; last_seq?: number }
  | { type: "more"; conversation: string; before: number; limit?: number }
  | { type: "leave"; conversation: string }
  | { type: StaffCommand; conversation: string }
  | { type: "transfer"; conversation: string; to: string }
  | { type: "take_over"; conversation: string; held_by: string }
  | { type: "tag"; conversation: string; add?: readonly string[]; remove?: readonly string[] }
  | { type: "suggest"; conversation: string; text?: string }
  | { type: "say"; id: string; conversation: string; text: string }
  | { type: "note"; id: string; conversation: string; text: string; mentions?: readonly string[] }
  | { type: "typing"; conversation: string; on: boolean; private?: boolean }
  | { type: "seen"; conversation: string; up_to: number }
  | { type: "mentions_seen" }
  | { type: "presence"; present: boolean }
  | { type: "tick" };

export interface StaffWelcome {
  readonly type: "welcome";
  readonly me: Me;
  readonly epoch: string;
  readonly inbox: readonly Summary[];
  readonly staff_present: number;
  readonly colleagues: readonly Colleague[];
  /** How waiting shoppers come to people: `pick`, `round_robin`, `least_busy`. */
  readonly routing: string;
  readonly limits?: { readonly text_characters: number };
  readonly desk?: DeskHours;
  /** Whether what is said can be stored; left out by a server of before. */
  readonly storing?: boolean;
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
  readonly watchers: readonly Watcher[];
  /** As left by the shopper. */
  readonly contact?: Contact;
  /** Where the shopper stands; a stranger's text. */
  readonly page?: { readonly title: string; readonly url: string };
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

export interface StaffSuggestions {
  readonly type: "suggestions";
  readonly conversation: string;
  /** What was looked for; empty when the shopper said nothing yet. */
  readonly text: string;
  readonly replies: readonly Suggestion[];
}

/** A colleague calls you in a note. */
export interface StaffMentioned {
  readonly type: "mentioned";
  readonly conversation: string;
  readonly seq: number;
  readonly by: { readonly id: string; readonly name: string };
  readonly text: string;
}

/** A note that calls this person, who has not seen it on any page. */
export interface UnseenMention {
  readonly conversation: string;
  readonly seq: number;
  readonly at: string;
  readonly by: { readonly id: string; readonly name: string };
  readonly text: string;
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
  | { readonly type: "storing"; readonly on: boolean }
  | { readonly type: "colleagues"; readonly colleagues: readonly Colleague[] }
  | { readonly type: "watchers"; readonly conversation: string; readonly watchers: readonly Watcher[] }
  | StaffSuggestions
  | { readonly type: "gone"; readonly conversation: string }
  | StaffMentioned
  | { readonly type: "mentions"; readonly unseen: readonly UnseenMention[] }
  | { readonly type: "tick"; readonly at: string };
