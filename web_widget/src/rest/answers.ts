/** What the REST interface answers about people, conversations and the state of the server (docs/api.md). */
import type { IntentNames } from "../staff/intent_names.ts";
import { chatEvent, stage } from "../wire/decoder.ts";
import type { ChatEvent, Stage } from "../wire/frames.ts";
import { count, fields, flag, list, number, optional, type Reader, record, text } from "../wire/readers.ts";
import { summary } from "../wire/staff_decoder.ts";
import type { Summary } from "../wire/staff_frames.ts";
import { named, or, shown } from "./lenient.ts";

export interface Account {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  readonly created_at: string;
  /** What routing knows of the person; empty lists mean any. */
  readonly languages: readonly string[];
  readonly skills: readonly string[];
  readonly capacity?: number;
}

export const account: Reader<Account> = record((take, from, path) => ({
  id: take("id", text),
  login: or(from, "login", text, path, ""),
  name: take("name", text),
  roles: take("roles", list(text)),
  disabled: or(from, "disabled", flag, path, false),
  created_at: or(from, "created_at", text, path, ""),
  languages: or(from, "languages", list(text), path, []),
  skills: or(from, "skills", list(text), path, []),
  ...optional(from, "capacity", count, path),
}));

export interface SignedIn {
  readonly me: Account;
  readonly csrf: string;
}

export const signedIn: Reader<SignedIn> = record((take) => ({
  me: take("me", account),
  csrf: take("csrf", text),
}));

export const accounts: Reader<readonly Account[]> = record((take) => take("staff", list(account)));
export const oneAccount: Reader<Account> = record((take) => take("account", account));

/** An account with the password that is shown this once. */
export interface NewPassword {
  readonly account: Account;
  readonly password: string;
}

export const newPassword: Reader<NewPassword> = record((take) => ({
  account: take("account", account),
  password: take("password", text),
}));

export const summaries: Reader<readonly Summary[]> = record((take) => take("conversations", list(summary)));

export interface Found {
  readonly conversation: string;
  readonly stage: Stage;
  readonly event: ChatEvent;
}

export const found: Reader<readonly Found[]> = record((take) =>
  take(
    "found",
    list(
      record((inside) => ({
        conversation: inside("conversation", text),
        stage: inside("stage", stage),
        event: inside("event", chatEvent),
      })),
    ),
  ),
);

export interface TraceHit {
  readonly id: string;
  readonly question: string;
  readonly score: number;
  readonly similarity: number;
  readonly lexical: number;
  readonly exact: boolean;
}

export const traceHit: Reader<TraceHit> = record((take, from, path) => ({
  id: take("id", text),
  question: take("question", text),
  score: or(from, "score", number, path, 0),
  similarity: or(from, "similarity", number, path, 0),
  lexical: or(from, "lexical", number, path, 0),
  exact: or(from, "exact", flag, path, false),
}));

/** One attempt of the bot with every fact it left. */
export interface TraceAttempt {
  readonly attempt: string;
  readonly outcome: string;
  readonly facts: Readonly<Record<string, string>>;
}

const traceAttempt: Reader<TraceAttempt> = (value, path) => {
  const { attempt, outcome, ...rest } = fields(value, path);
  return {
    attempt: text(attempt, `${path}.attempt`),
    outcome: text(outcome, `${path}.outcome`),
    facts: named(shown)(rest, path),
  };
};

/** Why the bot said what it said. */
export interface Trace {
  readonly language: string;
  readonly intent?: string;
  readonly intent_confidence?: number;
  readonly runner_up?: string;
  readonly runner_up_confidence?: number;
  readonly mood: string;
  readonly urgency: number;
  readonly rule: string;
  readonly hits: readonly TraceHit[];
  readonly attempts: readonly TraceAttempt[];
  readonly thresholds: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: Readonly<Record<string, number>>;
}

export const trace: Reader<Trace> = record((_take, from, path) => ({
  language: or(from, "language", text, path, ""),
  ...optional(from, "intent", text, path),
  ...optional(from, "intent_confidence", number, path),
  ...optional(from, "runner_up", text, path),
  ...optional(from, "runner_up_confidence", number, path),
  mood: or(from, "mood", text, path, "neutral"),
  urgency: or(from, "urgency", number, path, 0),
  rule: or(from, "rule", text, path, ""),
  hits: or(from, "hits", list(traceHit), path, []),
  attempts: or(from, "attempts", list(traceAttempt), path, []),
  thresholds: or(from, "thresholds", named(shown), path, {}),
  versions: or(from, "versions", named(shown), path, {}),
  seconds: or(from, "seconds", named(number), path, {}),
}));

export const traces: Reader<Readonly<Record<string, Trace>>> = record((take) => take("traces", named(trace)));

export interface Status {
  readonly status: string;
  readonly step: string;
  readonly staff_present: number;
  readonly open: boolean;
}

export const status: Reader<Status> = record((take, from, path) => ({
  status: take("status", text),
  step: or(from, "step", text, path, ""),
  staff_present: or(from, "staff_present", count, path, 0),
  open: or(from, "open", flag, path, false),
}));

export interface Overview {
  readonly conversations: Readonly<Record<string, number>>;
  readonly events: number;
  readonly open_turns: number;
  readonly staff_present: number;
  readonly knowledge: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

export const overview: Reader<Overview> = record((take, from, path) => ({
  conversations: take("conversations", named(count)),
  events: or(from, "events", count, path, 0),
  open_turns: or(from, "open_turns", count, path, 0),
  staff_present: or(from, "staff_present", count, path, 0),
  knowledge: or(from, "knowledge", named(shown), path, {}),
  versions: or(from, "versions", named(shown), path, {}),
}));

/** What the shop calls its intents, in each language. */
export const intentNames: Reader<IntentNames> = record((take) =>
  take(
    "intents",
    named(
      record((_take, from, path) => ({
        ...optional(from, "zh", text, path),
        ...optional(from, "en", text, path),
      })),
    ),
  ),
);

export const nothing: Reader<null> = () => null;
