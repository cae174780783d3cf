"""The questions that a knowledge base asks itself, and what its search makes of them.

In each fold some phrasings are taken out and asked, and must come back to their own entry; some
entries are taken out whole, and their phrasings are questions that nobody has answered. The very
code that serves searches what is left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.answering.doubt import AMONG_FIRST, Leaning, Surroundings, entry_key
from bot.answering.intent_classifier import IntentClassifier, IntentGuess
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, Language, SearchResult
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from training.light_changes import lightly_changed
from training.progress import Progress
from training.woven_questions import named_questions, woven_questions

Query = tuple[str, "str | None", str, Language]  # text, wanted id, kind, language

SAMPLED = 400  # phrasings from which the distances between entries are told
LEAST_SAMPLED = 30  # of one language, for distances of its own
HITS = 10
FAR = ("outside", "woven", "named")  # kinds of questions that are not asked of this shop
WOVEN_ASKED, NAMED_ASKED = 60, 60  # in each fold
# A small knowledge base asks itself several times over, each time with other entries taken out,
# until about so many phrasings were asked; far questions only the first time.
ENOUGH_PHRASINGS, MOST_ROUNDS = 2_500, 3
LEAST_LEANING = 0.01
TYPICAL = Surroundings(0.4, 0.1, 0.85, 0.02)  # of e5-small, for a corpus of one entry


@dataclass(frozen=True, slots=True)
class Shares:
    """Which part of the questions is of which kind; the rest asks for an entry in new words.

    Attributes:
        light: a known phrasing, lightly changed.
        near: about the shop, but no entry answers it.
        far: about something else; two thirds of them hold a word of an entry.
    """

    light: float
    near: float
    far: float


@dataclass(frozen=True, slots=True)
class DoubtSettings:
    """What can be chosen.

    Attributes:
        promised_wrong: share of wrong answers among those given.
        expected: shares of the questions that probabilities are fitted for; see `Shares`.
        feared: the same for choosing the bar of answers, so that the promise holds where more is
            asked that nobody has answered.
        clarify_wrong: share of clarifications that may offer only wrong entries.
        write_from: least probability that one of the first three is right, to let a writer try.
        removed: share of the entries taken out whole in each fold.
        most_asked: phrasings asked at most in a round; the rest is left out at random.
        most_entries: entries looked at; a larger knowledge base is sampled.
    """

    seed: int = 1
    folds: int = 5
    promised_wrong: float = 0.05
    expected: Shares = Shares(light=0.3, near=0.1, far=0.1)
    feared: Shares = Shares(light=0.4, near=0.25, far=0.1)
    clarify_wrong: float = 0.3
    write_from: float = 0.3
    removed: float = 0.1
    most_asked: int = 4_000
    most_entries: int = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to a knowledge base, and what came back.

    Attributes:
        wanted: id of the entry that answers it, None when no entry does.
        around: distances of the knowledge base asked, where it is not the one that is fitted.
        leaning: of the best hit, by the phrasings that were left to it.
        kind: "light" (a known phrasing, lightly changed), "phrasing" (taken out), "entry" (taken
            out whole), "outside", "woven" (outside, around words of the entries) or "named" (a
            word of an entry beside a name that the shop has never mentioned).
    """

    text: str
    wanted: str | None
    kind: str
    language: Language
    result: SearchResult
    guess: IntentGuess | None = None
    around: Mapping[str, Surroundings] | None = None
    leaning: Leaning | None = None

    @property
    def right(self) -> bool:
        """Whether the best hit answers it."""
        hits = self.result.hits
        return bool(hits) and self.wanted is not None and hits[0].entry.id == self.wanted

    @property
    def among_first(self) -> bool:
        """Whether one of the first few does."""
        return any(hit.entry.id == self.wanted for hit in self.result.hits[:AMONG_FIRST])


def sampled_entries(entries: Sequence[Entry], settings: DoubtSettings) -> Sequence[Entry]:
    """All entries, or a sample of a very large knowledge base: it is indexed once for each fold."""
    ids = sorted({str(entry.id) for entry in entries})
    if len(ids) <= settings.most_entries:
        return entries
    chance = np.random.default_rng(settings.seed)
    kept = {ids[at] for at in chance.choice(len(ids), settings.most_entries, replace=False)}
    return [entry for entry in entries if entry.id in kept]


