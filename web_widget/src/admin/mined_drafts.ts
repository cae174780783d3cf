/** What an admin has chosen and edited of the proposals, kept by the tab until it is published. */
import type { Chosen, Proposal, ProposalKind } from "../rest/mined_answers.ts";

/** Null stands for "as it was found". */
export interface Draft {
  readonly chosen: boolean;
  readonly answer: string | null;
  readonly questions: readonly string[] | null;
  /** It becomes an entry of its own, whatever entry it was found to be about. */
  readonly asNew: boolean;
  /** What nobody has answered is asked of the entry that came nearest. */
  readonly toEntry: boolean;
}

export type Drafts = Readonly<Record<string, Draft>>;

export const UNTOUCHED: Draft = {
  chosen: false,
  answer: null,
  questions: null,
  asNew: false,
  toEntry: false,
};
const KEPT_AS = "shopkeeper.old-chats";

export function draftOf(drafts: Drafts, id: string): Draft {
  return Object.hasOwn(drafts, id) ? (drafts[id] ?? UNTOUCHED) : UNTOUCHED;
}

/** What it becomes. */
export function kindOf(proposal: Proposal, draft: Draft): ProposalKind {
  if (proposal.kind === "unanswered") return draft.toEntry && proposal.entry ? "phrasings" : "unanswered";
  return draft.asNew ? "new" : proposal.kind;
}

export function isEdited({ answer, questions, asNew, toEntry }: Draft): boolean {
  return answer !== null || questions !== null || asNew || toEntry;
}

export function questionsOf(proposal: Proposal, draft: Draft): readonly string[] {
  return draft.questions ?? proposal.questions;
}

export function answerOf(proposal: Proposal, draft: Draft): string {
  return draft.answer ?? proposal.answer;
}

/** What keeps a proposal from being published as it stands. */
export type Lack = "questions" | "answer" | null;

export function lackOf(proposal: Proposal, draft: Draft): Lack {
  // An entry that is answered otherwise has questions of its own.
  const asks = questionsOf(proposal, draft).some((one) => one.trim() !== "");
  const kind = kindOf(proposal, draft);
  if (!asks && kind !== "differs") return "questions";
  const answers = kind === "phrasings" || answerOf(proposal, draft).trim() !== "";
  return answers ? null : "answer";
}

/** What is chosen, as the server takes it. */
export function chosenOf(proposals: readonly Proposal[], drafts: Drafts): readonly Chosen[] {
  return proposals.flatMap((proposal) => {
    const draft = draftOf(drafts, proposal.id);
    if (!draft.chosen || proposal.became !== "waiting") return [];
    const { answer, questions, asNew, toEntry } = draft;
    return [
      {
        id: proposal.id,
        ...(answer === null || kindOf(proposal, draft) === "phrasings" ? {} : { answer: answer.trim() }),
        ...(questions === null ? {} : { questions: told(questions) }),
        ...(asNew ? { as_new: true } : {}),
        ...(toEntry ? { to_entry: true } : {}),
      },
    ];
  });
}

function told(questions: readonly string[]): readonly string[] {
  return questions.map((one) => one.trim()).filter((one) => one !== "");
}

/** Without what is not proposed any more, published by now, or was never touched. */
export function stillOpen(drafts: Drafts, proposals: readonly Proposal[]): Drafts {
  const open = proposals.filter(({ became }) => became === "waiting");
  const kept = open.map(({ id }): [string, Draft] => [id, draftOf(drafts, id)]);
  return Object.fromEntries(kept.filter(([, draft]) => draft !== UNTOUCHED));
}

export function keepDrafts(storage: Storage, drafts: Drafts): void {
  try {
    if (Object.keys(drafts).length === 0) storage.removeItem(KEPT_AS);
    else storage.setItem(KEPT_AS, JSON.stringify(drafts));
  } catch {
    // A full or forbidden storage only means that a reload forgets them.
  }
}

export function keptDrafts(storage: Storage): Drafts {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEPT_AS) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    const read = Object.entries(kept).map(([id, draft]): [string, Draft | null] => [id, draftIn(draft)]);
    return Object.fromEntries(read.filter((one): one is [string, Draft] => one[1] !== null));
  } catch {
    return {};
  }
}

function draftIn(value: unknown): Draft | null {
  if (typeof value !== "object" || value === null) return null;
  const { chosen, answer, questions, asNew, toEntry } = value as Record<string, unknown>;
  if (
    typeof chosen !== "boolean" ||
    typeof asNew !== "boolean" ||
    typeof toEntry !== "boolean" ||
    !(answer === null || typeof answer === "string")
  )
    return null;
  if (questions === null) return { chosen, answer, questions, asNew, toEntry };
  const isList = Array.isArray(questions) && questions.every((one) => typeof one === "string");
  return isList ? { chosen, answer, questions, asNew, toEntry } : null;
}
