from collections import Counter

import pytest

from knowledge_base.question_key import question_key
from knowledge_base.script import language_of
from training.measure_small_shops import MOST_PHRASINGS
from training.talks import ACTION, NOTHING
from training.written_shops import SmallShop, small_shops

MEASURED = {shop.name: shop for shop in small_shops("measured")}
LEARNT = {shop.name: shop for shop in small_shops("learnt")}


def test_there_are_as_many_measured_shops_of_each_language():
    assert Counter(shop.language for shop in MEASURED.values()) == {"zh": 10, "en": 10}
    assert Counter(shop.language for shop in LEARNT.values()) == {"zh": 65, "en": 73}


def test_no_shop_is_both_measured_and_learnt_from():
    assert not MEASURED.keys() & LEARNT.keys()
    answers = {one.entry.answer for shop in MEASURED.values() for one in shop.entries}
    assert not answers & {one.entry.answer for shop in LEARNT.values() for one in shop.entries}


@pytest.mark.parametrize("shop", [*MEASURED.values(), *LEARNT.values()], ids=lambda one: one.name)
def test_the_talks_of_a_shop_say_nothing_word_for_word_that_it_is_asked_elsewhere(shop: SmallShop):
    written = {
        question_key(text)
        for one in shop.entries
        for text in (*one.entry.questions, *one.told, *one.untold)
    }
    written |= {question_key(text) for text in shop.near}
    said = [one for talk in shop.talks for one in talk.said]
    assert len({talk.name for talk in shop.talks}) == len(shop.talks) == 4
    assert not written & {question_key(one.text) for one in said}
    assert not any(one.together for one in said)
    assert {len(talk.said) for talk in shop.talks} <= {4, 5, 6, 7}
    assert {NOTHING, ACTION} & {want for one in said for want in one.wanted} == {NOTHING}


@pytest.mark.parametrize("shop", [*MEASURED.values(), *LEARNT.values()], ids=lambda one: one.name)
def test_no_question_of_a_shop_stands_twice_and_all_are_in_its_language(shop: SmallShop):
    own = [text for one in shop.entries for text in (*one.entry.questions, *one.told, *one.untold)]
    texts = [*own, *shop.near]
    assert len({question_key(text) for text in texts}) == len(texts)
    assert all(len(one.entry.questions) >= MOST_PHRASINGS for one in shop.entries)
    assert len({one.entry.id for one in shop.entries}) == len(shop.entries)
    answers = [one.entry.answer for one in shop.entries]
    assert {language_of(text) for text in answers} == {shop.language}
