"""What shops really put into their files: each is told in words or handled, and nothing crashes."""

import csv
import json

import pytest

from bot.answering.intent_classifier import OUT_OF_SCOPE
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from tests.training.test_train_intent_classifier import shop_phrases
from training.choose_thresholds import choose_thresholds
from training.entry_problems import alike_answers
from training.intent_settings import IntentSettings
from training.labelled_text import empty_classes, read_labelled
from training.shop_report import first_language
from training.train_intent_classifier import train_intents

ZERO_WIDTH, RIGHT_TO_LEFT, JOINER = "\u200b", "\u200f\u202e", "\u200d"
LONG = "where is my very long order " * 4_000  # 112,000 characters


def trained_on(tmp_path, rows):
    """The classifier of the shop's phrases and these rows, and what was told about the file."""
    path = tmp_path / "intents.en.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *shop_phrases(), *rows])
    labelled = read_labelled([path])
    told = {problem.code: problem for problem in labelled.problems}
    return (
        train_intents(labelled, HashedEncoder(), IntentSettings(folds=2)).classifier,
        told,
        len(shop_phrases()) + 2,
    )


def guess(classifier, text):
    return classifier.classify([text], HashedEncoder().encode_questions([text]))[0]


def test_two_labels_for_one_phrase_are_told_with_both_rows_and_learnt(tmp_path):
    rows = [("where is it", "refund"), ("Where is it?", "order_status")]
    classifier, told, first = trained_on(tmp_path, rows)
    message = told["two_labels"].message
    assert f"row {first}" in message and f"row {first + 1}" in message
    assert "order_status, refund" in message and "Keep one of them" in message
    assert guess(classifier, "where is it").intent in ("refund", "order_status")


def test_an_intent_with_one_example_is_told_and_found(tmp_path):
    classifier, told, first = trained_on(tmp_path, [("please play the bagpipes", "music")])
    assert f"row {first}" in told["one_example"].message
    assert "'music' has one phrase only" in told["one_example"].message
    assert guess(classifier, "please play the bagpipes").intent == "music"


def test_an_empty_class_is_told_by_name(tmp_path):
    path = tmp_path / "intents.en.csv"
    path.write_text("text,intent\nwhere is it,order_status\nmoney back,refund\n ,music\n")
    labelled = read_labelled([path])
    assert [one.row for one in labelled.errors] == [4]
    (missing,) = empty_classes(labelled, ["order_status", "refund", "music"])
    assert "'music' is declared but has no phrase" in missing.message


def test_a_phrase_of_a_hundred_thousand_characters_is_cut_and_told(tmp_path):
    classifier, told, first = trained_on(tmp_path, [(LONG, "order_status")])
    assert told["too_long"].row == first and "the first 2,000 are used" in told["too_long"].message
    assert max(map(len, classifier.examples.texts)) <= 2_000
    assert guess(classifier, LONG).intent == "order_status"


@pytest.mark.parametrize("text", ["🙂🙂👍", "!!!", "。。。？"])
def test_a_phrase_without_a_letter_is_told_and_learnt(tmp_path, text):
    classifier, told, first = trained_on(tmp_path, [(text, "thanks"), (text + text, "thanks")])
    assert told["no_letters"].row in (first, first + 1)
    assert "has no letters" in told["no_letters"].message
    assert 0 <= guess(classifier, text).confidence <= 1


@pytest.mark.parametrize("mark", [ZERO_WIDTH, RIGHT_TO_LEFT, "\ufeff", "\u0000", "\u00ad"])
def test_invisible_characters_are_taken_out_told_and_make_no_difference(tmp_path, mark):
    written = mark.join("refund my bagpipes") + mark
    classifier, told, first = trained_on(tmp_path, [(written, "refund")])
    assert told["invisible"].row == first
    assert "refund my bagpipes" in classifier.examples.texts
    asked, plain = guess(classifier, written), guess(classifier, "refund my bagpipes")
    assert asked.intent == plain.intent == "refund"


@pytest.mark.parametrize("text", [ZERO_WIDTH * 3, RIGHT_TO_LEFT, "\ufeff", JOINER, " \t "])
def test_a_phrase_of_invisible_characters_alone_is_an_error_with_its_row(tmp_path, text):
    path = tmp_path / "intents.en.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), ("a b", "x"), (text, "refund")])
    (problem,) = read_labelled([path]).errors
    assert problem.row == 3 and "no text for 'refund'" in problem.message


def test_a_corpus_in_which_every_answer_is_the_same_is_told_and_still_answers(tmp_path):
    entries = [
        Entry(EntryId(f"e{at}"), (f"question about {word}",), "Please call us.", "en")
        for at, word in enumerate("kettle pan lamp vase bowl chair knife spoon fork plate".split())
    ]
    (problem,) = alike_answers(entries)
    assert problem.severity == "warning"
    assert "Every answer is the same ('Please call us.'): e0, e1" in problem.message
    assert "and 2 more" in problem.message
    encoder = HashedEncoder()
    doubt = choose_thresholds(entries, encoder)
    found = Searcher.of(entries, encoder).search("question about the lamp")
    assert found.hits[0].entry.id == "e2"
    assert 0 <= doubt.judge(found, None, "en").confidence <= 1


def test_some_entries_with_one_answer_are_told_apart_from_the_others():
    entries = [
        Entry(EntryId("a"), ("one",), "Yes.", "en"),
        Entry(EntryId("b"), ("two",), " Yes. ", "en"),
        Entry(EntryId("c"), ("three",), "No.", "en"),
        Entry(EntryId("a"), ("一",), "Yes.", "zh"),
    ]
    (problem,) = alike_answers(entries)
    assert "2 entries have the very same answer ('Yes.'): a, b." in problem.message


@pytest.mark.parametrize(
    "text", ["", " ", LONG, "🙂" * 500, ZERO_WIDTH, RIGHT_TO_LEFT + "refund", "\u0000", "\ud800"]
)
def test_no_question_of_a_shopper_breaks_the_classifier(tmp_path, text):
    classifier, _, _ = trained_on(tmp_path, [("what is the meaning of life", OUT_OF_SCOPE)])
    one = guess(classifier, text)
    assert one.intent in classifier.intents
    assert 0 <= one.confidence + one.out_of_scope <= 1 + 1e-9
    assert json.dumps(one.intent)


def test_a_shop_without_a_table_of_its_own_reads_its_report_in_english(tmp_path):
    assert first_language(tmp_path) == "en"
    (tmp_path / "shop.toml").write_text('languages = ["zh", "en"]')
    assert first_language(tmp_path) == "zh"
