"""Learns from a shop's own conversations when a person should take over, and measures that.

    shopkeeper train takeover
    shopkeeper evaluate takeover --data LABELLED.jsonl

Two judges side by side: the rules that come with the program (`bot.answering.takeover`), which
learn nothing, and boosted trees that do (`bot.answering.takeover_model`). Every conversation is
judged by trees that never saw it, by the very code that serves. The trees are kept only where the
area under the curve of the same conversations is better than that of the rules, by its paired
interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from bot.answering.takeover import takeover_need
from bot.answering.takeover_course import FEATURES, Commonness, features_of
from bot.answering.takeover_model import TakeoverModel, Trees
from training.metrics import Interval, area_under_roc, calibration_error
from training.progress import Progress, silent
from training.refusal_texts import refused
from training.takeover_conversations import LabelledConversation

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
DRAWS = 500  # of the bootstrap over conversations
LEAST_CONVERSATIONS, LEAST_WITH_PERSON = 60, 20
FEW_UTTERANCES = 1_500  # so few are learnt by smaller trees


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """How trees are boosted; `of` gives what suits the number of utterances."""

    trees: int = 200
    depth: int = 4
    rate: float = 0.05
    least_rows: int = 20

    @classmethod
    def of(cls, utterances: int) -> TreeSettings:
        """Few utterances are learnt by fewer and smaller trees."""
        return cls() if utterances > FEW_UTTERANCES else cls(80, 2, 0.05, 10)


@dataclass(frozen=True)
class TrainedTakeover:
    """A model that may serve, with what was measured while making it.

    Attributes:
        figures: as of `measure_takeover`.
        better: whether it is better than the rules, by the paired interval, and than chance: by
            chance rules may do worse than it.
    """

    model: TakeoverModel
    figures: dict[str, Any]
    better: bool


def train_takeover(
    conversations: Sequence[LabelledConversation],
    *,
    folds: int = 5,
    seed: int = 1,
    progress: Progress = silent,
) -> TrainedTakeover:
    """Train on labelled conversations and compare with the rules.

    Raises:
        LabelledTextRefused: there is too little to learn from; says what there is and is needed.
    """
    _refuse_too_little(conversations)
    judged = _out_of_fold(conversations, folds, seed, progress)
    figures = _figures(conversations, judged, folds, seed)
    commonness = Commonness.of([one.said for one in conversations])
    rows = _rows(conversations, commonness, inside=True)
    trees = _fit(rows, _flags(conversations), seed)
    model = TakeoverModel(_calibrated(trees, judged.odds, _flags(conversations)), commonness)
    better = figures["better_by"]["low"] > 0 and figures["trees"]["area"]["low"] > 0.5
    return TrainedTakeover(model, figures, better)


def measure_takeover(
    conversations: Sequence[LabelledConversation],
    *,
    folds: int = 5,
    seed: int = 1,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Areas under ROC of the rules and of the trees, with intervals over conversations."""
    return _figures(conversations, _out_of_fold(conversations, folds, seed, progress), folds, seed)


def _refuse_too_little(conversations: Sequence[LabelledConversation]) -> None:
    with_person = sum(any(one.person) for one in conversations)
    without = sum(not all(one.person) for one in conversations)
    if len(conversations) < LEAST_CONVERSATIONS or min(with_person, without) < LEAST_WITH_PERSON:
        raise refused(
            "too_little",
            conversations=len(conversations),
            with_person=with_person,
            least=LEAST_CONVERSATIONS,
            least_each=LEAST_WITH_PERSON,
        )


@dataclass(frozen=True)
class _Judged:
    """What both judges said of every conversation: needs, and the trees' raw log odds."""

    rules: list[Floats]
    trees: list[Floats]
    odds: Floats


def _out_of_fold(
    conversations: Sequence[LabelledConversation],
    folds: int,
    seed: int,
    progress: Progress,
) -> _Judged:
    rules = [
        np.array(
            [
                takeover_need(one.said[: at + 1], one.understood_at(at)).need
                for at in range(len(one.said))
            ]
        )
        for one in conversations
    ]
    odds: list[Floats] = [np.zeros(0)] * len(conversations)
    split = KFold(folds, shuffle=True, random_state=seed).split(conversations)
    needs: list[Floats] = [np.zeros(0)] * len(conversations)
    parts: list[list[int]] = []
    for fold, (train, test) in enumerate(split):
        progress("folds", fold, folds)
        taught = [conversations[at] for at in train]
        commonness = Commonness.of([one.said for one in taught])
        trees = _fit(_rows(taught, commonness, inside=True), _flags(taught), seed)
        for at in test.tolist():
            rows = _rows([conversations[at]], commonness, inside=False)
            odds[at] = np.array([trees.told(row)[0] for row in rows])
        parts.append(test.tolist())
    progress("folds", folds, folds)
    for own in parts:
        others = [at for at in range(len(conversations)) if at not in set(own)]
        slope, offset = _line(
            np.concatenate([odds[at] for at in others]), _flags([conversations[k] for k in others])
        )
        for at in own:
            needs[at] = 1 / (1 + np.exp(-(slope * odds[at] + offset)))
    return _Judged(rules, needs, np.concatenate(odds))


def _rows(
    conversations: Sequence[LabelledConversation], commonness: Commonness, *, inside: bool
) -> Rows:
    return np.stack(
        [
            features_of(one.said[: at + 1], commonness, one.understood_at(at), inside=inside)
            for one in conversations
            for at in range(len(one.said))
        ]
    )


