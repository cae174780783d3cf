/** Tells an e-mail address from a phone number in what a shopper wrote. Pure; the server looks again. */
import type { Contact } from "../wire/frames.ts";

const EMAIL = /^[^\s@,;<>()]{1,64}@[^\s@,;<>()]+\.[^\s@,;<>().]{2,}$/;
/** Full-width digits, plus and at signs, as a Chinese input method leaves them. */
const FULL_WIDTH = /[\uff0b\uff10-\uff19\uff20\uff0e]/g;
const PHONE = /^\+?[\d\s().-]+$/;
/** E.164 has at most 15 digits; the shortest numbers that can be called back have 5. */
const FEWEST_DIGITS = 5;
const MOST_DIGITS = 15;
const LONGEST = 200;

/** The one way to answer that the words hold; null when they are neither an address nor a number. */
export function contactIn(words: string): Contact | null {
  const plain = words.trim().replace(FULL_WIDTH, halfWidth);
  if (plain.length > LONGEST) return null;
  if (EMAIL.test(plain)) return { email: plain };
  const digits = plain.replace(/\D/g, "").length;
  if (PHONE.test(plain) && digits >= FEWEST_DIGITS && digits <= MOST_DIGITS) return { phone: plain };
  return null;
}

function halfWidth(character: string): string {
  return String.fromCharCode(character.charCodeAt(0) - 0xfee0);
}
