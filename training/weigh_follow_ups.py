"""Fits the weights of follow-ups on whole talks: python -m training.weigh_follow_ups OUT.json.

    python -m training.weigh_follow_ups bot/answering/follow_up_weights.json

Plays `tuning/talks.LANGUAGE.txt` of the shop with what the settings serve, each message behind the
answers that were really given, and learns which of the entries that a follow-up may mean is right.
The bar comes from talks that were not learnt from (cross-validation by talk). A minute.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.answering.answer import Answerer, Language
from bot.answering.answerer import ShopAnswerer
from bot.answering.parts import Candidate, Turn
from bot.answering.weighing import as_json, shipped_weigher
from bot.settings import load_settings
from bot.shell.output import say
from training.measured_talks import played
from training.talks import Said, Talk, read_talks

Floats = NDArray[np.float64]

FOLDS, SEED, COST = 10, 7, 0.3
# Of follow-ups; whole questions are wrong far less often, so that of all that is answered in talks
# one in twenty is.
PROMISED_WRONG = 0.07
FEWEST = 40  # answers, before the share of wrong ones among them says anything


@dataclass
class WatchedWeigher:
    """Weighs as the shipped one, and remembers what it weighed: every short message."""

    answer_from: float
    sure_alone: float = float("inf")
    seen: list[Sequence[Candidate]] = field(default_factory=list)

    def chances(self, turn: Turn, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See Weigher."""
        self.seen.append(candidates)
        return shipped_weigher().chances(turn, candidates)


@dataclass(frozen=True)
class Weighed:
    """One follow-up: the inputs of what it may mean, (candidates, inputs), and which are right."""

    talk: str
    inputs: Floats
    right: NDArray[np.bool_]


def watched(
    answerer: Answerer, weigher: WatchedWeigher, talks: Sequence[Talk], language: Language
) -> Iterator[Weighed]:
    """Play talks, and yield every follow-up that was weighed."""
    for talk in talks:
        for said, _ in zip(talk.said, played(answerer, talk, language), strict=True):
            for candidates in weigher.seen:
                yield _weighed(f"{language} {talk.name}", said, candidates)
            weigher.seen.clear()


def _weighed(talk: str, said: Said, candidates: Sequence[Candidate]) -> Weighed:
    right = np.array([one.hit.entry.id in said.entries for one in candidates])
    return Weighed(talk, np.array([one.inputs for one in candidates]), right)


@dataclass(frozen=True)
class Fitted:
    """A logistic model over standardised inputs."""

    centre: Floats
    spread: Floats
    weights: Floats
    bias: float

    @classmethod
    def on(cls, rows: Sequence[Weighed]) -> Fitted:
        """Fit on every candidate of these follow-ups, the weights held small."""
        inputs = np.concatenate([one.inputs for one in rows])
        right = np.concatenate([one.right for one in rows]).astype(np.float64)
        centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
        known = np.hstack([(inputs - centre) / spread, np.ones((len(inputs), 1))])

        def loss(weights: Floats) -> tuple[float, Floats]:
            logits = known @ weights
            held = np.append(weights[:-1], 0.0) / COST
            value = (np.logaddexp(0.0, logits) - right * logits).sum() + weights @ held / 2
            return float(value), known.T @ (1 / (1 + np.exp(-logits)) - right) + held

        found = minimize(loss, np.zeros(known.shape[1]), jac=True, method="L-BFGS-B").x
        return cls(centre, spread, found[:-1], float(found[-1]))

    def chances(self, inputs: Floats) -> Floats:
        """The probability of each candidate, (n,)."""
        logits = (inputs - self.centre) / self.spread @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-logits)))


def unseen(rows: Sequence[Weighed]) -> list[tuple[float, bool]]:
    """The likeliest candidate of each follow-up by models that did not see its talk."""
    talks = sorted({one.talk for one in rows})
    order = np.random.default_rng(SEED).permutation(len(talks))
    fold_of = {talks[at]: place % FOLDS for place, at in enumerate(order)}
    models = [
        Fitted.on([one for one in rows if fold_of[one.talk] != fold]) for fold in range(FOLDS)
    ]
    best = []
    for one in rows:
        chances = models[fold_of[one.talk]].chances(one.inputs)
        first = int(chances.argmax())
        best.append((float(chances[first]), bool(one.right[first])))
    return best


def lowest_bar(best: Sequence[tuple[float, bool]]) -> float:
    """The least probability above which the promised share of wrong answers holds."""
    ranked = sorted(best, reverse=True)
    wrong = np.cumsum([not right for _, right in ranked])
    counts = np.arange(1, len(ranked) + 1)
    holds = np.flatnonzero((wrong <= PROMISED_WRONG * counts) & (counts >= FEWEST))
    return ranked[holds[-1]][0] if len(holds) else 1.0


def main(out: Path) -> None:
    """Fit, say what came of it, and write the weights."""
    from bot.assemble.brain import assemble_brain
    from bot.settings import OFF

    settings = load_settings(None).model_copy(update={"generator": OFF})
    rows: list[Weighed] = []
    with closing(assemble_brain(settings)) as brain:
        weigher = WatchedWeigher(shipped_weigher().answer_from)
        answerer = ShopAnswerer(replace(brain.answerer.parts, weigher=weigher))
        known = {str(entry.id) for entry in brain.knowledge.current.entries}
        for language in get_args(Language):
            talks = read_talks(settings.shop_folder / "tuning" / f"talks.{language}.txt", known)
            rows += watched(answerer, weigher, talks, language)
    best = unseen(rows)
    bar = lowest_bar(best)
    answered = [right for chance, right in best if chance >= bar]
    facts = {
        "talks": len({one.talk for one in rows}),
        "follow_ups": len(rows),
        "promised_wrong": PROMISED_WRONG,
        "unseen_answered": len(answered),
        "unseen_wrong": len(answered) - sum(answered),
    }
    fitted = Fitted.on(rows)
    written = as_json(fitted.centre, fitted.spread, fitted.weights, fitted.bias, bar, facts)
    out.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    say(f"{facts}; answered from {bar:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
