/** Opening hours as a person types them: `09:00-12:00, 13:00-18:00`. Pure. */
import type { Span } from "../rest/console_answers.ts";

const ONE = /^(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})$/;

export function writeSpans(spans: readonly Span[]): string {
  return spans.map(([from, until]) => `${from}-${until}`).join(", ");
}

/** The spans of one day, none for an empty text; null where a time cannot be read. */
export function readSpans(text: string): readonly Span[] | null {
  const parts = text.split(/[,，、;；]/).map((part) => part.trim());
  const spans = parts.filter((part) => part !== "").map(readSpan);
  return spans.every((span) => span !== null) ? spans : null;
}

function readSpan(text: string): Span | null {
  const found = ONE.exec(text);
  if (!found) return null;
  const [, fromHour, fromMinute, untilHour, untilMinute] = found.map(Number);
  const from = clock(fromHour, fromMinute);
  const until = clock(untilHour, untilMinute);
  return from !== null && until !== null ? [from, until] : null;
}

/** Midnight at the end of a day is the beginning of the next: `24:00` is `00:00`. */
function clock(hour = 99, minute = 99): string | null {
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return null;
  return `${String(hour % 24).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
