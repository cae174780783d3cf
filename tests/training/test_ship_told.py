"""Learning what an entry tells."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.told import ToldVectors
from training.progress import silent
from training.ship_told import LearningNetwork, area_on, joined, learnt
from training.told_examples import PHRASINGS, ToldExamples, told_examples
from training.written_shops import SmallShop, WrittenEntry

WORDS = ["lamp", "bowl", "chair", "rug", "vase", "mirror", "shelf", "desk"]


def written(word):
    phrasings = (f"what does the {word} cost", f"price of the {word}", f"{word} how much")
    entry = Entry(EntryId(word), phrasings, f"The {word} costs 20 euros.", "en")
    return WrittenEntry(entry, (f"{word} pricing please",), (f"is the {word} made of oak",))


SHOP = SmallShop("things", "en", tuple(map(written, WORDS)), ("do you hire people",))


@pytest.fixture(scope="module")
def examples():
    return told_examples([SHOP], HashedEncoder(), 1, silent)


def test_what_serves_gives_the_mean_of_what_was_learnt():
    torch.manual_seed(1)
    networks = [LearningNetwork(16).eval() for _ in range(2)]
    given = torch.nn.functional.normalize(torch.randn(2, 3, 16), dim=2)
    shipped = joined(networks)
    for there, second in ((True, given[1]), (False, torch.zeros_like(given[1]))):
        with torch.no_grad():
            odds = [float(one(given[:1], second[None], torch.tensor([there]))) for one in networks]
        view = ToldVectors(given[0].numpy(), second.numpy() if there else None)
        assert shipped.log_odds(view) == pytest.approx(np.mean(odds), abs=2e-3)
    assert abs(odds[0] - odds[1]) > 0.01


def test_every_question_stands_beside_its_entry_and_those_like_it(examples):
    away = 1  # an eighth of eight
    told = len(WORDS) - away
    pairs = sum(
        # told, its phrasings that are not published, each with two wrong entries; untold; the rest
        3 * told + 3 * told * max(0, 3 - phrasings) + told + away + len(SHOP.near)
        for phrasings in PHRASINGS
    )
    likely_elsewhere = len(examples.told) - pairs  # untold ones that another entry is more like
    assert 0 <= likely_elsewhere <= told * len(PHRASINGS)
    assert examples.told.sum() == sum(told * (1 + max(0, 3 - one)) for one in PHRASINGS)
    assert examples.first.shape == (len(examples.told), 3, 256)
    assert not examples.both.any() and not examples.second.any()
    np.testing.assert_allclose(np.linalg.norm(examples.first, axis=2), 1.0, atol=1e-5)


def test_the_same_seed_gives_the_same_examples(examples):
    again = told_examples([SHOP], HashedEncoder(), 1, silent)
    np.testing.assert_array_equal(again.first, examples.first)
    np.testing.assert_array_equal(again.told, examples.told)


def test_what_is_learnt_tells_them_apart_better_than_what_is_not(examples):
    rows = np.tile(np.arange(len(examples.told)), 12)
    tried = learnt(examples, rows)
    assert area_on(tried, examples, np.arange(len(examples.told))) > 0.9


def test_an_example_that_counts_nothing_teaches_nothing():
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((512, 3, 8)).astype(np.float32)
    told = vectors[:, 0, 0] > 0
    wrong = replace(_examples(vectors, told), told=~told)
    both = ToldExamples(
        *(np.concatenate([getattr(_examples(vectors, told), name), getattr(wrong, name)])
          for name in ("first", "second", "both", "told", "weights", "shops"))
    )  # fmt: skip
    both.weights[512:] = 0.0
    tried = learnt(both, np.tile(np.arange(1024), 8))
    assert area_on(tried, both, np.arange(512)) > 0.8


def _examples(vectors, told):
    count = len(vectors)
    none = np.zeros(count, dtype=bool)
    return ToldExamples(vectors, np.zeros_like(vectors), none, told,
                        np.ones(count, dtype=np.float32), none.astype(np.int64))  # fmt: skip
