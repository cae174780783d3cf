"""Whether what was found is good enough: the only place that decides it.

From what a search found (and what the intent classifier thinks) to the calibrated probability
that the best entry answers the question, and from there to a verdict. The numbers are fitted by
`training/choose_thresholds.py` for one shop; until that has run, those shipped here are used,
which were fitted on the demo shop.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentGuess
from bot.answering.trained_folder import ENCODER_DIGEST, REPAIR, read_trained, write_trained
from knowledge_base.entry import Entry, Language, SearchResult
from knowledge_base.errors import ModelFolderRefused

KIND = "doubt-5"
# What is shipped for knowledge bases that do not tell `Hit.told`, and for those that do.
PRIOR, PRIOR_TOLD = "doubt_prior.json", "doubt_prior_told.json"
# A published question, typed as published. Not 1: the shop may have published it under two answers.
EXACT_CONFIDENCE = 0.995
INPUTS = (
    "likeness",
    "gap",
    "gap_to_third",
    "familiarity",
    "outside",
    "chance",
    "words",
    "agreement",
    "evidence",
    "told",
)
# "own": it is asked of this shop at all; the others are fitted on what is.
OUTCOMES = ("own", "right", "among_first")
AMONG_FIRST = 3  # as many as a clarification offers
# A question as like as this to a phrase that the shop itself calls out of scope is asked back. Two
# of the demo shop's 3,895 phrasings are so like one.
LIKE_A_STRANGE_PHRASE = 0.55
# The odds of an entry over those of an intent from which it is told rather than done.
RATHER_TOLD = 2.0
NO_AGREEMENT = 0.001  # an intent that no phrasing of an entry has still has this share of it
Leaning = Mapping[str, float]  # intent -> share of an entry's phrasings that ask for it

Fitted = TypeVar("Fitted")


class Verdict(Enum):
    """What may be done with what was found."""

    ANSWER = auto()  # say the best entry
    CLARIFY = auto()  # ask which of the first few is meant
    WRITE = auto()  # the entries may hold the answer; a writer may try
    ESCALATE = auto()  # a person must look


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure the best entry is.

    Attributes:
        confidence: calibrated probability that the best entry answers the question.
        among_first: the same that one of the first three does.
        inputs: what it was told from, by the names of `INPUTS`.
    """

    verdict: Verdict
    confidence: float
    among_first: float
    inputs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least probabilities for one language.

    Attributes:
        answer: of the best entry, to say it.
        clarify: of the first three, to ask which.
        write: of the first three, to let a writer try.
        intent: of an intent, to act on it.
        promised_wrong: share of wrong answers among those given that was aimed at.
        low, high: 95 % interval of that share where it was fitted; 0 and 1 when unknown.
    """

    answer: float
    clarify: float
    write: float
    intent: float
    promised_wrong: float = 0.05
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How near entries are to one another in a knowledge base: what a score means in it.

    Attributes:
        middle: mean likeness of the nearest other entry, asked with a phrasing of the shop's own.
        spread: standard deviation of that.
        familiarity: mean cosine of a phrasing with the mean of all.
        familiarity_spread: standard deviation of that.
    """

    middle: float
    spread: float
    familiarity: float
    familiarity_spread: float


