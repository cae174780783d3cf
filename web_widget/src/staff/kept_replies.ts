/** The kept replies of the open conversation: asked for when they are first wanted, and by letters where there are many. */
import type { Language } from "../wire/frames.ts";
import type { CannedReply } from "./canned.ts";

/** The server gives so many at once; others come by typing on. */
export const MOST_AT_ONCE = 50;

type Source = (
  conversation: string,
  language: Language | null,
  typed: string,
) => Promise<readonly CannedReply[] | null>;

export class KeptReplies {
  /** Null until they were asked for. */
  items: readonly CannedReply[] | null = null;
  private hasAll = false;
  private asked = "";

  constructor(
    private readonly source: Source,
    private readonly changed: () => void,
  ) {}

  /** Another conversation: its replies are filled in with other facts. */
  forget(): void {
    this.items = null;
    this.hasAll = false;
    this.asked = "";
  }

  /** All of them at first; where there are more than one answer holds, those that fit what is typed. */
  async want(conversation: string, language: Language | null, typed: string): Promise<void> {
    if (this.hasAll) return;
    const letters = this.items === null ? "" : typed;
    const asked = `${conversation}/${letters}`;
    if (asked === this.asked) return;
    this.asked = asked;
    const replies = (await this.source(conversation, language, letters)) ?? [];
    // A later question has its own answer.
    if (asked !== this.asked) return;
    this.items = replies;
    this.hasAll = letters === "" && replies.length < MOST_AT_ONCE;
    this.changed();
  }
}
