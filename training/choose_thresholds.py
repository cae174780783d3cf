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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.calibration import Calibration
from bot.answering.doubt import (
    AMONG_FIRST,
    Doubt,
    Surroundings,
    Thresholds,
    inputs_of,
)
from bot.answering.intent_classifier import IntentClassifier, IntentGuess
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, Language, SearchResult
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from training.calibrate import ThresholdChoice, calibrate, threshold_for
from training.light_changes import lightly_changed
from training.metrics import area_under_roc, calibration_error

Progress = Callable[[str, int, int], None]

LEAST_ASKED = 60  # phrasings taken out, to fit slopes of the shop's own
LEAST_FOR_LANGUAGE = 100
PRIOR_SIZES, PRIOR_ROUNDS = (25, 60, 160), 2  # of the corpora that the prior is fitted on
# Of a corpus's own unanswered questions, which are nearer to it than most, this share may pass the
# bar; answering none of them would answer little else either.
PASSING, HIGHEST_BAR = 0.2, 0.97
SAMPLED = 400  # phrasings from which the distances between entries are told
HITS = 10
TYPICAL = Surroundings(0.4, 0.1, 0.85, 0.02)  # of e5-small, for a corpus of one entry


@dataclass(frozen=True, slots=True)
class DoubtSettings:
    """What can be chosen.

    Attributes:
        promised_wrong: share of wrong answers among those given.
        expected_outside: share of questions that no entry answers, as expected in use; half of
            them near the shop's own.
        expected_light: share of questions that are a known phrasing, lightly changed.
        clarify_wrong: share of clarifications that may offer only wrong entries.
        write_from: least probability that one of the first three is right, to let a writer try.
        removed: share of the entries taken out whole in each fold.
        most_asked: phrasings asked at most; the rest is left out at random.
        most_entries: entries looked at; a larger knowledge base is sampled.
    """

    seed: int = 1
    folds: int = 5
    promised_wrong: float = 0.05
    expected_outside: float = 0.2
    expected_light: float = 0.3
    clarify_wrong: float = 0.3
    write_from: float = 0.3
    removed: float = 0.1
    most_asked: int = 4_000
    most_entries: int = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to a knowledge base, and what came back.

    Attributes:
        wanted: id of the entry that answers it, None when no entry does.
        around: distances of the knowledge base asked, where it is not the one that is fitted.
        kind: "light" (a known phrasing, lightly changed), "phrasing" (taken out), "entry" (taken
            out whole) or "outside".
    """

    text: str
    wanted: str | None
    kind: str
    language: Language
    result: SearchResult
    guess: IntentGuess | None = None
    around: Mapping[str, Surroundings] | None = None

    @property
    def right(self) -> bool:
        """Whether the best hit answers it."""
        hits = self.result.hits
        return bool(hits) and self.wanted is not None and hits[0].entry.id == self.wanted

    @property
    def among_first(self) -> bool:
        """Whether one of the first few does."""
        return any(hit.entry.id == self.wanted for hit in self.result.hits[:AMONG_FIRST])


def choose_thresholds(
    entries: Sequence[Entry],
    encoder: Encoder,
    *,
    classifier: IntentClassifier | None = None,
    bars: dict[str, ThresholdChoice] | None = None,
    outside: Sequence[str] = (),
    settings: DoubtSettings = DoubtSettings(),
    prior: Doubt | None = None,
    progress: Progress | None = None,
) -> Doubt:
    """Fit doubt to entries.

    Args:
        classifier: the shop's intents, whose guess is one of the things looked at.
        bars: least confidence to act on an intent, from its training.
        outside: texts that no entry answers, e.g. out-of-scope phrases.
        prior: what holds where the corpus cannot tell; those shipped when None.
    """
    say = progress or (lambda what, done, total: None)
    entries = _some(entries, settings)
    around = _surroundings(Searcher.of(entries, encoder), settings.seed)
    asked = _ask(entries, encoder, outside, settings, say)
    if classifier is not None:
        asked = _with_guesses(asked, classifier, encoder)
    intent = _intent_bars(bars)
    own = sum(one.kind == "phrasing" for one in asked)
    if own >= LEAST_ASKED:
        return _fitted(asked, around, intent, settings)
    return _from_prior(prior or Doubt.shipped(), asked, around, intent, settings)


def prior_from(
    entries: Sequence[Entry],
    encoder: Encoder,
    outside: Sequence[str],
    settings: DoubtSettings = DoubtSettings(),
) -> Doubt:
    """Fit what a corpus with one phrasing for each entry needs, on one that has several.

    Smaller corpora are drawn from it that keep the first phrasing of each entry alone; the others
    are asked, and so are questions of entries that were not drawn.
    """
    asked: list[Asked] = []
    for size in PRIOR_SIZES:
        for round_ in range(PRIOR_ROUNDS):
            chance = np.random.default_rng((settings.seed, size, round_))
            for language in ("zh", "en"):
                own = [entry for entry in entries if entry.language == language]
                asked += _one_phrasing_asked(own, size, encoder, outside, chance)
    around = _surroundings(Searcher.of(entries, encoder), settings.seed)
    return _fitted(asked, around, _intent_bars(None), settings)


def _one_phrasing_asked(
    entries: Sequence[Entry],
    size: int,
    encoder: Encoder,
    outside: Sequence[str],
    chance: np.random.Generator,
) -> list[Asked]:
    order = chance.permutation(len(entries))
    drawn = [entries[at] for at in order[:size]]
    left = [entries[at] for at in order[size : 2 * size]]
    single = [replace(entry, questions=entry.questions[:1]) for entry in drawn]
    spoken = [text for text in outside if language_of(text) == entries[0].language]
    questions: list[Query] = [
        *[(q, str(one.id), "phrasing", one.language) for one in drawn for q in one.questions[1:]],
        *_light(single, 0, 1, chance),
        *[(q, None, "entry", one.language) for one in left for q in one.questions],
        *[(text, None, "outside", entries[0].language) for text in spoken],
    ]
    searcher = Searcher.of(single, encoder)
    around = _surroundings(searcher, 1)
    return [replace(one, around=around) for one in _answers(searcher, questions)]


def _some(entries: Sequence[Entry], settings: DoubtSettings) -> Sequence[Entry]:
    """All entries, or a sample of a very large knowledge base: it is indexed once for each fold."""
    ids = sorted({str(entry.id) for entry in entries})
    if len(ids) <= settings.most_entries:
        return entries
    chance = np.random.default_rng(settings.seed)
    kept = {ids[at] for at in chance.choice(len(ids), settings.most_entries, replace=False)}
    return [entry for entry in entries if entry.id in kept]


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
        weights = _weights(part, settings)
        right = np.array([one.right for one in part])
        outcomes = np.stack([right, np.array([one.among_first for one in part])], axis=1)
        calibrations[language] = calibrate(inputs, outcomes, weights)
        chances = _out_of_fold(inputs, outcomes, weights, settings)
        chosen[language], figures[language] = _chosen(
            chances, outcomes, weights, intent.get(language, intent["all"]), settings
        )
        figures[language] |= _figures(part, chances[:, 0], right, weights)
    facts = {"fitted_on": "this corpus", "settings": asdict(settings), "figures": figures}
    return Doubt(calibrations, chosen, around, facts)


def _out_of_fold(
    inputs: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: NDArray[np.float64],
    settings: DoubtSettings,
) -> NDArray[np.float64]:
    """Probabilities for each question from a fit that did not see it."""
    fold_of = np.random.default_rng(settings.seed).permutation(len(inputs)) % settings.folds
    chances = np.empty(outcomes.shape)
    for fold in range(settings.folds):
        rest, own = fold_of != fold, fold_of == fold
        fitted = calibrate(inputs[rest], outcomes[rest], weights[rest])
        chances[own] = fitted.probabilities(inputs[own])
    return chances


def _chosen(
    chances: NDArray[np.float64],
    outcomes: NDArray[np.bool_],
    weights: NDArray[np.float64],
    intent: float,
    settings: DoubtSettings,
) -> tuple[Thresholds, dict[str, Any]]:
    answer = threshold_for(outcomes[:, 0], chances[:, 0], settings.promised_wrong, weights)
    open_ = chances[:, 0] < answer.at
    among = np.maximum(chances[:, 0], chances[:, 1])
    clarify = threshold_for(
        outcomes[open_, 1], among[open_], settings.clarify_wrong, weights[open_]
    )
    clarify_at = min(clarify.at, answer.at) if clarify.answered else answer.at
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
            if one.wanted is None and language in ("all", one.language)
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


# -- asking ------------------------------------------------------------------------------------


def _ask(
    entries: Sequence[Entry],
    encoder: Encoder,
    outside: Sequence[str],
    settings: DoubtSettings,
    say: Progress,
) -> list[Asked]:
    """Put every question of every fold to what the fold has left."""
    chance = np.random.default_rng(settings.seed)
    ids = sorted({str(entry.id) for entry in entries})
    removed_in = dict(
        zip(ids, chance.permutation(len(ids)) % round(1 / settings.removed), strict=True)
    )
    asked: list[Asked] = []
    for fold in range(settings.folds):
        say("thresholds", fold, settings.folds)
        away = {one for one, at in removed_in.items() if at == fold}
        rest, taken = _without(entries, away, fold, settings.folds)
        questions = _sampled(
            [
                *taken,
                *_light(rest, fold, settings.folds, chance),
                *[
                    (question, None, "entry", entry.language)
                    for entry in entries
                    if entry.id in away
                    for question in entry.questions
                ],
                *[
                    (text, None, "outside", language_of(text) or "en")
                    for text in outside[fold :: settings.folds]
                ],
            ],
            settings.most_asked // settings.folds,
            chance,
        )
        if rest and questions:
            asked += _answers(Searcher.of(rest, encoder), questions)
    say("thresholds", settings.folds, settings.folds)
    return asked


Query = tuple[str, "str | None", str, Language]


def _without(
    entries: Sequence[Entry], away: set[str], fold: int, folds: int
) -> tuple[list[Entry], list[Query]]:
    """The entries without those that are away and without this fold's phrasings; and these."""
    rest: list[Entry] = []
    taken: list[Query] = []
    for number, entry in enumerate(entries):
        if entry.id in away:
            continue
        out = [q for at, q in enumerate(entry.questions) if (at + number) % folds == fold]
        kept = tuple(q for q in entry.questions if q not in out)
        if not kept:
            rest.append(entry)
            continue
        rest.append(replace(entry, questions=kept))
        taken += [(question, str(entry.id), "phrasing", entry.language) for question in out]
    return rest, taken


