"""A page that pinned the widget by its hash goes on after an upgrade of the server."""

import asyncio
import base64
import hashlib
import sqlite3

import pytest

from bot.transcripts.widget_scripts import MOST_KEPT
from tests.bot.server.floor import open_floor


@pytest.fixture
def release(tmp_path):
    """Serve a release: builds its script, and runs the same shop's server with it."""

    def serve(script, **settings):
        pages = tmp_path / "pages"
        pages.mkdir(exist_ok=True)
        (pages / "widget.js").write_text(script)
        return open_floor(tmp_path, pages_folder=pages, **settings)

    return serve


def ask(floor, *paths):
    async def get():
        async with floor.web() as web:
            return [await web.get(path) for path in paths]

    return asyncio.run(get())


def embedded(floor):
    """What a shop copies into its pages."""
    return ask(floor, "/api/widget")[0].json()


def integrity(content):
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def test_a_pinned_script_is_served_byte_for_byte_after_upgrades(release):
    with release("first()") as floor:
        first = embedded(floor)
    with release("second()") as floor:
        second = embedded(floor)
        old, again, plain = ask(floor, first["src"], first["src"], "/widget.js")
    with release("third()") as floor:
        oldest, older, newest = ask(floor, first["src"], second["src"], embedded(floor)["src"])

    assert first["src"] != second["src"]
    assert (old.text, again.text, plain.text) == ("first()", "first()", "second()")
    assert (oldest.text, older.text, newest.text) == ("first()", "second()", "third()")
    for answer, pinned in ((old, first), (oldest, first), (older, second)):
        assert integrity(answer.content) == pinned["integrity"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"] == newest.headers["content-type"]


def test_a_script_that_was_never_served_is_not_found(release):
    with release("first()") as floor:
        wrong = ("0" * 16, "x", "..%2F..", "0" * 5_000, "0" * 15 + "%00")
        answers = ask(floor, *(f"/widget.{version}.js" for version in wrong))
    assert [answer.status_code for answer in answers] == [404] * len(wrong)


def test_a_script_that_was_altered_in_the_database_is_not_served(release, tmp_path):
    with release("first()") as floor:
        first = embedded(floor)
    with sqlite3.connect(tmp_path / "shopkeeper.sqlite3") as database:
        database.execute("UPDATE widget_scripts SET content = X'6576696c2829'")
    database.close()
    with release("second()") as floor:
        (answer,) = ask(floor, first["src"])
    assert answer.status_code == 404


def test_only_so_many_scripts_are_kept_and_the_oldest_go(release):
    with release("now()") as floor:
        widgets = floor.parts.transcripts.widgets
        for number in range(MOST_KEPT):
            assert widgets.keep(f"{number:016x}", b"script").result(10)
        assert not widgets.keep(f"{1:016x}", b"other").result(10)
        kept = [widgets.get(f"{number:016x}") for number in range(MOST_KEPT)]
        assert kept == [b"script"] * MOST_KEPT
        assert widgets.get(embedded(floor)["version"]) is None
        (answer,) = ask(floor, embedded(floor)["src"])
        assert answer.text == "now()", "the script of today is served whatever is kept"


@pytest.mark.services
def test_a_node_serves_what_only_the_other_was_upgraded_to(postgres_url, tmp_path):
    folders = []
    for name in ("here", "there"):
        folders.append(tmp_path / name)
        (folders[-1] / "pages").mkdir(parents=True)
        (folders[-1] / "pages" / "widget.js").write_text(f"{name}()")
    with (
        open_floor(folders[0], database_url=postgres_url) as here,
        open_floor(folders[1], database_url=postgres_url) as there,
    ):
        (of_there,) = ask(here, embedded(there)["src"])
        (of_here,) = ask(there, embedded(here)["src"])
    assert (of_there.text, of_here.text) == ("there()", "here()")
