"""An admin at the page about learning: looks, has it learn, closes the tab, stops it, goes back."""

import json
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from bot.answering.live_training import LiveTraining
from tests.bot.answering.trained_shop import train, training_in
from tests.bot.server.test_learning import SHELL, script
from tests.end_to_end.light_floor import (
    DESKTOP,
    PHONE,
    barriers,
    pages_on_a_floor,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PATIENCE_MS = 60_000
"""For a process of low priority on a busy machine."""

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
EVIL = "<img src=x onerror=alert(1)>.jsonl"


@pytest.fixture
def training(tmp_path) -> LiveTraining:
    train(tmp_path, "cost", "status")
    training = training_in(tmp_path)
    training.load(NOW)
    return training


@pytest.fixture
def floor(tmp_path, training):
    options = {"training": training, "shell": SHELL, "bus_poll_seconds": 0.2}
    with pages_on_a_floor(tmp_path, **options) as floor:
        yield floor


def open_learning(page: Page, floor) -> None:
    sign_in(page, floor, "console", "boss")
    page.locator("header nav a[href='#learning']").click()
    expect(page.locator("learnt-parts article")).to_have_count(4)


@pytest.mark.parametrize(("locale", "viewport"), [("en-GB", DESKTOP), ("zh-CN", PHONE)])
def test_the_page_has_no_barrier_and_nothing_runs_over_the_edge(
    people, floor, tmp_path, locale, viewport
):
    """Before anything was begun, while something runs, and after a worse result."""
    page = people.open(locale, viewport)
    open_learning(page, floor)
    for do in ("hang", "worse"):
        script(tmp_path, do)
        assert barriers(page) == []
        page.locator("learning-run button.strong").first.click()
        if do == "hang":
            expect(page.locator("learning-run progress")).to_be_visible()
            assert barriers(page) == []
            stop(page)
            ended = page.locator("learning-run .notice.warn")
            expect(ended).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("learning-run dd").first).to_contain_text("−8.0", timeout=PATIENCE_MS)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def stop(page: Page) -> None:
    """By keyboard: the first press asks, the second one does it."""
    button = page.locator("learning-run sure-button button")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def test_a_learning_outlives_its_tab_is_stopped_and_done_again_and_undone(
    people, floor, tmp_path, training
):
    script(tmp_path, "hang")
    page = people.open("en-GB")
    open_learning(page, floor)
    page.get_by_role("button", name="Learn intents").click()
    run = page.locator("learning-run")
    working = "Working: trying it on phrases it has not seen"
    expect(run).to_contain_text(working, timeout=PATIENCE_MS)
    expect(run).to_contain_text("1 of 4", timeout=PATIENCE_MS)
    expect(run).to_contain_text("Started by boss")
    expect(page.get_by_role("button", name="Learn intents")).to_have_count(0)

    later = people.another(page.context)
    page.close()
    later.goto(f"{floor.origin}/console#learning")
    run = later.locator("learning-run")
    expect(run).to_contain_text("1 of 4")
    stop(later)
    ended = "It was ended before it was done; nothing has changed."
    expect(run).to_contain_text(ended, timeout=PATIENCE_MS)

    script(tmp_path)
    later.get_by_role("button", name="Learn intents").click()
    learnt = "What was learnt answers now, on every node."
    expect(run).to_contain_text(learnt, timeout=PATIENCE_MS)
    expect(run.locator("summary")).to_have_text("What was odd about the files: 1")
    rows = later.locator("trained-sets tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("In use")
    expect(later.locator("learnt-parts article").first).to_contain_text("3 intents")
    rows.last.get_by_role("button", name="Go back to this").click()
    rows.last.get_by_role("button", name="Answer by this one?").click()
    expect(rows.last).to_contain_text("In use")
    expect(later.locator("learnt-parts article").first).to_contain_text("2 intents")
    assert training.current.intents.intents == ("cost", "status")

    later.locator("header nav a[href='#audit']").click()
    log = later.locator("audit-log tbody")
    for act in ("had it learn again", "stopped the learning", "went back to an earlier training"):
        expect(log).to_contain_text(act)


def test_old_chats_are_added_by_their_name_which_is_only_text(people, floor, tmp_path):
    script(tmp_path)
    page = people.open("zh-CN", PHONE)
    open_learning(page, floor)
    run = page.locator("learning-run")
    line = '{"messages": [{"who": "shopper", "text": "你好"}]}\n'
    file = {"name": EVIL, "mimeType": "application/jsonl", "buffer": line.encode()}
    run.locator("input[type=file]").set_input_files([file])
    expect(run.locator(".chats b")).to_have_text(EVIL)
    run.get_by_role("button", name="不用旧对话").click()
    expect(run.locator(".chats b")).to_have_count(0)
    run.locator("input[type=file]").set_input_files([file])
    expect(run.locator(".chats b")).to_have_text(EVIL)
    assert barriers(page) == []
    run.get_by_role("button", name="学习何时转人工").click()
    expect(run).to_contain_text("所有节点现在都用新的学习结果回答。", timeout=PATIENCE_MS)
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    assert told["chats"] == [line]


def test_what_was_learnt_on_the_shell_appears_by_itself(people, floor, tmp_path):
    page = people.open("en-GB")
    open_learning(page, floor)
    train(tmp_path, "cost", "status", "warranty", "returns")
    expect(page.locator("learnt-parts article").first).to_contain_text("4 intents")