def self_questions(
    entries: Sequence[Entry],
    encoder: Encoder,
    outside: Sequence[str],
    settings: DoubtSettings,
    say: Progress,
    *,
    tells: bool,
) -> list[Asked]:
    """Put every question of every fold of every round to what the fold has left.

    Args:
        tells: let entries tell what they answer. With some of its phrasings taken out a knowledge
            base may, though it does not when it serves.
    """
    chance = np.random.default_rng(settings.seed)
    rounds = _rounds(entries)
    asked: list[Asked] = []
    for round_ in range(rounds):
        # Far questions are many in one round; it is the shop's own that a small one lacks.
        folds = _folds(entries, outside, settings, chance, far=round_ == 0)
        for fold, (rest, questions) in enumerate(folds):
            say("thresholds", round_ * settings.folds + fold, rounds * settings.folds)
            if rest and questions:
                asked += _answers(Searcher.of(rest, encoder, tells=tells), questions)
    say("thresholds", rounds * settings.folds, rounds * settings.folds)
    return asked


def _rounds(entries: Sequence[Entry]) -> int:
    """How often the entries are asked all over; once where no phrasing can be taken out."""
    phrasings = sum(len(entry.questions) for entry in entries if len(entry.questions) > 1)
    return min(max(round(ENOUGH_PHRASINGS / phrasings), 1), MOST_ROUNDS) if phrasings else 1


