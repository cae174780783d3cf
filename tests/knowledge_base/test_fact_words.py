import numpy as np
import pytest

from knowledge_base.fact_words import FactWords
from knowledge_base.lexical_index import LexicalIndex
from knowledge_base.words import words_of

PHRASINGS = ("how much is delivery", "delivery to hong kong", "can I pay by card", "加急要多少钱")
OF_PHRASING = np.array([0, 0, 1, 2])
ANSWERS = ("Delivery is free above 99 yuan.", "Cards of every bank.", "加急十元。")
OF_ANSWER = np.array([0, 1, 2])


@pytest.fixture
def held():
    return FactWords(
        3, (LexicalIndex.of(PHRASINGS), OF_PHRASING), (LexicalIndex.of(ANSWERS), OF_ANSWER)
    )


def shares(held, text):
    return held.held(words_of(text), np.arange(3))[0]


def test_words_of_every_phrasing_and_of_the_answer_count_together(held):
    assert shares(held, "delivery hong kong above 99 yuan")[0] == pytest.approx(1.0)
    assert shares(held, "加急")[2] == pytest.approx(1.0)


def test_a_word_that_stands_nowhere_counts_as_the_rarest(held):
    known, unknown = shares(held, "delivery hong kong")[0], shares(held, "delivery macau")[0]
    assert known == pytest.approx(1.0)
    assert 0 < unknown < 0.5


def test_saying_a_word_twice_changes_nothing(held):
    np.testing.assert_allclose(
        shares(held, "delivery delivery card"), shares(held, "delivery card")
    )


@pytest.mark.parametrize("text", ["", "？！", "🙂🙂", "\u200b"])
def test_a_text_without_words_has_a_share_of_nothing(held, text):
    assert shares(held, text).tolist() == [0.0, 0.0, 0.0]


def test_entries_without_a_word_hold_nothing():
    empty = FactWords(1, (LexicalIndex.of(["？"]), np.array([0])), (LexicalIndex.of(["!"]),
                      np.array([0])))  # fmt: skip
    share, evidence = empty.held(["delivery"], np.array([0]))
    assert share.tolist() == evidence.tolist() == [0.0]


def test_two_rare_words_shared_are_more_evidence_than_one_and_than_a_common_one(held):
    def evidence(text):
        return held.held(words_of(text), np.arange(3))[1]

    assert evidence("hong kong")[0] > evidence("hong")[0] > evidence("macau")[0] == 0.0
    assert evidence("hong")[0] < 1.0  # a word that nobody has is rarer still
    assert 0.0 < evidence("the 多少钱")[2] == evidence("多少钱")[2]
    shared = FactWords(2, (LexicalIndex.of(["how to pay", "how to ship"]), np.arange(2)),
                       (LexicalIndex.of(["Yes.", "No."]), np.arange(2)))  # fmt: skip
    common, rare = (shared.held(words_of(word), np.arange(2))[1][0] for word in ("how", "pay"))
    assert common < rare
