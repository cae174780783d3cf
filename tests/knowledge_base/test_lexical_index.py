import numpy as np

from knowledge_base.lexical_index import LexicalIndex

TEXTS = ["怎么退货", "how do I return shoes", "is AB-1200 in stock", "return policy for shoes"]


def test_texts_that_share_words_score_and_others_are_zero():
    scores = LexicalIndex.of(TEXTS).scores("returning my shoes")
    assert scores.shape == (4,)
    assert scores[0] == 0 and scores[2] == 0
    assert scores[1] > 0 and scores[3] > 0


def test_a_part_number_finds_its_text_first():
    assert int(np.argmax(LexicalIndex.of(TEXTS).scores("AB-1200 stock?"))) == 2


def test_the_score_is_that_of_the_formula():
    index = LexicalIndex.of(["red shoe", "blue shoe", "blue hat box"])
    # BM25 as in Lucene: idf * tf / (tf + k1 * (1 - b + b * length / mean length))
    idf = np.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 1 / (1 + 1.2 * (1 - 0.4 + 0.4 * 2 / (7 / 3)))
    np.testing.assert_allclose(index.scores("red"), [expected, 0, 0], rtol=1e-5)


def test_nothing_matches_in_an_index_without_words_or_for_a_question_without_words():
    assert LexicalIndex.of(["？", ""]).scores("return").tolist() == [0, 0]
    assert LexicalIndex.of([]).scores("return").tolist() == []
    assert LexicalIndex.of(TEXTS).scores("？").tolist() == [0, 0, 0, 0]


def test_a_saved_index_scores_the_same_after_loading(tmp_path):
    for number, texts in enumerate([TEXTS, ["？"], []]):
        index = LexicalIndex.of(texts)
        index.save(tmp_path / str(number))
        loaded = LexicalIndex.load(tmp_path / str(number))
        np.testing.assert_array_equal(loaded.scores("return 退货"), index.scores("return 退货"))
        assert len(loaded) == len(texts)
