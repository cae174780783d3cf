"""Talks with small shops, put to the whole program."""

from dataclasses import replace

import pytest

from bot.settings import Settings
from tests.conftest import ROOT
from training.measure_shop_talks import figures_of, play
from training.measured_talks import HEADING
from training.written_shops import small_shops


def row(grade, source):
    values = dict.fromkeys(HEADING, "") | {"grade": grade, "source": source}
    return tuple(values.values())


def test_only_what_entries_answered_counts_among_the_answers():
    rows = [row("right", "known"), row("wrong", "known"), row("right", "said"), row("weak", "")]
    figures = figures_of(rows)
    assert (figures["messages"], figures["right"], figures["weak"]) == (4, 2, 1)
    assert (figures["answered_from_entries"], figures["of_these_wrong"]) == (2, 1)
    share = figures["share_wrong"]
    assert share["low"] < share["value"] == 0.5 < share["high"]


def test_where_nothing_was_answered_there_is_no_share():
    assert figures_of([row("weak", "")])["share_wrong"] is None


@pytest.mark.weights
def test_a_published_question_is_answered_and_what_follows_has_a_grade_each(
    state_folder, converted_encoder
):
    (shop,) = [shop for shop in small_shops("measured") if shop.name == "hanfu.zh"]
    talk = shop.talks[0]
    wanted = next(one for one in shop.entries if one.entry.id == talk.said[0].entries[0])
    first = replace(talk.said[0], text=wanted.entry.questions[0])
    known = replace(talk, said=(first, *talk.said[1:]))
    settings = Settings(state_folder=state_folder, shop_folder=ROOT / "demo_shop", generator="off")
    rows = play([replace(shop, talks=(known,))], 2, converted_encoder, settings)
    assert rows.keys() == {"zh"}
    played = [dict(zip(HEADING, one, strict=True)) for one in rows["zh"]]
    assert [one["text"] for one in played] == [said.text for said in known.said]
    assert played[0]["grade"] == "right" and played[0]["id"] == wanted.entry.id
    assert played[0]["talk"] == f"hanfu.zh: {talk.name}"
