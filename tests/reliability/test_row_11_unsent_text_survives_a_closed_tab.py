"""Row 11: what was written without a network survives its tab, and is delivered once.

A real Chromium with the real widget, and its chat in the frame, on a page of its own. The network
goes, texts are written, the tab is closed (it may say goodbye, or be torn away), opened again still
without a network, and then the network is back. What the server has is read from its store.
"""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Route, expect

from tests.bot.server.floor import Floor, open_floor
from tests.chromium import visit
from tests.reliability.seeds import run_seed

pytestmark = pytest.mark.browser

DIST = Path(__file__).parents[2] / "web_widget" / "dist"
SHOP_PAGE = "<!doctype html><title>Shop</title><body><script src='/widget.js'></script></body>"
HALF_TYPED = "and one more thing, I was wonderi"
PATIENCE_MS = 30_000  # a tab torn away is taken for gone after three seconds, on an idle machine


@dataclass
class Visitor:
    """Somebody whose browser keeps the shop's page, so that it opens without a network too."""

    context: BrowserContext
    address: str
    name: str
    pages: dict[str, str]
    written: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Handed out from memory: whoever builds the pages meanwhile changes nothing here.
        self._hand_out("", SHOP_PAGE)
        for path, body in self.pages.items():
            self._hand_out(path, body)

    def _hand_out(self, path: str, body: str) -> None:
        kind = "javascript" if path.endswith(".js") else "html"
        self.context.route(f"{self.address}/{path}", lambda route: _give(route, body, kind))

    def open_tab(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.address}/")
        page.locator("shopkeeper-chat .launcher").click()
        return page

    def write(self, page: Page) -> None:
        """Write the next text and press Enter."""
        text = f"{self.name} text {len(self.written)}, 您好 😀"
        self.written.append(text)
        box = _chat(page).locator(".composer textarea")
        box.fill(text)
        box.press("Enter")

    def half_write(self, page: Page) -> None:
        """Begin another text and leave it."""
        _chat(page).locator(".composer textarea").fill(HALF_TYPED)


def _chat(page: Page) -> FrameLocator:
    return page.frame_locator("shopkeeper-chat iframe")


def _give(route: Route, body: str, kind: str) -> None:
    route.fulfill(body=body, content_type=f"text/{kind}; charset=utf-8")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """What the shop's page and the chat's frame load, by path."""
    assert (DIST / "chat-frame.html").is_file(), "the pages are not built: run `make pages`"
    chat = (DIST / "chat-frame.html").read_text(encoding="utf-8")
    (script,) = re.findall(r'src="\./(assets/chat-frame-[^"]+\.js)"', chat)
    scripts = {path: (DIST / path).read_text(encoding="utf-8") for path in ("widget.js", script)}
    return {"chat-frame": chat, **scripts}


def _lose_a_tab(visitor: Visitor, chance: random.Random) -> int:
    """One whole round; gives how many texts were unsent when the tab went."""
    page = visitor.open_tab()
    if chance.random() < 0.6:  # in the middle of a talk, or before its first word
        visitor.write(page)
        unsent = _chat(page).locator(".unsent .message")
        expect(unsent).to_have_count(0, timeout=PATIENCE_MS)
    visitor.context.set_offline(True)
    many = chance.randrange(1, 4)
    for _ in range(many):
        visitor.write(page)
    expect(_chat(page).locator(".unsent .message")).to_have_count(many)
    visitor.half_write(page)
    page.close(run_before_unload=chance.random() < 0.5)
    _come_back(visitor, many, tabs=chance.randrange(1, 3))
    return many


def _come_back(visitor: Visitor, unsent: int, tabs: int) -> None:
    """Open the page again, in one tab or two, and only then find a network."""
    pages = [visitor.open_tab() for _ in range(tabs)]
    for page in pages:
        chat = _chat(page)
        expect(chat.locator(".unsent .message")).to_have_count(unsent)
        expect(chat.locator(".composer textarea")).to_have_value(HALF_TYPED)
    visitor.context.set_offline(False)
    for page in pages:
        chat = _chat(page)
        expect(chat.locator(".unsent .message")).to_have_count(0, timeout=PATIENCE_MS)
        shown = chat.locator(".log .message.shopper .text")
        expect(shown).to_have_text(visitor.written, timeout=PATIENCE_MS)


def _delivered(floor: Floor, text: str) -> int:
    """How often the store has a text of a shopper."""
    found = floor.parts.transcripts.store.search(text, 100)
    return sum(one.event.kind == "shopper_said" for one in found)


def _close_tabs(
    browser: Browser, pages: dict[str, str], folder: Path, rounds: int, record_property
) -> None:
    chance = random.Random(run_seed())
    unsent, wrong = 0, []
    with open_floor(folder) as floor:
        for number in range(rounds):
            context = visit(browser, locale="en-GB")
            visitor = Visitor(context, floor.origin, f"visitor {number}", pages)
            try:
                unsent += _lose_a_tab(visitor, chance)
            finally:
                context.close()
            counts = [_delivered(floor, text) for text in visitor.written]
            if counts != [1] * len(counts):
                wrong.append((number, counts))
    record_property("seed", run_seed())
    record_property("closed_tabs", rounds)
    record_property("unsent_texts", unsent)
    record_property("delivered_once", rounds - len(wrong))
    assert wrong == [], f"seed {run_seed()}"


@pytest.mark.timeout(180)
def test_row_11_five_tabs_closed_without_a_network_lose_and_double_nothing(
    browser, pages, tmp_path, record_property
) -> None:
    _close_tabs(browser, pages, tmp_path, 5, record_property)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_row_11_fifty_tabs_closed_without_a_network_lose_and_double_nothing(
    browser, pages, tmp_path, record_property
) -> None:
    _close_tabs(browser, pages, tmp_path, 50, record_property)


def test_row_11_the_check_notices_a_browser_that_forgets(browser, pages, tmp_path) -> None:
    """With storage taken away between the tabs, the text is lost, and the same check says so."""
    with open_floor(tmp_path) as floor:
        context = visit(browser, locale="en-GB")
        visitor = Visitor(context, floor.origin, "forgetful", pages)
        page = visitor.open_tab()
        context.set_offline(True)
        visitor.write(page)
        page.evaluate("localStorage.clear()")
        page.close()
        context.set_offline(False)
        page = visitor.open_tab()
        expect(_chat(page).locator(".who")).to_have_text(re.compile("."))
        assert _delivered(floor, visitor.written[0]) == 0
        context.close()
