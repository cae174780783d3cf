"""Reading question and entry together, word by word."""

import pytest
from sklearn.metrics import roc_auc_score

import knowledge_base.reader
from knowledge_base.encoder_pair import RememberingEncoder, pair_of
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.reader import reader_of, scores_with_read
from knowledge_base.search import Searcher
from knowledge_base.told import READ, with_read
from training.cached_vectors import CachedEncoder
from training.written_shops import small_shops


def test_an_encoder_without_a_reader_has_none():
    assert reader_of(HashedEncoder()) is None
    assert reader_of(pair_of(RememberingEncoder(HashedEncoder()), HashedEncoder())) is None


def test_what_is_read_counts_for_more_than_what_vectors_tell():
    assert with_read(1.5, 1.5) == pytest.approx(1.5)
    assert with_read(0.0, 3.0) - with_read(3.0, 0.0) == pytest.approx(3.0 * (READ - 1) / (READ + 1))


def test_a_hit_that_answers_passes_one_that_does_not_and_none_passes_unread():
    scores, read = scores_with_read([0.60, 0.58, 0.57, 0.57, 0.2], [-4.0, 2.0, -5.0].__getitem__)
    assert read == [-4.0, 2.0, -5.0]
    assert scores[1] > scores[0] > scores[2] >= scores[3] > scores[4]
    assert scores_with_read([1.0, 0.99], [30.0, -90.0].__getitem__)[0] == [1.0, 1.0]


def test_what_could_not_come_first_is_not_read():
    asked = []

    def read(place):
        asked.append(place)
        return [2.0, 3.0, 3.0][place]

    scores, _ = scores_with_read([0.9, 0.85, 0.3], read)
    assert asked == [0] and scores[0] > scores[1] > scores[2]
    scores, _ = scores_with_read([0.9, 0.89, 0.3], read)
    assert asked == [0, 0, 1] and scores[1] > scores[0] > scores[2]


@pytest.mark.weights
def test_the_first_few_hits_are_read_however_many_are_wanted(converted_encoder):
    (written,) = [shop for shop in small_shops("measured") if shop.name == "hanfu.zh"]
    searcher = Searcher.of([one.published(2) for one in written.entries], converted_encoder)
    for one in written.entries[:6]:
        hits = searcher.search(one.told[0]).hits
        assert hits[0].told is not None and {hit.told for hit in hits[1:]} == {None}
        assert list(hits) == sorted(hits, key=lambda hit: -hit.score)
        assert searcher.search(one.told[0], k=1).hits == hits[:1]


@pytest.mark.weights
@pytest.mark.parametrize("name", ["hanfu.zh", "board-games.en"])
def test_in_a_shop_nobody_learnt_from_reading_brings_the_right_entry_to_the_front(
    converted_encoder, monkeypatch, name
):
    (written,) = [shop for shop in small_shops("measured") if shop.name == name]
    asked = [(text, one.entry.id) for one in written.entries for text in one.told]
    searcher = Searcher.of([one.published(2) for one in written.entries], converted_encoder)

    def first_places():
        results = searcher.search_batch([text for text, _ in asked])
        found = [result.hits[0].entry.id for result in results]
        return sum(one == wanted for one, (_, wanted) in zip(found, asked, strict=True))

    read = first_places()
    monkeypatch.setattr(knowledge_base.reader, "READ_WEIGHT", 0.0)
    assert read > 1.02 * first_places()


@pytest.mark.weights
def test_the_reader_is_found_through_what_stands_around_its_encoder(converted_encoder):
    reader = reader_of(converted_encoder)

    assert reader is not None
    assert reader_of(CachedEncoder(converted_encoder)) is reader
    assert reader_of(pair_of(RememberingEncoder(converted_encoder), HashedEncoder())) is reader


@pytest.mark.weights
@pytest.mark.parametrize(
    ("phrasing", "answer", "told", "untold"),
    [
        (
            "多久能到货", "付款后 48 小时内发货，江浙沪次日达，其他地区三到五天。",
            ["拍下以后几天能收到", "发到杭州要几天"],
            ["快递员会提前打电话吗", "包裹太大放得进快递柜吗"],
        ),
        (
            "How do I wash the blanket?",
            "Machine wash it at 30 degrees on the wool programme and dry it lying flat.",
            ["what temperature should I wash it at", "is it ok in the washing machine"],
            ["does the colour run the first few times", "will moths eat it"],
        ),
    ],
)  # fmt: skip
def test_what_an_answer_says_has_higher_odds_than_what_it_does_not(
    converted_encoder, phrasing, answer, told, untold
):
    reader = reader_of(converted_encoder)
    odds = {text: reader.log_odds(text, phrasing, answer) for text in (*told, *untold)}

    assert sum(odds[text] for text in told) > sum(odds[text] for text in untold)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["hanfu.zh", "second-hand-phones.zh", "bicycles.en"])
def test_in_a_shop_nobody_learnt_from_it_adds_to_what_vectors_tell(converted_encoder, name):
    (written,) = [shop for shop in small_shops("measured") if shop.name == name]
    searcher = Searcher.of([one.entry for one in written.entries], converted_encoder)
    reader = reader_of(converted_encoder)
    both, alone, told = [], [], []
    for one in written.entries:
        for text in (*one.told, *one.untold):
            best = searcher.search(text).hits[0]
            if best.entry.id == one.entry.id:
                read = reader.log_odds(text, best.question, best.entry.answer)
                both.append(best.told)
                alone.append(best.told * (1 + READ) - READ * read)
                told.append(text in one.told)
    assert roc_auc_score(told, both) > roc_auc_score(told, alone)
