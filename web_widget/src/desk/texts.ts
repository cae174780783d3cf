/** Words that the inbox and the console share. */
import type { Language } from "../wire/frames.ts";

const en = {
  product: "Shopkeeper",
  login: "Sign-in name",
  password: "Password",
  signIn: "Sign in",
  signingIn: "Signing in…",
  signOut: "Sign out",
  signInTitle: { inbox: "Staff inbox", console: "Admin console" },
  signInHint: {
    inbox: "No account, or the password lost? An administrator of the shop makes a new one in the console.",
    console:
      "Password lost? Another administrator makes a new one, or the command “shopkeeper staff reset NAME” does, on the stopped server.",
  },
  notAdmin: "This page is for administrators. Your account is for the inbox.",
  toInbox: "Go to the inbox",
  toConsole: "Console",
  inbox: "Inbox",
  console: "Console",
  otherLanguage: "中文",
  switchLanguage: "切换到中文",
  signedOut: "You were signed out. Sign in again to go on.",
  loading: "Loading…",
  tryAgain: "Try again",
  cancel: "Cancel",
  close: "Close",
  sure: "Really?",
  copy: "Copy",
  copied: "Copied",
};

export type DeskTexts = typeof en;

const zh: DeskTexts = {
  product: "掌柜",
  login: "登录名",
  password: "密码",
  signIn: "登录",
  signingIn: "正在登录…",
  signOut: "退出登录",
  signInTitle: { inbox: "客服工作台", console: "管理后台" },
  signInHint: {
    inbox: "还没有账号，或者忘记密码？请店铺管理员在后台创建或重设。",
    console: "忘记密码？请其他管理员重设；或者停止服务，在服务器上运行 shopkeeper staff reset 登录名。",
  },
  notAdmin: "此页面仅供管理员使用，您的账号可以使用客服工作台。",
  toInbox: "前往客服工作台",
  toConsole: "管理后台",
  inbox: "客服工作台",
  console: "管理后台",
  otherLanguage: "English",
  switchLanguage: "Switch to English",
  signedOut: "您已退出登录，请重新登录。",
  loading: "正在加载…",
  tryAgain: "重试",
  cancel: "取消",
  close: "关闭",
  sure: "确认？",
  copy: "复制",
  copied: "已复制",
};

export const deskTexts: Readonly<Record<Language, DeskTexts>> = { en, zh };
