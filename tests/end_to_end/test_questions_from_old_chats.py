"""An admin brings old chats to the console, edits what is found, and publishes some of it."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from tests.bot.answering.trained_shop import train, training_in
from tests.bot.server.scripted_training import NEW, UNANSWERED
from tests.bot.server.test_learning import SHELL, script
from tests.end_to_end.light_floor import DESKTOP, PHONE, barriers, pages_on_a_floor, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
MINING_MS = 90_000  # a busy machine takes long to start the process that looks chats through

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
WRAPPING = Entry(EntryId("gift"), ("Do you wrap gifts?",), "Yes.", "en", "extras", "faq.csv")
EVIL = "<img src=x onerror=alert(1)>.csv"
CHATS = "chat,who,text\n1,顾客,你好\n"


@pytest.fixture
def base(tmp_path) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    base.load()
    base.publish([WRAPPING], note="first", by="test", now=NOW)
    return base


@pytest.fixture
def floor(tmp_path, base):
    train(tmp_path, "cost", "status")
    training = training_in(tmp_path)
    training.load(NOW)
    options = {"training": training, "shell": SHELL, "knowledge": base, "mines": True}
    with pages_on_a_floor(tmp_path, bus_poll_seconds=0.2, **options) as floor:
        yield floor


def open_learning(page: Page, floor) -> None:
    sign_in(page, floor, "console", "boss")
    page.locator("header nav a[href='#learning']").click()
    expect(page.locator("mined-questions .drop")).to_be_visible()


def bring(page: Page) -> None:
    file = {"name": EVIL, "mimeType": "text/csv", "buffer": CHATS.encode()}
    page.locator("mined-questions input[type=file]").set_input_files([file])
    expect(page.locator("mined-questions .file b")).to_have_text(EVIL)


def test_what_is_found_is_edited_survives_a_reload_and_is_published(people, floor, tmp_path, base):
    script(tmp_path)
    page = people.open("en-GB")
    open_learning(page, floor)
    bring(page)
    page.get_by_role("button", name="Find questions").click()
    cards = page.locator("mined-proposal")
    expect(cards).to_have_count(4, timeout=MINING_MS)
    expect(page.locator("mined-facts")).to_contain_text("Chats looked through: 40")
    expect(cards.first).to_contain_text("Is Mars <b>too far</b>?")
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["chats"] == [CHATS]

    cards.first.get_by_role("button", name="Edit").click()
    cards.first.get_by_role("button", name="Remove: Is Mars <b>too far</b>?").click()
    cards.first.get_by_role("button", name="Use this: We do not.").click()
    cards.nth(2).get_by_role("checkbox").check()
    expect(cards.last).to_contain_text("asked in 3 chats, no answer yet")
    cards.last.get_by_role("button", name="Edit").click()
    cards.last.get_by_role("textbox", name="Answer").fill("Yes, a name takes a week.")
    expect(page.locator("mined-list .bottom b")).to_have_text("3 chosen")

    page.reload()
    expect(page.locator("mined-list .bottom b")).to_have_text("3 chosen")
    expect(cards.first).to_contain_text("We do not.")
    page.get_by_role("button", name="Look at what would change").click()
    changes = page.locator("mined-list change-report")
    expect(changes.locator(".figure-box.added b")).to_have_text("2")
    expect(changes.locator(".figure-box.changed b")).to_have_text("1")
    expect(changes.locator(".figure-box.removed b")).to_have_text("0")
    expect(changes.locator("ins")).to_have_text("Is wrapping free?")
    expect(changes.locator("del")).to_have_text("Yes.")
    assert len(base.current.entries) == 1, "nothing is published by looking"
    assert barriers(page) == []

    page.locator("mined-list").get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Back to the proposals").click()
    expect(cards).to_have_count(3)
    found = page.locator("mined-found .notice.good")
    twice, once = "Asked again, all 2 questions find it.", "Asked again, it is found."
    expect(found).to_have_text([twice, once, twice])
    expect(page.locator("learning-weeks")).to_contain_text("Does it help?")
    assert page.evaluate("sessionStorage.length") == 0
    entries = {one.id: one for one in base.current.entries}
    mars = entries[NEW["id"]]
    assert entries[UNANSWERED["id"]].answer == "Yes, a name takes a week."
    assert (mars.questions, mars.answer, mars.source) == (
        ("Do you ship to Mars?",), "We do not.", "old-chats.jsonl",
    )  # fmt: skip
    assert entries["gift"].answer == "Yes, for 8 yuan."
    assert entries["gift"].questions == ("Do you wrap gifts?", "Is wrapping free?")
    assert (entries["gift"].source, entries["gift"].learnt) == ("faq.csv", ("Is wrapping free?",))


@pytest.mark.parametrize(("locale", "viewport"), [("en-GB", DESKTOP), ("zh-CN", PHONE)])
def test_the_section_has_no_barrier_and_nothing_runs_over_the_edge(
    people, floor, tmp_path, locale, viewport
):
    """Before, while a file waits, while it is looked through, and with all proposals open."""
    page = people.open(locale, viewport)
    script(tmp_path, "hang")
    open_learning(page, floor)
    bring(page)
    assert barriers(page) == []
    page.locator("mined-questions .acts .strong").click()
    expect(page.locator("mined-questions run-progress progress")).to_be_visible()
    assert barriers(page) == []
    stop = page.locator("mined-questions run-progress sure-button button")
    stop.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("mined-questions .notice.warn")).to_be_visible()

    script(tmp_path)
    page.locator("mined-questions file-drop + .acts .button").click()
    cards = page.locator("mined-proposal")
    expect(cards).to_have_count(4, timeout=MINING_MS)
    for at in range(4):
        cards.nth(at).locator("button[aria-expanded]").click()
    page.locator("mined-list .all input").check()
    page.locator("mined-facts summary").first.click()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
