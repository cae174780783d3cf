/** The chat on its page, with sockets that a test drives by hand. */
import { afterEach, beforeEach, vi } from "vitest";
import { ChatRoomElement, type RoomState } from "../../src/shopper/chat_room.ts";
import { ScriptedSocket } from "./fake_surroundings.ts";
import { welcome } from "./frames.ts";

export interface Placed {
  readonly element: ChatRoomElement;
  readonly root: ShadowRoot;
  /** What the button's side was told, oldest first; "closed" when the shopper closed the chat from within. */
  readonly told: (RoomState | "closed")[];
}

/** Every socket that the page has opened in this test, oldest first. */
export let sockets: ScriptedSocket[] = [];

/** Call once in a test file: registers the element, and clears the page after every test. */
export function inTheFrame(): void {
  customElements.define("chat-room", ChatRoomElement);
  beforeEach(() => {
    sockets = [];
    const record = (socket: ScriptedSocket): number => sockets.push(socket);
    vi.stubGlobal(
      "WebSocket",
      class extends ScriptedSocket {
        constructor(url: string) {
          super(url);
          record(this);
        }
      },
    );
  });
  afterEach(() => {
    document.body.replaceChildren();
    vi.unstubAllGlobals();
    localStorage.clear();
  });
}

export function place(attributes: Record<string, string> = {}): Placed {
  const element = document.createElement("chat-room") as ChatRoomElement;
  const told: Placed["told"] = [];
  element.owner = { told: (state) => told.push(state), closed: () => told.push("closed") };
  const all = { server: "https://shop.example/chat/", language: "en", ...attributes };
  for (const [name, value] of Object.entries(all)) element.setAttribute(name, value);
  document.body.append(element);
  if (!element.shadowRoot) throw new Error("no shadow root");
  return { element, root: element.shadowRoot, told };
}

export function openChat(
  attributes: Record<string, string> = {},
  more: Record<string, unknown> = {},
): Placed & { readonly socket: ScriptedSocket } {
  const placed = place(attributes);
  placed.element.open();
  const socket = sockets.at(-1);
  if (!socket) throw new Error("no socket was opened");
  socket.open();
  socket.give(welcome(more));
  return { ...placed, socket };
}

export function one<T extends Element>(root: ShadowRoot, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** The button that says exactly this. */
export function button(root: ShadowRoot, words: string): HTMLButtonElement {
  const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
  if (!found) throw new Error(`no button says ${words}`);
  return found;
}

export function fill(
  root: ShadowRoot,
  selector: string,
  text: string,
): HTMLInputElement | HTMLTextAreaElement {
  const field = one<HTMLInputElement | HTMLTextAreaElement>(root, selector);
  field.value = text;
  field.dispatchEvent(new Event("input"));
  return field;
}

export function write(root: ShadowRoot, text: string): HTMLTextAreaElement {
  return fill(root, ".composer textarea", text) as HTMLTextAreaElement;
}

export function pressEnter(box: HTMLElement, more: KeyboardEventInit = {}): void {
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true, ...more }));
}
