"""A second encoder beside the first: what it is asked, and what it changes."""

import threading

import numpy as np
import pytest

from knowledge_base.encoder_pair import (
    EncoderPair,
    RememberingEncoder,
    first_of,
    pair_digest,
    pair_of,
    second_of,
)
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase
from knowledge_base.search import Searcher
from knowledge_base.second_space import SecondTexts


class EnglishEncoder(HashedEncoder):
    """Knows that two English words mean one thing, and refuses what is Chinese."""

    def __init__(self):
        super().__init__()
        self.digest = "english"
        self.texts = []

    def encode_questions(self, texts):
        self.texts += texts
        assert not any("一" <= c <= "鿿" for text in texts for c in text)
        return super().encode_questions([text.replace("sum due", "price") for text in texts])


@pytest.fixture
def second():
    return EnglishEncoder()


@pytest.fixture
def pair(second):
    return EncoderPair(HashedEncoder(), second)


@pytest.fixture
def entries(entry):
    return (
        entry("price", "en", "Ten yuan.", "price of the kettle"),
        entry("price", "zh", "十元。", "水壶多少钱"),
        entry("weight", "en", "Two pounds.", "weight of the kettle"),
        entry("due", "en", "In May.", "when is the baby due"),
    )


def test_the_second_encoder_knows_what_the_first_does_not(entries, pair):
    alone = Searcher.of(entries, HashedEncoder()).search("sum due")
    both = Searcher.of(entries, pair).search("sum due")
    likeness = {hit.entry.id: hit.likeness for hit in alone.hits}
    joined = {hit.entry.id: hit.likeness for hit in both.hits}
    assert alone.hits[0].entry.id == "due"
    assert joined["price"] > likeness["price"]


def test_chinese_is_never_shown_to_it_and_is_found_as_without_it(entries, pair, second):
    both, alone = Searcher.of(entries, pair), Searcher.of(entries, HashedEncoder())
    asked = len(second.texts)
    mine, theirs = both.search("水壶价钱"), alone.search("水壶价钱")
    assert [(h.entry.id, round(h.likeness, 5)) for h in mine.hits] == [
        (h.entry.id, round(h.likeness, 5)) for h in theirs.hits
    ]
    assert len(second.texts) == asked


def test_a_batch_in_both_languages_gives_what_single_searches_give(entries, pair):
    searcher = Searcher.of(entries, pair)
    texts = ["sum due", "水壶价钱", "how heavy is it", "???"]
    for text, found in zip(texts, searcher.search_batch(texts), strict=True):
        alone = searcher.search(text)
        assert [hit.entry.id for hit in found.hits] == [hit.entry.id for hit in alone.hits]
        np.testing.assert_allclose(
            [hit.likeness for hit in found.hits], [hit.likeness for hit in alone.hits], atol=1e-5
        )


def test_a_question_in_context_is_understood_by_what_was_meant(entries, pair, second):
    searcher = Searcher.of(entries, pair)
    vectors = pair.encode_questions(["price of the kettle and the weight"])
    searcher.search_batch(["and the weight"], vectors=vectors, meant=["price, and the weight"])
    assert second.texts[-1] == "price, and the weight"


def test_large_versions_give_what_small_ones_give(entries, pair, monkeypatch):
    searcher = Searcher.of(entries, pair)
    expected = searcher.search("sum due")
    monkeypatch.setattr("knowledge_base.search.FEW_ENOUGH", 1)
    found = searcher.search("sum due")
    np.testing.assert_allclose(
        [hit.likeness for hit in found.hits], [hit.likeness for hit in expected.hits], atol=1e-5
    )


def test_what_both_made_is_kept_with_the_version_and_taken_over_by_the_next(
    entries, entry, tmp_path, now
):
    first = KnowledgeBase(tmp_path / "knowledge", EncoderPair(HashedEncoder(), EnglishEncoder()))
    first.publish(entries, note="", by="ada", now=now)
    fresh = EnglishEncoder()
    other = KnowledgeBase(tmp_path / "knowledge", EncoderPair(HashedEncoder(), fresh))
    assert other.load().search("sum due").hits == first.current.search("sum due").hits
    assert fresh.texts == ["sum due"], "the vectors come from the folder"
    new = entry("gift", "en", "We wrap gifts.", "do you wrap gifts")
    other.publish((*entries, new), note="", by="ada", now=now)
    assert "price of the kettle" not in fresh.texts[:3]
    assert "do you wrap gifts" in fresh.texts


def test_a_version_made_with_a_pair_is_made_anew_for_one_encoder(entries, tmp_path, now, pair):
    KnowledgeBase(tmp_path / "knowledge", pair).publish(entries, note="", by="ada", now=now)
    alone = KnowledgeBase(tmp_path / "knowledge", HashedEncoder())
    assert alone.load().indexes.second is None
    assert alone.current.search("weight").hits[0].entry.id == "weight"


