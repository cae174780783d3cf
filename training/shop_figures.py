"""What the records of an evaluation come to: curves, confusions, worst questions, slow steps.

A record is one held-out phrase or question with what was made of it, JSON values; see
`intent_record` and `question_record`. Everything a report shows, and everything that two reports
are compared by, is computed from records alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.answer import Answer, Decision, Source
from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentGuess
from training.metrics import (
    area_under_risk,
    area_under_roc,
    bootstrap,
    brier,
    calibration_error,
    calibration_error_by_chance,
    clopper_pearson,
    macro_f1,
    mean_reciprocal_rank,
    recall_at,
    reliability,
    share_of,
)

Record = Mapping[str, Any]
Flags = NDArray[np.bool_]
Chances = NDArray[np.float64]

CURVE_POINTS = 60  # of a risk-coverage curve; more are not seen
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)  # rows of its table
PAIRS_SHOWN, WORST_SHOWN, STEPS_SHOWN = 15, 12, 15
# What a question came to. The first two are answers from an entry; the others are not judged,
# apart from whether the right choice was among those offered.
OUTCOMES = ("right", "wrong", "offered", "asked", "otherwise", "person")


def intent_record(text: str, wanted: str, language: str, guess: IntentGuess) -> dict[str, Any]:
    """One held-out phrase: what it wants and what the classifier made of it."""
    return {
        "text": text,
        "language": language,
        "wanted": wanted,
        "predicted": guess.intent,
        "confidence": round(guess.confidence, 6),
        "right": guess.intent == wanted,
    }


def question_record(
    text: str, wanted: str, language: str, ranked: Sequence[str], sure: float, answer: Answer
) -> dict[str, Any]:
    """One held-out question: what was found, and what the answerer did with it.

    Args:
        wanted: id of the entry that answers it, empty where none does.
        ranked: ids found, best first.
        sure: calibrated probability that the first of them is right.
    """
    return {
        "text": text,
        "language": language,
        "wanted": wanted,
        "ranked": list(ranked),
        "confidence": round(sure, 6),
        "right": bool(wanted) and list(ranked[:1]) == [wanted],
        "outcome": outcome_of(wanted, answer),
        "entry": answer.entry_id or "",
        "rule": answer.trace.rule,
        "answer_confidence": round(answer.confidence, 6),
    }


def outcome_of(wanted: str, answer: Answer) -> str:
    """Which of `OUTCOMES` an answer is."""
    if answer.decision is Decision.ESCALATE:
        return "person"
    if answer.decision is Decision.CLARIFY:
        offered = {choice.value.removeprefix("entry:") for choice in answer.choices}
        return "offered" if wanted in offered else "asked"
    if answer.source in (Source.KNOWN, Source.WRITTEN):
        return "right" if wanted and answer.entry_id == wanted else "wrong"
    return "otherwise"


def intent_figures_of(records: Sequence[Record], bar: float) -> dict[str, Any]:
    """Figures of the intents of one language.

    Args:
        bar: least confidence to act on an intent.
    """
    right, sure = _right_and_sure(records)
    inside = np.array([one["wanted"] != OUT_OF_SCOPE for one in records], bool)
    own = np.flatnonzero(inside)
    figures: dict[str, Any] = {"rows": len(records), "in_scope": len(own)}
    if len(own):
        figures["accuracy"] = _mean_with_interval(right[own])
        wanted = [records[row]["wanted"] for row in own.tolist()]
        figures["macro_f1"] = macro_f1(wanted, [records[row]["predicted"] for row in own.tolist()])
        figures["in_scope_refused"] = float((sure[own] < bar).mean())
    if 0 < len(own) < len(records):
        figures["out_of_scope_auroc"] = asdict(
            bootstrap(
                lambda rows: area_under_roc(inside[rows], sure[rows]),
                len(sure),
                seed=1,
                rounds=300,
            )
        )
        figures["out_of_scope_recall"] = share_of(
            int((sure[~inside] < bar).sum()), int((~inside).sum())
        )
    figures["confusions"] = confusions(records)
    return figures | curves_of(right, sure, bar)


def question_figures_of(records: Sequence[Record], bar: float) -> dict[str, Any]:
    """Figures of the known answers of one language.

    Args:
        bar: least confidence to answer from an entry.
    """
    right, sure = _right_and_sure(records)
    covered = [one for one in records if one["wanted"]]
    ranked, wanted = [one["ranked"] for one in covered], [one["wanted"] for one in covered]
    reciprocal = np.array(
        [mean_reciprocal_rank([ids], [one]) for ids, one in zip(ranked, wanted, strict=True)]
    )
    figures: dict[str, Any] = {"questions": len(records), "covered": len(covered)}
    if covered:
        figures["recall_at_1"] = _mean_with_interval(
            right[[bool(one["wanted"]) for one in records]]
        )
        figures |= {f"recall_at_{k}": recall_at(ranked, wanted, k) for k in (3, 10)}
        figures["mrr"] = _mean_with_interval(reciprocal)
    if 0 < len(covered) < len(records):
        figures["covered_auroc"] = area_under_roc([bool(one["wanted"]) for one in records], sure)
    return figures | answered_figures(records) | curves_of(right, sure, bar)


def answered_figures(records: Sequence[Record]) -> dict[str, Any]:
    """What shoppers would have got: outcomes of the covered and of the other questions."""
    figures: dict[str, Any] = {}
    for name, group in (
        ("covered", [one for one in records if one["wanted"]]),
        ("not_covered", [one for one in records if not one["wanted"]]),
    ):
        counts = Counter(one["outcome"] for one in group)
        figures[f"outcomes_of_{name}"] = {name: counts[name] for name in OUTCOMES}
    answered = [one for one in records if one["outcome"] in ("right", "wrong")]
    figures["answered"] = len(answered)
    wrong = sum(one["outcome"] == "wrong" for one in answered)
    figures["wrong_among_answered"] = share_of(wrong, len(answered))
    return figures


def curves_of(right: Flags, sure: Chances, bar: float) -> dict[str, Any]:
    """Calibration and risk-coverage, with the point at the bar in force."""
    return {
        "calibration_error": calibration_error(right, sure),
        "calibration_error_by_chance": calibration_error_by_chance(sure),
        "brier": brier(right, sure),
        "area_under_risk": area_under_risk(right, sure),
        "reliability": [asdict(one) for one in reliability(right, sure)],
        "risk_coverage": risk_points(right, sure),
        "risk_table": [_risk_at(right, sure, round(share * len(sure))) for share in COVERAGES],
        "at_the_bar": {"bar": bar} | _risk_at(right, sure, int((sure >= bar).sum())),
    }


def risk_points(right: Flags, sure: Chances) -> list[dict[str, float]]:
    """A risk-coverage curve with its pointwise 95 % interval, from careful to bold."""
    counts = np.unique(np.linspace(1, len(sure), CURVE_POINTS).round().astype(int))
    return [_risk_at(right, sure, int(count)) for count in counts if len(sure)]


def _risk_at(right: Flags, sure: Chances, count: int) -> dict[str, float]:
    """What answering the `count` surest would be like."""
    order = np.argsort(-sure, kind="stable")[:count]
    wrong = int((~right[order]).sum())
    low, high = clopper_pearson(wrong, count)
    return {
        "threshold": float(sure[order[-1]]) if count else 1.0,
        "coverage": count / len(sure) if len(sure) else 0.0,
        "risk": wrong / count if count else 0.0,
        "low": low,
        "high": high,
    }


def confusions(records: Iterable[Record]) -> list[dict[str, Any]]:
    """The intents most often taken for another, with the phrase of which that was surest."""
    pairs: dict[tuple[str, str], list[Record]] = {}
    for one in records:
        if not one["right"] and one["wanted"] != OUT_OF_SCOPE:
            pairs.setdefault((one["wanted"], one["predicted"]), []).append(one)
    ordered = sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {
            "intent": wanted,
            "taken_for": predicted,
            "times": len(group),
            "example": max(group, key=lambda one: one["confidence"])["text"],
        }
        for (wanted, predicted), group in ordered[:PAIRS_SHOWN]
    ]


def worst_questions(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Wrong with the highest confidence: the questions to write a phrasing or an entry for."""
    wrong = [one for one in records if one["outcome"] == "wrong"]
    rest = [one for one in records if one["outcome"] != "wrong" and not one["right"]]
    surest = [
        *sorted(wrong, key=lambda one: -one["answer_confidence"]),
        *sorted(rest, key=lambda one: -one["confidence"]),
    ]
    return [
        {
            "text": one["text"],
            "wanted": one["wanted"],
            "found": one["entry"] or (one["ranked"] or [""])[0],
            "confidence": one["answer_confidence" if one["outcome"] == "wrong" else "confidence"],
            "outcome": one["outcome"],
        }
        for one in surest[:WORST_SHOWN]
    ]


def slowest_steps(turns: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Milliseconds of each step over turns asked one at a time, the slowest at p95 first."""
    names = sorted({name for turn in turns for name in turn})
    rows: list[dict[str, Any]] = []
    for name in names:
        took = 1000 * np.array([turn[name] for turn in turns if name in turn])
        middle, late, most = (float(x) for x in np.quantile(took, [0.5, 0.95, 1.0]))
        rows.append(
            {"step": name, "turns": len(took), "p50_ms": middle, "p95_ms": late, "most_ms": most}
        )
    return sorted(rows, key=lambda row: -row["p95_ms"])[:STEPS_SHOWN]


def _right_and_sure(records: Sequence[Record]) -> tuple[Flags, Chances]:
    return (
        np.array([one["right"] for one in records], bool),
        np.array([one["confidence"] for one in records], np.float64),
    )


def _mean_with_interval(values: NDArray[Any]) -> dict[str, float]:
    return asdict(bootstrap(lambda rows: float(values[rows].mean()), len(values), seed=1))
