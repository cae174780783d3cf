/** What is said where one entry is written or changed, in both languages. */
import type { Language } from "../wire/frames.ts";

const en = {
  write: "Write an entry",
  change: "Change the answer",
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
