/**
 * Readers: small functions that turn an unknown JSON value into a typed one or say where it is wrong.
 *
 * A reader never trusts and never repairs; what it returns has been looked at field by field.
 */

/** A value that is not what the protocol says; `path` names the place, as in `event.author.role`. */
export class Malformed extends Error {
  constructor(
    readonly path: string,
    expected: string,
  ) {
    super(`${path}: expected ${expected}`);
  }
}

export type Reader<T> = (value: unknown, path: string) => T;
export type Fields = Readonly<Record<string, unknown>>;

export const text: Reader<string> = (value, path) => {
  if (typeof value !== "string") throw new Malformed(path, "a text");
  return value;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new Malformed(path, "true or false");
  return value;
};

export const number: Reader<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Malformed(path, "a number");
  return value;
};

/** A whole number >= 0: sequence numbers, places, counts. */
export const count: Reader<number> = (value, path) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Malformed(path, "a count");
  return value as number;
};

export const fields: Reader<Fields> = (value, path) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Malformed(path, "an object");
  }
  return value as Fields;
};

export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new Malformed(path, "a list");
    return value.map((entry, index) => item(entry, `${path}[${index}]`));
  };
}

export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (value, path) => {
    if (!words.includes(value as T)) throw new Malformed(path, words.join(" | "));
    return value as T;
  };
}

export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : reader(value, path));
}

/** `otherwise` where the field is missing or null: for lists and flags that an older server does not send. */
export function orElse<T>(reader: Reader<T>, otherwise: T): Reader<T> {
  return (value, path) => (value === undefined || value === null ? otherwise : reader(value, path));
}

/** `{key: value}` when the field is there and not null, `{}` otherwise: spread it into the record. */
export function optional<K extends string, T>(
  from: Fields,
  key: K,
  reader: Reader<T>,
  path: string,
): { [P in K]?: T } {
  const value = from[key];
  if (value === undefined || value === null) return {};
  return { [key]: reader(value, `${path}.${key}`) } as { [P in K]?: T };
}

/** Reads an object through a function that takes its fields one by one. */
export function record<T>(read: (take: Take, from: Fields, path: string) => T): Reader<T> {
  return (value, path) => {
    const from = fields(value, path);
    return read((key, reader) => reader(from[key], `${path}.${key}`), from, path);
  };
}

export type Take = <T>(key: string, reader: Reader<T>) => T;
