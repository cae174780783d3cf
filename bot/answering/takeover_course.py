"""What is seen of a conversation to tell when a person should take over, as numbers.

Who speaks, how much, where, and how far it repeats what was said; how ordinary the utterance is
among other conversations; and what the answerer found about it. Tokens are compared and counted,
never read, and kept as hashes only. Training and serving use the very same code; what comes after
an utterance is never looked at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from bot.answering.takeover import (
    SAME_FROM,
    Understood,
    Utterance,
    in_a_row,
    overlap,
    strengths_of,
)

Floats = NDArray[np.float32]
Tokens = frozenset[Hashable]

LOOKED_AT = 13
"""Utterances at most, the last included: what a turn has of its conversation when it is served."""
LEAST_OFTEN = 2
"""What stands in fewer conversations counts as never heard: it might tell who somebody is."""
UNKNOWN = -1.0  # where there is nothing to look at

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "length": ("by_shopper", "earlier", "shopper_spoke", "bot_spoke"),
    "chasing": ("in_a_row", "speaker_1", "speaker_2", "speaker_3"),
    "said_again": (
        "like_own", "like_last_own", "same_as_own", "like_other", "like_last_other",
        "bot_repeated", "shopper_repeated", "like_1", "like_2", "known_share", "new_tokens",
    ),
    "wordy": (
        "length", "asked_length", "said_length", "mean_other_length", "mean_own_length",
        "length_1", "length_2", "length_3", "different_share",
    ),
    "unusual": ("heard_elsewhere", "mean_rarity", "most_rarity"),
    "off_the_point": ("own_in_asked", "asked_in_own", "earlier_asked_in_own",
                      "own_in_said", "said_in_own"),
    "wish": ("wish",),
    "anger": ("anger",),
    "displeasure": ("displeasure",),
    "urgency": ("urgency",),
    "failures": ("failures",),
    "doubt": ("doubt",),
}  # fmt: skip
GROUP_OF: Mapping[str, str] = {name: group for group, names in _GROUPS.items() for name in names}
UNDERSTOOD = ("wish", "anger", "displeasure", "urgency", "failures", "doubt")
COURSE = (
    "by_shopper", "length", "earlier", "shopper_spoke", "bot_spoke", "in_a_row",
    "like_own", "like_last_own", "same_as_own", "like_other", "like_last_other",
    "bot_repeated", "shopper_repeated", "asked_length", "said_length", "mean_other_length",
    "mean_own_length", "speaker_1", "speaker_2", "speaker_3", "length_1", "length_2", "length_3",
    "like_1", "like_2", "different_share",
    "heard_elsewhere", "mean_rarity", "most_rarity", "own_in_asked", "asked_in_own",
    "earlier_asked_in_own", "own_in_said", "said_in_own", "known_share", "new_tokens",
)  # fmt: skip
FEATURES = (*COURSE, *UNDERSTOOD)
"""Names of the numbers of `features_of`, in their order."""


@dataclass(frozen=True)
class Commonness:
    """In how many utterances tokens stand, and in how many conversations whole utterances.

    Attributes:
        tokens, utterances: by hash; only those of `LEAST_OFTEN` and more.
        size: utterances counted.
    """

    tokens: Mapping[int, int]
    utterances: Mapping[int, int]
    size: int

    @classmethod
    def of(cls, conversations: Iterable[Sequence[Utterance]]) -> Commonness:
        """Count; an utterance counts once a conversation."""
        tokens: Counter[int] = Counter()
        whole: Counter[int] = Counter()
        size = 0
        for said in conversations:
            whole.update({_hash_of(one) for one in said})
            for one in said:
                tokens.update({_hash(token) for token in one.tokens})
                size += 1
        often = {key: count for key, count in tokens.items() if count >= LEAST_OFTEN}
        known = {key: count for key, count in whole.items() if count >= LEAST_OFTEN}
        return cls(often, known, size)

    def rarity(self, token: Hashable) -> float:
        """Inverse document frequency."""
        return math.log((1 + self.size) / (1 + self.tokens.get(_hash(token), 0)))

    def elsewhere(self, one: Utterance, *, inside: bool) -> int:
        """In how many (other) conversations an utterance stands."""
        return max(0, self.utterances.get(_hash_of(one), 0) - inside)


@lru_cache(maxsize=50_000)
def _hash(token: Hashable) -> int:
    return int.from_bytes(blake2b(repr(token).encode(), digest_size=8).digest(), "little")


def _hash_of(one: Utterance) -> int:
    return _hash((one.by_shopper, one.tokens))


def features_of(
    said: Sequence[Utterance],
    commonness: Commonness,
    understood: Understood | None = None,
    *,
    inside: bool = False,
) -> Floats:
    """The numbers named in `FEATURES` for the last of these utterances, (len(FEATURES),).

    Args:
        said: oldest first, at least one; the last `LOOKED_AT` count.
        understood: what the answerer found about the last one, where it looked at it.
        inside: the conversation is one of those counted, so its own utterances do not count.
    """
    seen = said[-LOOKED_AT:]
    found = strengths_of(understood) if understood else {}
    told = [found.get(name, UNKNOWN) for name in UNDERSTOOD]
    row = [*_course(seen), *_against(seen, commonness, inside=inside), *told]
    return np.array(row, dtype=np.float32)


def _course(said: Sequence[Utterance]) -> list[float]:
    last, before = said[-1], said[:-1]
    own = [one for one in before if one.by_shopper == last.by_shopper]
    other = [one for one in before if one.by_shopper != last.by_shopper]
    to_own, to_other = _overlaps(last, own), _overlaps(last, other)
    back = [before[-k] if len(before) >= k else None for k in (1, 2, 3)]
    return [
        float(last.by_shopper),
        _log_length(last),
        len(before),
        sum(one.by_shopper for one in said),
        sum(not one.by_shopper for one in said),
        in_a_row(said),
        max(to_own, default=0.0),
        to_own[-1] if to_own else 0.0,
        sum(one.tokens == last.tokens for one in own),
        max(to_other, default=0.0),
        to_other[-1] if to_other else 0.0,
        *_repeated_so_far(said),
        _log_length(_latest(before, by_shopper=True)),
        _log_length(_latest(before, by_shopper=False)),
        _mean_log_length(other),
        _mean_log_length(own),
        *(float(one.by_shopper) if one else UNKNOWN for one in back),
        *(_log_length(one) if one else UNKNOWN for one in back),
        *(_overlaps(last, [one])[0] if one else UNKNOWN for one in back[:2]),
        len(set(last.tokens)) / max(1, len(last.tokens)),
    ]


def _against(said: Sequence[Utterance], commonness: Commonness, *, inside: bool) -> list[float]:
    last, before = said[-1], said[:-1]
    tokens: Tokens = _set_of(last)
    heard = frozenset[Hashable]().union(*map(_set_of, before))
    asked = [_set_of(one) for one in before if one.by_shopper][-2:]
    replied = [_set_of(one) for one in before if not one.by_shopper][-1:]
    newest = asked[-1] if asked else frozenset[Hashable]()
    older = asked[0] if len(asked) == 2 else frozenset[Hashable]()
    reply = replied[0] if replied else frozenset[Hashable]()
    rare = {token: commonness.rarity(token) for token in tokens | newest | older | reply}
    rarities = [rare[token] for token in tokens]

    def shared(part: Tokens, whole: Tokens) -> float:
        total = sum(rare[token] for token in part)
        return sum(rare[token] for token in part & whole) / total if total else 0.0

    return [
        math.log1p(commonness.elsewhere(last, inside=inside)),
        sum(rarities) / max(1, len(tokens)),
        max(rarities, default=0.0),
        shared(tokens, newest),
        shared(newest, tokens),
        shared(older, tokens),
        shared(tokens, reply),
        shared(reply, tokens),
        shared(tokens, heard),
        len(tokens - heard),
    ]


@lru_cache(maxsize=4_096)
def _set_of(one: Utterance) -> Tokens:
    """The different tokens; kept for a while, because each turn looks at its history again."""
    return frozenset(one.tokens)


def _overlaps(one: Utterance, others: Sequence[Utterance]) -> list[float]:
    tokens = _set_of(one)
    return [overlap(tokens, _set_of(other)) for other in others]


def _repeated_so_far(said: Sequence[Utterance]) -> tuple[float, float]:
    """How many utterances of the bot and of the shopper were nearly said before."""
    count = {True: 0, False: 0}
    for at, one in enumerate(said):
        own = [other for other in said[:at] if other.by_shopper == one.by_shopper]
        count[one.by_shopper] += max(_overlaps(one, own), default=0.0) > SAME_FROM
    return count[False], count[True]


def _latest(said: Sequence[Utterance], *, by_shopper: bool) -> Utterance | None:
    return next((one for one in reversed(said) if one.by_shopper == by_shopper), None)


def _log_length(one: Utterance | None) -> float:
    return math.log1p(len(one.tokens)) if one else -1.0


def _mean_log_length(some: Sequence[Utterance]) -> float:
    return math.log1p(sum(len(one.tokens) for one in some) / len(some)) if some else -1.0
