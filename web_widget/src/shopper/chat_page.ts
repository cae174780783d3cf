/** The page in the frame: waits for the shop's page around it, and is a chat from then on. */
import { ChatRoomElement } from "./chat_room.ts";
import { ShopLink } from "./shop_link.ts";

customElements.define("chat-room", ChatRoomElement);
// Opened by itself it belongs to no shop, and its only words say so.
if (window.parent !== window) {
  const listed = document.querySelector('meta[name="shops"]')?.getAttribute("content") ?? "";
  const shops = new Set([location.origin, ...listed.split(" ").filter(Boolean)]);
  new ShopLink(window.parent, shops, document.body).start();
}
