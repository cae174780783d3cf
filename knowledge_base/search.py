"""Finds the entries that answer a question: exact first, then meaning and words together.

A `Searcher` is one version of the knowledge base in memory. It never changes, so any number of
threads may search it at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import first_of, second_of
from knowledge_base.entry import Entry, EntryId, Hit, Language, SearchResult, VersionId
from knowledge_base.fact_words import FactWords
from knowledge_base.facts import Facts
from knowledge_base.fusion import fused, pooled, with_chances
from knowledge_base.indexes import Indexes, indexes_of
from knowledge_base.lexical_index import MAX_QUERY_WORDS, Scores
from knowledge_base.phrasings import (
    Phrasing,
    Progress,
    encode_entries,
    exact_table,
    phrasings_of,
    spaced_table,
)
from knowledge_base.products import products
from knowledge_base.question_key import joined_key, question_key
from knowledge_base.reader import READ_HITS, reader_of, scores_with_read
from knowledge_base.script import language_of
from knowledge_base.second_space import SecondTexts
from knowledge_base.spelling import KnowsWords, Spelling, english_words, names_written
from knowledge_base.told import (
    ToldNetwork,
    ToldVectors,
    has_few_phrasings,
    told_network,
    with_read,
)
from knowledge_base.vector_index import Ids
from knowledge_base.words import words_of

UNPUBLISHED = VersionId("unpublished")
CANDIDATES = 50  # phrasings taken from each side before they are joined
LIKELIEST = 20  # facts that the head adds to them
MAX_HITS = 100
SPELLING_TEXTS = 50_000  # that tell how the shop writes; all of a million would take a minute
FEW_ENOUGH = 20_000  # phrasings that are all compared, rather than the candidates picked out


@dataclass(frozen=True, slots=True)
class _Lexical:
    """What the words of one question find.

    Attributes:
        asked: the words.
        words: BM25 of every phrasing.
        shares: the share of the words in every phrasing, and in every answer.
        facts: those whose phrasings or answers the words find, with repeats.
        seconds: that it took.
    """

    asked: Sequence[str]
    words: Scores
    shares: tuple[Scores, Scores]
    facts: Ids
    seconds: float


_All = Sequence[Vectors | None]  # cosines of each question with all texts of a kind, where so few


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What n questions say without the vectors of the first encoder, for one `Searcher`.

    Attributes:
        lexical: of each question.
        halves: the questions in the second space, where there is one.
        seconds: their cosines there with all phrasings, and with all answers.
        firsts: the same in the first space, where its vectors were compared ahead.
    """

    lexical: Sequence[_Lexical]
    halves: Vectors | None
    seconds: tuple[Vectors | None, Vectors | None]
    firsts: tuple[_All, _All] | None = None

    def of(self, rows: Sequence[int]) -> SearchWords:
        """Those of some of the questions."""
        return SearchWords(
            [self.lexical[row] for row in rows],
            None if self.halves is None else self.halves[rows],
            (
                None if self.seconds[0] is None else self.seconds[0][rows],
                None if self.seconds[1] is None else self.seconds[1][rows],
            ),
            None
            if self.firsts is None
            else (
                [self.firsts[0][row] for row in rows],
                [self.firsts[1][row] for row in rows],
            ),
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """One question on its way through a search.

    Attributes:
        text: as it was encoded.
        vector: centred, (dimensions,).
        language: to answer in.
        chances: logarithm of the chance of every fact, where a head was learnt.
        familiarity: see `SearchResult`.
        half: in the second space, where there is one.
        cosines: with every phrasing, where there are few enough.
        answer_cosines: with every answer, likewise.
    """

    text: str
    vector: Vectors
    language: Language | None
    chances: Vectors | None
    familiarity: float
    half: Vectors | None
    cosines: Vectors | None
    answer_cosines: Vectors | None


class Searcher:
    """One version of the knowledge base, ready to be searched.

    Attributes:
        version: its id.
        entries: its entries, in their order.
        phrasings: every phrasing of them.
        encoder: what encodes the questions.

    Args:
        tells: False leaves out what entries tell (`knowledge_base.told`), as if they had many
            phrasings.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        indexes: Indexes,
        encoder: Encoder,
        version: VersionId,
        *,
        tells: bool = True,
    ) -> None:
        self.version = version
        self.entries = tuple(entries)
        self.phrasings: tuple[Phrasing, ...] = phrasings_of(entries)
        self.encoder = encoder
        self.indexes = indexes
        self._vectors = indexes.nearest.vectors()
        self._exact = exact_table(self.phrasings)
        self._spaced = spaced_table(self._exact)
        self._facts = Facts(self.entries, self.phrasings)
        self._fact_words = FactWords(
            len(self._facts),
            (indexes.words, self._facts.of_phrasing),
            (indexes.answer_words, self._facts.of_entry),
        )
        few = tells and has_few_phrasings(len(self.phrasings), len(self._facts))
        self._told = told_network(encoder) if few and len(indexes.answers) else None
        self._reader = None if self._told is None else reader_of(encoder)

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        encoder: Encoder,
        version: VersionId = UNPUBLISHED,
        progress: Progress | None = None,
        *,
        tells: bool = True,
    ) -> Searcher:
        """Encode and index entries in memory, without publishing them."""
        encoded = encode_entries(entries, encoder, progress=progress)
        indexes = indexes_of(entries, encoded, encoder, progress)
        return cls(entries, indexes, encoder, version, tells=tells)

    @property
    def sees_told(self) -> bool:
        """Whether the first hit tells its `Hit.told`."""
        return self._told is not None

    def entry(self, entry_id: EntryId, language: Language | None = None) -> Entry | None:
        """The entry with an id, in a language where it exists in that language."""
        positions = self._facts.by_id.get(entry_id)
        return self.entries[self._preferred(positions, language)] if positions else None

    def mended(self, text: str) -> str:
        """The text with slips of the fingers mended, towards words of the entries."""
        return self._spelling.mended(text)

    def speaks_of(self, name: str) -> bool:
        """Tell whether the phrasings, or the answers, hold every word of a name."""
        words = words_of(name)
        return self.indexes.words.holds(words) or self.indexes.answer_words.holds(words)

    @cached_property
    def _spelling(self) -> Spelling:
        words, counts, _ = self.indexes.words.holders()
        every = (text for entry in self.entries for text in entry.texts)
        texts = list(islice(every, SPELLING_TEXTS))
        encoders: tuple[object, ...] = (first_of(self.encoder), second_of(self.encoder))
        knowing = [one for one in encoders if isinstance(one, KnowsWords)]
        return Spelling(
            dict(zip(words, counts.tolist(), strict=True)),
            english_words(texts),
            lambda word: any(one.knows_word(word) for one in knowing),
            names_written(texts),
        )

    def exact(
        self, text: str, *, k: int = 10, language: Language | None = None
    ) -> SearchResult | None:
        """Every entry that asks this very question, at most k, found without a model; or None."""
        started = time.perf_counter()
        positions = self._asking(question_key(text))
        if not positions:
            return None
        wanted = language or language_of(text)
        hits: dict[EntryId, Hit] = {}
        for position in positions:
            asked = self.entries[self.phrasings[position].entry]
            entry = self.entries[self._preferred(self._facts.by_id[asked.id], wanted)]
            question = self.phrasings[position].question
            if entry is not asked:
                question = entry.questions[0]
            hits.setdefault(entry.id, Hit(entry, question, 1.0, 1.0, 0.0, exact=True, likeness=1.0))
        ordered = sorted(hits.values(), key=lambda hit: hit.entry.language != wanted)
        return self._result(ordered[:k], {"exact": time.perf_counter() - started})

    def asked_in(self, text: str) -> Language | None:
        """The language of the published question that a text is; None for none, or for both.

        The question tells it where what was typed does not: without spaces, or letter by letter.
        """
        positions = self._asking(question_key(text))
        languages = {language_of(self.phrasings[position].question) for position in positions}
        return languages.pop() if len(languages) == 1 else None

    def _asking(self, key: str) -> tuple[int, ...]:
        """Positions of the phrasings with a key; else of those that differ by spaces in numbers."""
        positions = self._exact.get(key)
        if positions is None:
            joined = joined_key(key)
            positions = (*self._exact.get(joined, ()), *self._spaced.get(joined, ()))
        return positions

    def search(
        self,
        text: str,
        *,
        k: int = 10,
        language: Language | None = None,
        vector: Vectors | None = None,
        exact: bool = True,
    ) -> SearchResult:
        """The entries that answer a question best, at most k (and at most `MAX_HITS`).

        Args:
            language: language to answer in; told from the text when None. Where an id exists in
                two languages this one is returned; an entry in the other language alone is found.
            vector: the question's vector (dimensions,), when the caller has it already.
            exact: False leaves the table of exact questions out, to see what the model would find.
        """
        given = None if vector is None else vector.reshape(1, -1)
        return self.search_batch([text], k=k, language=language, vectors=given, exact=exact)[0]

    def search_batch(
        self,
        texts: Sequence[str],
        *,
        k: int = 10,
        language: Language | None = None,
        vectors: Vectors | None = None,
        exact: bool = True,
        meant: Sequence[str] | None = None,
        words: SearchWords | None = None,
    ) -> list[SearchResult]:
        """Search several questions, in the order given; those not exact are encoded together.

        Args:
            vectors: (n, dimensions), one row for each text.
            meant: what is encoded of each text, where that is not the text itself: a question with
                what was asked before.
            words: what `read` gave for these texts, where that was done before.
        """
        meant = texts if meant is None else meant
        k = max(0, min(k, MAX_HITS))
        results: list[SearchResult | None] = []
        for text in texts:
            results.append(self.exact(text, k=k, language=language) if exact else None)
        open_ = [at for at, result in enumerate(results) if result is None]
        if open_:
            found = self._search_by_model(
                [texts[at] for at in open_],
                [meant[at] for at in open_],
                k,
                language,
                None if vectors is None else vectors[open_],
                None if words is None else words.of(open_),
            )
            for at, result in zip(open_, found, strict=True):
                results[at] = result
        return [result for result in results if result is not None]

    def read(self, texts: Sequence[str], meant: Sequence[str] | None = None) -> SearchWords:
        """Do what needs no vectors of the first encoder, which may be at work meanwhile.

        Args:
            meant: see `search_batch`.
        """
        meant = texts if meant is None else meant
        second = self.indexes.second
        halves = None if second is None else second.of_questions(meant)
        seconds: tuple[Vectors | None, Vectors | None] = (None, None)
        if second is not None and halves is not None:
            seconds = (
                second.phrasings.cosines(halves) if _few(self._vectors) else None,
                second.answers.cosines(halves) if _few(self.indexes.answers) else None,
            )
        return SearchWords([self._lexical(text) for text in texts], halves, seconds)

    def compared(self, words: SearchWords, meant: Sequence[str], vectors: Vectors) -> SearchWords:
        """What `read` gave, with the products of vectors with everything: most of a search's time.

        Args:
            meant: what the vectors were made of.
        """
        spoken = [language_of(text) for text in meant]
        return replace(words, firsts=self._firsts(self.indexes.centres.without(vectors, spoken)))

    def _firsts(self, centred: Vectors) -> tuple[_All, _All]:
        return (
            self._all_cosines(centred, self._vectors),
            self._all_cosines(centred, self.indexes.answers),
        )

    def _lexical(self, text: str) -> _Lexical:
        started = time.perf_counter()
        asked = words_of(text)[:MAX_QUERY_WORDS]
        words, most = self.indexes.words.scores_and_best(asked)
        answer_words, answer_most = self.indexes.answer_words.scores_and_best(asked)
        by_phrasing = self._facts.of_phrasing[_best(words)]
        by_answer = self._facts.of_entry[_best(answer_words)]
        return _Lexical(
            asked,
            words,
            (words / most, answer_words / answer_most),
            np.concatenate([by_phrasing, by_answer]),
            time.perf_counter() - started,
        )

    def _search_by_model(
        self,
        texts: Sequence[str],
        meant: Sequence[str],
        k: int,
        language: Language | None,
        vectors: Vectors | None,
        words: SearchWords | None,
    ) -> list[SearchResult]:
        if not self.phrasings or not texts:
            return [self._result([], {}) for _ in texts]
        started = time.perf_counter()
        if vectors is None:
            vectors = self.encoder.encode_questions(meant)
        encoded = time.perf_counter()
        words = self.read(texts, meant) if words is None else words
        halves, lexical = words.halves, words.lexical
        read = time.perf_counter()
        spoken = [language_of(text) for text in meant]
        familiar = self.indexes.centres.familiarity(vectors, spoken)
        vectors = self.indexes.centres.without(vectors, spoken)
        cosines, answer_cosines = words.firsts or self._firsts(vectors)
        second = self.indexes.second
        if second is not None and halves is not None:
            cosines = _blended(cosines, halves, words.seconds[0], second.phrasings)
            answer_cosines = _blended(answer_cosines, halves, words.seconds[1], second.answers)
        near = self._nearest(vectors) if halves is None or cosines[0] is None else None
        seen = vectors if halves is None else np.hstack([vectors, halves])
        head = self.indexes.head
        chances = [None] * len(texts) if head is None else head.log_chances(seen)
        dense = time.perf_counter()
        shared = {
            "encode": (encoded - started) / len(texts),
            "dense": (dense - read) / len(texts),
        }
        return [
            self._joined(
                _Question(
                    meant[row],
                    vectors[row],
                    language or spoken[row],
                    chances[row],
                    float(familiar[row]),
                    None if halves is None else halves[row],
                    cosines[row],
                    answer_cosines[row],
                ),
                lexical[row],
                k,
                None if near is None else near[row],
                shared,
            )
            for row in range(len(texts))
        ]

    def _all_cosines(self, vectors: Vectors, of: Vectors) -> _All:
        """The cosines of every question with all of these, where they are few enough.

        One product for a whole batch costs less than gathering each question's candidates.
        """
        if not _few(of):
            return [None] * len(vectors)
        return list(products(vectors, of))

    def _nearest(self, vectors: Vectors) -> Ids:
        """The phrasings nearest in the first space, (n, at most `CANDIDATES`)."""
        return self.indexes.nearest.search(vectors, min(CANDIDATES, len(self.phrasings)))[1]

    def _joined(
        self,
        question: _Question,
        lexical: _Lexical,
        k: int,
        near: Ids | None,
        seconds: dict[str, float],
    ) -> SearchResult:
        """Join all that is known of one question.

        Args:
            near: the nearest phrasings; None where the cosines with all of them are known, and both
                spaces count.
        """
        started = time.perf_counter()
        if near is None:
            assert question.cosines is not None
            near = _highest(question.cosines, CANDIDATES)
        found = [self._facts.of_phrasing[near[near >= 0]], lexical.facts]
        if question.chances is not None:
            found.append(_highest(question.chances, LIKELIEST))
        candidates = np.unique(np.concatenate(found))
        hits = self._hits(question, lexical, candidates, k)
        took = seconds | {"lexical": lexical.seconds, "fuse": time.perf_counter() - started}
        return self._result(hits, took, question.familiarity)

    def _hits(self, question: _Question, lexical: _Lexical, candidates: Ids, k: int) -> list[Hit]:
        """One hit for each of the k best facts among the candidates."""
        rows, starts = self._facts.rows(candidates)
        if question.cosines is not None:
            cosines = question.cosines[rows]
        else:
            cosines = self._vectors[rows] @ question.vector
            if self.indexes.second is not None and question.half is not None:
                cosines = _blended_with(cosines, question.half, self.indexes.second.phrasings, rows)
        entries = self._facts.entry_of[rows]
        similarities = np.maximum.reduceat(cosines, starts)
        lexicals = np.maximum.reduceat(lexical.words[rows], starts)
        likenesses = scores = fused(
            pooled(cosines, starts),
            np.maximum.reduceat(self._answer_cosines(entries, question), starts),
            np.maximum.reduceat(lexical.shares[0][rows], starts),
            np.maximum.reduceat(lexical.shares[1][entries], starts),
        )
        chances = None if question.chances is None else question.chances[candidates]
        if chances is not None:
            scores = with_chances(likenesses, chances)
        looked_at = k if self._reader is None else max(k, READ_HITS)
        best = np.lexsort((candidates, -similarities, -scores))[:looked_at]
        columns = [
            scores[best].tolist(),
            similarities[best].tolist(),
            lexicals[best].tolist(),
            likenesses[best].tolist(),
            [None] * len(best) if chances is None else np.exp(chances[best]).tolist(),
            *(one.tolist() for one in self._fact_words.held(lexical.asked, candidates[best])),
        ]
        ends = np.append(starts[1:], len(rows))
        slices = zip(starts[best].tolist(), ends[best].tolist(), strict=True)
        shown = [
            self._shown(rows[at:end].tolist(), cosines[at:end].tolist(), question.language)
            for at, end in slices
        ]
        hits = [
            Hit(
                self.entries[self.phrasings[row].entry],
                self.phrasings[row].question,
                score=score,
                similarity=min(1.0, max(-1.0, similarity)),
                lexical=lexical,
                likeness=likeness,
                chance=chance,
                words=share,
                evidence=rare,
            )
            for row, score, similarity, lexical, likeness, chance, share, rare in zip(
                shown, *columns, strict=True
            )
        ]
        if self._told is None or not hits:
            return hits
        return self._with_told(self._told, question, hits, shown)[:k]

    def _with_told(
        self, network: ToldNetwork, question: _Question, hits: list[Hit], rows: Sequence[int]
    ) -> list[Hit]:
        """The hits, the first few in the order that reading them gives; the first knows its `told`.

        Args:
            rows: of the phrasing that each hit shows.
        """
        reader = self._reader
        if reader is None:
            odds = self._log_odds_told(network, question, rows[0])
            return [replace(hits[0], told=odds), *hits[1:]]
        scores, read = scores_with_read(
            [hit.score for hit in hits],
            lambda at: reader.log_odds(question.text, hits[at].question, hits[at].entry.answer),
        )
        order = sorted(range(len(hits)), key=lambda place: -scores[place])
        odds = with_read(self._log_odds_told(network, question, rows[order[0]]), read[order[0]])
        first, *others = (replace(hits[place], score=scores[place]) for place in order)
        return [replace(first, told=odds), *others]

    def _log_odds_told(self, network: ToldNetwork, question: _Question, row: int) -> float:
        return network.log_odds(self.told_vectors(question.vector, question.half, row))

    def told_vectors(self, vector: Vectors, half: Vectors | None, row: int) -> ToldVectors:
        """A question beside a phrasing and the answer of its entry, which must be encoded.

        Args:
            vector: of the question, centred, (dimensions,).
            half: of the question in the second space, where there is one; 0 where it has no place.
            row: of the phrasing.
        """
        at, second = self.phrasings[row].entry, self.indexes.second
        first = np.stack([vector, self._vectors[row], self.indexes.answers[at]])
        if second is None or half is None or not half.any():
            return ToldVectors(first, None)
        phrasing, answer = second.phrasings.vector(row), second.answers.vector(at)
        if phrasing is None or answer is None:
            return ToldVectors(first, None)
        return ToldVectors(first, np.stack([half, phrasing, answer]))

    def _answer_cosines(self, entries: Ids, question: _Question) -> Vectors:
        """Cosine of the question with the answers of entries; 0 where answers are not encoded."""
        if not len(self.indexes.answers):
            return np.zeros(len(entries), dtype=np.float32)
        if question.answer_cosines is not None:
            return question.answer_cosines[entries]
        once, each = np.unique(entries, return_inverse=True)
        cosines = self.indexes.answers[once] @ question.vector
        if self.indexes.second is not None and question.half is not None:
            cosines = _blended_with(cosines, question.half, self.indexes.second.answers, once)
        return cosines[each]

    def _shown(
        self, rows: Sequence[int], cosines: Sequence[float], language: Language | None
    ) -> int:
        """The row of the phrasing that is nearest, of the entry that a fact is answered with.

        Args:
            rows: every phrasing of the fact.
            cosines: of each.
        """
        entries = [self.phrasings[row].entry for row in rows]
        preferred = self._preferred(entries, language)
        own = (at for at, entry in enumerate(entries) if entry == preferred)
        return rows[max(own, key=cosines.__getitem__)]

    def _preferred(self, positions: Sequence[int], language: Language | None) -> int:
        """The first of several entries with one id that is in the language, else the first."""
        return next((p for p in positions if self.entries[p].language == language), positions[0])

    def _result(
        self, hits: Sequence[Hit], seconds: dict[str, float], familiarity: float | None = None
    ) -> SearchResult:
        encoder = f"{self.encoder.name} {self.encoder.digest}"
        return SearchResult(tuple(hits), self.version, encoder, seconds, familiarity)


def _few(texts: Vectors) -> bool:
    """Whether all of these are compared, rather than the candidates picked out."""
    return 0 < len(texts) <= FEW_ENOUGH


def _blended(
    cosines: _All,
    halves: Vectors,
    seconds: Vectors | None,
    second: SecondTexts,
) -> _All:
    """Every question's cosines with all texts in both spaces, where they are known."""
    known = [] if seconds is None else [one for one in cosines if one is not None]
    return list(second.blended(np.stack(known), halves, seconds)) if known else cosines


def _blended_with(cosines: Vectors, half: Vectors, second: SecondTexts, texts: Ids) -> Vectors:
    """One question's cosines with some texts, in both spaces."""
    halves = half[None, :]
    both = second.blended(cosines[None, :], halves, second.cosines(halves, texts), texts)
    found: Vectors = both[0]
    return found


def _best(scores: Scores) -> Ids:
    """Positions of the highest scores above 0, at most `CANDIDATES`."""
    above = np.flatnonzero(scores)  # most texts share no word with a question, and none is below 0
    return above[_highest(scores[above], CANDIDATES)]


def _highest(scores: Scores, most: int) -> Ids:
    """Positions of the highest scores, at most so many, in no order."""
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(scores, -most)[-most:]
