from dataclasses import replace

import numpy as np
import pytest

from bot.answering.text_machine import softmax
from tests.training.small_encoder import write_small_encoder
from training.fit_text_machine import sharpness_for
from training.tuned_intents import Tunable
from training.tuned_moods import MOST_ROWS, Opinion, heard, opinions_of, weight_for

FILLERS = ["now", "please", "the lamp", "a bowl", "order", "track it", "money", "back", "how much",
           "refund", "cost", "price", "it", "does it", "lamp bowl", "please now"]  # fmt: skip


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_small_encoder(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture
def tunable(encoder, tmp_path):
    """For texts that are not Chinese."""
    folder = encoder.folder.parent / "float"
    return Tunable(encoder, folder, "rows", 2, "rest", tmp_path / "cache" / "tuned")


def texts_and_moods():
    pairs = [
        (f"{begin} {one} {other}", mood)
        for begin, mood in (("where is my parcel", 0), ("the money back please", 1))
        for one in FILLERS
        for other in FILLERS[:5]
    ]
    return [text for text, _ in pairs], np.array([mood for _, mood in pairs])


def folds_of(texts):
    return np.arange(len(texts)) % 2


def unheard(*_):
    """Progress that nobody looks at."""


def judged(rows=400, seed=3):
    """A machine that is right more often than not, the truth, and two folds."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, 3, rows)
    scores = chance.normal(size=(rows, 3)) + 1.5 * np.eye(3)[truth]
    return scores.astype(np.float32), truth, np.arange(rows) % 2


def opinion_on(truth, strength, rows=None, seed=4):
    rows = np.arange(len(truth)) if rows is None else rows
    logs = (
        np.random.default_rng(seed).normal(size=(len(rows), 3)) + strength * np.eye(3)[truth[rows]]
    )
    return Opinion("rest", "small", rows, logs.astype(np.float32))


def test_every_text_is_asked_of_layers_that_learnt_the_others(tunable):
    texts, moods = texts_and_moods()
    told = []
    (one,) = opinions_of(
        texts, moods, folds_of(texts), [tunable], 1, lambda *step: told.append(step)
    )
    assert one.rows.tolist() == list(range(len(texts))) and one.encoder == "small"
    np.testing.assert_allclose(np.exp(one.logs).sum(axis=1), 1.0, rtol=1e-4)
    assert np.mean(one.logs.argmax(axis=1) == moods) > 0.75
    assert told[0] == ("fine-tune", 0, 18) and told[-1] == ("fine-tune", 18, 18)


def test_a_measurement_that_was_killed_goes_on_where_it_was(tunable):
    texts, moods = texts_and_moods()
    asked = texts, moods, folds_of(texts), [tunable], 1
    (first,), told = opinions_of(*asked, unheard), []
    (again,) = opinions_of(*asked, lambda *step: told.append(step))
    assert told == []
    np.testing.assert_array_equal(first.logs, again.logs)
    kept, _ = sorted((tunable.kept.parent / "opinions").iterdir())
    kept.write_bytes(kept.read_bytes()[:100])
    (repaired,) = opinions_of(*asked, lambda *step: told.append(step))
    assert told
    np.testing.assert_array_equal(first.logs, repaired.logs)


def test_labels_of_the_fold_that_is_asked_change_nothing_of_what_is_said(tunable):
    texts, moods = texts_and_moods()
    fold_of = folds_of(texts)
    other = np.where(fold_of == 0, 1 - moods, moods)
    (before,), (after,) = (
        opinions_of(texts, labels, fold_of, [tunable], 1, unheard) for labels in (moods, other)
    )
    np.testing.assert_array_equal(before.logs[fold_of == 0], after.logs[fold_of == 0])
    assert np.abs(before.logs[fold_of == 1] - after.logs[fold_of == 1]).max() > 0.1


def test_too_few_texts_of_a_language_and_too_many_are_not_tuned_for(tunable):
    texts, moods = texts_and_moods()
    both = [*texts, "我要退款", "运费"], np.append(moods, [0, 1])
    chinese = replace(tunable, asked="zh")
    found = opinions_of(*both, folds_of(both[0]), [chinese], 1, unheard)
    assert found == []
    many = [f"where is {number}" for number in range(MOST_ROWS + 1)]
    labels = np.arange(len(many)) % 2
    assert opinions_of(many, labels, labels, [tunable], 1, unheard) == []


def test_without_opinions_the_machine_is_calibrated_by_the_other_folds():
    scores, truth, fold_of = judged()
    found = heard(scores, [], truth, fold_of)
    expected = softmax(sharpness_for(scores[1::2], truth[1::2]) * scores[::2])
    np.testing.assert_array_equal(found.sure[::2], expected)
    assert found.weights == ()


def test_an_opinion_that_knows_more_is_heard_and_one_that_knows_nothing_is_not():
    scores, truth, fold_of = judged()
    found = heard(scores, [opinion_on(truth, 2.0), opinion_on(truth, 0.0)], truth, fold_of)
    alone = heard(scores, [], truth, fold_of)
    assert found.weights[0] > 0.5 and found.weights[1] == 0.0
    right, before = (np.mean(one.sure.argmax(axis=1) == truth) for one in (found, alone))
    assert right > before + 0.05
    np.testing.assert_allclose(found.sure.sum(axis=1), 1.0, rtol=1e-5)


def test_an_opinion_changes_only_the_texts_it_was_asked_about():
    scores, truth, fold_of = judged()
    some = np.arange(0, len(truth), 3)
    found = heard(scores, [opinion_on(truth, 3.0, some)], truth, fold_of)
    alone = heard(scores, [], truth, fold_of)
    rest = np.setdiff1d(np.arange(len(truth)), some)
    assert found.weights[0] > 0
    assert (found.sure.argmax(axis=1) == alone.sure.argmax(axis=1))[rest].all()


def test_how_a_fold_is_judged_does_not_depend_on_its_own_labels():
    scores, truth, fold_of = judged()
    one = opinion_on(truth, 1.0)
    other = np.where(fold_of == 0, (truth + 1) % 3, truth)
    before, after = (heard(scores, [one], labels, fold_of).sure for labels in (truth, other))
    np.testing.assert_array_equal(before[::2], after[::2])


def test_a_gain_too_small_for_its_price_is_not_taken():
    scores, truth, _ = judged()
    assert weight_for(scores, 0.05 * scores, truth) == 0.0
    assert weight_for(scores, opinion_on(truth, 2.0).logs, truth) > 0.0
