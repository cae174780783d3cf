/** One entry as it was written on the page, and the file that brings it into the knowledge base. Pure. */
import type { SearchHit } from "../rest/knowledge_answers.ts";

/** Entries that were written here belong to this file; none of that name is imported to replace them. */
const FILE_NAME = "written-in-the-console.jsonl";
const NOTE_CHARACTERS = 120;

export interface WrittenEntry {
  /** The published entry that gets another answer; null for a new one. */
  readonly about: SearchHit | null;
  /** One a line, as they were typed. */
  readonly questions: string;
  readonly answer: string;
}

export function begun(about: SearchHit | null, asked: string): WrittenEntry {
  return { about, questions: about ? "" : asked, answer: about?.answer ?? "" };
}

/** Whether there is something to publish: an answer, questions for what is new, a difference to what is there. */
export function isWhole(entry: WrittenEntry): boolean {
  const { about, answer } = entry;
  if (answer.trim() === "" || questionsOf(entry).length === 0) return false;
  return !about || answer.trim() !== about.answer.trim() || entry.questions.trim() !== "";
}

/** A question that the published entry asks stands first: by it a mere number for an id is known to mean this entry. */
export function questionsOf({ about, questions }: WrittenEntry): readonly string[] {
  const typed = questions.split("\n").map((line) => line.trim());
  return [...new Set([about?.question ?? "", ...typed])].filter((question) => question !== "");
}

export function fileOf(entry: WrittenEntry): File {
  const { about, answer } = entry;
  const named = about ? { id: about.id, language: about.language, category: about.category } : {};
  const line = JSON.stringify({ question: questionsOf(entry), answer: answer.trim(), ...named });
  return new File([`${line}\n`], FILE_NAME, { type: "application/x-ndjson" });
}

/** By what the version is known among the others: the question, as far as a line holds it. */
export function noteOf(entry: WrittenEntry): string {
  const [question = ""] = questionsOf(entry);
  return [...question].slice(0, NOTE_CHARACTERS).join("");
}
