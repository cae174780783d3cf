import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.ngram_space import MAX_CHARACTERS, NgramIndex, NgramSpace, folded, pieces

TEXTS = ["运费多少", "where is my parcel", "where are my parcels", "退款", "where where where"]


def plain_vector(space, text):
    weighed = space.weigh(text)
    vector = np.zeros(len(space.vocabulary))
    vector[weighed.ids] = weighed.weights
    return vector


def test_chinese_has_single_characters_and_english_has_words():
    assert {"运", "费", "运费", " 运费"} <= set(pieces("运费"))
    assert {"=my", "=parcel", "=my parcel", " pa", "cel "} <= set(pieces("my parcel"))


def test_order_numbers_are_all_alike():
    assert folded("订单 88231277 到哪") == folded("订單 １０００２　到哪") == "订单 0000 到哪"
    assert folded("size 42") == "size 42"


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)
    assert len(folded(text)) <= MAX_CHARACTERS


@given(st.text(max_size=60))
def test_every_text_weighs_one_or_nothing(text):
    weights = NgramSpace.of(TEXTS).weigh(text).weights
    assert len(weights) == 0 or float(weights @ weights) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["where is parcel", "运费是多少", "zzz", ""])
def test_posting_lists_give_the_cosines_of_plain_vectors(text):
    space = NgramSpace.of(TEXTS)
    index = NgramIndex.of([space.weigh(one) for one in TEXTS], len(space.vocabulary))
    expected = [plain_vector(space, one) @ plain_vector(space, text) for one in TEXTS]
    np.testing.assert_allclose(index.similarities(space.weigh(text)), expected, atol=1e-6)


def test_rare_pieces_weigh_more_than_common_ones():
    space = NgramSpace.of(TEXTS)
    rarity = {piece: space.rarity[column] for piece, column in space.vocabulary.items()}
    assert rarity["=parcel"] > rarity["=where"]


def test_pieces_of_a_single_text_can_be_left_out():
    assert "退" not in NgramSpace.of(TEXTS, min_texts=2).vocabulary
