/**
 * Finds the links in a text that people or the bot wrote.
 *
 * Only https and mailto become links, nothing else ever does. An address that could deceive (a user name
 * before the host, invisible or direction-changing characters, another script in the host) stays text. One pass
 * over the text; time grows with its length and nothing else.
 */

export type Piece =
  | { readonly text: string }
  | { readonly text: string; readonly href: string; readonly title: string };

const START = /https:\/\/|[A-Za-z0-9._%+-]{1,64}@/gi;
/** Printable ASCII without space, quotes and brackets: whatever else follows ends the address. */
const ADDRESS_END = /[^!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~[\]]/;
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;
const LONGEST_ADDRESS = 2_000;

export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let written = 0;
  START.lastIndex = 0;
  for (let found = START.exec(text); found; found = START.exec(text)) {
    const link = startsInsideWord(text, found.index) ? null : linkAt(text, found.index, found[0]);
    if (!link) continue;
    if (found.index > written) pieces.push({ text: text.slice(written, found.index) });
    pieces.push(link);
    written = found.index + link.text.length;
    START.lastIndex = written;
  }
  if (written < text.length) pieces.push({ text: text.slice(written) });
  return pieces;
}

/** `xhttps://…`, or a mail name longer than any may be: part of something else. */
function startsInsideWord(text: string, index: number): boolean {
  return index > 0 && /[A-Za-z0-9._%+-]/.test(text[index - 1] ?? "");
}

function linkAt(text: string, start: number, opening: string): Extract<Piece, { href: string }> | null {
  const rest = text.slice(start, start + LONGEST_ADDRESS + 1);
  const end = rest.search(ADDRESS_END);
  const address = withoutTrailingMarks(end < 0 ? rest : rest.slice(0, end));
  if (address.length > LONGEST_ADDRESS) return null;
  return opening.endsWith("@") ? mailLink(address, opening) : webLink(address);
}

function webLink(address: string): Extract<Piece, { href: string }> | null {
  const url = parseUrl(address);
  if (url?.protocol !== "https:" || url.username || url.password) return null;
  if (!HOST.test(url.hostname) || !url.hostname.includes(".")) return null;
  return { text: address, href: url.href, title: url.hostname };
}

function mailLink(address: string, opening: string): Extract<Piece, { href: string }> | null {
  const domain = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/i.exec(address.slice(opening.length))?.[0];
  if (!domain || opening.startsWith(".") || /\.\./.test(opening)) return null;
  const mail = opening + domain;
  const href = `mailto:${encodeURIComponent(opening.slice(0, -1))}@${domain}`;
  return { text: mail, href, title: mail };
}

/** A full stop or closing bracket after an address belongs to the sentence, unless the bracket opened inside. */
function withoutTrailingMarks(address: string): string {
  const unopened = { ")": surplus(address, "(", ")"), "]": surplus(address, "[", "]") };
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? "";
    if (".,;:!?'*_~".includes(last)) continue;
    if ((last !== ")" && last !== "]") || unopened[last] <= 0) break;
    unopened[last] -= 1;
  }
  return address.slice(0, end);
}

function surplus(address: string, open: string, close: string): number {
  return address.split(close).length - address.split(open).length;
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
