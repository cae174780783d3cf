import numpy as np
import pytest

from knowledge_base.entry import EntryId
from knowledge_base.entry_head import EntryHead
from knowledge_base.facts import Facts, telling_answers
from knowledge_base.learn_head import (
    LEAST_FACTS,
    TOLD_AT_ONCE,
    HeadExamples,
    learn_head,
)
from knowledge_base.phrasings import phrasings_of

DIMENSIONS = 24
NO_VECTORS = np.empty((0, DIMENSIONS), dtype=np.float32)
NO_FACTS = np.empty(0, dtype=np.int64)


def units(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def around(middles, each, noise, seed=1):
    """Vectors near the middles of facts, and the fact of each."""
    chance = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(middles)), each)
    spread = noise * chance.normal(size=(len(owners), middles.shape[1]))
    return units(middles[owners] + spread), owners


@pytest.fixture
def middles():
    """Facts that differ in the first half of the dimensions alone; the second half is noise."""
    chance = np.random.default_rng(2)
    middles = chance.normal(size=(40, DIMENSIONS)) * 0.35
    middles[:, DIMENSIONS // 2 :] = 0
    return middles.astype(np.float32)


def asked(middles, count=400, noise=0.3, seed=9):
    chance = np.random.default_rng(seed)
    owners = chance.integers(0, len(middles), count)
    wide = np.concatenate([np.full(DIMENSIONS // 2, 0.4), np.full(DIMENSIONS // 2, 1.5)])
    spread = noise * wide * chance.normal(size=(count, DIMENSIONS))
    return units(middles[owners] + spread), owners


def learnt_from(middles, each=8, noise=0.3, progress=None):
    chance = np.random.default_rng(3)
    owners = np.repeat(np.arange(len(middles)), each)
    wide = np.concatenate([np.full(DIMENSIONS // 2, 0.4), np.full(DIMENSIONS // 2, 1.5)])
    vectors = units(middles[owners] + noise * wide * chance.normal(size=(len(owners), DIMENSIONS)))
    examples = HeadExamples(vectors, owners, NO_VECTORS, NO_FACTS, len(middles))
    return vectors, owners, learn_head(examples, progress)


def test_the_head_learns_in_which_directions_entries_differ(middles):
    vectors, owners, head = learnt_from(middles)
    questions, wanted = asked(middles)
    nearest = owners[(questions @ vectors.T).argmax(axis=1)]
    told = head.log_chances(questions).argmax(axis=1)
    assert (told == wanted).mean() > (nearest == wanted).mean() + 0.1


def test_chances_add_up_to_one_and_are_the_same_alone_and_in_a_batch(middles):
    _, _, head = learnt_from(middles)
    questions, _ = asked(middles, count=5)
    chances = head.log_chances(questions)
    np.testing.assert_allclose(np.exp(chances).sum(axis=1), 1, rtol=1e-5)
    alone = np.concatenate([head.log_chances(one[None, :]) for one in questions])
    np.testing.assert_allclose(chances, alone, atol=1e-4)


def test_the_same_examples_give_the_same_numbers_and_every_round_is_told(middles):
    rounds = []
    first = learnt_from(middles, progress=lambda done, of: rounds.append((done, of)))[2]
    second = learnt_from(middles)[2]
    np.testing.assert_array_equal(first.weights, second.weights)
    assert rounds[0][0] == 1 and len(rounds) == rounds[-1][0] <= rounds[-1][1]


def test_answers_teach_where_an_entry_has_one_phrasing(middles):
    phrasings, owners = around(middles, 1, 0.1)
    answers, of_answer = around(middles, 1, 0.1, seed=4)
    alone = HeadExamples(phrasings, owners, NO_VECTORS, NO_FACTS, len(middles))
    both = HeadExamples(phrasings, owners, answers, of_answer, len(middles))
    assert learn_head(alone) is None, "one example of each says nothing about how they differ"
    assert learn_head(both) is not None


def test_a_few_entries_are_not_learnt_from(middles):
    assert learnt_from(middles[: LEAST_FACTS - 1])[2] is None
    assert learnt_from(middles[:LEAST_FACTS])[2] is not None


def test_an_entry_with_few_phrasings_is_still_found_among_those_with_many(middles):
    many, of_many = around(middles, 12, 0.2)
    few = (of_many % 2 == 0) | (np.arange(len(of_many)) % 12 < 2)
    head = learn_head(HeadExamples(many[few], of_many[few], NO_VECTORS, NO_FACTS, len(middles)))
    questions, wanted = around(middles, 10, 0.2, seed=8)
    told = head.log_chances(questions).argmax(axis=1)
    rare = wanted % 2 == 1
    assert (told[rare] == wanted[rare]).mean() > 0.7


def test_a_large_version_is_learnt_in_groups_as_well_as_at_once():
    chance = np.random.default_rng(5)
    middles = units(chance.normal(size=(TOLD_AT_ONCE + 60, DIMENSIONS)))
    vectors, owners = around(middles, 3, 0.12)
    head = learn_head(HeadExamples(vectors, owners, NO_VECTORS, NO_FACTS, len(middles)))
    questions, wanted = around(middles, 1, 0.12, seed=6)
    told = head.log_chances(questions).argmax(axis=1)
    nearest = owners[(questions @ vectors.T).argmax(axis=1)]
    assert (told == wanted).mean() >= (nearest == wanted).mean()


def test_what_is_loaded_is_what_was_saved(middles, tmp_path):
    _, _, head = learnt_from(middles)
    head.save(tmp_path)
    loaded = EntryHead.load(tmp_path, len(middles), DIMENSIONS)
    np.testing.assert_array_equal(loaded.weights, head.weights)
    np.testing.assert_array_equal(loaded.bias, head.bias)
    assert EntryHead.load(tmp_path / "elsewhere", len(middles), DIMENSIONS) is None


def test_a_head_of_other_entries_or_without_numbers_is_refused(middles, tmp_path):
    _, _, head = learnt_from(middles)
    head.save(tmp_path)
    with pytest.raises(ValueError, match="other entries"):
        EntryHead.load(tmp_path, len(middles) + 1, DIMENSIONS)
    np.save(tmp_path / "head_bias.npy", np.full(len(middles), np.nan, dtype=np.float32))
    with pytest.raises(ValueError, match="no finite numbers"):
        EntryHead.load(tmp_path, len(middles), DIMENSIONS)


def test_an_answer_that_several_entries_give_tells_none_of_them(entry):
    entries = (
        entry("return", "zh", "看这里。", "怎么退货"),
        entry("invoice", "zh", "看这里。", "怎么开发票"),
        entry("hours", "zh", "九点到六点。", "几点上班"),
        entry("hours", "en", "九点到六点。", "When are you open?"),
    )
    facts = Facts(entries, phrasings_of(entries))
    assert telling_answers(entries, facts).tolist() == [False, False, True, True]
    assert facts.numbers([EntryId("hours")]).tolist() == [2]
