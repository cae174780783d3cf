"""One report on a shop's own held-out files: intents, search and whole answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.search import Searcher
from training.labelled_text import LabelledTextRefused, read_labelled
from training.measured_answers import measure_answers, parts_over
from training.measured_intents import intent_figures
from training.measured_retrieval import Corpus, measure_retrieval, read_questions
from training.shop_training import TrainedShop, files_of, read_shop_entries, train_shop
from training.shown import Report


def shop_report(settings: Settings, encoder: Encoder, progress: Report) -> dict[str, Any]:
    """Train afresh on the shop's files and measure on those it holds out. JSON values.

    Raises:
        LabelledTextRefused: the shop has no held-out files, or one cannot be read.
    """
    started = time.perf_counter()
    files = files_of(settings)
    questions = sorted(settings.shop_folder.glob("held_out/questions.*.csv"))
    if not files.held_out or not questions:
        raise LabelledTextRefused(
            f"{settings.shop_folder}/held_out needs intents.*.csv (text,intent) and "
            "questions.*.csv (text,id): phrases that are never trained on."
        )
    trained = train_shop(files, encoder, progress=progress)
    entries = list(files.published) or read_shop_entries(files.entries)[0]
    searcher = Searcher.of(entries, encoder)
    report: dict[str, Any] = {
        "encoder": f"{encoder.name} {encoder.digest}",
        "intents": _intents(trained, files.held_out, encoder),
        "training": trained.intents.report,
        "thresholds": {name: asdict(one) for name, one in trained.doubt.chosen.items()},
        "thresholds_fitted": trained.doubt.facts,
        "retrieval": {},
        "answers": {},
    }
    corpus = Corpus(searcher, trained.doubt, ())
    classifier = trained.intents.classifier
    # The writer is measured by itself: a small one takes seconds for each answer.
    with parts_over(searcher, trained.doubt, classifier, settings, writer=False) as parts:
        for file in questions:
            asked = read_questions(file)
            report["retrieval"][file.stem] = measure_retrieval(corpus, asked, progress).summary
            report["answers"][file.stem] = measure_answers(parts, asked, progress).summary
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def _intents(trained: TrainedShop, held_out: Sequence[Path], encoder: Encoder) -> dict[str, Any]:
    figures = {}
    for file in held_out:
        phrases = read_labelled([file])
        vectors = encoder.encode_questions(phrases.texts)
        guesses = trained.intents.classifier.classify(phrases.texts, vectors)
        figures[file.stem] = intent_figures(phrases.texts, phrases.intents, guesses)
    return figures
