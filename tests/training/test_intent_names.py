import numpy as np
import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from tests.training.test_train_intent_classifier import labelled
from training import intent_names
from training.intent_head import OF_FEW, Labelled
from training.intent_names import chosen_names, spoken_name, spoken_names, with_names
from training.intent_settings import IntentSettings
from training.train_intent_classifier import train_intents

# Each shop sells the same; shoppers ask about a thing in any of these ways.
THINGS = {
    "kettle_price": ("kettle", "水壶", "问水壶价格"),
    "lamp_price": ("lamp", "台灯", "问台灯价格"),
    "chair_price": ("chair", "椅子", "问椅子价格"),
    "knife_price": ("knife", "菜刀", "问菜刀价格"),
}
ENGLISH = ["how much for one {}", "i want {}", "your {} costs what", "{} please", "sell me {}",
           "is {} dear", "any {} left to buy", "that {} there"]  # fmt: skip
CHINESE = ["{}多少钱", "我想买{}", "你家{}贵吗", "{}还有吗", "来一个{}", "那个{}呢", "{}", "请问{}"]


def phrases(spoken, named, patterns, hidden=()):
    """Phrases about each thing; in those of `hidden` the thing is not named at all."""
    encoder = HashedEncoder(64)
    pairs = [
        ("it " + pattern.format("") if row in hidden else pattern.format(words[spoken]), name)
        for name, words in ((named(key, words), words) for key, words in THINGS.items())
        for row, pattern in enumerate(patterns)
    ]
    texts, intents = zip(*pairs, strict=True)
    return Labelled(texts, intents, encoder.encode_questions(texts)), encoder


@pytest.mark.parametrize(
    ("intent", "spoken"),
    [
        ("card_arrival", "card arrival"),
        ("get-physical-card", "get physical card"),
        ("lostOrStolenCard", "lost or stolen card"),
        ("shop/returns.Refund_not showing up", "shop returns refund not showing up"),
        ("iot_hue_lightup", "iot hue lightup"),
        ("买家咨询返现金额", "买家咨询返现金额"),
        ("售后_退货", "售后 退货"),
        ("étiquette", "étiquette"),
        ("17", ""),
        ("b3", ""),
        ("i_07", ""),
        ("C-12/4", ""),
        ("😀", ""),
        ("退", ""),
    ],
)
def test_a_name_is_said_as_words_and_a_number_is_no_name(intent, spoken):
    assert spoken_name(intent) == spoken


def test_names_that_two_intents_share_or_that_are_phrases_already_are_left_out():
    texts = ("where is it", "track it", "Order status!", "money", "my money")
    intents = ("order_status", "order-tracking", "order.status", "refund_me", "refund-me")
    known = Labelled(texts, intents, HashedEncoder(64).encode_questions(texts))
    assert spoken_names(known, HashedEncoder(64)).texts == ("order tracking",)


def test_a_name_is_learnt_only_with_phrases_of_its_intent_and_is_trusted_fully():
    known, encoder = phrases(0, lambda key, words: key, ENGLISH)
    names = spoken_names(known, encoder)
    assert names.texts == ("chair price", "kettle price", "knife price", "lamp price")
    rows = np.flatnonzero([intent != "lamp_price" for intent in known.intents])
    doubted = Labelled(known.texts, known.intents, known.vectors, np.full(32, 0.5, np.float32))
    taught = with_names(doubted.at(rows), names)
    assert taught.texts[-3:] == ("chair price", "kettle price", "knife price")
    assert taught.counts.tolist() == [0.5] * 24 + [1.0] * 3
    np.testing.assert_array_equal(taught.vectors[-1], names.vectors[2])


def names_of(known, encoder):
    return chosen_names(known, OF_FEW, 1, encoder).texts


def test_names_in_english_and_in_chinese_are_learnt_where_phrases_say_the_same_words():
    known, encoder = phrases(0, lambda key, words: key, ENGLISH, hidden=range(2, 7))
    assert names_of(known, encoder) == ("chair price", "kettle price", "knife price", "lamp price")
    known, encoder = phrases(1, lambda key, words: words[2], CHINESE, hidden=range(2, 7))
    assert names_of(known, encoder) == ("问台灯价格", "问椅子价格", "问水壶价格", "问菜刀价格")


def test_names_that_mislead_are_not_learnt():
    keys = list(THINGS)
    known, encoder = phrases(
        0, lambda key, words: keys[(keys.index(key) + 1) % 4], ENGLISH, hidden=range(2, 7)
    )
    assert names_of(known, encoder) == ()


def test_a_shop_whose_intents_are_numbers_learns_what_it_learnt_before(monkeypatch):
    keys = list(THINGS)
    known, encoder = phrases(0, lambda key, words: str(keys.index(key)), ENGLISH)
    pairs = list(zip(known.texts, known.intents, strict=True))
    with_trial = train_intents(labelled(pairs), encoder, IntentSettings(folds=2))
    assert with_trial.classifier.made_from["names_learnt"] == 0
    monkeypatch.setattr(intent_names, "MOST_FOR_EACH", 0)
    without = train_intents(labelled(pairs), encoder, IntentSettings(folds=2))
    asked = ["the lamp", "kettle"]
    vectors = encoder.encode_questions(asked)
    assert with_trial.classifier.classify(asked, vectors) == without.classifier.classify(
        asked, vectors
    )


def test_a_name_that_was_learnt_is_an_example_and_is_never_asked_while_training():
    known, encoder = phrases(0, lambda key, words: key, ENGLISH, hidden=range(2, 7))
    pairs = list(zip(known.texts, known.intents, strict=True))
    trained = train_intents(labelled(pairs), encoder, IntentSettings(folds=2))
    assert trained.classifier.made_from["names_learnt"] == 4
    assert "lamp price" in trained.classifier.examples.texts
    assert trained.unseen.rows.max() < len(pairs)


def test_many_phrases_of_an_intent_need_no_name(monkeypatch):
    known, encoder = phrases(0, lambda key, words: key, ENGLISH, hidden=range(2, 7))
    monkeypatch.setattr(intent_names, "MOST_FOR_EACH", 7)  # there are eight of each
    assert names_of(known, encoder) == ()
