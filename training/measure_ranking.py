"""Measures the search where many entries answer one question, more or less well.

    python -m training.measure_ranking --corpus FAQ.csv --queries GRADED.csv

FAQ has the columns `id,question,answer`; GRADED has `text,id,relevance`, one row for each entry
that is known to answer a text, with how well it does (a number above 0). Written as JSON: nDCG@10
(gains are the relevances), recall@100 of all relevant entries and of the best (relevance at or
above --best), each with its interval over queries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search import MAX_HITS, Searcher
from training.commands_evaluate import settings_and_encoder
from training.labelled_rows import read_rows
from training.measured_retrieval import corpus_entries
from training.metrics import bootstrap
from training.refusal_texts import LabelledTextRefused

FIRST = 10  # nDCG@10
SEARCHED_AT_ONCE = 64

Graded = Mapping[str, Mapping[str, float]]  # query -> id -> relevance


def read_graded(path: Path) -> dict[str, dict[str, float]]:
    """The relevant ids of each query.

    Raises:
        LabelledTextRefused: the file cannot be read, or a relevance is no number above 0.
    """
    graded: dict[str, dict[str, float]] = defaultdict(dict)
    for row, cells in read_rows(path, ("text", "id", "relevance")):
        try:
            relevance = float(cells["relevance"])
        except ValueError:
            relevance = 0.0
        if not 0 < relevance < float("inf"):
            raise LabelledTextRefused(
                f"{path.name}, row {row}: relevance must be a number above 0."
            )
        graded[cells["text"]][cells["id"].strip()] = relevance
    return dict(graded)


def gained(ranked: Sequence[str], relevant: Mapping[str, float], first: int = FIRST) -> float:
    """nDCG: the gain of the first ranks, later ones worth less, over the most it could be."""
    worth = 1.0 / np.log2(np.arange(2, first + 2))
    gains = np.array([relevant.get(one, 0.0) for one in ranked[:first]])
    ideal = np.sort(np.array(list(relevant.values())))[::-1][:first]
    best = float(ideal @ worth[: len(ideal)])
    return float(gains @ worth[: len(gains)]) / best if best else 0.0


def found_share(ranked: Sequence[str], relevant: Mapping[str, float], least: float) -> float:
    """Share of the entries of at least this relevance that are among the ranks; nan for none."""
    wanted = {one for one, relevance in relevant.items() if relevance >= least}
    return len(wanted.intersection(ranked)) / len(wanted) if wanted else float("nan")


def ranking_figures(ranked: Mapping[str, Sequence[str]], graded: Graded, best: float) -> Any:
    """Figures over queries, JSON values.

    Args:
        ranked: ids for each query, best first.
        best: relevance from which an entry counts as one of the best.
    """
    queries = list(graded)
    columns = {
        "ndcg_at_10": [gained(ranked[one], graded[one]) for one in queries],
        "recall_at_100": [found_share(ranked[one], graded[one], 0.0) for one in queries],
        "recall_at_100_of_best": [found_share(ranked[one], graded[one], best) for one in queries],
    }
    return {"queries": len(queries)} | {
        name: asdict(_mean(np.array(values))) for name, values in columns.items()
    }


def _mean(values: NDArray[np.float64]) -> Any:
    known = values[np.isfinite(values)]
    return bootstrap(lambda rows: float(known[rows].mean()), len(known), seed=1)


def main() -> None:
    """Measure and write the figures to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, action="append", required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--best", type=float, default=2.5, help="relevance of the best entries")
    given = parser.parse_args()
    graded = read_graded(given.queries)
    entries, _ = corpus_entries(given.corpus)

    def report(what: str, done: int, total: int) -> None:
        sys.stderr.write(f"\r{what} {done:,} of {total:,}   ")

    _, encoder = settings_and_encoder(None, report)
    # At once, not in small parts: what is encoded together is kept on disk as one file.
    encoder.encode_questions([question for entry in entries for question in entry.questions])
    searcher = Searcher.of(entries, encoder)
    queries, ranked = list(graded), dict[str, list[str]]()
    for start in range(0, len(queries), SEARCHED_AT_ONCE):
        part = queries[start : start + SEARCHED_AT_ONCE]
        found = searcher.search_batch(part, k=MAX_HITS)
        for text, result in zip(part, found, strict=True):
            ranked[text] = [str(hit.entry.id) for hit in result.hits]
        report("search", start + len(part), len(queries))
    sys.stdout.write(json.dumps(ranking_figures(ranked, graded, given.best), indent=1) + "\n")


if __name__ == "__main__":
    main()
