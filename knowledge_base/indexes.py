"""Builds what a version of the knowledge base is searched by, from entries that were encoded.

It is derived from the entries alone and never changes. What is asked of it is in `search`, how it
lies in a folder in `index_folder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import for_second, second_of
from knowledge_base.entry import Entry
from knowledge_base.entry_head import EntryHead
from knowledge_base.facts import Facts, telling_answers
from knowledge_base.faiss_index import FaissIndex
from knowledge_base.learn_head import HeadExamples, learn_head
from knowledge_base.lexical_index import LexicalIndex
from knowledge_base.phrasings import Encoded, Progress, phrasings_of, texts_of
from knowledge_base.script import language_of
from knowledge_base.second_space import SecondSpace, SecondTexts


@dataclass(frozen=True, slots=True)
class Indexes:
    """What is derived from the entries of a version; phrasings are named by their positions.

    Attributes:
        centres: what is taken out of every vector before it is compared.
        nearest: the index over the centred vectors of the phrasings.
        answers: (n entries, dimensions), centred; no rows when answers are not encoded.
        words: BM25 over the phrasings.
        answer_words: BM25 over the answers, by the position of the entry.
        head: what was learnt from the entries; None where there was too little to learn from.
        second: phrasings and answers as the second encoder of a pair sees them.
    """

    centres: Centres
    nearest: FaissIndex
    answers: Vectors
    words: LexicalIndex
    answer_words: LexicalIndex
    head: EntryHead | None = None
    second: SecondSpace | None = None


def indexes_of(
    entries: Sequence[Entry],
    encoded: Encoded,
    encoder: Encoder,
    progress: Progress | None = None,
) -> Indexes:
    """Build every index over entries, which the encoder has encoded already.

    Args:
        progress: called with how many rounds of learning are done.
    """
    phrasings = phrasings_of(entries)
    languages = [language_of(phrasing.question) for phrasing in phrasings]
    centres = Centres.of(encoded.questions, languages)
    nearest = FaissIndex(encoded.questions.shape[1])
    questions = centres.without(encoded.questions, languages)
    nearest.add(range(len(phrasings)), questions)
    answers = centred_answers(entries, encoded.answers)
    second = second_space(entries, encoded, encoder)
    return Indexes(
        centres=centres,
        nearest=nearest,
        answers=answers,
        words=LexicalIndex.of([phrasing.question for phrasing in phrasings]),
        answer_words=LexicalIndex.of([entry.answer for entry in entries]),
        head=learn_head(_examples(entries, questions, answers, second), progress),
        second=second,
    )


def _examples(
    entries: Sequence[Entry], questions: Vectors, answers: Vectors, second: SecondSpace | None
) -> HeadExamples:
    """What a head learns from: every phrasing, and the answers that one fact alone gives."""
    facts = Facts(entries, phrasings_of(entries))
    telling = np.flatnonzero(telling_answers(entries, facts)[: len(answers)])
    told = answers[telling]
    if second is not None:
        questions = np.hstack([questions, second.phrasings.spread()])
        told = np.hstack([told, second.answers.spread()[telling]])
    return HeadExamples(questions, facts.of_phrasing, told, facts.of_entry[telling], len(facts))


def second_space(
    entries: Sequence[Entry], encoded: Encoded, encoder: Encoder
) -> SecondSpace | None:
    """The second space of a pair of encoders; None for one encoder, or where all is Chinese."""
    second = second_of(encoder)
    if second is None or encoded.second is None or not len(encoded.second.questions):
        return None
    questions, answers = texts_of(entries)
    return SecondSpace(
        second,
        SecondTexts.of(encoded.second.questions, for_second(questions), len(questions)),
        SecondTexts.of(encoded.second.answers, for_second(answers), len(answers)),
    )


def centred_answers(entries: Sequence[Entry], answers: Vectors) -> Vectors:
    """Take out of the answers' vectors what all answers have in common."""
    languages = [entry.language for entry in entries[: len(answers)]]
    return Centres.of(answers, languages).without(answers, languages)
