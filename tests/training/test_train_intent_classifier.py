import numpy as np
import pytest

from bot.answering.intent_classifier import OUT_OF_SCOPE
from bot.answering.intent_folder import read_intents, write_intents
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.model_folder import verify
from training.intent_settings import IntentSettings
from training.labelled_text import LabelledText, Phrase
from training.refusal_texts import LabelledTextRefused
from training.train_intent_classifier import train_intents

PATTERNS = {
    "order_status": ["where is my {} order", "has the {} parcel left", "track {} please"],
    "refund": ["give me my money back for the {}", "refund the {}", "return {} for money"],
    "delivery_cost": ["what does shipping of {} cost", "delivery fee for {}", "postage of {}"],
    "price": ["how much is the {}", "price of {}", "what do you ask for a {}"],
    "warranty": ["is there a guarantee on the {}", "{} warranty length", "the {} broke, covered?"],
}
THINGS = ["kettle", "blue pan", "tea set", "knife", "bowl", "lamp", "big vase", "chair"]


def labelled(pairs):
    phrases = [Phrase(text, intent, row, "test.csv") for row, (text, intent) in enumerate(pairs, 2)]
    return LabelledText(tuple(phrases), ())


def shop_phrases():
    return [
        (pattern.format(thing), intent)
        for intent, patterns in PATTERNS.items()
        for pattern in patterns
        for thing in THINGS
    ]


@pytest.fixture(scope="module")
def encoder():
    return HashedEncoder()


@pytest.fixture(scope="module")
def trained(encoder):
    return train_intents(labelled(shop_phrases()), encoder)


def guess(classifier, encoder, *texts):
    return classifier.classify(texts, encoder.encode_questions(texts))


def test_what_was_learnt_is_recognised_in_new_words(trained, encoder):
    found = guess(trained.classifier, encoder, "refund my teapot", "shipping cost of a sofa")
    assert [one.intent for one in found] == ["refund", "delivery_cost"]


def test_a_question_from_another_world_is_out_of_scope(trained, encoder):
    inside, outside = guess(
        trained.classifier, encoder, "where is my tea set order", "写一首关于秋天的诗"
    )
    assert inside.out_of_scope < 0.2 < 0.6 < outside.out_of_scope
    assert inside.confidence > 0.7 > 0.3 > outside.confidence


def test_probabilities_never_add_up_to_more_than_one(trained, encoder):
    for one in guess(trained.classifier, encoder, "price", "refund or price?", "", "x" * 5000):
        assert 0 <= one.confidence <= 1 and one.runner_up != one.intent
        assert one.confidence + one.runner_up_confidence + one.out_of_scope <= 1 + 1e-9


def test_the_nearest_examples_tell_why(trained, encoder):
    (one,) = guess(trained.classifier, encoder, "warranty of the knife length")
    assert one.nearest[0].text == "knife warranty length"
    assert one.nearest[0].intent == "warranty"
    similarities = [near.similarity for near in one.nearest]
    assert similarities == sorted(similarities, reverse=True)


def test_the_same_phrases_and_seed_give_the_same_classifier(trained, encoder, tmp_path):
    again = train_intents(labelled(shop_phrases()), encoder)
    for name, one in (("first", trained), ("second", again)):
        write_intents(one.classifier, tmp_path / name / "intents", encoder.name, encoder.digest)
    files = [verify(tmp_path / name / "intents").files for name in ("first", "second")]
    assert files[0] == files[1]


def test_what_is_saved_answers_as_what_was_trained(trained, encoder, tmp_path):
    write_intents(trained.classifier, tmp_path / "intents", encoder.name, encoder.digest)
    loaded = read_intents(tmp_path / "intents", encoder.digest)
    texts = ["refund the kettle", "hello", "价格多少", ""]
    assert guess(loaded, encoder, *texts) == guess(trained.classifier, encoder, *texts)
    assert loaded.version == trained.classifier.version != ""


def test_a_text_alone_and_in_a_batch_get_the_same_guess(trained, encoder):
    texts = ["price of bowl", "refund", "where is my parcel"]
    alone = [guess(trained.classifier, encoder, text)[0] for text in texts]
    for one, two in zip(alone, guess(trained.classifier, encoder, *texts), strict=True):
        assert one.intent == two.intent
        assert one.confidence == pytest.approx(two.confidence, abs=1e-4)


def test_the_bar_keeps_the_promise_on_unseen_phrases(trained):
    bar = trained.bars["all"]
    assert bar.wrong <= 0.05 and bar.low <= bar.wrong <= bar.high
    assert trained.report["figures"]["all"]["accuracy"] > 0.9


def mean_that_calibration_saw(trained):
    """Of each input, beside the mean of what the figures count."""
    counted = np.nan_to_num(trained.unseen.features.mean(axis=0))
    return trained.classifier.calibrations["all"].centre, counted


def test_few_phrases_are_asked_by_heads_of_several_cuts_and_counted_once(trained, encoder):
    seen, counted = mean_that_calibration_saw(trained)
    assert np.abs(seen - counted).max() > 1e-3
    assert trained.report["figures"]["all"]["in_scope"] <= len(shop_phrases())
    many = [
        (f"{text} {colour}", intent)
        for colour in ("in red", "in green", "in white", "in black")
        for text, intent in shop_phrases()
    ]
    seen, counted = mean_that_calibration_saw(train_intents(labelled(many), encoder))
    np.testing.assert_allclose(seen, counted, atol=1e-9)


