import threading

import numpy as np
import pytest

from knowledge_base import search
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher


def entry(entry_id, language, answer, *questions):
    return Entry(EntryId(entry_id), questions, answer, language)


SHOP = [
    entry("return", "zh", "七天内可以退货。", "怎么退货", "我想退货怎么申请"),
    entry("return", "en", "You may return goods within 7 days.", "How do I return an item?"),
    entry("invoice", "zh", "在订单页开发票。", "怎么开发票"),
    entry("hours", "en", "We answer from 9 to 18.", "What are your opening hours?"),
    entry("stock", "zh", "有现货。", "AB-1200 有货吗"),
]


@pytest.fixture
def encoder():
    return HashedEncoder()


@pytest.fixture
def searcher(encoder):
    return Searcher.of(SHOP, encoder)


def test_an_exact_question_is_answered_without_the_model(searcher, encoder):
    asked = encoder.asked
    (hit,) = searcher.search("怎麼退貨？？").hits
    assert (hit.entry.answer, hit.question, hit.score, hit.exact) == (
        "七天内可以退货。",
        "怎么退货",
        1.0,
        True,
    )
    assert encoder.asked == asked


def test_a_reworded_question_finds_its_entry_by_meaning_and_words(searcher):
    result = searcher.search("我想退货，怎么提交申请")
    best = result.hits[0]
    assert best.entry.id == "return" and best.question == "我想退货怎么申请"
    assert not best.exact and 0.5 < best.similarity < 1 and best.lexical > 0
    assert set(result.seconds) == {"encode", "dense", "lexical", "fuse"}


def test_the_scores_fall_within_zero_and_one_and_no_entry_comes_twice(searcher):
    hits = searcher.search("退货 return opening 发票 AB-1200").hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True) and 0 < scores[-1] <= scores[0] <= 1
    assert sorted(hit.entry.id for hit in hits) == ["hours", "invoice", "return", "stock"]


def test_an_entry_in_two_languages_answers_in_the_language_asked_for(searcher):
    assert searcher.search("how to return").hits[0].entry.language == "en"
    assert searcher.search("怎么退货", language="en").hits[0].entry.language == "en"
    best = searcher.search("how could I return an item", language="zh").hits[0]
    assert best.entry.answer == "七天内可以退货。"
    assert best.question in best.entry.questions


def test_an_entry_in_the_other_language_alone_is_still_found(searcher):
    assert searcher.search("your opening hours", language="zh").hits[0].entry.id == "hours"


def test_a_part_number_finds_its_entry(searcher):
    assert searcher.search("请问 ab-1200 现在还有吗").hits[0].entry.id == "stock"


def test_a_question_that_differs_by_spaces_alone_is_found_even_inside_a_number(encoder):
    entries = [
        Entry(EntryId("ten"), ("运费是10块吗",), "是。", "zh"),
        Entry(EntryId("size"), ("size 3 5 in stock",), "No.", "en"),
        Entry(EntryId("other"), ("size 35 in stock",), "Yes.", "en"),
        Entry(EntryId("weight"), ("2.5公斤怎么收费",), "八元。", "zh"),
    ]
    searcher = Searcher.of(entries, encoder)
    for typed, id_ in (
        ("运 费 是 1 0 块 吗 ？", "ten"),
        ("size 3 5 in stock?", "size"),
        ("Size 35 in stock", "other"),
        ("2 . 5 公 斤 怎 么 收 费", "weight"),
    ):
        found = searcher.exact(typed)
        assert found is not None and [hit.entry.id for hit in found.hits] == [id_]
    assert searcher.exact("25公斤怎么收费") is None


def test_a_published_question_tells_its_language_whatever_is_typed(encoder):
    entries = [
        entry("cards", "zh", "可以。", "可以用2张卡付吗", "2FA"),
        entry("cards", "en", "Yes.", "Can I pay with 2 cards?", "2FA"),
    ]
    searcher = Searcher.of(entries, encoder)
    assert searcher.asked_in("canipaywith2cards") == "en"
    assert searcher.asked_in("可 以 用 2 张 卡 付 吗") == "zh"
    assert searcher.asked_in("2FA") is searcher.asked_in("cards") is None


