"""The built pages on a node without models, for what needs a browser but no brain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, FrameLocator, Page, expect

from tests.bot.server.floor import PASSWORD, Floor, open_floor
from tests.chromium import visit
from tests.conftest import ROOT

DIST = ROOT / "web_widget" / "dist"
AXE = ROOT / "web_widget" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000  # a busy machine is slow, not wrong


@contextmanager
def pages_on_a_floor(folder: Path, **overrides: Any) -> Iterator[Floor]:
    """A node with the real store and the real pages."""
    assert (DIST / "index.html").is_file(), "the pages are not built: run `make pages`"
    expect.set_options(timeout=PATIENCE_MS)
    with open_floor(folder, pages_folder=DIST, **overrides) as floor:
        yield floor


class Visitors:
    """Opens pages for people of their own, and keeps what went wrong in any of them."""

    def __init__(self, browser: Browser, floor: Floor) -> None:
        self._browser = browser
        self._floor = floor
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def open(self, locale: str, viewport: dict[str, int] = DESKTOP) -> Page:
        """A page of somebody new."""
        context = visit(self._browser, locale=locale, viewport=viewport)
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return self.another(context)

    def another(self, context: BrowserContext) -> Page:
        """One more tab of the same person."""
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._request(request.url))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _dialog(self, dialog: Any) -> None:
        self.troubles.append(dialog.message)
        dialog.dismiss()

    def _request(self, url: str) -> None:
        if not url.startswith((self._floor.origin, "data:", "blob:")):
            self.troubles.append(f"foreign request {url}")


def sign_in(page: Page, floor: Floor, where: str, login: str, password: str = PASSWORD) -> None:
    page.goto(f"{floor.origin}/{where}")
    page.locator("input[autocomplete=username]").fill(login)
    page.locator("input[autocomplete=current-password]").fill(password)
    page.keyboard.press("Enter")
    expect(page.locator("sign-in-form")).to_have_count(0)


def chat_in(page: Page) -> FrameLocator:
    """The chat in its frame; the button that opens it is in the page itself."""
    return page.frame_locator("shopkeeper-chat iframe")


def open_chat(page: Page, floor: Floor) -> None:
    page.goto(f"{floor.origin}/")
    page.locator("shopkeeper-chat .launcher").click()
    expect(chat_in(page).locator(".composer textarea")).to_be_visible()


def barriers(page: Page) -> list[str]:
    """What axe finds on a page and in its frames, as they are shown: rule and place."""
    session = page.context.new_cdp_session(page)
    tree = session.send("Page.getFrameTree")["frameTree"]
    frames = [tree, *tree.get("childFrames", [])]
    found = [_barriers_in(session, one["frame"]["id"]) for one in frames]
    session.detach()
    return [barrier for some in found for barrier in some]


def _barriers_in(session: CDPSession, frame: str) -> list[str]:
    """Axe runs in a world of its own, because our policies let no foreign script in."""
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    run: Callable[[str], Any] = lambda script: session.send(  # noqa: E731
        "Runtime.evaluate",
        {
            "expression": script,
            "contextId": world["executionContextId"],
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    run(AXE.read_text(encoding="utf-8"))
    found = run(
        "axe.run(document, {resultTypes: ['violations'], iframes: false}).then(({violations}) => "
        "JSON.stringify(violations.flatMap(({id, nodes}) => "
        "nodes.map(({target}) => `${id}: ${target.join(' ')}`))))"
    )
    told: list[str] = json.loads(found["result"]["value"])
    return told
