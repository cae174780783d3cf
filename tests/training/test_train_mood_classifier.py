from collections import Counter

import pytest

from bot.answering.mood_classifier import LEVELS
from knowledge_base.question_key import question_key
from tests.conftest import ROOT
from training.metrics import area_under_roc
from training.refusal_texts import LabelledTextRefused
from training.train_mood_classifier import (
    LANGUAGES,
    calm_phrases,
    own_phrases,
    read_mood_phrases,
    train_moods,
)

HEADING = "text,level,angry,urgent\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_messages_of_every_kind(language):
    phrases = [one for one in own_phrases() if one.language == language]
    assert len(phrases) >= 600
    assert min(Counter(one.level for one in phrases)[level] for level in LEVELS) >= 40
    assert sum(one.angry for one in phrases) >= 150
    assert sum(one.urgent for one in phrases) >= 40


def test_no_message_kept_apart_is_trained_on():
    trained_on = {question_key(one.text) for one in own_phrases()}
    kept_apart = {question_key(one.text) for one in own_phrases(held_out=True)}
    assert not trained_on & kept_apart


def test_who_is_angry_is_never_content():
    every = own_phrases() + own_phrases(held_out=True)
    assert {one.level for one in every if one.angry} == {"very_negative"}


@pytest.mark.parametrize(
    "row", ["where is it,so so,0,0", "where is it,neutral,maybe,0", ",neutral,0,0", "where is it"]
)
def test_a_row_that_cannot_be_used_is_named(tmp_path, row):
    path = tmp_path / "en.csv"
    path.write_text(HEADING + "hello,neutral,0,0\n" + row + "\n", encoding="utf-8")
    with pytest.raises(LabelledTextRefused, match=r"en.csv, row 3"):
        read_mood_phrases(path, "en")


def test_the_shop_teaches_what_is_calm_but_not_by_its_complaints():
    phrases, published = calm_phrases(ROOT / "demo_shop")
    assert "I want to make a complaint" not in phrases
    assert len(phrases) > 1_000
    assert 100 < len(published) <= 1_000


@pytest.mark.weights
def test_anger_and_urgency_are_told_in_messages_never_seen(converted_encoder):
    classifier = train_moods(converted_encoder)
    kept_apart = own_phrases(held_out=True)
    texts = [one.text for one in kept_apart]
    moods = classifier.judge(texts, converted_encoder.encode_questions(texts))
    for language in LANGUAGES:
        rows = [at for at, one in enumerate(kept_apart) if one.language == language]
        angry = [kept_apart[at].angry for at in rows]
        assert area_under_roc(angry, [moods[at].points for at in rows]) > 0.97
        urgent = [kept_apart[at].urgent for at in rows]
        assert area_under_roc(urgent, [moods[at].urgency for at in rows]) > 0.97
        right = [moods[at].level == kept_apart[at].level for at in rows]
        assert sum(right) / len(right) > 0.85
