from bot.answering.answer import Answer, Decision, Memory, Source, Trace
from training.measure_small_shops import (
    ShopQuestion,
    answered_of_kinds,
    set_up,
)
from training.written_shops import small_shops

SHOPS = {shop.name: shop for shop in small_shops("measured")}


def test_the_questions_of_an_entry_that_is_left_out_have_no_answer():
    shop = SHOPS["hanfu.zh"]
    entries, asked = set_up(shop, phrasings=2, seed=1)
    kept = {entry.id for entry in entries}
    assert len(shop.entries) - len(entries) == 3  # a seventh of 20
    assert {len(entry.questions) for entry in entries} == {2}
    wanted = {one.text: one.wanted for one in asked}
    for one in shop.entries:
        there = one.entry.id in kept
        assert {wanted[text] for text in one.told} == {one.entry.id if there else ""}
        # What is untold of an entry that is not there is not asked: it would be asked of nothing.
        assert all((text in wanted) == there for text in one.untold)
        assert not any(wanted.get(text) for text in one.untold)
    assert all(wanted[text] == "" for text in shop.near)


def test_another_seed_leaves_others_out_and_the_same_one_the_same():
    shop = SHOPS["bicycles.en"]
    assert set_up(shop, 1, seed=1) == set_up(shop, 1, seed=1)
    assert set_up(shop, 1, seed=1)[0] != set_up(shop, 1, seed=2)[0]


def test_of_each_kind_only_what_an_entry_answers_counts_as_answered():
    asked = [ShopQuestion("a", "x", "told"), ShopQuestion("b", "", "untold")] * 2
    known = _answer(Decision.ANSWER, Source.KNOWN)
    said, back = _answer(Decision.ANSWER, Source.SAID), _answer(Decision.CLARIFY, None)
    assert answered_of_kinds(asked, [known, known, back, said]) == {
        "told": {"asked": 2, "answered": 1},
        "untold": {"asked": 2, "answered": 1},
    }


def _answer(decision: Decision, source: Source | None) -> Answer:
    return Answer(decision, "…", 0.9, "en", Trace("en"), Memory(), source=source)
