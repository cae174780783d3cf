import { beforeEach, describe, expect, test } from "vitest";
import { type Addressed, OpenInAddress } from "../../src/staff/open_in_address.ts";

/** A browser's history of one page; going back takes until `settle`, as in a browser. */
class Tab implements Addressed {
  private readonly entries: { address: string; state: unknown }[];
  private at = 0;
  private backs = 0;

  constructor(address: string) {
    this.entries = [{ address, state: null }];
  }

  get address(): string {
    return this.entries[this.at]?.address ?? "";
  }

  get length(): number {
    return this.entries.length;
  }

  get location(): Addressed["location"] {
    const { pathname, search, hash } = new URL(this.address, "https://shop.example");
    return { pathname, search, hash };
  }

  readonly history: Addressed["history"] = this.makeHistory();

  settle(): void {
    this.at = Math.max(this.at - this.backs, 0);
    this.backs = 0;
  }

  private makeHistory(): Addressed["history"] {
    const tab = this;
    return {
      get state() {
        return tab.entries[tab.at]?.state ?? null;
      },
      back: () => {
        tab.backs += 1;
      },
      pushState: (state: unknown, _: string, address: string) => {
        const entry = { address: tab.from(address), state };
        tab.at += 1;
        tab.entries.splice(tab.at, Number.POSITIVE_INFINITY, entry);
      },
      replaceState: (state: unknown, _: string, address: string) => {
        tab.entries[tab.at] = { address: tab.from(address), state };
      },
    };
  }

  private from(address: string): string {
    return address.startsWith("#") ? this.location.pathname + address : address;
  }
}

let tab: Tab;
let address: OpenInAddress;

function visit(url: string): void {
  tab = new Tab(url);
  address = new OpenInAddress(tab);
}

beforeEach(() => visit("/inbox"));

describe("the address of the inbox", () => {
  test("names what is open, and the list is one step back however many were opened", () => {
    for (const id of ["c1", "c2", "c3"]) address.show(id);
    expect([tab.address, address.named, tab.length]).toEqual(["/inbox#c3", "c3", 2]);
    address.show("");
    tab.settle();
    expect([tab.address, address.arrived()]).toEqual(["/inbox", true]);
  });

  test("goes back once, however often the page is drawn on the way", () => {
    address.show("c1");
    for (const id of ["", "", "c2"]) address.show(id);
    tab.settle();
    expect(tab.address).toBe("/inbox");
    expect(address.arrived()).toBe(true);
    address.show("c2");
    expect([tab.address, tab.length]).toEqual(["/inbox#c2", 2]);
  });

  test("that a link led to is left without leaving the inbox", () => {
    visit("/inbox?from=mail#c7");
    expect(address.named).toBe("c7");
    address.show("");
    expect([tab.address, tab.length, address.arrived()]).toEqual(["/inbox?from=mail", 1, false]);
  });

  test.each(["#", "#a b", "#<b>", "#../x", `#${"c".repeat(65)}`])("means nothing with %s", (hash) => {
    visit(`/inbox${hash}`);
    expect(address.named).toBe("");
  });
});
