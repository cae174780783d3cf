"""What an entry tells, from the vectors of question, phrasing and answer."""

from dataclasses import fields

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from knowledge_base.encoder_pair import pair_of
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from knowledge_base.told import (
    FIRST,
    SECOND,
    ToldNetwork,
    ToldVectors,
    has_few_phrasings,
    told_network,
)
from training.written_shops import small_shops


def network(**more):
    """One that adds twice the cosine of question and answer to 0.5; all else counts nothing."""
    inner = np.zeros((1, 2 * (4 + 3) + 1, 1))
    inner[0, 4 + 1] = 2.0  # after four directions: question and phrasing, question and answer …
    plain = {
        "maps": np.ones((1, 3, 2, 1)),
        "second_maps": np.ones((1, 3, 2, 1)),
        "cosine_scale": np.ones((1, 1)),
        "inner": inner,
        "inner_bias": np.zeros((1, 1)),
        "outer": np.ones((1, 1)),
        "outer_bias": np.array([0.5]),
    }
    return ToldNetwork(**{name: np.float32(one) for name, one in (plain | more).items()})


ALIKE = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)  # question and answer are the same


def named(name):
    encoder = HashedEncoder()
    encoder.name = name
    return encoder


def test_the_odds_are_what_the_layers_say():
    assert network().log_odds(ToldVectors(ALIKE, None)) == pytest.approx(2.5)
    apart = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert network().log_odds(ToldVectors(apart, None)) == pytest.approx(0.5)


def test_the_second_space_counts_where_all_three_have_a_place_in_it():
    inner = np.zeros((1, 15, 1))
    inner[0, 7 + 4 + 1], inner[0, 14] = 1.0, 10.0
    beside = network(inner=inner)
    assert beside.log_odds(ToldVectors(ALIKE, None)) == pytest.approx(0.5)
    assert beside.log_odds(ToldVectors(ALIKE, ALIKE)) == pytest.approx(11.5)


def test_several_networks_give_their_mean():
    one, other = network(), network(outer_bias=np.array([2.5]))
    both = {
        field.name: np.concatenate([getattr(one, field.name), getattr(other, field.name)])
        for field in fields(ToldNetwork)
    }
    assert ToldNetwork(**both).log_odds(ToldVectors(ALIKE, None)) == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        (FIRST, SECOND, True),
        (FIRST, None, True),
        (FIRST, "another", False),
        (SECOND, None, False),
        ("hashed", None, False),
    ],
)
def test_the_network_is_asked_of_the_encoders_alone_that_it_was_learnt_for(first, second, known):
    encoder = pair_of(named(first), named(second) if second else None)
    assert (told_network(encoder) is not None) == known


def test_it_tells_nothing_new_where_phrasings_are_many():
    assert has_few_phrasings(59, 10)
    assert not has_few_phrasings(60, 10)
    assert not has_few_phrasings(0, 0)


def test_the_first_hit_alone_tells_it_and_none_of_another_encoder(shop):
    assert not Searcher.of(shop, HashedEncoder()).sees_told
    searcher = Searcher.of(shop, named("hashed"))
    assert [hit.told for hit in searcher.search("how to send it back").hits] == [None] * 3


@pytest.mark.weights
@pytest.mark.parametrize("name", ["hanfu.zh", "second-hand-phones.zh", "bicycles.en"])
def test_in_a_shop_it_never_saw_told_questions_have_higher_odds_than_untold_ones(
    converted_encoder, name
):
    (written,) = [shop for shop in small_shops("measured") if shop.name == name]
    searcher = Searcher.of([one.entry for one in written.entries], converted_encoder)
    odds, told = [], []
    for one in written.entries:
        for text in (*one.told, *one.untold):
            best = searcher.search(text).hits[0]
            if best.entry.id == one.entry.id:
                odds.append(best.told)
                told.append(text in one.told)
    assert None not in odds
    assert roc_auc_score(told, odds) > 0.7


@pytest.mark.weights
def test_hits_behind_the_first_do_not_tell_it_nor_do_entries_of_many_phrasings(
    converted_encoder, entry
):
    texts = [f"{word} is your return window" for word in ("what", "how long", "which", "when")]
    few = [entry(f"e{at}", "en", f"Answer {at}.", text) for at, text in enumerate(texts)]
    first, *others = Searcher.of(few, converted_encoder).search("the window for returns").hits
    assert first.told is not None and [one.told for one in others] == [None] * 3
    many = [entry("e", "en", "Within 14 days.", *texts, "can I return it", "returns")]
    assert Searcher.of(many, converted_encoder).search("return windows").hits[0].told is None
