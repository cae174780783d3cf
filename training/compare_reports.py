"""Compares two evaluations of one shop, question by question, with paired intervals.

Both asked the same held-out questions, so most of the chance in either cancels: a difference is
told from far fewer questions than two separate intervals would need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.intent_classifier import OUT_OF_SCOPE
from training.metrics import Interval, bootstrap, mean_reciprocal_rank
from training.refusal_texts import LabelledTextRefused

Record = Mapping[str, Any]
Pair = tuple[Record, Record]  # the same question in the report and in the other
LEAST_PAIRS = 20  # fewer tell nothing


@dataclass(frozen=True)
class Figure:
    """One figure that reports are compared by; more is better.

    Attributes:
        kind: which records it is about, "intents" or "questions".
        value: of one record; the figure is the mean of it.
        counts: which records it is about.
    """

    name: str
    kind: str
    value: Callable[[Record], float]
    counts: Callable[[Record], bool] = lambda record: True


def _in_scope(record: Record) -> bool:
    return bool(record["wanted"] != OUT_OF_SCOPE)


def _covered(record: Record) -> bool:
    return bool(record["wanted"])


def _brier_saved(record: Record) -> float:
    return -((float(record["right"]) - float(record["confidence"])) ** 2)


FIGURES = (
    Figure("intent_accuracy", "intents", lambda one: float(one["right"]), _in_scope),
    Figure("intent_confidence", "intents", _brier_saved),
    Figure("recall_at_1", "questions", lambda one: float(one["right"]), _covered),
    Figure(
        "mrr",
        "questions",
        lambda one: mean_reciprocal_rank([one["ranked"]], [one["wanted"]]),
        _covered,
    ),
    Figure("answer_confidence", "questions", _brier_saved),
    Figure("answered_right", "questions", lambda one: float(one["outcome"] == "right"), _covered),
    Figure("not_answered_wrong", "questions", lambda one: -float(one["outcome"] == "wrong")),
)


def compared(report: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The report minus the other, for every figure and language. JSON values.

    A row has the difference with its 95 % interval and a verdict: "better", "worse" or "even"
    (the interval holds 0).
    """
    rows = []
    pairs = {kind: _pairs(report, other, kind) for kind in ("intents", "questions")}
    for figure in FIGURES:
        own = [pair for pair in pairs[figure.kind] if figure.counts(pair[0])]
        languages = sorted({pair[0]["language"] for pair in own})
        for language in [*languages, *(["all"] if len(languages) > 1 else [])]:
            group = [pair for pair in own if language in ("all", pair[0]["language"])]
            if len(group) >= LEAST_PAIRS:
                rows.append(_row(figure, language, group))
    unpaired = {
        kind: max(len(report["records"][kind]), len(other["records"][kind])) - len(found)
        for kind, found in pairs.items()
    }
    return {
        "with": {key: other.get(key) for key in ("encoder", "versions")},
        "rows": rows,
        "unpaired": unpaired,
        "is_worse": any(row["verdict"] == "worse" for row in rows),
    }


def read_report(path: Path) -> dict[str, Any]:
    """Read a report that `write_report` wrote as JSON.

    Raises:
        LabelledTextRefused: it is no such file.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(report["records"][kind], list) for kind in ("intents", "questions")):
            return dict(report)
    except OSError as error:
        raise LabelledTextRefused(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        pass
    raise LabelledTextRefused(
        f"{path} is no report of this version. Write one with: "
        "shopkeeper evaluate shop --report other.json"
    )


def _pairs(report: Mapping[str, Any], other: Mapping[str, Any], kind: str) -> list[Pair]:
    theirs = {(one["text"], one["wanted"]): one for one in other["records"][kind]}
    return [
        (one, theirs[one["text"], one["wanted"]])
        for one in report["records"][kind]
        if (one["text"], one["wanted"]) in theirs
    ]


def _row(figure: Figure, language: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    ours, theirs = (
        np.array([figure.value(pair[side]) for pair in pairs], np.float64) for side in (0, 1)
    )
    difference = paired(ours - theirs)
    verdict = "better" if difference.low > 0 else "worse" if difference.high < 0 else "even"
    return {
        "figure": figure.name,
        "language": language,
        "pairs": len(pairs),
        "ours": float(np.abs(ours.mean())),
        "theirs": float(np.abs(theirs.mean())),
        "difference": asdict(difference),
        "verdict": verdict,
    }


def paired(differences: NDArray[np.float64]) -> Interval:
    """The mean difference with its interval, by bootstrap over the pairs."""
    return bootstrap(lambda rows: float(differences[rows].mean()), len(differences), seed=1)
