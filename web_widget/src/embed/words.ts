/** The few words that stand in the shop's own page: on the button, and while the chat is not there yet. */
import type { Language } from "../wire/frames.ts";

const en = {
  open: "Open chat",
  openWithUnread: (count: number) => `Open chat, ${count} unread`,
  news: (count: number) => (count === 1 ? "(1) New message" : `(${count}) New messages`),
  close: "Close chat",
  title: (shop: string) => (shop ? `Chat with ${shop}` : "Chat"),
  coming: "Opening the chat…",
  away: "The chat cannot be reached right now. Please try again in a moment.",
};

export type LauncherWords = typeof en;

const zh: LauncherWords = {
  open: "打开客服对话",
  openWithUnread: (count) => `打开客服对话，${count} 条未读`,
  news: (count) => `(${count}) 新消息`,
  close: "关闭对话",
  title: (shop) => (shop ? `${shop}客服` : "在线客服"),
  coming: "正在打开客服对话…",
  away: "暂时无法连接客服，请稍后再试。",
};

export const words: Readonly<Record<Language, LauncherWords>> = { en, zh };
