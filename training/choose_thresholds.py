"""Fits doubt (`bot.answering.doubt`) to one shop, without labelled questions.

    shopkeeper train

The knowledge base asks itself: in each fold some phrasings are taken out and asked, and must come
back to their own entry; some entries are taken out whole, and their phrasings are questions that
nobody has answered. The very code that serves searches the rest. A corpus with one phrasing for
each entry has nothing to take out: it keeps the slopes fitted on the demo shop, measured in its
own distances, and raises the bar where its own unanswered questions would pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.calibration import Calibration
from bot.answering.doubt import Doubt, Leaning, Surroundings, Thresholds, inputs_of, joined
from bot.answering.intent_classifier import IntentClassifier
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, Language
from knowledge_base.search import Searcher
from training.answer_bar import answer_bar
from training.calibrate import ThresholdChoice, calibrate, threshold_for
from training.metrics import area_under_roc, calibration_error
from training.progress import Progress, silent
from training.self_questions import (
    FAR,
    Asked,
    DoubtSettings,
    Shares,
    asked_of_one_phrasing,
    sampled_entries,
    self_questions,
    surroundings_of,
    with_guesses,
)

LEAST_ASKED = 60  # phrasings taken out, to fit slopes of the shop's own
LEAST_FOR_LANGUAGE = 100
PRIOR_SIZES, PRIOR_ROUNDS = (25, 60, 160), 2  # of the corpora that the prior is fitted on
# Of a corpus's own unanswered questions, which are nearer to it than most, this share may pass the
# bar; answering none of them would answer little else either.
PASSING, HIGHEST_BAR = 0.2, 0.97
# Choices of which none is more likely right than not are no help, however seldom they are offered.
LEAST_CLARIFIED = 0.5
AS_MEASURED = DoubtSettings()


def choose_thresholds(
    entries: Sequence[Entry],
    encoder: Encoder,
    *,
    classifier: IntentClassifier | None = None,
    bars: dict[str, ThresholdChoice] | None = None,
    outside: Sequence[str] = (),
    settings: DoubtSettings = AS_MEASURED,
    prior: Doubt | None = None,
    progress: Progress = silent,
) -> Doubt:
    """Fit doubt to entries.

    Args:
        classifier: the shop's intents, whose guess is one of the things looked at.
        bars: least confidence to act on an intent, from its training.
        outside: texts that no entry answers, e.g. out-of-scope phrases.
        prior: what holds where the corpus cannot tell; those shipped when None.
    """
    entries = sampled_entries(entries, settings)
    whole = Searcher.of(entries, encoder)
    around = surroundings_of(whole, settings.seed)
    asked = self_questions(entries, encoder, outside, settings, progress, tells=whole.sees_told)
    leanings: dict[str, Leaning] = {}
    if classifier is not None:
        asked, leanings = with_guesses(asked, entries, classifier, encoder)
    intent = _intent_bars(bars)
    own = sum(one.kind == "phrasing" for one in asked)
    if own >= LEAST_ASKED:
        doubt = _fitted(asked, around, intent, settings)
        doubt.leanings = leanings
        return doubt
    prior = prior or Doubt.shipped(sees_told=whole.sees_told)
    return _from_prior(prior, asked, around, intent, settings)


def priors_from(
    entries: Sequence[Entry],
    encoder: Encoder,
    outside: Sequence[str],
    settings: DoubtSettings = AS_MEASURED,
    told: DoubtSettings = AS_MEASURED,
) -> tuple[Doubt, Doubt]:
    """Fit what a corpus with one phrasing for each entry needs, on one that has several.

    Smaller corpora are drawn from it that keep the first phrasing of each entry alone; the others
    are asked, and so are questions of entries that were not drawn.

    Args:
        told: settings where `Hit.told` is known; with the seed of the others.

    Returns:
        What holds where `Hit.told` is not known, and where it is.
    """
    around = surroundings_of(Searcher.of(entries, encoder), settings.seed)
    bars = _intent_bars(None)
    priors: list[Doubt] = []
    for tells, chosen in ((False, settings), (True, told)):
        asked: list[Asked] = []
        for size in PRIOR_SIZES:
            for round_ in range(PRIOR_ROUNDS):
                chance = np.random.default_rng((settings.seed, size, round_))
                for language in ("zh", "en"):
                    own = [entry for entry in entries if entry.language == language]
                    asked += asked_of_one_phrasing(own, size, encoder, outside, chance, tells=tells)
        priors.append(_fitted(asked, around, bars, chosen))
    without, with_told = priors
    return without, with_told


def _fitted(
    asked: Sequence[Asked],
    around: dict[str, Surroundings],
    intent: dict[str, float],
    settings: DoubtSettings,
) -> Doubt:
    calibrations: dict[str, Calibration] = {}
    chosen: dict[str, Thresholds] = {}
    figures: dict[str, Any] = {}
    for language, part in _by_language(asked).items():
        inputs = _inputs(part, around)
        weights = _weights(part, settings.expected)
        right = np.array([one.right for one in part])
        among = np.array([one.among_first for one in part])
        own = np.array([one.kind not in FAR for one in part])
        outcomes = np.stack([own, right, among], axis=1)
        calibrations[language] = _calibrated(inputs, outcomes, weights)
        texts = [one.text for one in part]
        chances = _out_of_fold(inputs, outcomes, weights, texts, settings)
        chosen[language], figures[language] = _chosen(
            chances,
            outcomes[:, 1:],
            (weights, _weights(part, settings.feared)),
            texts,
            intent.get(language, intent["all"]),
            settings,
        )
        figures[language] |= _figures(part, chances[:, 0], right, weights)
    facts = {"fitted_on": "this corpus", "settings": asdict(settings), "figures": figures}
    return Doubt(calibrations, chosen, around, facts)


def _calibrated(
    inputs: NDArray[np.float64], outcomes: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Calibration:
    """Fit `OUTCOMES`; what is asked elsewhere tells nothing of which entry is right."""
    own = outcomes[:, 0]
    told = np.stack([np.ones(len(own), dtype=bool), own, own], axis=1)
    return calibrate(inputs, outcomes, weights, told)


def _out_of_fold(
    inputs: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: NDArray[np.float64],
    texts: Sequence[str],
    settings: DoubtSettings,
) -> NDArray[np.float64]:
    """What `joined` gives for each question from a fit that did not see its text, (n, 2)."""
    once, number = np.unique(np.array(texts, dtype=object), return_inverse=True)
    fold_of = (np.random.default_rng(settings.seed).permutation(len(once)) % settings.folds)[number]
    chances = np.empty((len(inputs), 2))
    for fold in range(settings.folds):
        rest, own = fold_of != fold, fold_of == fold
        fitted = _calibrated(inputs[rest], outcomes[rest], weights[rest])
        chances[own] = joined(fitted.probabilities(inputs[own]))
    return chances


def _chosen(
    chances: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: tuple[NDArray[np.float64], NDArray[np.float64]],
    texts: Sequence[str],
    intent: float,
    settings: DoubtSettings,
) -> tuple[Thresholds, dict[str, Any]]:
    """Pick the bars, and tell what they led to.

    Args:
        chances, outcomes: of the first hit and of the first three, (n, 2).
        weights: of each question as expected, and as feared, (n,) each.
    """
    expected, feared = weights
    answer = answer_bar(outcomes[:, 0], chances[:, 0], settings.promised_wrong, feared, texts)
    open_ = chances[:, 0] < answer.at
    clarify = threshold_for(
        outcomes[open_, 1], chances[open_, 1], settings.clarify_wrong, expected[open_]
    )
    clarify_at = max(clarify.at, LEAST_CLARIFIED) if clarify.answered else answer.at
    clarify_at = min(clarify_at, answer.at)
    thresholds = Thresholds(
        answer=answer.at,
        clarify=clarify_at,
        write=min(settings.write_from, clarify_at),
        intent=intent,
        promised_wrong=settings.promised_wrong,
        low=answer.low,
        high=answer.high,
    )
    return thresholds, {"answer": asdict(answer), "clarify": asdict(clarify)}


def _figures(
    part: Sequence[Asked],
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> dict[str, Any]:
    covered = np.array([one.wanted is not None for one in part])
    return {
        "asked": dict(Counter(one.kind for one in part)),
        "recall_at_1": float(right[covered].mean()) if covered.any() else None,
        "covered_auroc": area_under_roc(covered, confidence),
        "calibration_error": calibration_error(right, confidence, weights=weights),
    }


def _from_prior(
    prior: Doubt,
    asked: Sequence[Asked],
    around: dict[str, Surroundings],
    intent: dict[str, float],
    settings: DoubtSettings,
) -> Doubt:
    """The prior in this corpus's distances; its own unanswered questions keep under the bar."""
    doubt = Doubt(prior.calibrations, prior.chosen, around, {})
    for language, limits in prior.chosen.items():
        sure = [
            doubt.judge(one.result, one.guess, one.language).confidence
            for one in asked
            if one.kind in ("entry", "outside") and language in ("all", one.language)
        ]
        passing = float(np.quantile(sure, 1 - PASSING)) if sure else 0.0
        bar = min(max(limits.answer, passing), HIGHEST_BAR)
        doubt.chosen[language] = replace(
            limits, answer=bar, intent=intent.get(language, intent["all"]), low=0.0, high=1.0
        )
    doubt.facts = {
        "fitted_on": "the demo shop, raised by this corpus",
        "settings": asdict(settings),
    }
    return doubt


