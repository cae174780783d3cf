"""Trains the intent classifier of `bot.answering.intent_classifier` from labelled phrases.

    shopkeeper train
    shopkeeper evaluate intents --train TRAIN.csv --test TEST.csv --predictions OUT.csv

Where it gains, encoders are fine-tuned for the intents (`tuned_intents.py`). The head
(`intent_head.py`) is calibrated on phrases it has not seen: each fold holds out some
phrases of every intent, and leaves out a tenth of the intents altogether, so that their phrases
show how a question looks that is none of the known ones. Questions that no shop answers
(`far_questions.py`) join them, and out-of-scope phrases where the shop has some; where it has few,
others of those questions teach the head what is out of scope.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import (
    AT_ONCE,
    FEATURES,
    OUT_OF_SCOPE,
    IntentClassifier,
)
from bot.answering.ngram_space import Floats
from bot.answering.tuned_encoder import TunedEncoder
from knowledge_base.encoder import Encoder
from knowledge_base.script import language_of
from training.calibrate import ThresholdChoice
from training.calibrate_intents import calibrate_intents
from training.far_questions import asked_questions, taught_questions
from training.intent_head import (
    LEAST_OUTSIDE,
    OF_NOISY,
    OF_TRUSTED,
    Labelled,
    Recipe,
    fit_head,
    recipe_for,
    with_second,
)
from training.intent_names import chosen_names, with_names
from training.labelled_text import (
    LabelledText,
    label_shares,
    text_key,
    without_repeats,
)
from training.noisy_labels import JudgedLabels, judge_labels
from training.refusal_texts import refused
from training.second_encoder import chosen_second
from training.tuned_intents import Trial, Tunable, gains
from training.uneven_intents import evened_recipe
from training.unseen import DOUBTED_SHOWN, UNSEEN, Unseen, by_language, measured, remembered

Progress = Callable[[str, int, int], None]  # what is done, how many, of how many

MANY_PHRASES, FOLDS_OF_MANY = 6_000, 3  # so many phrases need fewer folds, which take longer
# Up to so many, layers are tuned for every fold: a calibration of some three hundred phrases tells
# by chance a point more or less of what is out of scope, and as much of how sure it is.
EVERY_FOLD_UP_TO = 3_000
# Few phrases, cut once, tell by chance of that cut: up to so many they are cut four times, and
# calibration sees what the heads of all cuts say. It takes seconds, but minutes where layers are
# tuned for every fold; there it is not done.
DIVISIONS, DIVIDED_AGAIN_UP_TO = 4, 400
FAR_LEARNT = "far_questions_learnt"  # a fact of a trained classifier: how many
LEAST_GIVEN = 20  # out-of-scope phrases of the shop's own, to weigh more than made-up ones


@dataclass(frozen=True, slots=True)
class IntentSettings:
    """What can be chosen about training. The defaults were measured: docs/measurements/intents.md.

    Attributes:
        seed: of folds and of the solver.
        folds: how often the head is fitted for calibration.
        left_out: share of the intents that a fold leaves out.
        expected_outside: share of questions that are none of the intents, as expected in use.
        promised_wrong: share of wrong ones among the intents that are acted on.
        acting: the intents that lead somewhere by themselves (an action, a person, a fixed text),
            among which that share counts; empty for all.
    """

    seed: int = 1
    folds: int = 5
    left_out: float = 0.1
    expected_outside: float = 0.1
    promised_wrong: float = 0.05
    acting: tuple[str, ...] = ()


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
    settings: IntentSettings = IntentSettings(),
    progress: Progress | None = None,
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
    say = progress or (lambda what, done, total: None)
    phrases = without_repeats(labelled)
    _refuse_what_cannot_be_learnt(phrases)
    say("encode", 0, 1)
    known = Labelled(
        tuple(phrases.texts),
        tuple(phrases.intents),
        encoder.encode_questions(phrases.texts),
        _counts(label_shares(labelled, phrases)),
    )
    general = _outside(asked_questions(), encoder)
    far = _taught_far(known, encoder)
    say("encode", 1, 1)
    recipe = recipe_for(known, settings.seed)
    judged = _judged(known, settings, say) if recipe == OF_NOISY else None
    if judged is not None:
        known, recipe = known.trusted(judged.trust), OF_TRUSTED
    second = chosen_second(known, recipe, settings.seed, second)
    recipe = with_second(recipe, second)
    names = chosen_names(known, recipe, settings.seed, encoder, second)
    recipe = evened_recipe(known, names, recipe, settings.seed, second)
    tried = tuple(one for one in tunable if one.is_worth_trying(known))

    def ask(cut: IntentSettings, tried: Sequence[Tunable]) -> tuple[Unseen, tuple[Tunable, ...]]:
        return _unseen(known, names, general, far, recipe, cut, say, second, tried)

    unseen, gaining = ask(settings, tried)
    if tried and not gaining:  # a trial asks fewer phrases than there are
        unseen, _ = ask(settings, ())
    cuts = [] if gaining else _other_cuts(settings, len(known.texts))
    again = [ask(cut, ())[0] for cut in cuts]
    taught = with_names(known, names)
    classifier = fit_head(taught, recipe, settings.seed, second, far)
    classifier.tuned = _tuned(gaining, taught, classifier, settings, say)
    weights = _calibrate(classifier, unseen, again, known.intents, settings.expected_outside)
    say("fit", 1, 1)
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
        "recipe": asdict(recipe),
        "labels_wrong": round(judged.noise, 4) if judged is not None else 0.0,
        "second_encoder": second.name if second else None,
        "names_learnt": len(names.texts),
        FAR_LEARNT: 0 if far is None else len(far.texts),
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


def _counts(shares: Sequence[float]) -> NDArray[np.float32] | None:
    return None if min(shares, default=1.0) == 1.0 else np.array(shares, dtype=np.float32)


def _judged(known: Labelled, settings: IntentSettings, say: Progress) -> JudgedLabels | None:
    """How far each label can be trusted; None where they are not noisy enough to tell."""
    judged = judge_labels(
        known.texts, known.intents, known.vectors, seed=settings.seed, progress=say
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


def _unseen(
    known: Labelled,
    names: Labelled,
    general: Labelled,
    far: Labelled | None,
    recipe: Recipe,
    settings: IntentSettings,
    say: Progress,
    second: Encoder | None,
    tried: Sequence[Tunable],
) -> tuple[Unseen, tuple[Tunable, ...]]:
    """Ask heads about phrases, intents and general questions that they do not know.

    Returns:
        What they said, and which of the encoders tried gain when they are fine-tuned. With one to
        try and many phrases, fewer folds are asked, since each takes minutes.
    """
    chance = np.random.default_rng(settings.seed)
    folds, asked_folds = how_many_folds(len(known.texts), settings.folds, bool(tried))
    fold_of = _folds(known.intents, folds, chance)
    if known.counts is not None:
        fold_of = _with_its_text(known.texts, fold_of)
    left_out = _left_out(known.known, settings.left_out, folds, chance)
    plain, tuned, trials = list[Unseen](), list[Unseen](), list[Trial]()
    for fold in range(asked_folds):
        say("folds", fold, asked_folds)
        asked = np.flatnonzero(fold_of == fold)
        away = left_out[fold]
        others = [row for row in np.flatnonzero(fold_of != fold) if known.intents[row] not in away]
        taught = with_names(known.at(np.array(others, dtype=np.int64)), names)
        if len(taught.known) < 2 or not len(asked):
            continue
        head = fit_head(taught, recipe, settings.seed, second, far)
        # A phrase of an intent that is away is a question the head cannot know.
        strange = [row for row in np.flatnonzero(fold_of != fold) if known.intents[row] in away]
        few = chance.permutation(np.array(strange, dtype=np.int64))[: max(50, len(asked) // 5)]
        rows = np.concatenate([asked, few])
        inside, without = _asked(head, known.at(rows), rows)
        strangers = np.arange(fold, len(general.texts), asked_folds)
        nowhere = np.full(len(strangers), -1, dtype=np.int64)
        outside, _ = _asked(head, general.at(strangers), nowhere)
        foreign = _strange(outside, inside)
        plain += [inside, outside.at(foreign)]
        if tried:
            head.tuned = _tuned(tried, taught, head, settings, say)
            inside, scores = _asked(head, known.at(rows), rows)
            outside, _ = _asked(head, general.at(strangers[foreign]), nowhere[foreign])
            trials.append(_trial(head, known.at(asked), without, scores))
            tuned += [inside, outside]
    say("folds", asked_folds, asked_folds)
    if not tried:
        return Unseen.joined(plain), ()
    gaining = tuple(one for one in tried if gains(trials, one.asked))
    return where_it_gains(Unseen.joined(plain), Unseen.joined(tuned), gaining), gaining


def _other_cuts(settings: IntentSettings, phrases: int) -> list[IntentSettings]:
    """Settings by which few phrases are cut into other folds, which leave out other intents."""
    divisions = DIVISIONS if phrases <= DIVIDED_AGAIN_UP_TO else 1
    return [replace(settings, seed=settings.seed + at) for at in range(1, divisions)]


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


def _tuned(
    tunable: Sequence[Tunable],
    taught: Labelled,
    head: IntentClassifier,
    settings: IntentSettings,
    say: Progress,
) -> tuple[TunedEncoder, ...]:
    made = [one.tuned(taught, head.intents, settings.seed, say) for one in tunable]
    return tuple(one for one in made if one is not None)


def where_it_gains(plain: Unseen, tuned: Unseen, gaining: Sequence[Tunable]) -> Unseen:
    """What heads without fine-tuned layers said, but for the texts for which those gain."""
    chinese = np.array([language == "zh" for language in plain.languages], bool)
    chosen = np.zeros(len(chinese), bool)
    for one in gaining:
        chosen |= chinese == (one.asked == "zh")
    return plain.replaced(tuned, chosen)


def _trial(head: IntentClassifier, asked: Labelled, without: Floats, scores: Floats) -> Trial:
    """What a head said without and with fine-tuned layers; what was asked stands first in both."""
    place = {intent: at for at, intent in enumerate(head.intents)}
    rows = np.array([at for at, one in enumerate(asked.intents) if one in place], dtype=np.int64)
    some = asked.at(rows)
    truth = np.array([place[intent] for intent in some.intents], dtype=np.int64)
    return Trial(some.texts, truth, without[rows], scores[rows])


def _folds(intents: Sequence[str], folds: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """A fold for each phrase, every intent spread evenly."""
    fold_of = np.empty(len(intents), dtype=np.int64)
    names = np.array(intents)
    for intent in sorted(set(intents)):
        rows = chance.permutation(np.flatnonzero(names == intent))
        fold_of[rows] = (np.arange(len(rows)) + chance.integers(folds)) % folds
    return fold_of


def _with_its_text(texts: Sequence[str], fold_of: NDArray[np.int64]) -> NDArray[np.int64]:
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
    if len(intents) < 4:
        return [set() for _ in range(folds)]
    size = max(1, round(share * len(intents)))
    order = chance.permutation(len(intents))
    return [
        {intents[order[(fold * size + at) % len(order)]] for at in range(size)}
        for fold in range(folds)
    ]


def _asked(
    head: IntentClassifier, asked: Labelled, rows: NDArray[np.int64]
) -> tuple[Unseen, Floats]:
    """What a head says of texts that it did not learn, and its scores, (n, intents)."""
    features = [np.zeros((0, len(FEATURES)))]
    scores = [np.zeros((0, len(head.intents)), dtype=np.float32)]
    for start in range(0, len(rows), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        scored = head.score(asked.texts[part], asked.vectors[part])
        features.append(scored.features)
        scores.append(scored.scores)
    every = np.concatenate(scores)
    known = set(head.intents)
    said = Unseen(
        rows,
        tuple(language_of(text) for text in asked.texts),
        tuple(intent if intent in known else OUT_OF_SCOPE for intent in asked.intents),
        tuple(head.intents[at] for at in every.argmax(axis=1)),
        np.concatenate(features),
    )
    return said, every


def _strange(general: Unseen, inside: Unseen) -> NDArray[np.int64]:
    """Rows of general questions that are not as near to the shop's phrases as its own are.

    A shop may well answer what most do not: a bookshop recommends novels.
    """
    dense = FEATURES.index("dense")
    own = inside.features[~inside.outside, dense]
    limit = float(np.median(own)) if len(own) else np.inf
    return np.flatnonzero(general.features[:, dense] < limit)


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
