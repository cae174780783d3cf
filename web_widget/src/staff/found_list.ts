/** The list that the server finds: filtered, page by page, closed conversations too; it keeps live lines fresh. */
import type { Summary } from "../wire/staff_frames.ts";
import { type Filters, fits, NO_FILTERS, needsServer } from "./filters.ts";
import type { Page } from "./inbox_api.ts";

export interface FoundSource {
  list(filters: Filters, before?: string): Promise<Page | null>;
  /** Conversation -> the message in which the words stand. */
  snippets(words: string): Promise<ReadonlyMap<string, string> | null>;
}

export class FoundList {
  filters: Filters = NO_FILTERS;
  loading = false;
  next: string | undefined;
  snippets: ReadonlyMap<string, string> = new Map();
  private found: readonly Summary[] = [];
  private asked = 0;

  constructor(
    private readonly source: FoundSource,
    private readonly changed: () => void,
  ) {}

  async ask(filters: Filters): Promise<void> {
    this.filters = filters;
    this.asked += 1;
    const asked = this.asked;
    this.loading = true;
    this.changed();
    const [page, snippets] = await Promise.all([
      this.source.list(filters),
      filters.text === "" ? null : this.source.snippets(filters.text),
    ]);
    // A later question has its own answer.
    if (asked !== this.asked) return;
    this.loading = false;
    this.snippets = snippets ?? new Map();
    this.found = page?.conversations ?? [];
    this.next = page?.next;
    this.changed();
  }

  async more(): Promise<void> {
    if (this.next === undefined || this.loading) return;
    const asked = this.asked;
    this.loading = true;
    this.changed();
    const page = await this.source.list(this.filters, this.next);
    if (asked !== this.asked) return;
    this.loading = false;
    const known = new Set(this.found.map(({ conversation }) => conversation));
    this.found = [
      ...this.found,
      ...(page?.conversations ?? []).filter((one) => !known.has(one.conversation)),
    ];
    this.next = page?.next;
    this.changed();
  }

  /** The lines, newest word first: as they are now, with live ones that came since and fit. */
  lines(live: readonly Summary[]): readonly Summary[] {
    const fresh = new Map(live.map((one) => [one.conversation, one]));
    const lines = new Map(this.found.map((one) => [one.conversation, fresh.get(one.conversation) ?? one]));
    if (!needsServer(this.filters)) for (const one of live) lines.set(one.conversation, one);
    return [...lines.values()]
      .filter((one) => fits(one, this.filters))
      .sort((a, b) => b.last_at.localeCompare(a.last_at));
  }
}