def _light(
    entries: Sequence[Entry], fold: int, folds: int, chance: np.random.Generator
) -> list[Query]:
    """One lightly changed phrasing of each entry whose turn it is."""
    return [
        (
            lightly_changed(str(chance.choice(entry.questions)), entry.language, chance),
            str(entry.id),
            "light",
            entry.language,
        )
        for number, entry in enumerate(entries)
        if number % folds == fold
    ]


def _sampled(questions: list[Query], most: int, chance: np.random.Generator) -> list[Query]:
    if len(questions) <= most:
        return questions
    return [questions[at] for at in sorted(chance.choice(len(questions), most, replace=False))]


def _answers(searcher: Searcher, questions: Sequence[Query]) -> list[Asked]:
    """What a searcher finds; a question that still stands there word for word tells nothing."""
    results = searcher.search_batch([text for text, *_ in questions], k=HITS)
    return [
        Asked(text, wanted, kind, language, result)
        for (text, wanted, kind, language), result in zip(questions, results, strict=True)
        if not (result.hits and result.hits[0].exact)
    ]


def _with_guesses(
    asked: Sequence[Asked], classifier: IntentClassifier, encoder: Encoder
) -> list[Asked]:
    texts = [one.text for one in asked]
    guesses = classifier.classify(texts, encoder.encode_questions(texts))
    return [replace(one, guess=guess) for one, guess in zip(asked, guesses, strict=True)]


