"""Asks intent heads about what they were not taught, fold by fold.

Each fold holds out some phrases of every intent, and leaves out a tenth of the intents altogether,
so that their phrases show how a question looks that is none of the known ones. Questions that no
shop answers are asked beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import AT_ONCE, FEATURES, OUT_OF_SCOPE, IntentClassifier
from bot.answering.ngram_space import Floats
from bot.answering.tuned_encoder import TunedEncoder
from knowledge_base.encoder import Encoder
from knowledge_base.script import language_of
from training.intent_head import Labelled, Recipe, fit_head
from training.intent_names import with_names
from training.intent_settings import IntentSettings
from training.labelled_text import text_key
from training.progress import Progress
from training.tuned_intents import Trial, Tunable, gains
from training.unseen import Unseen

MANY_PHRASES, FOLDS_OF_MANY = 6_000, 3  # so many phrases need fewer folds, which take longer
# Up to so many, layers are tuned for every fold: a calibration of some three hundred phrases tells
# by chance a point more or less of what is out of scope, and as much of how sure it is.
EVERY_FOLD_UP_TO = 3_000
# Phrases of intents left out are asked at least so many, and more as one to so many held out.
LEAST_STRANGE, HELD_OUT_TO_ONE_STRANGE = 50, 5
SPARED_FROM = 4  # intents; of fewer none can be left out

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Lesson:
    """What a head is taught, how, and what else it is asked.

    Attributes:
        known: the shop's phrases.
        names: the names of intents that are taught beside them.
        general: questions that no shop answers, to be asked.
        far: others of those, to be learnt as out of scope; None where the shop has its own.
        recipe: of the head.
        second: an encoder to ask beside the first.
    """

    known: Labelled
    names: Labelled
    general: Labelled
    far: Labelled | None
    recipe: Recipe
    second: Encoder | None

    def taught(self, rows: Rows) -> Labelled:
        """Some of the phrases, with the names of their intents."""
        return with_names(self.known.at(rows), self.names)

    def everything(self) -> Labelled:
        """All phrases, with the names of their intents."""
        return with_names(self.known, self.names)

    def fit(self, taught: Labelled, seed: int) -> IntentClassifier:
        """Fit a head to what it is taught; its confidence means nothing yet."""
        return fit_head(taught, self.recipe, seed, self.second, self.far)


def ask_folds(
    lesson: Lesson, settings: IntentSettings, progress: Progress, tried: Sequence[Tunable] = ()
) -> tuple[Unseen, tuple[Tunable, ...]]:
    """Ask heads about phrases, intents and general questions that they do not know.

    Args:
        tried: encoders to fine-tune for every fold that is asked, to see whether they gain.

    Returns:
        What they said, and which of the encoders tried gain when they are fine-tuned. With one to
        try and many phrases, fewer folds are asked, since each takes minutes.
    """
    folds, asked_folds = how_many_folds(len(lesson.known.texts), settings.folds, bool(tried))
    division = _Division(lesson, settings, folds)
    plain, tuned, trials = list[Unseen](), list[Unseen](), list[Trial]()
    for number in range(asked_folds):
        progress("folds", number, asked_folds)
        fold = division.fold(number)
        if fold is None:
            continue
        head = lesson.fit(fold.taught, settings.seed)
        rows = np.concatenate([fold.asked, division.few_of(fold.strange, len(fold.asked))])
        inside, without = _said(head, lesson.known, rows)
        general = lesson.general.at(np.arange(number, len(lesson.general.texts), asked_folds))
        outside, _ = _said(head, general)
        foreign = _foreign(outside, inside)
        plain += [inside, outside.at(foreign)]
        if tried:
            head.tuned = tuned_layers(tried, fold.taught, head, settings.seed, progress)
            inside, scores = _said(head, lesson.known, rows)
            outside, _ = _said(head, general.at(foreign))
            trials.append(_trial(head, lesson.known.at(fold.asked), without, scores))
            tuned += [inside, outside]
    progress("folds", asked_folds, asked_folds)
    gaining = tuple(one for one in tried if gains(trials, one.asked))
    said = Unseen.joined(plain)
    return (where_it_gains(said, Unseen.joined(tuned), gaining) if tried else said), gaining


def how_many_folds(phrases: int, wanted: int, tuning: bool) -> tuple[int, int]:
    """Into how many folds phrases are cut, and how many of these are asked.

    Args:
        wanted: folds where nothing is tuned and phrases are not too many.
        tuning: whether layers are tuned for each.
    """
    many = phrases >= MANY_PHRASES
    if tuning:
        folds = FOLDS_OF_MANY if many else max(2, wanted - 1)
        return folds, 1 if many else folds if phrases <= EVERY_FOLD_UP_TO else 2
    folds = FOLDS_OF_MANY if many else wanted
    return folds, folds


def tuned_layers(
    tunable: Sequence[Tunable],
    taught: Labelled,
    head: IntentClassifier,
    seed: int,
    progress: Progress,
) -> tuple[TunedEncoder, ...]:
    """Fine-tune encoders for the intents of a head; those that cannot learn them are left away."""
    made = [one.tuned(taught, head.intents, seed, progress) for one in tunable]
    return tuple(one for one in made if one is not None)


def where_it_gains(plain: Unseen, tuned: Unseen, gaining: Sequence[Tunable]) -> Unseen:
    """What heads without fine-tuned layers said, but for the texts for which those gain."""
    chinese = np.array([language == "zh" for language in plain.languages], bool)
    chosen = np.zeros(len(chinese), bool)
    for one in gaining:
        chosen |= chinese == (one.asked == "zh")
    return plain.replaced(tuned, chosen)


@dataclass(frozen=True)
class _Fold:
    """What one head is taught, and which phrases it does not know.

    Attributes:
        asked: rows of phrases that are held out.
        strange: rows of other phrases, whose intents are left out: the head cannot know them.
    """

    taught: Labelled
    asked: Rows
    strange: Rows


class _Division:
    """How phrases are cut into folds; what is left to chance is drawn fold after fold."""

    def __init__(self, lesson: Lesson, settings: IntentSettings, folds: int) -> None:
        known = lesson.known
        self._lesson = lesson
        self._chance = np.random.default_rng(settings.seed)
        fold_of = _spread(known.intents, folds, self._chance)
        self._fold_of = fold_of if known.counts is None else _with_its_text(known.texts, fold_of)
        self._left_out = _left_out(known.known, settings.left_out, folds, self._chance)

    def fold(self, number: int) -> _Fold | None:
        """One fold; None where nothing is asked in it, or too few intents are left to tell."""
        away = self._left_out[number]
        asked = np.flatnonzero(self._fold_of == number)
        others = np.flatnonzero(self._fold_of != number)
        is_away = np.array([self._lesson.known.intents[row] in away for row in others], bool)
        taught = self._lesson.taught(others[~is_away])
        if len(taught.known) < 2 or not len(asked):
            return None
        return _Fold(taught, asked, others[is_away])

    def few_of(self, strange: Rows, asked: int) -> Rows:
        """Some strange phrases, to so many that are asked."""
        many = max(LEAST_STRANGE, asked // HELD_OUT_TO_ONE_STRANGE)
        return self._chance.permutation(strange)[:many]


def _spread(intents: Sequence[str], folds: int, chance: np.random.Generator) -> Rows:
    """A fold for each phrase, every intent spread evenly, (n,)."""
    fold_of = np.empty(len(intents), dtype=np.int64)
    names = np.array(intents)
    for intent in sorted(set(intents)):
        rows = chance.permutation(np.flatnonzero(names == intent))
        fold_of[rows] = (np.arange(len(rows)) + chance.integers(folds)) % folds
    return fold_of


def _with_its_text(texts: Sequence[str], fold_of: Rows) -> Rows:
    """The same folds, with a text that has several intents in one: asked, it is all unseen."""
    first: dict[str, int] = {}
    keys = [text_key(text) for text in texts]
    for key, fold in zip(keys, fold_of.tolist(), strict=True):
        first.setdefault(key, fold)
    return np.array([first[key] for key in keys], dtype=np.int64)


def _left_out(
    intents: Sequence[str], share: float, folds: int, chance: np.random.Generator
) -> list[set[str]]:
    """For each fold the intents that it does not know; none where there are too few to spare."""
    if len(intents) < SPARED_FROM:
        return [set() for _ in range(folds)]
    size = max(1, round(share * len(intents)))
    order = chance.permutation(len(intents))
    return [
        {intents[order[(fold * size + at) % len(order)]] for at in range(size)}
        for fold in range(folds)
    ]


def _said(
    head: IntentClassifier, labelled: Labelled, rows: Rows | None = None
) -> tuple[Unseen, Floats]:
    """What a head says of texts that it did not learn, and its scores, (n, intents).

    Args:
        rows: which of the shop's phrases are asked; None for general questions, all of them.
    """
    asked = labelled if rows is None else labelled.at(rows)
    features = [np.zeros((0, len(FEATURES)))]
    scores = [np.zeros((0, len(head.intents)), dtype=np.float32)]
    for start in range(0, len(asked.texts), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        scored = head.score(asked.texts[part], asked.vectors[part])
        features.append(scored.features)
        scores.append(scored.scores)
    every = np.concatenate(scores)
    known = set(head.intents)
    said = Unseen(
        np.full(len(asked.texts), -1, dtype=np.int64) if rows is None else rows,
        tuple(language_of(text) for text in asked.texts),
        tuple(intent if intent in known else OUT_OF_SCOPE for intent in asked.intents),
        tuple(head.intents[at] for at in every.argmax(axis=1)),
        np.concatenate(features),
    )
    return said, every


def _foreign(general: Unseen, inside: Unseen) -> Rows:
    """Rows of general questions that are not as near to the shop's phrases as its own are.

    A shop may well answer what most do not: a bookshop recommends novels.
    """
    dense = FEATURES.index("dense")
    own = inside.features[~inside.outside, dense]
    limit = float(np.median(own)) if len(own) else np.inf
    return np.flatnonzero(general.features[:, dense] < limit)


def _trial(head: IntentClassifier, asked: Labelled, without: Floats, scores: Floats) -> Trial:
    """What a head said without and with fine-tuned layers; what was asked stands first in both."""
    place = {intent: at for at, intent in enumerate(head.intents)}
    rows = np.array([at for at, one in enumerate(asked.intents) if one in place], dtype=np.int64)
    some = asked.at(rows)
    truth = np.array([place[intent] for intent in some.intents], dtype=np.int64)
    return Trial(some.texts, truth, without[rows], scores[rows])
