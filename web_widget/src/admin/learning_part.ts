/** What the parts of the page about learning share: what is known, their words, and a call for a fresh look. */
import type { PropertyDeclarations } from "lit";
import type { Learnt } from "../rest/learning_answers.ts";
import { type LearningWords, learningWords } from "./learning_words.ts";
import { ConsolePart } from "./part.ts";

export class LearningPart extends ConsolePart {
  static override properties: PropertyDeclarations = { known: { attribute: false } };
  declare known: Learnt | null;

  constructor() {
    super();
    this.known = null;
  }

  protected get words(): LearningWords {
    return learningWords[this.speech.language];
  }

  /** Has the page show what the server says by now; without a look of its own where it was told already. */
  protected tell(learnt: Learnt | null): void {
    this.dispatchEvent(new CustomEvent("learnt", { detail: learnt, bubbles: true, composed: true }));
  }
}
