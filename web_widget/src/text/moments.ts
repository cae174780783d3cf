/** Times as people read them. */
import type { Language } from "../wire/frames.ts";
import { languageTag } from "./language.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(languageTag(language), options);
  formats.set(key, known);
  return known;
}

/** `14:05`, or nothing when `at` is not a time. */
export function clockTime(at: string | number, language: Language): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return format(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date);
}

/** `November 16`, with the year when it is not this one. */
export function dayName(at: string, now: Date, language: Language): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return language === "zh" ? "今天" : "Today";
  if (days === 1) return language === "zh" ? "昨天" : "Yesterday";
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return format(language, { month: "long", day: "numeric", ...year }).format(date);
}

/** A time to come, with its day: `today at 18:00`, `tomorrow at 09:00`, `Monday, 30 November at 09:00`. */
export function comingTime(at: string, now: Date, language: Language): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const time = clockTime(at, language);
  const days = Math.round((startOfDay(date) - startOfDay(now)) / 86_400_000);
  const near = { zh: ["今天", "明天"], en: ["today", "tomorrow"] }[language][days];
  const day = near ?? format(language, { weekday: "long", month: "long", day: "numeric" }).format(date);
  return language === "zh" ? `${day} ${time}` : `${day} at ${time}`;
}

export function dateAndTime(at: string, language: Language): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return format(language, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" }).format(date);
}

const UNITS = { en: ["d", "h", "min", "s"], zh: ["天", "小时", "分", "秒"] } as const;

/** How long something has lasted: `42 s`, `2 min 5 s`, `12 min`, `3 h 20 min`, `2 d`; never like a time of day. */
export function lasting(seconds: number, language: Language): string {
  const [d, h, min, s] = UNITS[language];
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(whole / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} ${d}`;
  if (hours > 0) return `${hours} ${h} ${minutes % 60} ${min}`;
  if (minutes >= 10) return `${minutes} ${language === "zh" ? "分钟" : min}`;
  return minutes > 0 ? `${minutes} ${min} ${whole % 60} ${s}` : `${whole} ${s}`;
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
