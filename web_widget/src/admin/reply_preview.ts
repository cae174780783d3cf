/** What a canned reply looks like with its variables filled in. Pure. */

/** As the server reads a variable: letters and underscores between braces. */
const VARIABLE = /\{([a-z_]{1,30})\}/g;

export interface Piece {
  readonly text: string;
  /** Filled in for a variable, or a variable that there is not. */
  readonly kind: "plain" | "filled" | "unknown";
}

/** The text in pieces: words as they are, variables with their samples, unknown ones with their braces. */
export function previewOf(
  text: string,
  variables: readonly string[],
  samples: Readonly<Record<string, string>>,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let written = 0;
  for (const found of text.matchAll(VARIABLE)) {
    const [whole, name = ""] = found;
    if (found.index > written) pieces.push({ text: text.slice(written, found.index), kind: "plain" });
    const known = variables.includes(name);
    pieces.push({ text: known ? (samples[name] ?? whole) : whole, kind: known ? "filled" : "unknown" });
    written = found.index + whole.length;
  }
  if (written < text.length) pieces.push({ text: text.slice(written), kind: "plain" });
  return pieces;
}

/** Variables that the server would refuse. */
export function unknownIn(text: string, variables: readonly string[]): readonly string[] {
  const names = [...text.matchAll(VARIABLE)].map(([, name]) => name ?? "");
  return [...new Set(names.filter((name) => !variables.includes(name)))];
}
