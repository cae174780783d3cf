/** Keeps the last message of a talk in view: when more is said, when the box below grows, when a keyboard opens. */

/** Within this many pixels of the end the reader is taken to be at the end. */
const NEAR_END = 80;

export class EndInView {
  /** Whether the reader is at the end, and wants to stay there. */
  follows = true;
  private height = 0;

  constructor(private readonly scroller: HTMLElement) {
    scroller.addEventListener("scroll", () => this.note(), { passive: true });
    if (typeof ResizeObserver === "undefined") return;
    new ResizeObserver(() => {
      this.height = scroller.clientHeight;
      if (this.follows) scroller.scrollTop = scroller.scrollHeight;
    }).observe(scroller);
  }

  get isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  /** Asked before more is put in. */
  get isWanted(): boolean {
    return this.follows || this.isAtEnd;
  }

  toEnd(): void {
    this.follows = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** A scroll that comes of the change of height itself says nothing about where the reader was. */
  private note(): void {
    if (this.scroller.clientHeight === this.height || this.height === 0) this.follows = this.isAtEnd;
  }
}