def test_one_question_of_two_entries_gives_both_exact_hits(encoder):
    shop = [*SHOP, entry("refund", "zh", "退款三天到账。", "怎么退货")]
    hits = Searcher.of(shop, encoder).search("怎么退货").hits
    assert [hit.entry.id for hit in hits] == ["return", "refund"]
    assert all(hit.exact for hit in hits)


def test_leaving_the_exact_table_out_shows_what_the_model_would_find(searcher):
    best = searcher.search("怎么退货", exact=False).hits[0]
    assert best.entry.id == "return" and not best.exact and best.similarity > 0.99


def test_a_batch_gives_what_single_searches_give_and_encodes_once(searcher, encoder):
    texts = ["怎么退货", "when do you open", "想开个发票"]
    asked = encoder.asked
    batch = searcher.search_batch(texts, k=2)
    assert encoder.asked == asked + 2
    for text, result in zip(texts, batch, strict=True):
        alone = searcher.search(text, k=2)
        assert [h.entry.id for h in result.hits] == [h.entry.id for h in alone.hits]
        np.testing.assert_allclose(
            [h.similarity for h in result.hits], [h.similarity for h in alone.hits], atol=1e-6
        )


def test_a_large_knowledge_base_is_searched_by_candidates_to_the_same_end(searcher, monkeypatch):
    texts = ["how do I send it back", "怎么退货", "AB-1200"]
    whole = searcher.search_batch(texts, exact=False)
    monkeypatch.setattr(search, "FEW_ENOUGH", 0)
    picked = searcher.search_batch(texts, exact=False)
    for one, other in zip(whole, picked, strict=True):
        assert [hit.entry for hit in one.hits] == [hit.entry for hit in other.hits]
        assert [hit.score for hit in one.hits] == pytest.approx([hit.score for hit in other.hits])


def test_a_given_vector_is_used_instead_of_the_model(searcher, encoder):
    vector = encoder.encode_questions(["怎么开发票"])[0]
    asked = encoder.asked
    assert searcher.search("……", vector=vector).hits[0].entry.id == "invoice"
    assert encoder.asked == asked


@pytest.mark.parametrize("text", ["", " ", "😀", "\ud800", "a" * 4000, "？" * 4000])
def test_no_text_breaks_a_search(searcher, text):
    assert len(searcher.search(text, k=3).hits) <= 3


def test_an_empty_knowledge_base_finds_nothing(encoder):
    searcher = Searcher.of([], encoder)
    assert searcher.search("怎么退货").hits == ()
    assert searcher.search_batch([]) == []


def test_an_entry_is_found_by_its_id(searcher):
    assert searcher.entry(EntryId("return"), "en").answer.startswith("You may")
    assert searcher.entry(EntryId("return")).language == "zh"
    assert searcher.entry(EntryId("nothing")) is None


def test_many_threads_search_one_searcher(searcher):
    found, texts = [], ["想申请退货", "opening hours?", "开发票"] * 20

    def ask(text):
        found.append((text, searcher.search(text).hits[0].entry.id))

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {"想申请退货": "return", "opening hours?": "hours", "开发票": "invoice"}
    assert len(found) == 60 and all(expected[text] == one for text, one in found)


@pytest.mark.parametrize("name", ["AB-1200", "发票", "Opening", "goods within"])
def test_a_searcher_speaks_of_every_name_whose_words_its_texts_hold(searcher, name):
    assert searcher.speaks_of(name)


@pytest.mark.parametrize("name", ["Zorblax", "goods Zorblax", "微博"])
def test_a_searcher_does_not_speak_of_a_name_with_a_word_it_never_says(searcher, name):
    assert not searcher.speaks_of(name)


def test_an_empty_searcher_speaks_of_nothing(encoder):
    assert not Searcher.of([], encoder).speaks_of("Zorblax")
