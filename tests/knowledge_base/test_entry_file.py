"""The one form in which versions keep their entries: old versions stay readable, to the byte."""

import json
from dataclasses import replace

import pytest

from knowledge_base.entry_file import entries_from, entries_text, entry_from, entry_object
from knowledge_base.export import export_entries

OLD_LINE = (
    '{"id": "return", "question": ["怎么退货"], "answer": "七天内可以退货。", '
    '"language": "zh", "category": "", "source": "shop.csv"}\n'
)


def test_a_version_from_before_anything_could_be_learnt_loads_and_stays_the_same():
    (entry,) = entries_from(OLD_LINE)

    assert (entry.questions, entry.learnt) == (("怎么退货",), ())
    assert entries_text([entry]) == OLD_LINE


def test_what_was_learnt_comes_back_with_its_entry(shop):
    learnt = replace(shop[0], learnt=shop[0].questions[1:])

    assert entries_from(entries_text([learnt, *shop[1:]])) == (learnt, *shop[1:])
    assert entry_object(learnt)["learnt"] == ["我想退货怎么申请"]
    assert "learnt" not in entry_object(shop[1])


@pytest.mark.parametrize("learnt", ["怎么退货", ["what is this"], [3], {}])
def test_what_an_entry_does_not_ask_it_has_not_learnt(shop, learnt):
    with pytest.raises(ValueError):
        entry_from({**entry_object(shop[0]), "learnt": learnt})


def test_an_export_holds_learnt_phrasings_like_all_others(shop):
    learnt = replace(shop[0], learnt=shop[0].questions[1:])
    (line,) = export_entries([learnt], "jsonl").decode("utf-8").splitlines()

    assert json.loads(line)["question"] == list(shop[0].questions)
    assert "learnt" not in json.loads(line)
