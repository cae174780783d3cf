"""How much of a question an entry speaks about: the share of its words that the entry holds.

BM25 looks at one phrasing at a time. Here every phrasing of a fact and its answers count together,
so that a word which stands nowhere in them ("… to Macau?") tells that something else is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knowledge_base.lexical_index import LexicalIndex, Scores
from knowledge_base.vector_index import Ids

_NOWHERE = -1


class FactWords:
    """Which facts hold which word, in any phrasing or answer."""

    def __init__(
        self,
        facts: int,
        phrasings: tuple[LexicalIndex, Ids],
        answers: tuple[LexicalIndex, Ids],
    ) -> None:
        """Read what two indexes hold already.

        Args:
            facts: how many there are.
            phrasings: the index over the phrasings, and the fact of each.
            answers: the index over the answers, and the fact of each.
        """
        self._columns: dict[str, int] = {}
        pairs = [self._pairs(index, owners, facts) for index, owners in (phrasings, answers)]
        self._facts = max(facts, 1)
        self._pairs_held = np.unique(np.concatenate(pairs))
        columns = self._pairs_held // self._facts
        starts = np.searchsorted(columns, np.arange(len(self._columns) + 1))
        held = np.diff(starts)
        self._rarity = np.log1p((facts - held + 0.5) / (held + 0.5)).astype(np.float32)
        self._unknown = float(np.log1p(2 * facts + 1))

    def held(self, words: Sequence[str], facts: Ids) -> tuple[Scores, Scores]:
        """How much of the words, weighted by their rarity among facts, each fact holds.

        Args:
            words: of a question; repeated ones count once, and one that no fact holds as the
                rarest.
            facts: numbers of k facts.

        Returns:
            The share of all the words, in [0, 1], and the rarity of those that are held, in words
            that no fact holds, >= 0; each (k,).
        """
        once = dict.fromkeys(words)
        columns = np.array([self._columns.get(word, _NOWHERE) for word in once], dtype=np.int64)
        known = columns[columns != _NOWHERE]
        rarities = self._rarity[known]
        wanted = known[:, None] * self._facts + facts
        at = np.searchsorted(self._pairs_held, wanted)
        holds = self._pairs_held[np.minimum(at, len(self._pairs_held) - 1)] == wanted
        held = (rarities[:, None] * holds).sum(axis=0, dtype=np.float32)
        total = sum(rarities.tolist()) + self._unknown * (len(once) - len(known))
        return held / np.float32(max(total, 1e-6)), held / np.float32(self._unknown)

    def _pairs(self, index: LexicalIndex, owners: Ids, facts: int) -> Ids:
        """Every word of an index with every fact that holds it, as column x facts + fact."""
        words, counts, texts = index.holders()
        columns = [self._columns.setdefault(word, len(self._columns)) for word in words]
        return np.repeat(np.array(columns, dtype=np.int64), counts) * facts + owners[texts]