class Doubt:
    """The fitted numbers, ready to judge. `load` reads a folder, `shipped` those of the demo shop.

    Attributes:
        version: digest of the folder, or "shipped".
        facts: what it was fitted on and the figures reached there, JSON values.
        leanings: what each entry is asked for, by `entry_key`; those published since it was fitted
            have none, which counts as unknown.
    """

    def __init__(
        self,
        calibrations: Mapping[str, Calibration],
        chosen: Mapping[str, Thresholds],
        surroundings: Mapping[str, Surroundings],
        facts: Mapping[str, Any],
        version: str = "",
        leanings: Mapping[str, Leaning] | None = None,
    ) -> None:
        self.version = version
        self.facts = dict(facts)
        self.leanings = dict(leanings or {})
        self.calibrations = dict(calibrations)
        self.chosen = dict(chosen)
        self.surroundings = dict(surroundings)

    def judge(
        self, result: SearchResult, guess: IntentGuess | None, language: Language
    ) -> Judgement:
        """Tell how sure the best hit is, and what may be done with what was found."""
        if not result.hits:
            return Judgement(Verdict.ESCALATE, 0.0, 0.0)
        if result.hits[0].exact:
            return Judgement(Verdict.ANSWER, EXACT_CONFIDENCE, EXACT_CONFIDENCE)
        leaning = self.leanings.get(entry_key(result.hits[0].entry))
        inputs = inputs_of(result, guess, _for(self.surroundings, language), leaning)
        chances = _for(self.calibrations, language).probabilities(inputs[None, :])
        right, among = joined(chances)[0].tolist()
        limits, hits = _for(self.chosen, language), len(result.hits)
        verdict = _verdict(right, among, limits, hits, answers=not _is_called_strange(guess))
        told = zip(INPUTS, inputs.tolist(), strict=True)
        seen = {name: value for name, value in told if math.isfinite(value)}
        return Judgement(verdict, right, among, seen)

    def thresholds(self, language: Language) -> dict[str, float]:
        """The thresholds in force, by name, for the trace."""
        chosen = _for(self.chosen, language)
        names = ("answer", "clarify", "write", "intent")
        return {name: float(getattr(chosen, name)) for name in names}

    def sure_of_intent(self, guess: IntentGuess, language: Language) -> bool:
        """Tell whether an intent is sure enough to act on."""
        return guess.confidence >= _for(self.chosen, language).intent

    def save(self, folder: Path, encoder_digest: str) -> None:
        """Write everything as `folder`, in one step."""
        content = json.dumps(self.as_json(), ensure_ascii=False, indent=1).encode()
        facts = {ENCODER_DIGEST: encoder_digest}
        write_trained(folder, KIND, {"doubt.json": content}, facts=facts, made_from=self.facts)

    @classmethod
    def load(cls, folder: Path, encoder_digest: str) -> Doubt:
        """Read a folder that `save` wrote.

        Raises:
            ModelFolderRefused: missing, altered or for another encoder; says how to repair it.
        """
        trained = read_trained(folder, KIND, encoder_digest)
        try:
            return cls.from_json(json.loads(trained.files["doubt.json"]), trained.digest)
        except (KeyError, ValueError, TypeError) as error:
            raise ModelFolderRefused(f"{folder} is not whole ({error}). Please {REPAIR}") from error

    @classmethod
    def shipped(cls, *, sees_told: bool = False) -> Doubt:
        """The numbers in this package, for a shop that has not been trained for yet.

        Args:
            sees_told: see `knowledge_base.search.Searcher`.
        """
        name = PRIOR_TOLD if sees_told else PRIOR
        text = files(__package__).joinpath(name).read_text(encoding="utf-8")
        return cls.from_json(json.loads(text), "shipped")

    def as_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes an equal one."""
        return {
            "inputs": list(INPUTS),
            "calibrations": {key: one.as_json() for key, one in self.calibrations.items()},
            "thresholds": {key: _fields(one) for key, one in self.chosen.items()},
            "surroundings": {key: _fields(one) for key, one in self.surroundings.items()},
            "leanings": {key: dict(one) for key, one in self.leanings.items()},
            "facts": self.facts,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any], version: str) -> Doubt:
        """Read what `as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        if tuple(written["inputs"]) != INPUTS:
            raise ValueError("it was fitted on other inputs")
        return cls(
            {
                key: Calibration.from_json(one, len(INPUTS), len(OUTCOMES))
                for key, one in written["calibrations"].items()
            },
            {key: Thresholds(**one) for key, one in written["thresholds"].items()},
            {key: Surroundings(**one) for key, one in written["surroundings"].items()},
            written["facts"],
            version,
            {
                str(key): {str(intent): float(share) for intent, share in one.items()}
                for key, one in written["leanings"].items()
            },
        )


def is_likelier_than_not(judgement: Judgement) -> bool:
    """Tell whether the best entry is more likely right than not; too little to say it unasked."""
    return judgement.confidence > 0.5


def is_rather_told(judgement: Judgement, guess: IntentGuess) -> bool:
    """Tell whether a sure intent is done less likely right than the best entry is said.

    An entry has to be this much surer, because its phrasings may ask for the very thing that is
    done; figures in docs/decisions/0005.
    """
    told, done = judgement.confidence, guess.confidence
    return told * (1.0 - done) >= RATHER_TOLD * done * (1.0 - told)


def joined(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that the first hit is right, and that one of the first three is, (n, 2).

    What is asked elsewhere and what is asked of this shop in other words look different; one
    logistic model for both gives away what tells the first.

    Args:
        chances: of `OUTCOMES`, (n, 3).
    """
    own, right, among = chances.T
    return np.array([own * right, own * np.maximum(right, among)]).T


def entry_key(entry: Entry) -> str:
    """Under which the leaning of an entry is kept."""
    return f"{entry.language} {entry.id}"


def inputs_of(
    result: SearchResult,
    guess: IntentGuess | None,
    around: Surroundings,
    leaning: Leaning | None = None,
) -> NDArray[np.float64]:
    """What doubt looks at, in the order of `INPUTS`; nan where it is unknown.

    Scores count in spreads of this knowledge base, so that the same number means the same in
    another shop and with another encoder.

    Args:
        leaning: of the best hit.
    """
    best = result.hits[0]
    scores = [hit.score for hit in result.hits[:3]]
    missing = around.middle - 2 * around.spread
    top, second, third = (*scores, *(min(missing, scores[-1]) for _ in range(3 - len(scores))))
    familiar = np.nan if result.familiarity is None else result.familiarity
    return np.array(
        [
            (best.likeness - around.middle) / around.spread,
            (top - second) / around.spread,
            (top - third) / around.spread,
            (familiar - around.familiarity) / around.familiarity_spread,
            np.nan if guess is None else _log_odds(guess.out_of_scope),
            np.nan if best.chance is None else _log_odds(best.chance),
            best.words,
            _agreement(guess, leaning),
            best.evidence,
            np.nan if best.told is None else best.told,
        ]
    )


def _agreement(guess: IntentGuess | None, leaning: Leaning | None) -> float:
    """How far the intents of a question are those of an entry, as a logarithm; nan if unknown."""
    if guess is None or leaning is None:
        return np.nan
    shared = sum(share * leaning.get(intent, 0.0) for intent, share in guess.likely)
    return float(np.log(NO_AGREEMENT + shared))


def _log_odds(chance: float) -> float:
    kept = min(max(chance, 0.001), 0.999)
    return float(np.log(kept / (1.0 - kept)))


def _is_called_strange(guess: IntentGuess | None) -> bool:
    """Whether what is most like a question is a phrase that the shop calls out of scope.

    "The exchange rate of the euro" shares its words with an entry about foreign currency.
    """
    if guess is None or not guess.nearest:
        return False
    nearest = guess.nearest[0]
    return nearest.intent == OUT_OF_SCOPE and nearest.similarity >= LIKE_A_STRANGE_PHRASE


def _verdict(
    right: float, among: float, limits: Thresholds, hits: int, *, answers: bool
) -> Verdict:
    if right >= limits.answer and answers:
        return Verdict.ANSWER
    if among >= limits.clarify and hits > 1:
        return Verdict.CLARIFY
    return Verdict.WRITE if among >= limits.write else Verdict.ESCALATE


def _for(by_language: Mapping[str, Fitted], language: str) -> Fitted:
    """What was fitted for a language, else for all of them together."""
    return by_language[language] if language in by_language else by_language["all"]


def _fields(one: Thresholds | Surroundings) -> dict[str, float]:
    return {name: float(getattr(one, name)) for name in one.__slots__}