def _inputs(part: Sequence[Asked], around: dict[str, Surroundings]) -> NDArray[np.float64]:
    return np.stack(
        [
            inputs_of(
                one.result, one.guess, _nearby(one.around or around, one.language), one.leaning
            )
            for one in part
        ]
    )


def _nearby(around: Mapping[str, Surroundings], language: Language) -> Surroundings:
    return around.get(language, around["all"])


def _weights(part: Sequence[Asked], wanted: Shares) -> NDArray[np.float64]:
    """How much each question counts, so that every kind has its share."""
    kinds = np.array([one.kind for one in part])
    far = [kind for kind in FAR if (kinds == kind).any()]
    shares = {
        "light": wanted.light,
        "phrasing": 1 - wanted.light - wanted.near - wanted.far,
        "entry": wanted.near,
    } | {kind: wanted.far / len(far) for kind in far}
    weights = np.zeros(len(part))
    for kind, share in shares.items():
        own = kinds == kind
        if own.any():
            weights[own] = share / own.sum()
    scaled: NDArray[np.float64] = weights * (len(part) / weights.sum())
    return scaled


def _by_language(asked: Sequence[Asked]) -> dict[str, list[Asked]]:
    found = [one for one in asked if one.result.hits]
    groups = {"all": found}
    for language in ("zh", "en"):
        own = [one for one in found if one.language == language]
        if sum(one.kind == "phrasing" for one in own) >= LEAST_FOR_LANGUAGE and len(own) < len(
            found
        ):
            groups[language] = own
    return groups


def _intent_bars(bars: dict[str, ThresholdChoice] | None) -> dict[str, float]:
    shipped = 0.7
    found = {language: bar.at for language, bar in (bars or {}).items()}
    return {"all": shipped} | found
