"""Fits the weights of follow-ups on whole talks: python -m training.weigh_follow_ups OUT.json.

    python -m training.weigh_follow_ups bot/answering/follow_up_weights.json

Plays `tuning/talks.LANGUAGE.txt` of the shop with what the settings serve, each message behind the
answers that were really given, and learns which of the entries that a follow-up may mean is right.
The bar comes from talks that were not learnt from (cross-validation by talk): of all that is
answered in talks from entries and orders, whole questions too, the promised share may be wrong. It
is one for all languages: in the talks of one the share jumps so that it says little. A minute.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.answering.answer import Answerer, Decision, Language, Source
from bot.answering.answerer import ShopAnswerer
from bot.answering.follow_up import leans, length_in_words
from bot.answering.parts import Candidate, Turn
from bot.answering.weighing import INPUTS, FittedWeigher, shipped_weigher
from bot.settings import load_settings
from bot.shell.output import say
from training.measured_talks import Grade, grade_of, played, reply_of
from training.metrics import clopper_pearson
from training.talks import Said, Talk, read_talks

Floats = NDArray[np.float64]

FOLDS, SEEDS, COST = 10, (1, 2, 3, 4, 5), 0.3
# Of all that is answered in talks from entries and orders.
PROMISED_WRONG = 0.05
# Attempts that say what the weigher found, or have nothing to say because it found nothing.
WEIGHED_RULES = frozenset({"told_before", "known_answer", "clarification", "give_up"})


@dataclass
class WatchedWeigher:
    """Weighs as the shipped one, and remembers what it weighed: every short message.

    Attributes:
        alone_from: how sure a message must be by itself to be answered, by language.
    """

    answer_from: float
    alone_from: Mapping[Language, float]
    seen: list[tuple[Turn, Sequence[Candidate]]] = field(default_factory=list)

    def enough_alone(self, words: float, *, leaning: bool) -> float:
        """See Weigher; none is, so that all are seen."""
        return math.inf

    def chances(self, turn: Turn, candidates: Sequence[Candidate]) -> Sequence[float]:
        """See Weigher."""
        self.seen.append((turn, candidates))
        return shipped_weigher().chances(turn, candidates)


@dataclass(frozen=True)
class Weighed:
    """One follow-up: the inputs of what it may mean, (candidates, inputs), and which are right.

    Attributes:
        decides: what is said to it depends on that.
    """

    language: Language
    talk: str
    inputs: Floats
    right: NDArray[np.bool_]
    decides: bool

    @property
    def alone(self) -> Floats:
        """How sure the message by itself is of each candidate, as log odds."""
        return self.inputs[:, INPUTS.index("alone")]


@dataclass
class Beside:
    """What else was answered from entries and orders in the talks of a language."""

    answered: int = 0
    wrong: int = 0


@dataclass
class Watched:
    """Every follow-up that was weighed, and what else was answered, by language."""

    follow_ups: list[Weighed] = field(default_factory=list)
    beside: dict[Language, Beside] = field(default_factory=dict)


def watch(
    answerer: Answerer,
    weigher: WatchedWeigher,
    talks: Sequence[Talk],
    language: Language,
    answers: Mapping[str, str],
) -> Watched:
    """Play talks, and see what was weighed and what was answered without.

    Args:
        answers: what each entry says in that language.
    """
    seen, beside = Watched(), Beside()
    seen.beside[language] = beside
    for talk in talks:
        for said, answer in zip(talk.said, played(answerer, talk, language), strict=True):
            wrong = grade_of(said, reply_of(said, answer, answers)) is Grade.WRONG
            told = answer.decision is Decision.ANSWER and answer.source is not Source.SAID
            for turn, candidates in weigher.seen:
                name = f"{language} {talk.name}"
                one = _weighed(language, name, said, candidates, answer.trace.rule in WEIGHED_RULES)
                if one.decides and _stands_alone(turn, one):
                    wrong = not one.right[one.alone.argmax()]
                    told = bool(one.alone.max() >= _log_odds(weigher.alone_from[language]))
                    one = replace(one, decides=False)
                told = told and not one.decides
                seen.follow_ups.append(one)
            weigher.seen.clear()
            beside.answered += told
            beside.wrong += told and bool(wrong)
    return seen


def _weighed(
    language: Language, talk: str, said: Said, candidates: Sequence[Candidate], decides: bool
) -> Weighed:
    right = np.array([one.hit.entry.id in said.entries for one in candidates])
    return Weighed(language, talk, np.array([one.inputs for one in candidates]), right, decides)


def _stands_alone(turn: Turn, weighed: Weighed) -> bool:
    """Tell whether a message is not weighed while serving."""
    leaning = leans(turn.text, turn.asked, pointed=turn.is_spelt_out)
    words = length_in_words(turn.asked)
    enough = shipped_weigher().enough_alone(words, leaning=leaning)
    return bool(weighed.alone.max() >= _log_odds(enough))


def _log_odds(chance: float) -> float:
    """Of a probability; below 0 and above 1 of those that nothing or everything reaches."""
    if not 0.0 < chance < 1.0:
        return math.copysign(math.inf, chance - 0.5)
    return math.log(chance / (1.0 - chance))


def fit(rows: Sequence[Weighed], answer_from: float = 1.0) -> FittedWeigher:
    """Fit a conditional logit: of each message one candidate is meant, or none of them is.

    The weights are held small. Where several entries are right, any of them is.
    """
    inputs = np.concatenate([one.inputs for one in rows])
    centre, spread = inputs.mean(axis=0), inputs.std(axis=0) + 1e-9
    known = np.hstack([(inputs - centre) / spread, np.ones((len(inputs), 1))])
    right = np.concatenate([one.right for one in rows])
    starts = np.cumsum([0, *(len(one.right) for one in rows[:-1])])
    of = np.repeat(np.arange(len(rows)), [len(one.right) for one in rows])
    none = ~np.logical_or.reduceat(right, starts)

    def loss(weights: Floats) -> tuple[float, Floats]:
        worth = known @ weights
        most = np.maximum(np.maximum.reduceat(worth, starts), 0.0)
        each, nothing = np.exp(worth - most[of]), np.exp(-most)
        whole = np.add.reduceat(each, starts) + nothing
        meant = np.add.reduceat(each * right, starts) + nothing * none
        held = np.append(weights[:-1], 0.0) / COST
        value = (np.log(whole) - np.log(meant)).sum() + weights @ held / 2
        too_likely = each / whole[of] - each * right / meant[of]
        return float(value), too_likely @ known + held

    found = minimize(loss, np.zeros(known.shape[1]), jac=True, method="L-BFGS-B").x
    return FittedWeigher(centre, spread, found[:-1], float(found[-1]), answer_from)


def unseen(rows: Sequence[Weighed], seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """How likely the likeliest of each follow-up is, and whether it is right, (n,) each.

    By models that did not see its talk.
    """
    talks = sorted({one.talk for one in rows})
    order = np.random.default_rng(seed).permutation(len(talks))
    fold_of = {talks[at]: place % FOLDS for place, at in enumerate(order)}
    models = [fit([one for one in rows if fold_of[one.talk] != fold]) for fold in range(FOLDS)]
    chances = [models[fold_of[one.talk]].of(one.inputs) for one in rows]
    best = [int(each.argmax()) for each in chances]
    likeliest = np.array([each[at] for each, at in zip(chances, best, strict=True)])
    return likeliest, np.array([one.right[at] for one, at in zip(rows, best, strict=True)])


def lowest_bar(chances: Floats, right: NDArray[np.bool_], beside: Beside) -> float:
    """The least probability above which the promise holds, what is answered beside included.

    Args:
        chances, right: of the follow-ups whose answer depends on it, by models that were fitted on
            other talks, (seeds, n); all divisions count alike.
    """
    order = np.argsort(-chances, axis=None, kind="stable")
    answered = beside.answered + np.arange(1, len(order) + 1) / len(chances)
    wrong = beside.wrong + np.cumsum(~right.reshape(-1)[order]) / len(chances)
    keeps = np.flatnonzero(wrong <= PROMISED_WRONG * answered)
    return float(chances.reshape(-1)[order[keeps[-1]]]) if len(keeps) else 1.0


def wrong_above(
    bar: float, chances: Floats, right: NDArray[np.bool_], beside: Beside
) -> dict[str, float]:
    """What is answered above a bar, and how much of it is wrong, with a 95 % interval."""
    above = chances >= bar
    answered = beside.answered + float(above.sum()) / len(chances)
    wrong = beside.wrong + float((above & ~right).sum()) / len(chances)
    low, high = clopper_pearson(round(wrong), round(answered))
    return {
        "answered": round(answered),
        "wrong": round(wrong, 1),
        "share": round(wrong / answered, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def watched_talks() -> Watched:
    """Play the shop's talks for tuning with what the settings serve."""
    from bot.assemble.brain import assemble_brain
    from bot.settings import OFF

    settings = load_settings(None).model_copy(update={"generator": OFF})
    watched = Watched()
    with closing(assemble_brain(settings)) as brain:
        parts = brain.answerer.parts
        alone_from = {one: parts.judge.thresholds(one)["answer"] for one in get_args(Language)}
        weigher = WatchedWeigher(shipped_weigher().answer_from, alone_from)
        answerer = ShopAnswerer(replace(parts, weigher=weigher))
        entries = brain.knowledge.current.entries
        for language in get_args(Language):
            answers = {str(one.id): one.answer for one in entries if one.language == language}
            file = settings.shop_folder / "tuning" / f"talks.{language}.txt"
            seen = watch(answerer, weigher, read_talks(file, answers), language, answers)
            watched.follow_ups += seen.follow_ups
            watched.beside |= seen.beside
    return watched


def main(out: Path) -> None:
    """Fit, say what came of it, and write the weights."""
    watched = watched_talks()
    rows = watched.follow_ups
    played_apart = [unseen(rows, seed) for seed in SEEDS]
    chances, right = (np.array(each) for each in zip(*played_apart, strict=True))
    decides = np.array([one.decides for one in rows])
    each = watched.beside.values()
    beside = Beside(sum(one.answered for one in each), sum(one.wrong for one in each))
    bar = lowest_bar(chances[:, decides], right[:, decides], beside)
    spoken = np.array([one.language for one in rows])
    facts = {
        "talks": len({one.talk for one in rows}),
        "follow_ups": len(rows),
        "promised_wrong": PROMISED_WRONG,
        "unseen": {
            language: wrong_above(bar, chances[:, at], right[:, at], beside)
            for language, beside in watched.beside.items()
            for at in (decides & (spoken == language),)
        },
    }
    fitted = fit(rows, bar)
    out.write_text(json.dumps(fitted.as_json(facts), indent=1) + "\n", encoding="utf-8")
    say(f"{facts}; answered from {bar:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
