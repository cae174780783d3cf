/** Why a conversation was brought to a person: the signs of `bot/answering/takeover.py` in words. */
import type { Language } from "../wire/frames.ts";

interface TakeoverWords {
  readonly title: string;
  readonly between: string;
  readonly signs: ReadonlyMap<string, string>;
}

export const takeoverWords: Readonly<Record<Language, TakeoverWords>> = {
  en: {
    title: "What speaks for a person",
    between: "; ",
    signs: new Map([
      ["wish", "asks for a person"],
      ["anger", "is angry"],
      ["bot_repeats", "the assistant repeats itself"],
      ["shopper_repeats", "has asked this before"],
      ["said_again", "something is being said over and over"],
      ["failures", "the last questions went unanswered"],
      ["doubt", "the assistant is unsure"],
      ["displeasure", "is not content"],
      ["urgency", "is in a hurry"],
      ["chasing", "several messages in a row"],
      ["length", "the talk has gone on for long"],
      ["long_question", "a long story"],
      ["long_reply", "a long reply did not settle it"],
      ["wordy", "messages as long as where colleagues took over before"],
      ["unusual", "seldom asked in this shop"],
      ["off_the_point", "the replies miss the point"],
    ]),
  },
  zh: {
    title: "为什么需要人工",
    between: "；",
    signs: new Map([
      ["wish", "要求人工"],
      ["anger", "情绪激烈"],
      ["bot_repeats", "助手说了重复的话"],
      ["shopper_repeats", "同样的问题问了不止一次"],
      ["said_again", "同样的话反复出现"],
      ["failures", "前面几个问题没有得到回答"],
      ["doubt", "助手没有把握"],
      ["displeasure", "不太满意"],
      ["urgency", "很着急"],
      ["chasing", "连发了几条消息"],
      ["length", "已经聊了很久"],
      ["long_question", "描述很长"],
      ["long_reply", "长篇回复没有解决问题"],
      ["wordy", "消息长短与以往同事接手时相似"],
      ["unusual", "本店很少遇到这样的问法"],
      ["off_the_point", "回复没有答到点上"],
    ]),
  },
};
