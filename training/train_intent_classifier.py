"""Trains the intent classifier of `bot.answering.intent_classifier` from labelled phrases.

    shopkeeper train
    shopkeeper evaluate intents --train TRAIN.csv --test TEST.csv --predictions OUT.csv

Where it gains, encoders are fine-tuned for the intents (`tuned_intents.py`). The head
(`intent_head.py`) is calibrated on phrases it has not seen (`intent_folds.py`). Questions that no
shop answers (`far_questions.py`) join them, and out-of-scope phrases where the shop has some; where
it has few, others of those questions teach the head what is out of scope.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentClassifier
from knowledge_base.encoder import Encoder
from training.calibrate import ThresholdChoice
from training.calibrate_intents import calibrate_intents
from training.far_questions import asked_questions, taught_questions
from training.intent_folds import Lesson, ask_folds, tuned_layers
from training.intent_head import (
    LEAST_OUTSIDE,
    OF_NOISY,
    OF_TRUSTED,
    Labelled,
    recipe_for,
    with_second,
)
from training.intent_names import chosen_names
from training.intent_settings import USUAL, IntentSettings
from training.labelled_text import LabelledText, label_shares, without_repeats
from training.noisy_labels import JudgedLabels, judge_labels
from training.progress import Progress, silent
from training.refusal_texts import refused
from training.second_encoder import chosen_second
from training.tuned_intents import Tunable
from training.uneven_intents import evened_recipe
from training.unseen import DOUBTED_SHOWN, UNSEEN, Unseen, by_language, measured, remembered

# Few phrases, cut once, tell by chance of that cut: up to so many they are cut four times, and
# calibration sees what the heads of all cuts say. It takes seconds, but minutes where layers are
# tuned for every fold; there it is not done.
DIVISIONS, DIVIDED_AGAIN_UP_TO = 4, 400
FAR_LEARNT = "far_questions_learnt"  # a fact of a trained classifier: how many
LEAST_GIVEN = 20  # out-of-scope phrases of the shop's own, to weigh more than made-up ones


@dataclass(frozen=True)
class TrainedIntents:
    """A classifier that is ready to serve, with what was measured while making it.

    Attributes:
        bars: for each language (and "all"), the least confidence to act on an intent.
        report: figures on unseen phrases, confusions, doubted labels; JSON values.
        unseen: what the figures come from.
    """

    classifier: IntentClassifier
    bars: dict[str, ThresholdChoice]
    report: dict[str, Any]
    unseen: Unseen


def train_intents(
    labelled: LabelledText,
    encoder: Encoder,
    settings: IntentSettings = USUAL,
    progress: Progress = silent,
    second: Encoder | None = None,
    tunable: Sequence[Tunable] = (),
) -> TrainedIntents:
    """Train on labelled phrases alone.

    Args:
        second: an encoder to ask beside the first, where that gains on these phrases.
        tunable: encoders to fine-tune, likewise; this takes minutes.

    Raises:
        LabelledTextRefused: there are fewer than two intents to tell apart.
    """
    started = time.perf_counter()
    phrases = without_repeats(labelled)
    _refuse_what_cannot_be_learnt(phrases)
    shares = label_shares(labelled, phrases)
    lesson, judged = _lesson_of(phrases, shares, encoder, second, settings, progress)
    tried = tuple(one for one in tunable if one.is_worth_trying(lesson.known))
    unseen, gaining = ask_folds(lesson, settings, progress, tried)
    if tried and not gaining:  # a trial asks fewer phrases than there are
        unseen, _ = ask_folds(lesson, settings, progress)
    cuts = [] if gaining else _other_cuts(settings, len(lesson.known.texts))
    again = [ask_folds(lesson, cut, progress)[0] for cut in cuts]
    taught = lesson.everything()
    classifier = lesson.fit(taught, settings.seed)
    classifier.tuned = tuned_layers(gaining, taught, classifier, settings.seed, progress)
    weights = _calibrate(classifier, unseen, again, lesson.known.intents, settings.expected_outside)
    progress("fit", 1, 1)
    bars, report = measured(
        classifier, unseen, weights, phrases, settings.promised_wrong, settings.acting
    )
    if judged is not None:
        report["doubted_labels"] = judged.rows_of(phrases)[:DOUBTED_SHOWN]
    report["seconds"] = round(time.perf_counter() - started, 2)
    classifier.made_from = {
        "phrases": len(phrases.phrases),
        "intents": len(classifier.intents),
        "settings": asdict(settings),
        "recipe": asdict(lesson.recipe),
        "labels_wrong": round(judged.noise, 4) if judged is not None else 0.0,
        "second_encoder": lesson.second.name if lesson.second else None,
        "names_learnt": len(lesson.names.texts),
        FAR_LEARNT: 0 if lesson.far is None else len(lesson.far.texts),
        "fine_tuned": {one.asked: one.base_name for one in classifier.tuned},
        "figures": report["figures"],
        UNSEEN: remembered(
            unseen,
            classifier.probabilities(unseen.features, unseen.languages)[:, 0],
            phrases.phrases,
            settings.seed,
        ),
    }
    return TrainedIntents(classifier, bars, report, unseen)


def _lesson_of(
    phrases: LabelledText,
    shares: Sequence[float],
    encoder: Encoder,
    second: Encoder | None,
    settings: IntentSettings,
    progress: Progress,
) -> tuple[Lesson, JudgedLabels | None]:
    """Choose what heads are taught and how, by what the phrases are like.

    Args:
        shares: of each label in its text.

    Returns:
        The lesson, and how far its labels can be trusted where many of them are wrong.
    """
    seed = settings.seed
    progress("encode", 0, 1)
    known = Labelled(
        tuple(phrases.texts),
        tuple(phrases.intents),
        encoder.encode_questions(phrases.texts),
        _counts(shares),
    )
    general = _outside(asked_questions(), encoder)
    far = _taught_far(known, encoder)
    progress("encode", 1, 1)
    recipe = recipe_for(known, seed)
    judged = _judged(known, settings, progress) if recipe == OF_NOISY else None
    if judged is not None:
        known, recipe = known.trusted(judged.trust), OF_TRUSTED
    second = chosen_second(known, recipe, seed, second)
    recipe = with_second(recipe, second)
    names = chosen_names(known, recipe, seed, encoder, second)
    recipe = evened_recipe(known, names, recipe, seed, second)
    return Lesson(known, names, general, far, recipe, second), judged


def _counts(shares: Sequence[float]) -> NDArray[np.float32] | None:
    return None if min(shares, default=1.0) == 1.0 else np.array(shares, dtype=np.float32)


def _judged(known: Labelled, settings: IntentSettings, progress: Progress) -> JudgedLabels | None:
    """How far each label can be trusted; None where they are not noisy enough to tell."""
    judged = judge_labels(
        known.texts, known.intents, known.vectors, seed=settings.seed, progress=progress
    )
    return judged if judged.noisy else None


def _calibrate(
    classifier: IntentClassifier,
    unseen: Unseen,
    again: Sequence[Unseen],
    intents: Sequence[str],
    expected_outside: float,
) -> NDArray[np.float64]:
    """Fit a calibration for each language; gives how much each unseen text counts, (n,).

    Args:
        again: what heads of other divisions said of the same phrases.
    """
    weights = np.zeros(len(unseen.rows))
    for language, rows in by_language(unseen).items():
        part = unseen.at(rows)
        weights[rows] = _weights(part, intents, expected_outside)
        every = Unseen.joined([part, *(one.at(one.spoken(language)) for one in again)])
        counts = _weights(every, intents, expected_outside) / (1 + len(again))
        classifier.calibrations[language] = calibrate_intents(every, counts, part.labels_right())
    return weights


def _refuse_what_cannot_be_learnt(labelled: LabelledText) -> None:
    intents = set(labelled.intents) - {OUT_OF_SCOPE}
    if len(intents) < 2:
        found = f"only {next(iter(intents))!r}" if intents else "none"
        raise refused("one_intent", found=found, count=len(intents))


def _outside(texts: Sequence[str], encoder: Encoder) -> Labelled:
    return Labelled(tuple(texts), (OUT_OF_SCOPE,) * len(texts), encoder.encode_questions(texts))


def _taught_far(known: Labelled, encoder: Encoder) -> Labelled | None:
    """Far questions to learn from; None where the shop's own out-of-scope phrases are enough.

    Those are nearer to the shop, and beside far ones they would no longer be heard.
    """
    enough = known.intents.count(OUT_OF_SCOPE) >= LEAST_OUTSIDE
    return None if enough else _outside(taught_questions(), encoder)


def _other_cuts(settings: IntentSettings, phrases: int) -> list[IntentSettings]:
    """Settings by which few phrases are cut into other folds, which leave out other intents."""
    divisions = DIVISIONS if phrases <= DIVIDED_AGAIN_UP_TO else 1
    return [replace(settings, seed=settings.seed + at) for at in range(1, divisions)]


def _weights(
    unseen: Unseen, intents: Sequence[str], expected_outside: float
) -> NDArray[np.float64]:
    """How much each counts, so that questions out of scope have the share expected in use.

    General questions count for more than phrases of intents left out, which are nearer to the
    shop's own than most; where the shop has out-of-scope phrases, these count half of all.
    """
    general = unseen.rows < 0
    own = np.array([intents[row] == OUT_OF_SCOPE for row in unseen.rows], bool) & ~general
    left_out = unseen.outside & ~general & ~own
    weights = np.where(unseen.outside, 0.0, 1.0)
    kinds = {"general": (general, 0.8), "left out": (left_out, 0.2)}
    if own.any():
        kinds["own"] = (own, 1.0 if own.sum() >= LEAST_GIVEN else 0.25)
    present = [(rows, part) for rows, part in kinds.values() if rows.any()]
    total = max(int((~unseen.outside).sum()), 1) * expected_outside / (1.0 - expected_outside)
    for rows, part in present:
        weights[rows] = total * part / sum(part for _, part in present) / rows.sum()
    return weights
