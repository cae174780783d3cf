/**
 * The one script that a shop puts on its pages: registers `<shopkeeper-chat>` and adds one.
 *
 * `<script src="https://shop.example/widget.js" async data-language="zh"></script>`; every `data-…` becomes an
 * attribute of the element. With `data-manual` the shop places the element itself.
 */
import { ShopkeeperChatElement } from "./launcher_element.ts";

const NAME = "shopkeeper-chat";
const PASSED_ON = ["language", "position", "theme", "accent", "startersZh", "startersEn", "shopZh", "shopEn"];

function serverOf(script: HTMLScriptElement): string {
  return new URL(script.dataset.server ? `${script.dataset.server}/` : ".", script.src).href;
}

function addElement(script: HTMLScriptElement): void {
  if (document.querySelector(NAME)) return;
  const element = document.createElement(NAME);
  element.setAttribute("server", serverOf(script));
  for (const key of PASSED_ON) {
    const value = script.dataset[key];
    const name = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (value !== undefined) element.setAttribute(name, value);
  }
  document.body.append(element);
}

const script = document.currentScript;
if (!customElements.get(NAME)) customElements.define(NAME, ShopkeeperChatElement);
if (script instanceof HTMLScriptElement && script.src && !("manual" in script.dataset)) {
  if (document.body) addElement(script);
  else document.addEventListener("DOMContentLoaded", () => addElement(script));
}