# -- measuring ---------------------------------------------------------------------------------


def _surroundings(searcher: Searcher, seed: int) -> dict[str, Surroundings]:
    """How near entries are to one another, over all of them and for each language."""
    chance = np.random.default_rng(seed)
    phrasings = searcher.phrasings
    rows = chance.permutation(len(phrasings))[:SAMPLED]
    owners = [searcher.entries[phrasings[row].entry] for row in rows]
    results = searcher.search_batch([phrasings[row].question for row in rows], k=HITS, exact=False)
    near: list[tuple[float, float]] = []
    spoken: list[str] = []
    for owner, result in zip(owners, results, strict=True):
        others = [hit.score for hit in result.hits if hit.entry.id != owner.id]
        if others:
            near.append((max(others), result.familiarity or 0.0))
            spoken.append(owner.language)
    found = {"all": _distances(np.array(near).reshape(-1, 2))}
    for language in ("zh", "en"):
        own = np.array([one == language for one in spoken], bool)
        if own.sum() >= LEAST_ASKED // 2:
            found[language] = _distances(np.array(near)[own])
    return found


def _distances(near: NDArray[np.float64]) -> Surroundings:
    if len(near) < 2:
        return TYPICAL
    (middle, familiar), spreads = near.mean(axis=0), np.maximum(near.std(axis=0), 0.01)
    return Surroundings(float(middle), float(spreads[0]), float(familiar), float(spreads[1]))


def _inputs(part: Sequence[Asked], around: dict[str, Surroundings]) -> NDArray[np.float64]:
    return np.stack(
        [
            inputs_of(one.result, one.guess, _nearby(one.around or around, one.language))
            for one in part
        ]
    )


def _nearby(around: Mapping[str, Surroundings], language: Language) -> Surroundings:
    return around.get(language, around["all"])


def _weights(part: Sequence[Asked], settings: DoubtSettings) -> NDArray[np.float64]:
    """How much each question counts, so that every kind has the share expected in use."""
    kinds = np.array([one.kind for one in part])
    outside, light = settings.expected_outside, settings.expected_light
    shares = {
        "light": light,
        "phrasing": 1 - outside - light,
        "entry": outside / 2,
        "outside": outside / 2,
    }
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
