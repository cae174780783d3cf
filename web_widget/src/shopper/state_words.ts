/** What the state of a chat means in words: who answers, what the banner says, who is writing. */
import type { ChatSocket } from "../wire/chat_socket.ts";
import type { Language } from "../wire/frames.ts";
import type { Texts } from "./texts.ts";

export interface StateWords {
  readonly heading: { readonly shop: string; readonly who: string; readonly kind: "bot" | "staff" };
  /** What is wrong with the connection; empty while nothing is. */
  readonly banner: string;
  readonly typing: string | null;
  readonly read: string | null;
}

export function describe(
  chat: ChatSocket,
  texts: Texts,
  language: Language,
  isLost: boolean,
  isOnline: boolean,
): StateWords {
  return {
    heading: headingOf(chat, texts, language),
    banner: connectionWords(chat, texts, isLost, isOnline),
    typing: typingWords(chat, texts),
    read: readWords(chat, texts),
  };
}

function headingOf(chat: ChatSocket, texts: Texts, language: Language): StateWords["heading"] {
  const shop = chat.welcome?.shop[language] || texts.chat;
  const holder = chat.stage === "with_staff" ? staffName(chat, texts) : null;
  if (holder) return { shop, who: texts.withStaff(holder), kind: "staff" };
  if (chat.stage === "waiting_for_staff") return { shop, who: texts.waitingForTeam, kind: "bot" };
  return { shop, who: chat.welcome?.label[language] ?? texts.assistant, kind: "bot" };
}

function staffName(chat: ChatSocket, texts: Texts): string {
  const { events } = chat.transcript;
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    // Whoever passed a chat on no longer has it.
    if (event?.kind === "staff_transferred" && event.to_name) return event.to_name;
    if (event?.author.role === "staff" && event.author.name) return event.author.name;
  }
  return texts.staff;
}

function connectionWords(chat: ChatSocket, texts: Texts, isLost: boolean, isOnline: boolean): string {
  if (chat.stoppedBy !== null) return texts.stopped;
  if (!isOnline) return texts.offline;
  if (isLost) return chat.welcome ? texts.reconnecting : texts.connecting;
  return chat.slowedDown ? texts.slower : "";
}

function typingWords(chat: ChatSocket, texts: Texts): string | null {
  if (chat.typing === null) return null;
  return chat.typing === "bot" ? texts.typingBot : texts.typingStaff(staffName(chat, texts));
}

/** Shown only where the last word is the shopper's; under an answer it would be noise. */
function readWords(chat: ChatSocket, texts: Texts): string | null {
  const { events } = chat.transcript;
  const last = events[events.length - 1];
  if (last?.kind !== "shopper_said" || chat.stage !== "with_staff") return null;
  return last.seq <= chat.readUpTo ? texts.read : null;
}
