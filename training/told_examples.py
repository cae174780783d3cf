"""From small shops to examples of what an entry tells and what it does not.

Each shop is set up several times over, each time with other phrasings and without other entries.
Every question is put beside the entry that it is about and beside the entries that are most like
it: told by the one it was written for, by none of the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.entry import Entry
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from knowledge_base.told import ToldVectors
from training.progress import Progress
from training.written_shops import SmallShop

PHRASINGS = (1, 2, 3, 2)  # of each entry, in one setting up after another
LEFT_OUT = 1 / 8  # of the entries
HITS = 6
# How much an example counts. Wrong entries that are like a question are easily had, so they count
# less than what somebody has written.
TOLD, PHRASING, UNTOLD, LIKE_UNTOLD, OTHER = 1.0, 0.7, 1.0, 0.7, 0.5
OTHERS = 2  # wrong entries beside each question that one entry tells


@dataclass(frozen=True, slots=True)
class ToldExamples:
    """Questions beside phrasing and answer of an entry, in both spaces, centred.

    Attributes:
        first, second: (n, 3, dimensions); 0 in the second where one of the three has no place.
        both: which have a place in the second, (n,).
        told: whether the entry answers, (n,).
        weights: how much each counts, (n,).
        shops: number of the shop, (n,).
    """

    first: Vectors
    second: Vectors
    both: NDArray[np.bool_]
    told: NDArray[np.bool_]
    weights: Vectors
    shops: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReadExample:
    """A question beside phrasing and answer of an entry, as texts.

    Attributes:
        told: whether the entry answers.
        weight: how much it counts.
    """

    question: str
    phrasing: str
    answer: str
    told: bool
    weight: float


@dataclass(frozen=True, slots=True)
class _Question:
    """A question put to a shop.

    Attributes:
        about: position of the entry it is about; None where it is about none.
        told: whether that entry answers it.
    """

    text: str
    about: int | None
    told: bool
    weight: float


_Pair = tuple[str, int, bool, float]  # question, position of the entry, told, weight


def told_examples(
    shops: Sequence[SmallShop], encoder: Encoder, seed: int, progress: Progress
) -> ToldExamples:
    """Every example of some shops."""
    parts: list[ToldExamples] = []
    for number, shop in enumerate(shops):
        for at, phrasings in enumerate(PHRASINGS):
            chance = np.random.default_rng((seed, number, at))
            entries, asked = _set_up(shop, phrasings, chance)
            searcher = Searcher.of(entries, encoder, tells=False)
            parts.append(_examples(searcher, _pairs(searcher, asked), number))
        progress("shops", number + 1, len(shops))
    names = [field.name for field in fields(ToldExamples)]
    return ToldExamples(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def _set_up(
    shop: SmallShop, phrasings: int, chance: np.random.Generator
) -> tuple[list[Entry], list[_Question]]:
    """Some of the entries, each with its first phrasing and others, and what is asked."""
    away = set(
        chance.permutation(len(shop.entries))[: round(len(shop.entries) * LEFT_OUT)].tolist()
    )
    entries: list[Entry] = []
    asked = [_Question(text, None, False, OTHER) for text in shop.near]
    for number, written in enumerate(shop.entries):
        if number in away:
            asked += [_Question(text, None, False, OTHER) for text in written.told]
            continue
        plain, *others = written.entry.questions
        order = [plain, *(others[row] for row in chance.permutation(len(others)))]
        at = len(entries)
        entries.append(replace(written.entry, questions=tuple(order[:phrasings])))
        asked += [_Question(text, at, True, TOLD) for text in written.told]
        asked += [_Question(text, at, True, PHRASING) for text in order[phrasings:]]
        asked += [_Question(text, at, False, UNTOLD) for text in written.untold]
    return entries, asked


def _pairs(searcher: Searcher, asked: Sequence[_Question]) -> list[_Pair]:
    """Each question beside the entries that it is to be compared with."""
    results = searcher.search_batch([one.text for one in asked], k=HITS, exact=False)
    at_of = {entry.id: at for at, entry in enumerate(searcher.entries)}
    pairs: list[_Pair] = []
    for one, result in zip(asked, results, strict=True):
        like = [at_of[hit.entry.id] for hit in result.hits]
        if one.about is None:
            pairs.append((one.text, like[0], False, one.weight))
            continue
        pairs.append((one.text, one.about, one.told, one.weight))
        others = [at for at in like if at != one.about]
        if one.told:
            pairs += [(one.text, at, False, OTHER) for at in others[:OTHERS]]
        elif like[0] != one.about:
            pairs.append((one.text, like[0], False, LIKE_UNTOLD))
    return pairs


def read_examples(
    shops: Sequence[SmallShop], encoder: Encoder, seed: int, progress: Progress
) -> list[ReadExample]:
    """Examples as `told_examples` has them, as texts; of the first two of its settings up."""
    found: list[ReadExample] = []
    for number, shop in enumerate(shops):
        for at, phrasings in enumerate(PHRASINGS[:2]):
            chance = np.random.default_rng((seed, number, at))
            entries, asked = _set_up(shop, phrasings, chance)
            searcher = Searcher.of(entries, encoder, tells=False)
            pairs = _pairs(searcher, asked)
            for (text, entry, told, weight), (row, _) in zip(
                pairs, _seen(searcher, pairs), strict=True
            ):
                phrasing = searcher.phrasings[row].question
                found.append(ReadExample(text, phrasing, entries[entry].answer, told, weight))
        progress("shops", number + 1, len(shops))
    return found


def _seen(searcher: Searcher, pairs: Sequence[_Pair]) -> list[tuple[int, ToldVectors]]:
    """Of each pair the row of the entry's nearest phrasing, and the vectors of the search."""
    texts = list(dict.fromkeys(text for text, *_ in pairs))
    second = searcher.indexes.second
    spoken = [language_of(text) for text in texts]
    raw = searcher.encoder.encode_questions(texts)
    vectors = dict(zip(texts, searcher.indexes.centres.without(raw, spoken), strict=True))
    halves = {} if second is None else dict(zip(texts, second.of_questions(texts), strict=True))
    rows_of: defaultdict[int, list[int]] = defaultdict(list)
    for row, phrasing in enumerate(searcher.phrasings):
        rows_of[phrasing.entry].append(row)
    return [
        max(
            (
                (row, searcher.told_vectors(vectors[text], halves.get(text), row))
                for row in rows_of[at]
            ),
            key=lambda seen: _likeness(seen[1]),
        )
        for text, at, *_ in pairs
    ]


def _examples(searcher: Searcher, pairs: Sequence[_Pair], shop: int) -> ToldExamples:
    views = [view for _, view in _seen(searcher, pairs)]
    nothing = np.zeros_like(views[0].first)
    return ToldExamples(
        np.stack([one.first for one in views]),
        np.stack([nothing if one.second is None else one.second for one in views]),
        np.array([one.second is not None for one in views]),
        np.array([told for _, _, told, _ in pairs]),
        np.array([weight for *_, weight in pairs], dtype=np.float32),
        np.full(len(pairs), shop, dtype=np.int64),
    )


def _likeness(view: ToldVectors) -> float:
    """How near question and phrasing are."""
    spaces = [view.first] if view.second is None else [view.first, view.second]
    return float(np.mean([space[0] @ space[1] for space in spaces]))
