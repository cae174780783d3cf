import numpy as np
import pytest

from training.labelled_text import LabelledText, Phrase
from training.noisy_labels import LEAST_TRUST, NetworkSettings, judge_labels, judged

QUICK = NetworkSettings(
    hidden=32, least_steps=60, batch=64, learning_rate=2e-2, input_dropout=0.0, blend=1.0, few=8
)
WORDS = ("parcel", "refund", "invoice")


def phrases(count=240):
    """Three intents that words and vectors tell apart plainly."""
    chance = np.random.default_rng(1)
    kinds = np.arange(count) % len(WORDS)
    texts = [f"{WORDS[kind]} question number {row}" for row, kind in enumerate(kinds)]
    vectors = np.eye(len(WORDS), 12)[kinds] + 0.2 * chance.normal(size=(count, 12))
    return texts, [WORDS[kind] for kind in kinds], vectors.astype(np.float32)


def test_in_a_clean_set_every_label_is_trusted():
    texts, labels, vectors = phrases()
    found = judge_labels(texts, labels, vectors, settings=QUICK)
    assert not found.noisy
    assert found.noise < 0.02
    assert (found.trust == 1.0).all()


def test_wrong_labels_are_found_and_count_for_little():
    texts, labels, vectors = phrases(300)
    spoiled = np.random.default_rng(2).permutation(len(labels))[:90]
    for row in spoiled:
        labels[row] = WORDS[(WORDS.index(labels[row]) + 1) % len(WORDS)]
    found = judge_labels(texts, labels, vectors, settings=QUICK)
    right = np.setdiff1d(np.arange(len(labels)), spoiled)
    assert found.noisy
    assert 0.2 < found.noise < 0.4
    assert found.trust[spoiled].mean() < 0.6 < 0.9 < found.trust[right].mean()
    assert found.trust.min() >= LEAST_TRUST * 0.99


def test_a_doubted_label_is_told_with_its_file_and_row():
    texts, labels, _ = phrases()
    labels[7] = "invoice"
    labelled = LabelledText(
        tuple(
            Phrase(text, label, row + 2, "intents.en.csv")
            for row, (text, label) in enumerate(zip(texts, labels, strict=True))
        ),
        (),
    )
    chances = np.full((len(texts), 3), 0.004, np.float32)
    names = tuple(sorted(WORDS))
    truth = np.array([names.index(label) for label in labels])
    chances[np.arange(len(texts)), truth] = 0.99
    chances[7] = [0.001, 0.009, 0.99]
    found = judged(chances, truth, names)
    assert not found.noisy
    assert found.rows_of(labelled) == [
        {
            "file": "intents.en.csv",
            "row": 9,
            "text": "refund question number 7",
            "label": "invoice",
            "probably": "refund",
            "confidence": 0.99,
        }
    ]


def test_a_label_with_few_phrases_is_never_doubted():
    names = ("common", "rare")
    truth = np.array([0] * 20 + [1] * 3)
    chances = np.tile(np.array([0.999, 0.001], np.float32), (23, 1))
    assert judged(chances, truth, names).doubted == ()


def test_judging_again_says_the_same():
    texts, labels, vectors = phrases()
    labels[3] = "refund"
    first, again = (judge_labels(texts, labels, vectors, settings=QUICK) for _ in range(2))
    assert np.array_equal(first.trust, again.trust)
    assert first.doubted == again.doubted


@pytest.mark.parametrize("labels", [["a"] * 250, ["a", "b"] * 5, []])
def test_too_few_phrases_or_one_label_are_left_alone(labels):
    texts = [f"text {row}" for row in range(len(labels))]
    found = judge_labels(texts, labels, np.zeros((len(labels), 4), np.float32), settings=QUICK)
    assert (found.trust == 1.0).all() and not found.noisy and found.doubted == ()


def test_progress_is_told_fold_by_fold():
    texts, labels, vectors = phrases()
    told = []
    judge_labels(texts, labels, vectors, settings=QUICK, progress=lambda *step: told.append(step))
    assert told == [("labels", done, 5) for done in range(6)]
