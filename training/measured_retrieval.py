"""Measures known answers: search alone, and the whole answerer, on labelled questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.doubt import Doubt
from bot.answering.plain_question import plain_question
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, RowProblem, SearchResult
from knowledge_base.readers import read_entries
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from training.labelled_rows import read_rows
from training.metrics import (
    area_under_roc,
    bootstrap,
    calibration_error,
    calibration_error_by_chance,
    coverage_at_risk,
    mean_reciprocal_rank,
    recall_at,
    reliability,
)
from training.progress import Progress, silent
from training.refusal_texts import LabelledTextRefused
from training.several_right import Wanted, questions_to_count
from training.shop_training import doubt_for

RANKS = 10
HEADING = ("text", "id", "confidence", *(f"rank{at}" for at in range(1, RANKS + 1)))
SEARCHED_AT_ONCE = 256


@dataclass(frozen=True)
class Corpus:
    """Known answers from files, ready to be searched, with the doubt fitted to them."""

    searcher: Searcher
    doubt: Doubt
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True)
class MeasuredRetrieval:
    """What came of it: one row for each question, as in `HEADING`, and the figures."""

    rows: list[tuple[str, ...]]
    summary: dict[str, Any]


def read_corpus(paths: Sequence[Path], encoder: Encoder, progress: Progress = silent) -> Corpus:
    """Read, index and fit doubt; no labelled question is looked at.

    Raises:
        FileRefused, LabelledTextRefused: a file cannot be read, or has no entry.
    """
    entries, problems = corpus_entries(paths)
    doubt = doubt_for(entries, encoder, None, None, progress=progress)
    return Corpus(Searcher.of(entries, encoder), doubt, tuple(problems))


def corpus_entries(paths: Sequence[Path]) -> tuple[list[Entry], list[RowProblem]]:
    """The entries of files and the rows that gave none.

    Raises:
        FileRefused, LabelledTextRefused: a file cannot be read, or no file has an entry.
    """
    entries: list[Entry] = []
    problems: list[RowProblem] = []
    for path in paths:
        if not path.is_file():
            raise LabelledTextRefused(f"There is no file {path}.")
        found = read_entries(path)
        entries += found.entries
        problems += found.problems
    if not entries:
        raise LabelledTextRefused(
            f"No entry was found in {', '.join(path.name for path in paths)}: columns "
            "id,question,answer are needed, and every row had a problem or there was none."
        )
    return entries, problems


def read_questions(path: Path) -> list[tuple[str, str]]:
    """Rows of `text,id`; the id is empty where no entry answers.

    Raises:
        LabelledTextRefused: the file cannot be read or has no rows.
    """
    rows = [(cells["text"], cells["id"].strip()) for _, cells in read_rows(path, ("text", "id"))]
    if not rows:
        raise LabelledTextRefused(f"{path} has no questions.")
    return rows


def measure_retrieval(
    corpus: Corpus, questions: Sequence[tuple[str, str]], progress: Progress = silent
) -> MeasuredRetrieval:
    """Search for every question, read as it would be in a conversation."""
    results: list[SearchResult] = []
    for start in range(0, len(questions), SEARCHED_AT_ONCE):
        texts = [text for text, _ in questions[start : start + SEARCHED_AT_ONCE]]
        batch = [_as_asked(text, corpus.searcher) for text in texts]
        results += corpus.searcher.search_batch(batch, k=RANKS)
        progress("search", len(results), len(questions))
    sure = [
        corpus.doubt.judge(result, None, language_of(text) or "en").confidence
        for (text, _), result in zip(questions, results, strict=True)
    ]
    ranked = [[str(hit.entry.id) for hit in result.hits] for result in results]
    rows = [
        (text, wanted, f"{confidence:.6f}", *ids, *[""] * (RANKS - len(ids)))
        for (text, wanted), confidence, ids in zip(questions, sure, ranked, strict=True)
    ]
    counted = questions_to_count(questions)
    summary = _figures(
        counted, [ranked[one.row] for one in counted], np.array([sure[one.row] for one in counted])
    )
    summary["doubt"] = corpus.doubt.facts
    summary["exact"] = sum(
        bool(results[one.row].hits) and results[one.row].hits[0].exact for one in counted
    )
    return MeasuredRetrieval(rows, summary)


def _as_asked(text: str, searcher: Searcher) -> str:
    return text if searcher.exact(text, k=1) else plain_question(text, searcher)


def _figures(
    counted: Sequence[Wanted], ranked: Sequence[Sequence[str]], sure: np.ndarray[Any, Any]
) -> dict[str, Any]:
    wanted = [one.first_of(ids) for one, ids in zip(counted, ranked, strict=True)]
    covered = np.array([bool(one) for one in wanted])
    right = np.array(
        [bool(one) and ids[:1] == [one] for one, ids in zip(wanted, ranked, strict=True)]
    )
    own = np.flatnonzero(covered)
    own_ranked = [ranked[row] for row in own.tolist()]
    own_wanted = [wanted[row] for row in own.tolist()]
    figures: dict[str, Any] = {
        "questions": len(wanted),
        "covered": len(own),
        "with_several_right": sum(len(one.ids) > 1 for one in counted),
        "calibration_error": calibration_error(right, sure),
        "calibration_error_by_chance": calibration_error_by_chance(sure),
        "answered_at_5_percent_wrong": coverage_at_risk(right, sure, 0.05),
        "reliability": [asdict(bar) for bar in reliability(right, sure)],
    }
    if len(own):
        figures |= {
            "recall_at_1": asdict(
                bootstrap(lambda rows: float(right[own[rows]].mean()), len(own), seed=1)
            ),
            "recall_at_3": recall_at(own_ranked, own_wanted, 3),
            "recall_at_10": recall_at(own_ranked, own_wanted, 10),
            "mrr": mean_reciprocal_rank(own_ranked, own_wanted),
        }
    if 0 < len(own) < len(wanted):
        figures["covered_auroc"] = area_under_roc(covered, sure)
    return figures


def counted(values: Sequence[str]) -> dict[str, int]:
    """How often each value occurs, most often first."""
    return dict(Counter(values).most_common())