def _folds(
    entries: Sequence[Entry],
    outside: Sequence[str],
    settings: DoubtSettings,
    chance: np.random.Generator,
    *,
    far: bool,
) -> Iterator[tuple[list[Entry], list[Query]]]:
    """What each fold of a round has left, and the questions that are put to it.

    Args:
        far: ask questions of `FAR` kinds too.
    """
    ids = sorted({str(entry.id) for entry in entries})
    parts = round(1 / settings.removed)
    removed_in = dict(zip(ids, chance.permutation(len(ids)) % parts, strict=True))
    for fold in range(settings.folds):
        away = {one for one, at in removed_in.items() if at == fold}
        rest, taken = _without(entries, away, fold, settings.folds)
        questions = [
            *taken,
            *_light(rest, fold, settings.folds, chance),
            *[
                (question, None, "entry", entry.language)
                for entry in entries
                if entry.id in away
                for question in entry.questions
            ],
        ]
        if far:
            strange = outside[fold :: settings.folds]
            questions += [(text, None, "outside", language_of(text) or "en") for text in strange]
            questions += _far("woven", woven_questions(rest, WOVEN_ASKED, chance))
            questions += _far("named", named_questions(rest, NAMED_ASKED, chance))
        yield rest, _sampled(questions, settings.most_asked // settings.folds, chance)


def asked_of_one_phrasing(
    entries: Sequence[Entry],
    size: int,
    encoder: Encoder,
    outside: Sequence[str],
    chance: np.random.Generator,
    *,
    tells: bool,
) -> list[Asked]:
    """Draw entries with their first phrasing alone, and ask the others and those of other entries.

    Args:
        size: how many entries are drawn.
        tells: let entries tell what they answer.
    """
    order = chance.permutation(len(entries))
    drawn = [entries[at] for at in order[:size]]
    left = [entries[at] for at in order[size : 2 * size]]
    single = [replace(entry, questions=entry.questions[:1]) for entry in drawn]
    spoken = [text for text in outside if language_of(text) == entries[0].language]
    questions: list[Query] = [
        *[(q, str(one.id), "phrasing", one.language) for one in drawn for q in one.questions[1:]],
        *_light(single, 0, 1, chance),
        *[(q, None, "entry", one.language) for one in left for q in one.questions],
        *[(text, None, "outside", entries[0].language) for text in spoken],
    ]
    searcher = Searcher.of(single, encoder, tells=tells)
    around = surroundings_of(searcher, 1)
    return [replace(one, around=around) for one in _answers(searcher, questions)]


def _without(
    entries: Sequence[Entry], away: set[str], fold: int, folds: int
) -> tuple[list[Entry], list[Query]]:
    """The entries without those that are away and without this fold's phrasings; and these."""
    rest: list[Entry] = []
    taken: list[Query] = []
    for number, entry in enumerate(entries):
        if entry.id in away:
            continue
        out = [q for at, q in enumerate(entry.questions) if (at + number) % folds == fold]
        kept = tuple(q for q in entry.questions if q not in out)
        if not kept:
            rest.append(entry)
            continue
        rest.append(replace(entry, questions=kept))
        taken += [(question, str(entry.id), "phrasing", entry.language) for question in out]
    return rest, taken


def _light(
    entries: Sequence[Entry], fold: int, folds: int, chance: np.random.Generator
) -> list[Query]:
    """One lightly changed phrasing of each entry whose turn it is."""
    return [
        (
            lightly_changed(str(chance.choice(entry.questions)), entry.language, chance),
            str(entry.id),
            "light",
            entry.language,
        )
        for number, entry in enumerate(entries)
        if number % folds == fold
    ]


def _far(kind: str, texts: Sequence[tuple[str, Language]]) -> list[Query]:
    """Far questions that hold words of the entries."""
    return [(text, None, kind, language) for text, language in texts]


def _sampled(questions: list[Query], most: int, chance: np.random.Generator) -> list[Query]:
    if len(questions) <= most:
        return questions
    return [questions[at] for at in sorted(chance.choice(len(questions), most, replace=False))]


def _answers(searcher: Searcher, questions: Sequence[Query]) -> list[Asked]:
    """What a searcher finds; a question that still stands there word for word tells nothing."""
    results = searcher.search_batch([text for text, *_ in questions], k=HITS)
    return [
        Asked(text, wanted, kind, language, result)
        for (text, wanted, kind, language), result in zip(questions, results, strict=True)
        if not (result.hits and result.hits[0].exact)
    ]


def with_guesses(
    asked: Sequence[Asked],
    entries: Sequence[Entry],
    classifier: IntentClassifier,
    encoder: Encoder,
) -> tuple[list[Asked], dict[str, Leaning]]:
    """Add what the intent classifier thinks of each question and of the entry that it found.

    Args:
        entries: whole, with every phrasing.

    Returns:
        The questions, and the leanings of the entries.
    """
    phrasings = list(dict.fromkeys(q for entry in entries for q in entry.questions))
    likely = dict(
        zip(
            phrasings, (one.likely for one in _guesses(phrasings, classifier, encoder)), strict=True
        )
    )
    guesses = _guesses([one.text for one in asked], classifier, encoder)
    added = [
        replace(
            one,
            guess=guess,
            leaning=_leaning(one.result.hits[0].entry, likely) if one.result.hits else None,
        )
        for one, guess in zip(asked, guesses, strict=True)
    ]
    return added, {entry_key(entry): _leaning(entry, likely) for entry in entries}


def _guesses(
    texts: Sequence[str], classifier: IntentClassifier, encoder: Encoder
) -> list[IntentGuess]:
    return classifier.classify(texts, encoder.encode_questions(texts)) if texts else []


def _leaning(entry: Entry, likely: Mapping[str, Sequence[tuple[str, float]]]) -> Leaning:
    """Mean share of each intent over the phrasings of an entry; small ones are left out."""
    total: defaultdict[str, float] = defaultdict(float)
    for question in entry.questions:
        for intent, share in likely[question]:
            total[intent] += share / len(entry.questions)
    return {intent: round(share, 4) for intent, share in total.items() if share >= LEAST_LEANING}


def surroundings_of(searcher: Searcher, seed: int) -> dict[str, Surroundings]:
    """How near entries are to one another, over all of them and for each language."""
    if searcher.sees_told:
        # It only orders the first few anew, and nothing here looks at their order.
        parts = searcher.entries, searcher.indexes, searcher.encoder, searcher.version
        searcher = Searcher(*parts, tells=False)
    chance = np.random.default_rng(seed)
    phrasings = searcher.phrasings
    rows = chance.permutation(len(phrasings))[:SAMPLED]
    owners = [searcher.entries[phrasings[row].entry] for row in rows]
    results = searcher.search_batch([phrasings[row].question for row in rows], k=HITS, exact=False)
    near: list[tuple[float, float]] = []
    spoken: list[str] = []
    for owner, result in zip(owners, results, strict=True):
        others = [hit.likeness for hit in result.hits if hit.entry.id != owner.id]
        if others:
            near.append((max(others), result.familiarity or 0.0))
            spoken.append(owner.language)
    found = {"all": _distances(np.array(near).reshape(-1, 2))}
    for language in ("zh", "en"):
        own = np.array([one == language for one in spoken], bool)
        if own.sum() >= LEAST_SAMPLED:
            found[language] = _distances(np.array(near)[own])
    return found


def _distances(near: NDArray[np.float64]) -> Surroundings:
    if len(near) < 2:
        return TYPICAL
    (middle, familiar), spreads = near.mean(axis=0), np.maximum(near.std(axis=0), 0.01)
    return Surroundings(float(middle), float(spreads[0]), float(familiar), float(spreads[1]))
