/** Tells an element when a pointer goes down outside it, for as long as it is on the page. */
import type { ReactiveController, ReactiveControllerHost } from "lit";

export class PressedElsewhere implements ReactiveController {
  constructor(
    private readonly host: ReactiveControllerHost & HTMLElement,
    private readonly heard: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("pointerdown", this.pressed, true);
  }

  hostDisconnected(): void {
    document.removeEventListener("pointerdown", this.pressed, true);
  }

  private readonly pressed = (event: Event): void => {
    if (!event.composedPath().includes(this.host)) this.heard();
  };
}
