"""Tells when a person should take over as a shop's own conversations taught it.

`shopkeeper train takeover` makes it, where it is better than the rules of `takeover.py`; without
it the rules judge. Small decision trees whose every step is kept, so that each judgement says
which kinds of signs led to it (the path of each tree, as in Saabas' and Palczewska's work on
explaining forests). numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from bot.answering.takeover import (
    REASON_FROM,
    TakeoverOpinion,
    Understood,
    Utterance,
    takeover_need,
)
from bot.answering.takeover_course import FEATURES, GROUP_OF, Commonness, features_of
from bot.answering.trained_folder import read_trained, write_trained
from knowledge_base.errors import ModelFolderRefused

KIND = "takeover-1"
TREES, COMMON = "trees.safetensors", "common.safetensors"
REPAIR = "Make it again with: shopkeeper train takeover"
MOST_REASONS = 4
# Whoever asks for a person, or is angry, gets one whatever the shop's past says.
ALWAYS = ("wish", "anger")

Numbers = NDArray[np.float32]
Places = NDArray[np.int32]


@dataclass(frozen=True)
class Trees:
    """Boosted trees as flat tables, one row a node; t trees, n nodes in all.

    Attributes:
        roots: (t,).
        left, right: the node below, its own number in a leaf, (n,).
        feature: what is looked at, (n,).
        threshold: at most so much goes left, (n,).
        value: log odds that a node stands for, the mean of what is below it, (n,).
        start: log odds before any tree, (1,).
        calibration: slope and offset of the sum, (2,).
    """

    roots: Places
    left: Places
    right: Places
    feature: Places
    threshold: Numbers
    value: Numbers
    start: Numbers
    calibration: Numbers

    def told(self, row: Numbers) -> tuple[float, Numbers]:
        """Judge one row of features.

        Returns:
            The log odds, and how much each feature moved them, (features,).
        """
        moved = np.zeros(len(row), dtype=np.float64)
        nodes = self.roots
        while True:
            goes_left = row[self.feature[nodes]] <= self.threshold[nodes]
            below = np.where(goes_left, self.left[nodes], self.right[nodes])
            if np.array_equal(below, nodes):
                break
            np.add.at(moved, self.feature[nodes], self.value[below] - self.value[nodes])
            nodes = below
        raw = float(self.start[0] + self.value[nodes].sum())
        slope, offset = map(float, self.calibration)
        return slope * raw + offset, (slope * moved).astype(np.float32)

    def check(self, features: int) -> None:
        """Refuse tables that do not fit together or that a walk would not leave."""
        count = len(self.left)
        own = np.arange(count)
        same = {len(part) for part in (self.right, self.feature, self.threshold, self.value)}
        inner = self.left != own
        if (
            same != {count}
            or not len(self.roots)
            or not ((self.roots >= 0) & (self.roots < count)).all()
            or not ((self.feature >= 0) & (self.feature < features)).all()
            or not ((self.left < count) & (self.right < count)).all()
            # A node below always has a higher number, so every walk ends.
            or not ((self.left > own) & (self.right > own))[inner].all()
            or not (self.right == own)[~inner].all()
            or len(self.start) != 1
            or len(self.calibration) != 2
        ):
            raise ValueError("its trees do not fit together")
        numbers = (self.threshold, self.value, self.start, self.calibration)
        if not all(np.isfinite(part).all() for part in numbers):
            raise ValueError("its trees hold what is no number")


@dataclass(frozen=True)
class TakeoverModel:
    """Judges conversations; safe to call from several threads.

    Attributes:
        version: of the folder it was read from, "" for a fresh one.
    """

    trees: Trees
    commonness: Commonness
    version: str = ""

    def judge(
        self, said: Sequence[Utterance], understood: Understood | None = None
    ) -> TakeoverOpinion:
        """Judge a conversation up to and with its last utterance; see `takeover_need`."""
        row = features_of(said, self.commonness, understood)
        odds, moved = self.trees.told(row)
        need = float(1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30))))
        by_rule = takeover_need(said, understood)
        certain = tuple(name for name in by_rule.reasons if name in ALWAYS)
        if certain:
            need = max(need, by_rule.need)
        speaks = self._speaks_for(moved)
        return TakeoverOpinion(
            round(need, 6),
            tuple(dict.fromkeys([*certain, *speaks]))[:MOST_REASONS],
        )

    def _speaks_for(self, moved: Numbers) -> list[str]:
        """Kinds of signs that raised the log odds, strongest first."""
        groups: dict[str, float] = {}
        for name, by in zip(FEATURES, moved.tolist(), strict=True):
            groups[GROUP_OF[name]] = groups.get(GROUP_OF[name], 0.0) + by
        told = [name for name, by in groups.items() if by >= REASON_FROM]
        return sorted(told, key=lambda name: -groups[name])

    # -- files -------------------------------------------------------------------------------

    def save(self, folder: Path, made_from: Mapping[str, Any]) -> TakeoverModel:
        """Write it as `folder`, replacing what was there; gives it with the version."""
        parts = {field.name: np.ascontiguousarray(getattr(self.trees, field.name))
                 for field in fields(Trees)}  # fmt: skip
        common = {
            "token_keys": _keys(self.commonness.tokens),
            "token_counts": _counts(self.commonness.tokens),
            "utterance_keys": _keys(self.commonness.utterances),
            "utterance_counts": _counts(self.commonness.utterances),
        }
        facts = {"features": list(FEATURES), "size": self.commonness.size}
        files = {TREES: save(parts), COMMON: save(common)}
        version = write_trained(folder, KIND, files, facts=facts, made_from=made_from)
        return replace(self, version=version)

    @classmethod
    def load(cls, folder: Path) -> TakeoverModel:
        """Read a folder that `save` wrote.

        Raises:
            ModelFolderRefused: missing, altered, or of another version of the program.
        """
        read = read_trained(folder, KIND)
        try:
            trees = Trees(**load(read.files[TREES]))
            trees.check(len(FEATURES))
            if tuple(read.manifest.facts["features"]) != FEATURES:
                raise ValueError("it looks at other things than this program")
            common = load(read.files[COMMON])
            commonness = Commonness(
                _table(common["token_keys"], common["token_counts"]),
                _table(common["utterance_keys"], common["utterance_counts"]),
                int(read.manifest.facts["size"]),
            )
        except (KeyError, TypeError, ValueError, SafetensorError) as error:
            raise ModelFolderRefused(f"{folder} cannot be read: {error}. {REPAIR}") from error
        return cls(trees, commonness, read.digest)


def _keys(table: Mapping[int, int]) -> NDArray[np.uint64]:
    return np.array(sorted(table), dtype=np.uint64)


def _counts(table: Mapping[int, int]) -> Places:
    return np.array([table[key] for key in sorted(table)], dtype=np.int32)


def _table(keys: NDArray[np.uint64], counts: Places) -> dict[int, int]:
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))
