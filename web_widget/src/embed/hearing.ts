/** Hears messages of one window of known origins, and nobody else's. */
import type { Cancel } from "../wire/surroundings.ts";

export interface Speaker {
  /** The window that is listened to; null while there is none. */
  window(): MessageEventSource | null;
  isTrusted(origin: string): boolean;
}

export function hear<T>(
  speaker: Speaker,
  read: (value: unknown) => T | null,
  then: (message: T, origin: string) => void,
): Cancel {
  const heard = (event: MessageEvent): void => {
    if (event.source === null || event.source !== speaker.window()) return;
    if (!speaker.isTrusted(event.origin)) return;
    const message = read(event.data);
    if (message !== null) then(message, event.origin);
  };
  addEventListener("message", heard);
  return () => removeEventListener("message", heard);
}
