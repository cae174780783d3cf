"""What a model sees of a conversation to tell when a person should take over: structure alone.

Who speaks, how much, where, and how far it repeats what was said; and, against a corpus of other
conversations, how ordinary the utterance is. Tokens are compared and counted, never read. Row t
knows nothing of what comes after utterance t.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.takeover import SAME_FROM, Utterance, overlap

Floats = NDArray[np.float64]
Tokens = frozenset[Hashable]
LOOKS_BACK = 2  # rows before that are laid beside each row
_UNKNOWN = float("nan")


@dataclass(frozen=True)
class Corpus:
    """How often tokens and whole utterances stand in a set of conversations."""

    tokens: Counter[Hashable]
    utterances: Counter[tuple[bool, tuple[Hashable, ...]]]
    size: int

    @classmethod
    def of(cls, conversations: Sequence[Sequence[Utterance]]) -> Corpus:
        """Count; an utterance counts once a conversation."""
        tokens: Counter[Hashable] = Counter()
        utterances: Counter[tuple[bool, tuple[Hashable, ...]]] = Counter()
        for said in conversations:
            for one in said:
                tokens.update(set(one.tokens))
            utterances.update({(one.by_shopper, one.tokens) for one in said})
        return cls(tokens, utterances, sum(map(len, conversations)))

    def rarity(self, token: Hashable) -> float:
        """Inverse document frequency."""
        return math.log((1 + self.size) / (1 + self.tokens[token]))


def features_of(said: Sequence[Utterance], corpus: Corpus, *, inside: bool) -> Floats:
    """One row for each utterance, (n, features); nan where there is nothing to look at.

    Args:
        inside: the conversation is part of the corpus, so its own utterances do not count.
    """
    course = np.array([_course(said, at) for at in range(len(said))])
    against = np.array(_against(said, corpus, inside=inside))
    rows = np.hstack([course, against])
    laid = [rows]
    for back in range(1, LOOKS_BACK + 1):
        before = np.full_like(rows, _UNKNOWN)
        before[back:] = rows[:-back]
        laid.append(before)
    return np.hstack(laid)


def _course(said: Sequence[Utterance], at: int) -> list[float]:
    last, before = said[at], said[:at]
    own = [one for one in before if one.by_shopper == last.by_shopper]
    other = [one for one in before if one.by_shopper != last.by_shopper]
    to_own, to_other = _overlaps(last, own), _overlaps(last, other)
    return [
        float(last.by_shopper),
        _log_length(last),
        at,
        sum(one.by_shopper for one in said[: at + 1]),
        sum(not one.by_shopper for one in said[: at + 1]),
        _in_a_row(said, at),
        max(to_own, default=0.0),
        to_own[-1] if to_own else 0.0,
        sum(one.tokens == last.tokens for one in own),
        max(to_other, default=0.0),
        to_other[-1] if to_other else 0.0,
        *_repeated_so_far(said[: at + 1]),
        _log_length(_latest(before, by_shopper=True)),
        _log_length(_latest(before, by_shopper=False)),
        _mean_log_length(other),
        _mean_log_length(own),
        *(float(said[at - k].by_shopper) if at >= k else _UNKNOWN for k in (1, 2, 3)),
        *(_log_length(said[at - k]) if at >= k else _UNKNOWN for k in (1, 2, 3)),
        *(_overlaps(last, [said[at - k]])[0] if at >= k else _UNKNOWN for k in (1, 2)),
        len(set(last.tokens)) / max(1, len(last.tokens)),
    ]


def _against(said: Sequence[Utterance], corpus: Corpus, *, inside: bool) -> list[list[float]]:
    rows, heard = [], set[Hashable]()
    asked, asked_before, replied = (
        frozenset[Hashable](),
        frozenset[Hashable](),
        frozenset[Hashable](),
    )
    for one in said:
        tokens: Tokens = frozenset(one.tokens)
        weight = sum(map(corpus.rarity, tokens))
        elsewhere = corpus.utterances[(one.by_shopper, one.tokens)] - inside
        rows.append(
            [
                math.log1p(max(elsewhere, 0)),
                weight / max(1, len(tokens)),
                max(map(corpus.rarity, tokens), default=0.0),
                _shared(tokens, asked, corpus, weight),
                _shared(asked, tokens, corpus),
                _shared(asked_before, tokens, corpus),
                _shared(tokens, replied, corpus, weight),
                _shared(replied, tokens, corpus),
                _shared(tokens, frozenset(heard), corpus, weight),
                len(tokens - heard),
            ]
        )
        heard |= tokens
        if one.by_shopper:
            asked_before, asked = asked, tokens
        else:
            replied = tokens
    return rows


def _shared(part: Tokens, whole: Tokens, corpus: Corpus, weight: float | None = None) -> float:
    """Share of the weight of `part` that `whole` holds too."""
    total = sum(map(corpus.rarity, part)) if weight is None else weight
    return sum(map(corpus.rarity, part & whole)) / total if total else 0.0


def _overlaps(one: Utterance, others: Sequence[Utterance]) -> list[float]:
    tokens = frozenset(one.tokens)
    return [overlap(tokens, frozenset(other.tokens)) for other in others]


def _repeated_so_far(said: Sequence[Utterance]) -> tuple[float, float]:
    """How many utterances of the bot and of the shopper were nearly said before."""
    count = {True: 0, False: 0}
    for at, one in enumerate(said):
        own = [other for other in said[:at] if other.by_shopper == one.by_shopper]
        count[one.by_shopper] += max(_overlaps(one, own), default=0.0) > SAME_FROM
    return count[False], count[True]


def _in_a_row(said: Sequence[Utterance], at: int) -> int:
    start = at
    while start and said[start - 1].by_shopper == said[at].by_shopper:
        start -= 1
    return at - start + 1


def _latest(said: Sequence[Utterance], *, by_shopper: bool) -> Utterance | None:
    return next((one for one in reversed(said) if one.by_shopper == by_shopper), None)


def _log_length(one: Utterance | None) -> float:
    return math.log1p(len(one.tokens)) if one else -1.0


def _mean_log_length(some: Sequence[Utterance]) -> float:
    return math.log1p(sum(len(one.tokens) for one in some) / len(some)) if some else -1.0