def test_where_all_is_chinese_there_is_no_second_space(entry, pair):
    searcher = Searcher.of((entry("return", "zh", "七天内可以退货。", "怎么退货"),), pair)
    assert searcher.indexes.second is None
    assert searcher.search("how do I return it").hits[0].entry.id == "return"


def test_a_pair_is_its_first_encoder_with_a_digest_of_both(pair, second):
    first = pair.first
    assert pair.digest == pair_digest(first.digest, "english") != first.digest
    assert first_of(pair) is first and second_of(pair) is second
    assert first_of(first) is first and second_of(first) is None
    assert pair_of(first, None) is first
    assert pair_digest(first.digest, None) == first.digest
    np.testing.assert_array_equal(pair.encode_questions(["a"]), first.encode_questions(["a"]))


def test_what_was_asked_just_before_is_not_encoded_again():
    inner = HashedEncoder()
    remembering = RememberingEncoder(inner)
    first = remembering.encode_questions(["price", "weight", "price"])
    again = remembering.encode_questions(["weight", "size"])
    assert inner.asked == 3
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[1], again[0])
    assert remembering.encode_questions([]).shape == (0, inner.dimensions)


class HeldEncoder(HashedEncoder):
    """Encodes only when it is let go, and fails where the text says so."""

    def __init__(self):
        super().__init__()
        self.let_go = threading.Event()

    def encode_questions(self, texts):
        assert self.let_go.wait(10)
        if "fail" in texts and self.asked < 2:
            self.asked += 1
            raise RuntimeError("it failed")
        return super().encode_questions(texts)


def test_what_was_begun_ahead_is_awaited_and_not_encoded_twice():
    inner = HeldEncoder()
    remembering = RememberingEncoder(inner)
    remembering.begin(["price", "price"])
    remembering.begin(["price"])
    inner.let_go.set()
    vectors = remembering.encode_questions(["price", "weight"])
    assert inner.asked == 2
    np.testing.assert_array_equal(vectors, HashedEncoder().encode_questions(["price", "weight"]))


def test_a_head_start_that_failed_costs_nothing_but_itself():
    inner = HeldEncoder()
    remembering = RememberingEncoder(inner)
    inner.asked = 1
    remembering.begin(["fail"])
    inner.let_go.set()
    vectors = remembering.encode_questions(["fail"])
    np.testing.assert_array_equal(vectors, HashedEncoder().encode_questions(["fail"]))


def test_only_a_few_texts_are_begun_at_one_time():
    inner = HeldEncoder()
    remembering = RememberingEncoder(inner)
    for number in range(100):
        remembering.begin([f"question {number}"])
    inner.let_go.set()
    remembering.encode_questions(["question 0", "question 7"])
    assert inner.asked <= 8


def test_a_head_start_is_made_only_with_what_the_second_encoder_understands():
    inner = HashedEncoder()
    remembering = RememberingEncoder(inner)
    remembering.begin(["怎么退货", "how do I return it"])
    remembering.encode_questions(["how do I return it"])
    assert inner.asked == 1


def test_cosines_are_averaged_only_where_both_sides_have_a_place():
    raw = np.eye(3, dtype=np.float32)[:2]
    texts = SecondTexts.of(raw, [0, 2], 3)
    half = np.stack([texts.vectors[0], np.zeros(3, dtype=np.float32)])
    cosines = np.full((2, 3), 0.5, dtype=np.float32)
    blended = texts.blended(cosines, half, texts.cosines(half))
    assert blended[0, 0] == pytest.approx(0.75)
    assert blended[0, 1] == 0.5
    assert (blended[1] == 0.5).all()
    one = np.array([1, 2])
    some = texts.blended(cosines[:, one], half, texts.cosines(half, one), one)
    np.testing.assert_allclose(some, blended[:, one])
    assert texts.cosines(np.zeros_like(half)) is None


@pytest.mark.parametrize("asked", ["sum due", "水壶价格多少", "the weight, please", "!!"])
def test_what_was_read_before_the_vector_came_changes_nothing(entries, pair, asked):
    searcher = Searcher.of(entries, pair)
    texts = [asked, "price of the kettle", "when is it due"]
    vectors = pair.encode_questions(texts)
    plain = searcher.search_batch(texts, vectors=vectors)
    read = searcher.search_batch(texts, vectors=vectors, words=searcher.read(texts))
    assert [one.hits for one in read] == [one.hits for one in plain]


def test_work_behind_a_head_start_waits_for_it_or_can_be_called_off():
    inner = HeldEncoder()
    remembering = RememberingEncoder(inner)
    remembering.begin(["price"])
    done = []
    called_off, kept = (remembering.afterwards(lambda: done.append(1)) for _ in range(2))
    assert called_off.cancel()
    inner.let_go.set()
    kept.result(10)
    assert done == [1] and inner.asked == 1
