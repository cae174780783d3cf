from dataclasses import replace

import pytest

from knowledge_base.merge import MergeMode, merge


def test_replacing_a_corpus_adds_changes_and_removes_its_own_entries_only(shop, entry):
    other = entry("gift", "en", "We wrap gifts.", "Gift wrap?", source="gifts.csv")
    changed = replace(shop[0], answer="九天内可以退货。")
    new = entry("size", "en", "See the size table.", "Which size fits me?")
    merged = merge((*shop, other), [changed, shop[1], new], "shop.csv")
    assert merged.entries == (changed, shop[1], other, new)
    assert merged.added == (new,)
    assert [(c.before.answer, c.after.answer) for c in merged.changed] == [
        ("七天内可以退货。", "九天内可以退货。")
    ]
    assert merged.removed == (shop[2], shop[3])
    assert merged.unchanged == 2


def test_adding_keeps_what_the_file_does_not_name(shop, entry):
    new = entry("size", "en", "See the size table.", "Which size fits me?")
    merged = merge(shop, [new], "shop.csv", MergeMode.ADD)
    assert merged.entries == (*shop, new)
    assert not merged.removed and not merged.changed and merged.unchanged == 4


def test_merging_nothing_removes_the_corpus(shop):
    assert merge(shop, [], "shop.csv").entries == ()
    assert merge(shop, [], "other.csv").entries == shop


def test_an_id_taken_from_another_corpus_moves_and_is_shown_as_changed(shop):
    merged = merge(shop, [replace(shop[2], source="")], "invoices.csv")
    (change,) = merged.changed
    assert (change.before.source, change.after.source) == ("shop.csv", "invoices.csv")
    assert len(merged.entries) == 4


def test_one_question_in_two_corpora_is_named(shop, entry):
    rival = entry("refund", "zh", "三天到账。", "怎麼退貨？")
    merged = merge(shop, [rival], "refunds.csv")
    (shared,) = merged.shared_questions
    assert (shared.question, shared.language, shared.entries) == (
        "怎么退货",
        "zh",
        ("return", "refund"),
    )


def test_two_imported_entries_with_one_id_are_refused(shop):
    with pytest.raises(ValueError):
        merge((), [shop[0], shop[0]], "shop.csv")
