// @vitest-environment happy-dom
import { beforeEach, describe, expect, test } from "vitest";
import { TitleCall } from "../../src/embed/title_call.ts";

let call: TitleCall;

beforeEach(() => {
  document.title = "Kettles · Shop";
  call = new TitleCall();
});

describe("the title of the shop's page", () => {
  test("calls before what the page says, and is the page's own again afterwards", () => {
    call.show("(1) New message");
    expect(document.title).toBe("(1) New message · Kettles · Shop");
    call.show("(2) New messages");
    expect(document.title).toBe("(2) New messages · Kettles · Shop");
    call.show("");
    expect(document.title).toBe("Kettles · Shop");
  });

  test("is left to a page that writes another one meanwhile", () => {
    call.show("(1) New message");
    document.title = "Checkout";
    call.show("(1) New message");
    expect(document.title).toBe("(1) New message · Checkout");
    document.title = "Thank you";
    call.show("");
    expect(document.title).toBe("Thank you");
  });

  test("is not touched while there is nothing to call for", () => {
    document.title = "";
    document.querySelector("title")?.remove();
    call.show("");
    expect(document.querySelector("title")).toBeNull();
    call.show("(1) 新消息");
    expect(document.title).toBe("(1) 新消息");
    call.show("");
    expect(document.title).toBe("");
  });
});
