"""What intent heads said about phrases they had not seen, and the figures that follow from it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import FEATURES, OUT_OF_SCOPE, IntentClassifier
from knowledge_base.entry import Language
from training.calibrate import ThresholdChoice, agreement_ceiling, threshold_for
from training.labelled_text import LabelledText, Phrase, text_key
from training.metrics import area_under_roc, calibration_error, macro_f1

LEAST_FOR_LANGUAGE = 150  # unseen phrases in scope, for a calibration of its own
CONFUSIONS_SHOWN, DOUBTED_SHOWN = 20, 200
LEAST_TO_DOUBT_LABELS = 300  # unseen phrases in scope; fewer cannot tell noise from hard ones
# As for known answers, the promise is to hold where more is out of scope than is expected. Where it
# is known which intents are acted on, these promise nothing, and the bar is that of expectation.
FEARED_OUTSIDE = 0.25
# What is asked of a neighbouring shop, or of this one but by none of its intents, passes a bar most
# easily. So of what is feared so many times more is like intents left out than is expected.
FEARED_NEAR = 2.0
LEAST_ACTED = 0.5  # an intent that is more likely wrong than right is not acted on
REMEMBERED = 1_500  # phrases; some 40 kB of a manifest, and an interval of two points
UNSEEN = "unseen"  # under this name a manifest keeps them
_DIGITS = 10
DOUBT_FROM = 0.8  # a label is doubted when another intent is this sure to be right


@dataclass(frozen=True)
class Unseen:
    """What heads said about texts that they were not trained on.

    Attributes:
        rows: which phrase of the training set, -1 for a general question, (n,).
        languages: of each.
        truth: its intent, `OUT_OF_SCOPE` where the head did not know the intent.
        predicted: the best intent that the head knew.
        features: what the calibration looks at, (n, len(FEATURES)).
    """

    rows: NDArray[np.int64]
    languages: tuple[Language | None, ...]
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    features: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the best intent is the true one."""
        return np.array([a == b for a, b in zip(self.truth, self.predicted, strict=True)], bool)

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Whether no known intent is right."""
        return np.array([one == OUT_OF_SCOPE for one in self.truth], bool)

    def labels_right(self) -> float:
        """Share of the labels in scope that are right, as far as that can be told; mostly 1."""
        inside = ~self.outside
        if inside.sum() < LEAST_TO_DOUBT_LABELS:
            return 1.0
        return agreement_ceiling(self.features[inside], self.right[inside])

    def spoken(self, language: str) -> NDArray[np.int64]:
        """Rows in one language; every one for "all"."""
        return np.array(
            [at for at, one in enumerate(self.languages) if language in ("all", one)],
            dtype=np.int64,
        )

    def at(self, rows: NDArray[np.int64]) -> Unseen:
        """Some of them."""
        return Unseen(
            self.rows[rows],
            tuple(self.languages[row] for row in rows),
            tuple(self.truth[row] for row in rows),
            tuple(self.predicted[row] for row in rows),
            self.features[rows],
        )

    def replaced(self, other: Unseen, chosen: NDArray[np.bool_]) -> Unseen:
        """The same texts, with what `other` says about those chosen."""
        both = zip(chosen.tolist(), other.predicted, self.predicted, strict=True)
        return Unseen(
            self.rows,
            self.languages,
            self.truth,
            tuple(theirs if taken else own for taken, theirs, own in both),
            np.where(chosen[:, None], other.features, self.features),
        )

    @classmethod
    def joined(cls, parts: Sequence[Unseen]) -> Unseen:
        """Several after one another; none at all is empty."""
        empty = cls(np.zeros(0, dtype=np.int64), (), (), (), np.zeros((0, len(FEATURES))))
        parts = [empty, *parts]
        return cls(
            np.concatenate([part.rows for part in parts]),
            tuple(one for part in parts for one in part.languages),
            tuple(one for part in parts for one in part.truth),
            tuple(one for part in parts for one in part.predicted),
            np.concatenate([part.features for part in parts]),
        )


def by_language(unseen: Unseen) -> dict[str, NDArray[np.int64]]:
    """Rows of "all", and of each language that has enough in scope for figures of its own."""
    groups = {"all": unseen.spoken("all")}
    for language in ("zh", "en"):
        rows = unseen.spoken(language)
        if (~unseen.outside[rows]).sum() >= LEAST_FOR_LANGUAGE and len(rows) < len(unseen.rows):
            groups[language] = rows
    return groups


def remembered(
    unseen: Unseen, confidence: NDArray[np.float64], phrases: Sequence[Phrase], seed: int
) -> dict[str, list[float]]:
    """What was said of phrases not learnt yet: digest of phrase and intent -> right, confidence.

    By it a later training is compared with this one (`compare_unseen.py`).

    Args:
        confidence: of the best intent, for each row of `unseen`.
    """
    inside = np.flatnonzero((unseen.rows >= 0) & ~unseen.outside)
    if len(inside) > REMEMBERED:
        inside = np.sort(np.random.default_rng(seed).permutation(inside)[:REMEMBERED])
    right = unseen.right
    return {
        _digest(phrases[unseen.rows[at]]): [float(right[at]), round(float(confidence[at]), 4)]
        for at in inside.tolist()
    }


def measured(
    classifier: IntentClassifier,
    unseen: Unseen,
    weights: NDArray[np.float64],
    labelled: LabelledText,
    promised_wrong: float,
    acting: Sequence[str] = (),
) -> tuple[dict[str, ThresholdChoice], dict[str, Any]]:
    """The bars for acting on an intent, and the report; both from unseen phrases.

    Args:
        acting: the intents whose bar counts; all when empty.
    """
    acts = np.array([not acting or one in acting for one in unseen.predicted], bool)
    chances = classifier.probabilities(unseen.features, unseen.languages)
    right = unseen.right & ~unseen.outside
    counted = weights if acting else feared(unseen, weights, _near(unseen, labelled))
    bars: dict[str, ThresholdChoice] = {}
    figures: dict[str, Any] = {}
    for language, rows in by_language(unseen).items():
        own = rows[acts[rows]]
        ceiling = unseen.at(rows).labels_right()
        careful = _careful(ceiling, int((~unseen.outside[rows]).sum()))
        bars[language] = threshold_for(
            right[own], chances[own, 0], promised_wrong, counted[own], careful, LEAST_ACTED
        )
        figures[language] = _figures(unseen.at(rows), chances[rows, 0], bars[language], ceiling)
    report = {
        "figures": figures,
        "confusions": _confusions(unseen),
        "doubted_labels": _doubted(unseen, chances[:, 0], labelled),
    }
    return bars, report


def _careful(ceiling: float, phrases: int) -> float:
    """The highest ceiling that the surest third of the phrases leaves likely (95 %, one-sided)."""
    return min(1.0, ceiling + 1.645 * float(np.sqrt(3 * ceiling * (1 - ceiling) / max(phrases, 1))))


def _near(unseen: Unseen, labelled: LabelledText) -> NDArray[np.bool_]:
    """Whether each is a phrase of an intent that the head was not taught."""
    taken = [row >= 0 and labelled.phrases[row].intent != OUT_OF_SCOPE for row in unseen.rows]
    return np.asarray(unseen.outside & np.array(taken, dtype=bool))


def feared(
    unseen: Unseen, weights: NDArray[np.float64], near: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """The weights, with those out of scope raised to the share that is feared, (n,).

    Args:
        near: which of them are feared more than the others, (n,); None for none.
    """
    raised = weights if near is None else np.where(near, FEARED_NEAR * weights, weights)
    outside = raised[unseen.outside].sum()
    inside = weights[~unseen.outside].sum()
    if not outside or not inside:
        return weights
    wanted = inside * FEARED_OUTSIDE / (1 - FEARED_OUTSIDE)
    return np.where(unseen.outside, raised * max(1.0, float(wanted / outside)), weights)


def _figures(
    unseen: Unseen, confidence: NDArray[np.float64], bar: ThresholdChoice, ceiling: float
) -> dict[str, Any]:
    """Figures of one language; agreement with labels, of which a part may be wrong."""
    inside = np.flatnonzero(~unseen.outside)
    truth = [unseen.truth[row] for row in inside]
    said = [unseen.predicted[row] for row in inside]
    right = unseen.right[inside]
    figures: dict[str, Any] = {"in_scope": len(inside), "out_of_scope": int(unseen.outside.sum())}
    if len(inside):
        figures |= {
            "accuracy": float(right.mean()),
            "macro_f1": macro_f1(truth, said),
            "calibration_error_in_scope": calibration_error(right, ceiling * confidence[inside]),
            "labels_right": ceiling,
        }
    if len(inside) and unseen.outside.any():
        figures["out_of_scope_auroc"] = area_under_roc(~unseen.outside, confidence)
    return figures | {"bar": asdict(bar)}


def _confusions(unseen: Unseen) -> list[dict[str, Any]]:
    pairs = Counter(
        (truth, said)
        for truth, said in zip(unseen.truth, unseen.predicted, strict=True)
        if truth not in (said, OUT_OF_SCOPE)
    )
    return [
        {"intent": truth, "taken_for": said, "times": times}
        for (truth, said), times in pairs.most_common(CONFUSIONS_SHOWN)
    ]


def _doubted(
    unseen: Unseen, confidence: NDArray[np.float64], labelled: LabelledText
) -> list[dict[str, Any]]:
    """Phrases whose label is probably wrong: without it, another intent is nearly certain."""
    rows = [
        at
        for at in np.argsort(-confidence, kind="stable")
        if confidence[at] >= DOUBT_FROM
        and unseen.rows[at] >= 0
        and unseen.truth[at] not in (unseen.predicted[at], OUT_OF_SCOPE)
    ]
    found = []
    for at in rows[:DOUBTED_SHOWN]:
        phrase = labelled.phrases[unseen.rows[at]]
        found.append(
            {
                "text": phrase.text[:200],
                "file": phrase.source,
                "row": phrase.row,
                "label": phrase.intent,
                "probably": unseen.predicted[at],
                "confidence": round(float(confidence[at]), 3),
            }
        )
    return found


def _digest(phrase: Phrase) -> str:
    written = f"{text_key(phrase.text)}\n{phrase.intent}".encode("utf-8", errors="replace")
    return hashlib.sha256(written).hexdigest()[:_DIGITS]
