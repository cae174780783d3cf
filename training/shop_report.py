"""One report on a shop's own held-out files: intents, known answers and what shoppers get.

The report is JSON values: figures for each language, and the records they come from, by which two
reports are compared question by question (`compare_reports.py`). `report_page.py` shows it.
"""

from __future__ import annotations

import copy
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bot.answering.answer import Unwritten
from bot.answering.answerer import ShopAnswerer
from bot.answering.doubt import Doubt
from bot.answering.intent_classifier import IntentClassifier
from bot.answering.intent_folder import read_intents
from bot.answering.parts import Parts
from bot.assemble.encoders import encoder_named
from bot.assemble.shop import load_shop
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_of
from knowledge_base.entry import Entry, Language
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from training.cached_vectors import CachedEncoder
from training.compare_reports import compared, read_report
from training.labelled_text import read_labelled
from training.measured_answers import ask_all, parts_over, question_for
from training.measured_retrieval import RANKS, read_questions
from training.progress import Progress
from training.refusal_texts import LabelledTextRefused
from training.second_encoder import second_encoder
from training.shop_figures import (
    intent_figures_of,
    intent_record,
    question_figures_of,
    question_record,
    slowest_steps,
    worst_questions,
)
from training.shop_files import held_out_questions, read_shop_entries
from training.shop_training import files_of, train_shop
from training.tuned_intents import tunable_as_before

TIMED_QUESTIONS = 120  # asked one at a time, to tell how long the steps take
REPORT_FORMAT = 2


@dataclass(frozen=True)
class HeldOut:
    """What the shop keeps apart: (text, intent or entry id, language), in the order of the files.

    Attributes:
        phrases: labelled with intents.
        questions: with the id of the entry that answers, empty where none does.
    """

    phrases: tuple[tuple[str, str, Language], ...]
    questions: tuple[tuple[str, str, Language], ...]


@dataclass(frozen=True)
class Models:
    """What is measured beside the entries."""

    classifier: IntentClassifier
    judge: Doubt


