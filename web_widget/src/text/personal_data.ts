/**
 * Notices a bank card or identity number while it is being typed, so that the shopper can be warned in time.
 *
 * A hint for the writer only: the server masks on its own and does not trust this.
 */

export type PersonalNumber = "bank_card" | "identity_number";

const DIGIT_RUNS = /\d{17}[\dXx](?!\d)|\d(?:[ -]?\d){12,18}/g;
const IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const IDENTITY_CHECKS = "10X98765432";

export function personalNumberIn(text: string): PersonalNumber | null {
  for (const [run] of text.slice(0, 10_000).matchAll(DIGIT_RUNS)) {
    const plain = run.replace(/[ -]/g, "").toUpperCase();
    if (isIdentityNumber(plain)) return "identity_number";
    if (isBankCard(plain)) return "bank_card";
  }
  return null;
}

/** GB 11643: 17 digits with a birth date inside, and a check character modulo 11. */
function isIdentityNumber(plain: string): boolean {
  if (!/^[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]$/.test(plain))
    return false;
  const sum = IDENTITY_WEIGHTS.reduce((total, weight, index) => total + weight * Number(plain[index]), 0);
  return IDENTITY_CHECKS[sum % 11] === plain[17];
}

/** ISO/IEC 7812: 13 to 19 digits that pass the Luhn check; first digits 2 to 6 are the payment networks. */
function isBankCard(plain: string): boolean {
  if (!/^[2-6]\d{12,18}$/.test(plain)) return false;
  const sum = [...plain].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
