/** Calls a shopper who looks at another tab, in the title of the shop's page. */

export class TitleCall {
  private ours = "";
  private theirs = "";

  /** Puts the words before the title; without words it is again as the shop's page has it. */
  show(words: string): void {
    const now = document.title;
    const isOurs = this.ours !== "" && now === this.ours;
    // What the shop's page has written meanwhile is its title from then on.
    if (!isOurs) this.theirs = now;
    this.ours = words && [words, this.theirs].filter(Boolean).join(" · ");
    if (this.ours ? this.ours !== now : isOurs) document.title = this.ours || this.theirs;
  }
}
