/** A section that is loaded when it appears, and again and again while somebody can see it. */
import { ConsolePart } from "./part.ts";

export abstract class LivePart extends ConsolePart {
  protected abstract readonly refreshMs: number;
  private timer = 0;

  protected abstract load(): Promise<void>;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
    this.timer = window.setInterval(() => {
      if (!document.hidden) void this.load();
    }, this.refreshMs);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }
}
