"""What the knowledge base is made of: entries, and hits on them.

Knows nothing of files, models or indexes; every other module of this package imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType

EntryId = NewType("EntryId", str)
VersionId = NewType("VersionId", str)
Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One known answer with every phrasing that asks for it, in one language.

    Attributes:
        id: the shop's own id; the same id in two languages is the same fact.
        questions: at least one phrasing, as the shop wrote it.
        answer: the text that is sent verbatim.
        language: language of the answer.
        category: free text of the shop, may be empty.
        source: name of the corpus it came from (a file name), for the admin.
        learnt: those of the questions that came from old chats and not from the corpus; they stay
            when it is imported again.
    """

    id: EntryId
    questions: tuple[str, ...]
    answer: str
    language: Language
    category: str = ""
    source: str = ""
    learnt: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that it says: its phrasings, then its answer."""
        return (*self.questions, self.answer)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one row of an imported file.

    Attributes:
        row: counts from 1 as a spreadsheet does; 0 when the whole file is meant.
        column: name of the column, empty when the whole row is meant.
        code: what is wrong, in one word for programs.
        message: what is wrong and what to do, in words.
        severity: a row with an "error" is not imported; one with a "warning" is.
        message_zh: the message in Chinese; empty where only a shell shows it.
    """

    row: int
    column: str
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"
    message_zh: str = ""

    @property
    def both(self) -> dict[str, str]:
        """The message in both languages, as a page gets it."""
        return {"zh": self.message_zh or self.message, "en": self.message}


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry found for a question, best phrasing first.

    Attributes:
        entry: the entry.
        question: the phrasing of it that matched best.
        score: fused score in [0, 1] that the hits are sorted by; not a probability. Where entries
            have few phrasings, the first few hits are read (`knowledge_base.reader`), which counts.
        similarity: cosine of the question and the best phrasing, in [-1, 1].
        lexical: BM25 score of the best phrasing, >= 0; 0 when no word is shared.
        exact: the question is one of the phrasings after normalisation.
        likeness: how alike question and entry are in meaning and words, in [0, 1], whatever the
            other entries are; the score where nothing was learnt from the entries.
        chance: of this entry, by what was learnt from all of them, if one of them is meant; None
            where nothing was learnt.
        words: share of the question's words, by rarity, that any phrasing or answer of the entry
            holds, in [0, 1].
        evidence: how rare the words are, taken together, that question and entry share; 1 is a
            word that no entry holds.
        told: how far the entry answers the question, rather than being about the same thing, as a
            logarithm of odds (`knowledge_base.told`); None where it is not known, as of all hits
            but the first.
    """

    entry: Entry
    question: str
    score: float
    similarity: float
    lexical: float
    exact: bool = False
    likeness: float = 0.0
    chance: float | None = None
    words: float = 0.0
    evidence: float = 0.0
    told: float | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What one search found, with what is needed to doubt it and to explain it.

    Attributes:
        hits: at most k, sorted by falling score, each entry at most once.
        version: the knowledge-base version that was searched.
        encoder: name and digest of the encoder that made the vectors.
        seconds: wall seconds per step ("exact", "encode", "dense", "lexical", "fuse").
        familiarity: cosine of the question with the mean of all phrasings of its language; None
            when no model was asked.
    """

    hits: tuple[Hit, ...]
    version: VersionId
    encoder: str
    seconds: dict[str, float]
    familiarity: float | None = None