def _flags(conversations: Sequence[LabelledConversation]) -> NDArray[np.bool_]:
    return np.concatenate([np.array(one.person, bool) for one in conversations])


def _fit(rows: Rows, flags: NDArray[np.bool_], seed: int) -> Trees:
    settings = TreeSettings.of(len(rows))
    start = np.log(max(flags.mean(), 1e-6) / max(1 - flags.mean(), 1e-6))
    boosted = GradientBoostingClassifier(
        n_estimators=settings.trees,
        learning_rate=settings.rate,
        max_depth=settings.depth,
        min_samples_leaf=settings.least_rows,
        subsample=0.7,
        max_features=0.3,
        random_state=seed,
    ).fit(rows, flags)
    return tables_of([one[0].tree_ for one in boosted.estimators_], settings.rate, float(start))


def tables_of(trees: Sequence[Any], rate: float, start: float) -> Trees:
    """The trees of scikit-learn as tables; an inner node stands for the mean of its leaves."""
    roots, left, right, feature, threshold, value = [], [], [], [], [], []
    offset = 0
    for tree in trees:
        own = np.arange(tree.node_count)
        leaf = tree.children_left < 0
        means = rate * tree.value[:, 0, 0]
        for node in reversed(own.tolist()):
            if not leaf[node]:
                below = [tree.children_left[node], tree.children_right[node]]
                means[node] = np.average(means[below], weights=tree.n_node_samples[below])
        roots.append(offset)
        left.append(np.where(leaf, own, tree.children_left) + offset)
        right.append(np.where(leaf, own, tree.children_right) + offset)
        feature.append(np.where(leaf, 0, tree.feature))
        threshold.append(np.where(leaf, 0.0, tree.threshold))
        value.append(means)
        offset += tree.node_count
    return Trees(
        np.array(roots, dtype=np.int32),
        np.concatenate(left).astype(np.int32),
        np.concatenate(right).astype(np.int32),
        np.concatenate(feature).astype(np.int32),
        np.concatenate(threshold).astype(np.float32),
        np.concatenate(value).astype(np.float32),
        np.array([start], dtype=np.float32),
        np.array([1.0, 0.0], dtype=np.float32),
    )


def _line(odds: Floats, flags: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset that make probabilities of log odds of conversations not trained on."""
    if len(set(flags.tolist())) < 2:
        return 1.0, 0.0
    fitted = LogisticRegression(C=1e3).fit(odds[:, None], flags)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def _calibrated(trees: Trees, odds: Floats, flags: NDArray[np.bool_]) -> Trees:
    parts = {name: getattr(trees, name) for name in trees.__dataclass_fields__}
    return Trees(**{**parts, "calibration": np.array(_line(odds, flags), dtype=np.float32)})


# -- figures ---------------------------------------------------------------------------------------


def _figures(
    conversations: Sequence[LabelledConversation], judged: _Judged, folds: int, seed: int
) -> dict[str, Any]:
    flags = _flags(conversations)
    need = np.concatenate(judged.trees)
    by_fold = [
        test.tolist()
        for _, test in KFold(folds, shuffle=True, random_state=seed).split(conversations)
    ]
    worst = {
        name: float(
            np.nanmin([_area([conversations[at] for at in own], [said[at] for at in own])
                       for own in by_fold])
        )
        for name, said in (("rules", judged.rules), ("trees", judged.trees))
    }  # fmt: skip
    return {
        "conversations": len(conversations),
        "utterances": len(flags),
        "person_needed": float(flags.mean()),
        "rules": _areas(conversations, judged.rules) | {"worst_fold": worst["rules"]},
        "trees": _areas(conversations, judged.trees)
        | {
            "worst_fold": worst["trees"],
            "calibration_error": calibration_error(
                (need >= 0.5) == flags, np.maximum(need, 1 - need)
            ),
        },
        "better_by": asdict(
            _with_interval(
                conversations, lambda one: _area(one[0], one[2]) - _area(one[0], one[1]), judged
            )
        ),
        "features": len(FEATURES),
        "folds": folds,
        "seed": seed,
    }


def _areas(conversations: Sequence[LabelledConversation], need: Sequence[Floats]) -> dict[str, Any]:
    flags = _flags(conversations)
    shopper = np.concatenate([[said.by_shopper for said in one.said] for one in conversations])
    every = np.concatenate(need)
    return {
        "area": asdict(
            _with_interval(
                conversations, lambda one: _area(one[0], one[1]), _Judged(list(need), [], every)
            )
        ),
        "area_shopper": area_under_roc(flags[shopper], every[shopper]),
        "area_bot": area_under_roc(flags[~shopper], every[~shopper]),
    }


Drawn = tuple[Sequence[LabelledConversation], Sequence[Floats], Sequence[Floats]]


def _with_interval(
    conversations: Sequence[LabelledConversation],
    figure: Callable[[Drawn], float],
    judged: _Judged,
) -> Interval:
    """Bootstrap over whole conversations, because utterances of one are not independent."""
    chance = np.random.default_rng(1)

    def of(rows: Sequence[int]) -> float:
        return figure(
            (
                [conversations[at] for at in rows],
                [judged.rules[at] for at in rows],
                [judged.trees[at] for at in rows] if judged.trees else [],
            )
        )

    count = len(conversations)
    drawn = [of(chance.integers(0, count, count).tolist()) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Interval(of(range(count)), float(low), float(high))


def _area(conversations: Sequence[LabelledConversation], need: Sequence[Floats]) -> float:
    return area_under_roc(_flags(conversations), np.concatenate(need))
