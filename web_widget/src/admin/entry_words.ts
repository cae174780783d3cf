/** What is said where one entry is written or changed, in both languages. */
import type { Language } from "../wire/frames.ts";

const en = {
  write: "Write an entry",
  change: "Change the answer",
  remove: "Remove",
  removeSure: "Take it from shoppers?",
  removing: "Removing…",
  removed:
    "Removed. Take it out of its file as well: the next import brings it again. Under Versions you can go back.",
  writing: "A new entry",
  changing: "Another answer",
  asked: "Questions, one a line; the first stands on buttons",
  more: "Also asked like this, one a line (optional)",
  answer: "Answer",
  fromFile:
    "Put the new answer into the file that this entry came from as well: when that file is imported again, its own answer holds.",
  ofItsOwn: "No import of another file takes it away.",
  look: "See what would change",
  cancel: "Cancel",
  importing: "What would change",
  back: "Back",
};

export type EntryWords = typeof en;

const zh: EntryWords = {
  write: "写一个条目",
  change: "修改答案",
  remove: "移除",
  removeSure: "顾客将不再看到，确认？",
  removing: "正在移除…",
  removed: "已移除。请同时从原来的文件里删掉，否则下次导入会恢复；需要时可在“版本”里回退。",
  writing: "新条目",
  changing: "换一个答案",
  asked: "问题，每行一种问法；第一行会显示在按钮上",
  more: "还可以这样问，每行一种（选填）",
  answer: "答案",
  fromFile: "请同时修改这个条目原来所在的文件：再次导入那个文件时，以文件里的答案为准。",
  ofItsOwn: "导入其他文件不会移除它。",
  look: "查看变化",
  cancel: "取消",
  importing: "将会改变的内容",
  back: "返回",
};

export const entryWords: Readonly<Record<Language, EntryWords>> = { en, zh };
