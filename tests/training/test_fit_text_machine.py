from dataclasses import replace

import numpy as np
import pytest

from bot.answering.mood_marks import marks_of
from bot.answering.text_machine import TextMachine
from knowledge_base.hashed_encoder import HashedEncoder
from training.fit_text_machine import (
    MachineSettings,
    Seen,
    fit_machine,
    sharpness_for,
    weighed_rows,
)
from training.piece_counts import PieceCounts

SMALL = MachineSettings(few=4, hidden=8, networks=2, passes=12, batch=8)
PRAISE = ["lovely kettle", "lovely cup", "很好的壶", "很好的杯子", "great kettle", "很好 很好"]
BLAME = ["broken kettle", "broken cup", "坏了的壶", "坏了的杯子", "broken again", "又坏了"]
TEXTS = [*PRAISE, *BLAME]
LABELS = ["praise"] * len(PRAISE) + ["blame"] * len(BLAME)
ENCODER = HashedEncoder(32)


@pytest.fixture(scope="module")
def seen():
    return Seen.of(TEXTS, ENCODER.encode_questions(TEXTS))


@pytest.fixture(scope="module")
def machine(seen):
    return fit_machine(seen, LABELS, np.arange(len(TEXTS)), SMALL)


def judged(machine, texts):
    weighed = [machine.space.weigh(text) for text in texts]
    marks = np.stack([marks_of(text) for text in texts])
    return machine.probabilities(weighed, ENCODER.encode_questions(texts), marks)


def test_praise_and_blame_are_told_apart_in_both_languages(machine):
    assert machine.classes == ("blame", "praise")
    sure = judged(machine, ["a lovely kettle", "杯子很好", "my cup is broken", "壶坏了"])
    assert sure.argmax(axis=1).tolist() == [1, 1, 0, 0]
    assert sure.sum(axis=1) == pytest.approx(1.0)


def test_what_is_evaluated_is_what_serves(machine, seen):
    rows = np.arange(len(TEXTS))
    evaluated = machine.probabilities(weighed_rows(machine, seen, rows), seen.vectors, seen.marks)
    assert evaluated == pytest.approx(judged(machine, TEXTS), abs=1e-5)


def test_the_same_seed_gives_the_same_machine(machine, seen):
    again = fit_machine(seen, LABELS, np.arange(len(TEXTS)), SMALL)
    assert judged(again, TEXTS) == pytest.approx(judged(machine, TEXTS), abs=1e-6)


def test_a_machine_read_from_its_files_judges_alike(machine):
    read = TextMachine.from_files("mood", machine.as_files("mood"))
    assert np.array_equal(judged(read, TEXTS), judged(machine, TEXTS))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda files: {**files, "mood.safetensors": b"nothing"},
        lambda files: {**files, "mood.json": b"{}"},
        lambda files: {**files, "mood.json": b"[1"},
        lambda files: {"mood.json": files["mood.json"]},
    ],
)
def test_spoiled_files_are_refused(machine, spoil):
    with pytest.raises(ValueError, match="mood"):
        TextMachine.from_files("mood", spoil(machine.as_files("mood")))


def test_parts_that_do_not_fit_together_are_refused(machine):
    other = replace(machine, bias=np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="bias"):
        TextMachine.from_files("mood", other.as_files("mood"))


def test_one_class_alone_is_refused(seen):
    with pytest.raises(ValueError, match="only one class"):
        fit_machine(seen, ["praise"] * len(TEXTS), np.arange(len(TEXTS)), SMALL)


def test_a_text_without_known_pieces_is_judged_all_the_same(machine):
    assert np.isfinite(judged(machine, ["", "\u200b", "ж" * 50])).all()


def test_sharpness_follows_how_often_the_scores_are_right():
    scores = np.log(np.array([[0.9, 0.1]] * 100, dtype=np.float32))
    always = np.zeros(100, dtype=np.int64)
    half = np.array([0, 1] * 50)
    assert sharpness_for(scores, always) > 2 > 0.4 > sharpness_for(scores, half)


def test_a_sharper_machine_says_the_same_more_surely(machine):
    soft, sharp = judged(machine, TEXTS), judged(replace(machine, sharpness=2.0), TEXTS)
    assert (sharp.argmax(axis=1) == soft.argmax(axis=1)).all()
    assert (sharp.max(axis=1) >= soft.max(axis=1) - 1e-6).all()


def test_counted_pieces_place_a_text_as_serving_does():
    counts = PieceCounts.of(TEXTS)
    rows = np.arange(len(TEXTS))
    space, _ = counts.space(rows, least_texts=2, most_pieces=1000)
    for text, placed in zip(TEXTS, counts.rows_in(rows, space), strict=True):
        served = space.weigh(text)
        ours = dict(zip(placed.ids.tolist(), placed.weights.tolist(), strict=True))
        assert ours == pytest.approx(
            dict(zip(served.ids.tolist(), served.weights.tolist(), strict=True)), abs=1e-6
        )
