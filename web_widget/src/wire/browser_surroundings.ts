/** The real surroundings: the browser's sockets, clock, chance and storage. */
import type { SocketLike, Storage, Surroundings } from "./surroundings.ts";

export function browserSurroundings(): Surroundings {
  return {
    clock: {
      now: () => performance.now(),
      after: (milliseconds, then) => {
        const timer = setTimeout(then, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    random: Math.random,
    openSocket: (url) => new WebSocket(url) as SocketLike,
    isOnline: () => navigator.onLine,
    onWake: (then) => {
      const online = (): void => then("online");
      const visible = (): void => {
        if (!document.hidden) then("visible");
      };
      addEventListener("online", online);
      document.addEventListener("visibilitychange", visible);
      return () => {
        removeEventListener("online", online);
        document.removeEventListener("visibilitychange", visible);
      };
    },
    // biome-ignore lint/suspicious/noConsole: the one place where the pages speak to the console
    warn: (message) => console.warn(`[shopkeeper] ${message}`),
  };
}

/** Storage that forgets with the page; for browsers that refuse localStorage. */
export class PageStorage implements Storage {
  private readonly items = new Map<string, string>();

  get length(): number {
    return this.items.size;
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** localStorage where it can be written (private windows and strict settings may refuse), else the page's. */
export function browserStorage(): Storage {
  try {
    const probe = "shopkeeper/probe";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return new PageStorage();
  }
}
