"""Measures a writer on the held-out questions about entries that no adapter was trained on.

    python -m training.measure_writer gemma-3-270m-shop build/written.jsonl --each 40

Evidence is what the search of the published knowledge base finds, as in serving; every reply goes
through the gate. Whether a passed reply is right is read by a person: the file has the rows.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from bot.answering.grounding import check_grounding
from bot.answering.reply_generator import GeneratedReplies, load_generator
from bot.assemble.brain import load_knowledge
from bot.assemble.encoders import load_encoder, search_encoder
from bot.settings import load_settings
from knowledge_base.entry import Language
from knowledge_base.model_catalogue import catalogue_model, model_folder
from knowledge_base.search import Searcher
from training.writing_examples import is_held_out

EVIDENCE = 3
NOT_COVERED = 4  # one in so many questions is about nothing that the shop has an entry for


def questions_of(path: Path, each: int) -> list[tuple[str, str]]:
    """The first questions about unseen entries and some about none: text and id."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["id"]) for row in csv.DictReader(file)]
    unseen = [row for row in rows if row[1] and is_held_out(row[1])]
    none = [row for row in rows if not row[1]]
    return unseen[:each] + none[: each // NOT_COVERED]


def measured(
    writer: GeneratedReplies,
    searcher: Searcher,
    questions: Sequence[tuple[str, str]],
    language: Language,
) -> Iterator[dict[str, Any]]:
    """Ask every question; one row for each."""
    for text, wanted in questions:
        hits = searcher.search(text, k=EVIDENCE, language=language).hits
        evidence = [hit.entry for hit in hits]
        writer.process.wait_until_ready()  # after a failure another child is being started
        started = time.perf_counter()
        reply = writer.write(text, evidence, language)
        seconds = time.perf_counter() - started
        said = reply.text if reply else ""
        checked = check_grounding(said, [one.answer for one in evidence], text, language)
        yield {
            "language": language,
            "question": text,
            "wanted": wanted,
            "found": wanted in [one.id for one in evidence],
            "reply": said,
            "passed": bool(said) and checked.holds,
            "rules": sorted({problem.rule for problem in checked.problems}),
            "seconds": seconds,
            "tokens": reply.tokens if reply else 0,
            "evidence": [one.answer for one in evidence],
        }


def figures_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts of one language, and the seconds of a call."""
    seconds = [row["seconds"] for row in rows]
    written = [row for row in rows if row["reply"]]
    own = sum(row["seconds"] for row in written)
    return {
        "questions": len(rows),
        "right_entry_found": sum(row["found"] for row in rows),
        "written": len(written),
        "passed": sum(row["passed"] for row in rows),
        "passed_with_right_entry": sum(row["passed"] and row["found"] for row in rows),
        "passed_without": sum(row["passed"] and not row["found"] for row in rows),
        "seconds_p50": float(np.quantile(seconds, 0.5)),
        "seconds_p95": float(np.quantile(seconds, 0.95)),
        "tokens_per_second": sum(row["tokens"] for row in written) / own if own else None,
    }


def main(
    model: Annotated[str, typer.Argument(help="Catalogue name of the writer.")],
    target: Annotated[Path, typer.Argument(help="File for the rows (.jsonl).")],
    each: Annotated[int, typer.Option(help="Covered questions for each language.")] = 40,
    language: Annotated[list[str] | None, typer.Option(help="None: both.")] = None,
) -> None:
    """Ask in both languages, write the rows and show the figures."""
    settings = load_settings()
    searcher = load_knowledge(settings, search_encoder(settings, load_encoder(settings))).current
    folder = model_folder(settings.state_folder, model)
    writer = load_generator(folder, catalogue_model(model).languages)
    writer.start()
    try:
        writer.process.wait_until_ready()
        with target.open("w", encoding="utf-8") as file:
            for spoken in ("zh", "en"):
                if language and spoken not in language:
                    continue
                path = settings.shop_folder / "held_out" / f"questions.{spoken}.csv"
                rows = []
                for row in measured(writer, searcher, questions_of(path, each), spoken):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    file.flush()
                    rows.append(row)
                typer.echo(f"{spoken} {json.dumps(figures_of(rows))}")
    finally:
        writer.close()


if __name__ == "__main__":
    typer.run(main)
