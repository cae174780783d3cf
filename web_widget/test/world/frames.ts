/** Frames as a server would send them, for tests. */

export function welcome(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "welcome",
    conversation: null,
    epoch: "e1",
    stage: "with_bot",
    last_seq: 0,
    language: "en",
    label: { zh: "自动助手", en: "automatic assistant" },
    shop: { zh: "小港生活", en: "Little Harbour" },
    limits: { text_characters: 4000, unaccepted: 3, messages_per_minute: 30 },
    buttons: { talk_to_person: { zh: "转人工", en: "Talk to a person" } },
    warning: { zh: "请勿发送密码或银行卡号", en: "Never send passwords or card numbers" },
    ...more,
  };
}

export function botSaid(seq: number, text = `answer ${seq}`): Record<string, unknown> {
  return { seq, kind: "bot_answered", at: "2026-11-16T02:00:00Z", author: { role: "bot" }, text };
}

export function shopperSaid(seq: number, id: string, text = `question ${seq}`): Record<string, unknown> {
  const author = { role: "shopper" };
  return { seq, kind: "shopper_said", at: "2026-11-16T02:00:00Z", author, text, client_id: id };
}
