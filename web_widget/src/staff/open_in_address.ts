/**
 * The open conversation in the page's address: a reload comes back to it, a link leads a colleague to it, and the
 * browser's Back leads from it to the list. However many are opened one after the other, the list is one step back.
 */

const IDS = /^#([A-Za-z0-9_-]{1,64})$/;

/** The part of `window` that is used. */
export interface Addressed {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string };
  readonly history: Pick<History, "pushState" | "replaceState" | "back" | "state">;
}

export class OpenInAddress {
  /** Asked the browser to go back to the list, which it does a moment later. */
  private goingBack = false;

  constructor(private readonly page: Addressed) {}

  /** The conversation that the address names, empty when it names none. */
  get named(): string {
    return IDS.exec(this.page.location.hash)?.[1] ?? "";
  }

  /** The page shows this conversation, or, when empty, none. */
  show(conversation: string): void {
    const { named } = this;
    const { history } = this.page;
    if (this.goingBack || conversation === named) return;
    if (conversation === "") {
      this.goingBack = this.cameFromList;
      if (this.goingBack) history.back();
      else history.replaceState(null, "", this.list);
    } else if (named === "") history.pushState({ fromList: true }, "", `#${conversation}`);
    else history.replaceState(history.state, "", `#${conversation}`);
  }

  /** The address has changed; gives whether the page itself had asked for that. */
  arrived(): boolean {
    const wasAsked = this.goingBack;
    this.goingBack = false;
    return wasAsked;
  }

  private get cameFromList(): boolean {
    return (this.page.history.state as { fromList?: unknown } | null)?.fromList === true;
  }

  private get list(): string {
    const { pathname, search } = this.page.location;
    return pathname + search;
  }
}
