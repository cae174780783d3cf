"""Measures how well the need for a person can be told from the course of a conversation.

    shopkeeper evaluate takeover --data LABELLED.jsonl

Two judges side by side: the rules that ship (`bot.answering.takeover`), which learn nothing, and
trees that learn from the labels, each conversation judged by trees that never saw it. The trees
show what the structure holds; they do not ship, as no labelled conversations of our own exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.model_selection import KFold

from bot.answering.takeover import Utterance, takeover_need
from training.labelled_text import LabelledTextRefused
from training.metrics import Interval, area_under_roc, calibration_error
from training.takeover_features import Corpus, features_of

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
DRAWS = 500  # of the bootstrap over conversations


@dataclass(frozen=True)
class LabelledConversation:
    """A conversation, and for each utterance whether a person should have taken over there."""

    said: tuple[Utterance, ...]
    person: tuple[bool, ...]


def read_conversations(paths: Sequence[Path]) -> list[LabelledConversation]:
    """Read JSON lines {"utterances": [{"role", "handoff", "token_ids" or "text"}]}.

    Raises:
        LabelledTextRefused: names the line and what it lacks.
    """
    found = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise LabelledTextRefused(f"{path} cannot be read as UTF-8 text.") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                raw = json.loads(line)["utterances"]
                said = tuple(map(_utterance, raw))
                person = tuple(bool(one["handoff"]) for one in raw)
            except (ValueError, KeyError, TypeError) as error:
                raise LabelledTextRefused(
                    f"{path.name}, line {number}: needs utterances with role (customer or agent), "
                    "handoff (0 or 1) and token_ids or text."
                ) from error
            if said:
                found.append(LabelledConversation(said, person))
    if len({flag for one in found for flag in one.person}) < 2:
        raise LabelledTextRefused("There must be utterances of both kinds, handoff 0 and 1.")
    return found


def _utterance(raw: dict[str, Any]) -> Utterance:
    by_shopper = raw["role"] in ("customer", "shopper")
    if "token_ids" in raw:
        return Utterance(by_shopper, tuple(int(token) for token in raw["token_ids"]))
    return Utterance.of(str(raw["text"]), by_shopper=by_shopper)


def measure_takeover(
    conversations: Sequence[LabelledConversation],
    *,
    folds: int = 5,
    seed: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Areas under ROC of the rules and of the trees, with intervals over conversations."""
    say = progress or (lambda what, done, total: None)
    rules = [
        np.array([takeover_need(one.said[: at + 1]).need for at in range(len(one.said))])
        for one in conversations
    ]
    trees: list[Floats] = [np.zeros(0)] * len(conversations)
    worst = 1.0
    for fold, (train, test) in enumerate(
        KFold(folds, shuffle=True, random_state=seed).split(conversations)
    ):
        say("folds", fold, folds)
        judged = _trees(
            [conversations[at] for at in train], [conversations[at] for at in test], seed
        )
        for at, need in zip(test, judged, strict=True):
            trees[at] = need
        worst = min(worst, _area([conversations[at] for at in test], judged))
    say("folds", folds, folds)
    flags = np.concatenate([one.person for one in conversations])
    need = np.concatenate(trees)
    return {
        "conversations": len(conversations),
        "utterances": len(flags),
        "person_needed": float(flags.mean()),
        "rules": _areas(conversations, rules),
        "trees": _areas(conversations, trees)
        | {
            "worst_fold": worst,
            "calibration_error": calibration_error(
                (need >= 0.5) == flags, np.maximum(need, 1 - need)
            ),
        },
        "folds": folds,
        "seed": seed,
    }


def _trees(
    train: Sequence[LabelledConversation], test: Sequence[LabelledConversation], seed: int
) -> list[Floats]:
    """Probability of each utterance of `test`, by the mean of boosted and of random trees."""
    corpus = Corpus.of([one.said for one in train])
    seen = np.concatenate([features_of(one.said, corpus, inside=True) for one in train])
    flags = np.concatenate([one.person for one in train])
    known = ~np.isnan(seen).all(axis=0)  # the boosted trees refuse a column without any number
    seen = seen[:, known]
    asked = [features_of(one.said, corpus, inside=False)[:, known] for one in test]
    boosted = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.04, max_leaf_nodes=10, min_samples_leaf=30,
        l2_regularization=5.0, max_features=0.3, random_state=seed,
    ).fit(seen, flags)  # fmt: skip
    random = ExtraTreesClassifier(500, min_samples_leaf=4, max_features=0.3, random_state=seed)
    random.fit(np.nan_to_num(seen, nan=-1.0), flags)
    return [
        (
            boosted.predict_proba(rows)[:, 1]
            + random.predict_proba(np.nan_to_num(rows, nan=-1.0))[:, 1]
        )
        / 2
        for rows in asked
    ]


def _areas(conversations: Sequence[LabelledConversation], need: Sequence[Floats]) -> dict[str, Any]:
    flags = np.concatenate([one.person for one in conversations])
    shopper = np.concatenate([[said.by_shopper for said in one.said] for one in conversations])
    every = np.concatenate(need)
    return {
        "area": asdict(_with_interval(conversations, need)),
        "area_shopper": area_under_roc(flags[shopper], every[shopper]),
        "area_bot": area_under_roc(flags[~shopper], every[~shopper]),
    }


def _with_interval(
    conversations: Sequence[LabelledConversation], need: Sequence[Floats]
) -> Interval:
    """Bootstrap over whole conversations, because utterances of one are not independent."""
    chance = np.random.default_rng(1)
    areas = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(conversations), len(conversations))
        areas.append(_area([conversations[at] for at in drawn], [need[at] for at in drawn]))
    low, high = np.nanquantile(areas, [0.025, 0.975])
    return Interval(_area(conversations, need), float(low), float(high))


def _area(conversations: Sequence[LabelledConversation], need: Sequence[Floats]) -> float:
    flags = np.concatenate([one.person for one in conversations])
    return area_under_roc(flags, np.concatenate(need))