def test_how_much_is_out_of_scope_changes_nothing_of_what_is_right_in_scope(trained, encoder):
    feared = IntentSettings(expected_outside=0.4)
    doubtful = train_intents(labelled(shop_phrases()), encoder, feared).classifier
    for language, calm in trained.classifier.calibrations.items():
        wary = doubtful.calibrations[language]
        right, inside, outside = range(3)
        np.testing.assert_array_equal(wary.weights[:, inside], calm.weights[:, inside])
        assert wary.bias[inside] == calm.bias[inside]
        assert wary.bias[outside] > calm.bias[outside] and wary.bias[right] < calm.bias[right]


def test_own_out_of_scope_phrases_are_learnt(encoder):
    strange = [f"is the {thing} stolen from the moon" for thing in [*THINGS, "sun", "star"]]
    phrases = [*shop_phrases(), *((text, OUT_OF_SCOPE) for text in strange)]
    classifier = train_intents(labelled(phrases), encoder).classifier
    assert OUT_OF_SCOPE not in classifier.intents
    (one,) = guess(classifier, encoder, "is the pot stolen from the moon")
    assert one.out_of_scope > 0.5 and one.nearest[0].intent == OUT_OF_SCOPE


def test_what_is_said_often_and_seldom_labelled_otherwise_is_believed(encoder):
    said = ["ok", "okay", "hi there", "thanks a lot"]
    usual = [(text, "small_talk") for text in said for _ in range(30)]
    seldom = [(text, intent) for text in said for intent in PATTERNS]
    trained = train_intents(labelled([*shop_phrases(), *usual, *seldom]), encoder)
    doubtful = train_intents(labelled([*shop_phrases(), *usual[::30], *seldom]), encoder)
    for one, two in zip(
        guess(trained.classifier, encoder, *said),
        guess(doubtful.classifier, encoder, *said),
        strict=True,
    ):
        assert one.intent == "small_talk" and one.confidence > 0.5
        assert one.confidence > two.confidence + 0.2 or two.intent != "small_talk"


def test_repeats_that_contradict_nothing_change_nothing(trained, encoder):
    again = train_intents(labelled([*shop_phrases(), *shop_phrases()[::3]]), encoder)
    assert guess(again.classifier, encoder, "refund my teapot") == guess(
        trained.classifier, encoder, "refund my teapot"
    )


def test_wrong_labels_are_listed_with_their_rows(encoder):
    phrases = [*shop_phrases(), ("refund the copper kettle", "price")]
    doubted = train_intents(labelled(phrases), encoder).report["doubted_labels"]
    assert (len(phrases) + 1, "price", "refund") in [
        (one["row"], one["label"], one["probably"]) for one in doubted
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "x"), ("b", "y")],
        [("hello", "x"), ("hello there", "x"), ("bye", "y")],
        [("same", "x"), ("same", "y"), ("other", "x"), ("another", "y")],
        [("😀", "x"), ("😀😀", "x"), ("👍", "y"), ("。。。", "y")],
        [("长" * 2000, "x"), ("短" * 2000, "x"), ("a", "y"), ("b", "y")],
        [("one", "x"), ("two", OUT_OF_SCOPE), ("three", "y"), ("four", OUT_OF_SCOPE)],
    ],
    ids=["one each", "tiny", "contradicting", "emoji", "long", "few outside"],
)
def test_bad_and_tiny_training_sets_give_a_classifier_that_promises_nothing(encoder, pairs):
    trained = train_intents(labelled(pairs), encoder)
    found = guess(trained.classifier, encoder, "hello", "😀", "", "长" * 3000)
    assert all(np.isfinite([one.confidence, one.out_of_scope]).all() for one in found)
    assert trained.bars["all"].at > 1 or trained.bars["all"].answered > 0


def test_one_phrase_an_intent_is_learnt_and_never_acted_on(encoder):
    pairs = [
        (f"{pattern.format('kettle')}", pattern) for own in PATTERNS.values() for pattern in own
    ]
    trained = train_intents(
        labelled([*pairs, *((f"{a} {b}", f"{a}{b}") for a in THINGS for b in THINGS)]), encoder
    )
    assert trained.bars["all"].at > 1
    (one,) = guess(trained.classifier, encoder, "refund the kettle please")
    assert one.intent == "refund the {}" and one.confidence < 0.6


@pytest.mark.parametrize("pairs", [[], [("a", "x"), ("b", "x")], [("a", OUT_OF_SCOPE)]])
def test_fewer_than_two_intents_are_refused_in_words(encoder, pairs):
    with pytest.raises(LabelledTextRefused, match="At least two intents"):
        train_intents(labelled(pairs), encoder)


def test_progress_is_told_to_its_end(encoder):
    told = []
    train_intents(
        labelled(shop_phrases()),
        encoder,
        IntentSettings(folds=2),
        lambda what, done, total: told.append((what, done, total)),
    )
    assert ("folds", 0, 2) in told and ("folds", 2, 2) in told and told[-1] == ("fit", 1, 1)
