/** What waiting means in words: only what the server knows, and nothing where nothing honest can be said. */
import { comingTime } from "../text/moments.ts";
import type { ChatSocket } from "../wire/chat_socket.ts";
import type { DeskHours, Language, Offer, ShopperQueue } from "../wire/frames.ts";
import type { Texts } from "./texts.ts";

export interface WaitingWords {
  readonly lines: readonly string[];
  readonly offers: readonly Offer[];
}

/** What the calendar says, from the queue where it is newer than the welcome. */
type Calendar = Pick<DeskHours, "open" | "staff_present"> & { readonly opens_at?: string };

/** Null while nobody is waited for. */
export function waitingWords(
  chat: ChatSocket,
  texts: Texts,
  language: Language,
  now: Date,
): WaitingWords | null {
  if (chat.stage !== "waiting_for_staff") return null;
  const { queue } = chat;
  if (!queue) return { lines: [texts.waiting], offers: [] };
  const hours = chat.welcome?.desk?.hours[language] ?? "";
  if (queue.left_message) {
    return {
      lines: [texts.messageIsLeft, ...backWords(queue, hours, texts, language, now)],
      offers: queue.offers,
    };
  }
  if (!queue.open || queue.staff_present === 0) {
    return { lines: [texts.nobody, ...backWords(queue, hours, texts, language, now)], offers: queue.offers };
  }
  const lines = [texts.queue(queue.place, queue.waiting)];
  if (queue.expected) lines.push(texts.expected(lastingWords(queue.expected, texts)));
  return { lines, offers: queue.offers };
}

/** Beside the button that asks for a person: when nobody would come, it says so before it is pressed. */
export function deskWords(chat: ChatSocket, texts: Texts, language: Language, now: Date): string {
  const desk = chat.welcome?.desk;
  if (!desk || (desk.open && desk.staff_present > 0)) return "";
  // Small print has room for one of the two: when it goes on, else all the hours.
  const [next = ""] = backWords(desk, desk.hours[language], texts, language, now);
  return [texts.nobodyNow, next].filter(Boolean).join(language === "zh" ? "" : " ");
}

function backWords(calendar: Calendar, hours: string, texts: Texts, language: Language, now: Date): string[] {
  const back =
    !calendar.open && calendar.opens_at ? [texts.back(comingTime(calendar.opens_at, now, language))] : [];
  return [...back, ...(hours ? [texts.hours(hours)] : [])];
}

/** `2 to 5 minutes`; seconds would promise an exactness that nobody has. */
function lastingWords(
  { from_seconds, to_seconds }: NonNullable<ShopperQueue["expected"]>,
  texts: Texts,
): string {
  const from = Math.max(1, Math.floor(from_seconds / 60));
  const to = Math.max(1, Math.ceil(to_seconds / 60));
  if (to <= 1) return texts.underAMinute;
  if (from >= 120) return texts.hoursLong(Math.floor(from / 60), Math.ceil(to / 60));
  return texts.minutesLong(from, to);
}