def shop_report(
    settings: Settings,
    encoder: CachedEncoder,
    progress: Progress,
    *,
    other: Path | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Train afresh on the shop's files and measure on those it holds out. JSON values.

    Args:
        other: a report to compare with (.json), or a state folder whose models are measured on
            the same questions and compared with.

    Raises:
        LabelledTextRefused: the shop has no held-out files, or a file or folder cannot be used.
    """
    started = clock()
    files = files_of(settings)
    held_out = read_held_out(settings.shop_folder, files.held_out)
    theirs, compare_with = None, None
    if other is not None and other.is_file():
        compare_with = read_report(other)
    elif other is not None:
        theirs = models_in(other, encoder, settings)
    second = second_encoder(settings)
    tunable = tunable_as_before(settings.state_folder, encoder, second)
    trained = train_shop(files, encoder, progress=progress, second=second, tunable=tunable)
    entries = list(files.published) or read_shop_entries(files.entries)[0]
    models = Models(trained.intents.classifier, trained.doubt)
    report = measured_shop(settings, encoder, entries, models, held_out, progress)
    report["training"] = trained.intents.report
    report["thresholds_fitted"] = trained.doubt.facts
    if theirs is not None:
        compare_with = measured_shop(settings, encoder, entries, theirs, held_out, progress)
    if compare_with is not None:
        report["comparison"] = compared(report, compare_with)
    report["seconds"] = round(clock() - started, 1)
    return report


def first_language(shop_folder: Path) -> Language:
    """The first language that shop.toml names; English where it names none."""
    table = shop_folder / "shop.toml"
    if not table.is_file():
        return "en"
    spoken = tomllib.loads(table.read_text(encoding="utf-8")).get("languages", [])
    return "zh" if spoken[:1] == ["zh"] else "en"


def read_held_out(shop_folder: Path, intents: Sequence[Path]) -> HeldOut:
    """Read the held-out files.

    Raises:
        LabelledTextRefused: there are no questions, or a file cannot be read. Phrases may stay
            away: a shop with none of its own still wants to know how it answers.
    """
    questions = held_out_questions(shop_folder)
    if not questions:
        raise LabelledTextRefused(
            f"{shop_folder}/held_out needs questions.csv (text,id), of questions that stand in no "
            "entry, an empty id where none answers; or one for each language, questions.en.csv. "
            "With intents.csv (text,intent) beside it, intents are measured as well."
        )
    return HeldOut(
        tuple(
            (phrase.text, phrase.intent, _language(file, phrase.text))
            for file in intents
            for phrase in read_labelled([file]).phrases
        ),
        tuple(
            (text, wanted, _language(file, text))
            for file in questions
            for text, wanted in read_questions(file)
        ),
    )


def models_in(state_folder: Path, encoder: Encoder, settings: Settings) -> Models:
    """The models that `shopkeeper train` left in a state folder.

    Raises:
        LabelledTextRefused: it has none for this encoder.
    """
    try:
        return Models(
            read_intents(state_folder / "intents", encoder.digest, encoder_named(settings)),
            Doubt.load(state_folder / "doubt", pair_of(encoder, second_encoder(settings)).digest),
        )
    except ModelFolderRefused as error:
        raise LabelledTextRefused(
            f"--compare {state_folder}: {error} Or name a report: --compare other.json"
        ) from error


def measured_shop(
    settings: Settings,
    encoder: CachedEncoder,
    entries: Sequence[Entry],
    models: Models,
    held_out: HeldOut,
    progress: Progress,
) -> dict[str, Any]:
    """Ask everything that is held out; nothing is trained."""
    phrases = _asked_intents(models, held_out, encoder)
    searcher = Searcher.of(entries, pair_of(encoder, second_encoder(settings)))
    # The writer is measured by itself: a small one takes seconds for each answer.
    with parts_over(searcher, models.judge, models.classifier, settings, writer=False) as parts:
        questions = _asked_questions(parts, models, held_out, progress)
        timed = _timed(_remembering_nothing(parts, encoder, models), held_out)
    bars = {language: models.judge.thresholds(language) for language in ("zh", "en")}
    return {
        "format": REPORT_FORMAT,
        "shop": dict(load_shop(settings).names),
        "encoder": f"{encoder.name} {encoder.digest}",
        "versions": {"intents": models.classifier.version, "thresholds": models.judge.version},
        "thresholds": {name: asdict(one) for name, one in models.judge.chosen.items()},
        "intents": {
            language: intent_figures_of(own, bars[language]["intent"])
            for language, own in by_language(phrases).items()
        },
        "questions": {
            language: question_figures_of(own, bars[language]["answer"])
            for language, own in by_language(questions).items()
        },
        "worst": {
            language: worst_questions(own) for language, own in by_language(questions).items()
        },
        "steps": {"turns": len(timed), "slowest": slowest_steps(timed)},
        "records": {"intents": phrases, "questions": questions},
    }


def by_language(records: Sequence[dict[str, Any]]) -> dict[Language, list[dict[str, Any]]]:
    """The records of each language that there are any of."""
    groups: dict[Language, list[dict[str, Any]]] = {}
    for language in ("zh", "en"):
        own = [one for one in records if one["language"] == language]
        if own:
            groups[language] = own
    return groups


def _language(file: Path, text: str) -> Language:
    """The language a file's name gives (intents.zh.csv), else that of the text."""
    named = file.stem.rpartition(".")[2]
    if named == "zh" or named == "en":
        return "zh" if named == "zh" else "en"
    return language_of(text) or "en"


def _asked_intents(models: Models, held_out: HeldOut, encoder: Encoder) -> list[dict[str, Any]]:
    texts = [text for text, _, _ in held_out.phrases]
    spoken = [language for _, _, language in held_out.phrases]
    guesses = models.classifier.classify(texts, encoder.encode_questions(texts), spoken)
    return [
        intent_record(text, wanted, language, guess)
        for (text, wanted, language), guess in zip(held_out.phrases, guesses, strict=True)
    ]


def _asked_questions(
    parts: Parts, models: Models, held_out: HeldOut, progress: Progress
) -> list[dict[str, Any]]:
    """Every question, put to the search alone and to the whole answerer."""
    texts = [text for text, _, _ in held_out.questions]
    spoken = [language for _, _, language in held_out.questions]
    vectors = parts.encoder.encode_questions(texts)
    guesses = models.classifier.classify(texts, vectors, spoken)
    answers = ask_all(parts, texts, progress)
    records = []
    for row, (text, wanted, language) in enumerate(held_out.questions):
        found = parts.knowledge.current.search_batch(
            [text], k=RANKS, language=language, vectors=vectors[row : row + 1]
        )[0]
        sure = models.judge.judge(found, guesses[row], language).confidence
        ranked = [str(hit.entry.id) for hit in found.hits]
        records.append(question_record(text, wanted, language, ranked, sure, answers[row]))
        progress("search", row + 1, len(texts))
    return records


def _remembering_nothing(parts: Parts, encoder: CachedEncoder, models: Models) -> Parts:
    """The parts as they serve: encoders that compute every vector anew."""
    intents = models.classifier
    second = intents.second
    if second is not None and isinstance(second.encoder, CachedEncoder):
        intents = copy.copy(intents)
        intents.second = replace(second, encoder=second.encoder.encoder)
    return replace(parts, encoder=encoder.encoder, intents=intents)


def _timed(parts: Parts, held_out: HeldOut) -> list[dict[str, float]]:
    """Seconds of every step of some turns, each asked alone and with nothing remembered."""
    every = max(1, len(held_out.questions) // TIMED_QUESTIONS)
    answerer = ShopAnswerer(parts)
    turns = []
    for number, (text, _, _) in enumerate(held_out.questions[::every]):
        made = answerer.answer_batch([question_for(number, text)])[0]
        answer = made.otherwise if isinstance(made, Unwritten) else made
        steps = {one["attempt"]: float(one["seconds"]) for one in answer.trace.attempts}
        steps |= {name: float(took) for name, took in answer.trace.seconds.items()}
        turns.append(steps | {"whole_turn": sum(steps.values())})
    return turns
