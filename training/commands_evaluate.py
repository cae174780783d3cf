"""`shopkeeper evaluate`: how good are intents, search and whole answers on labelled files.

The columns are described in docs/evaluation.md and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import EXIT_USAGE, ConfigOption, JsonOption, fail, refusals_told, say, show

if TYPE_CHECKING:
    from bot.settings import Settings
    from training.cached_vectors import CachedEncoder
    from training.progress import Progress

evaluate = typer.Typer(
    help="Measure intents, retrieval or whole answers on labelled files.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

TrainOption = Annotated[
    list[Path], typer.Option("--train", help="CSV text,intent. May be given several times.")
]
CorpusOption = Annotated[
    list[Path],
    typer.Option("--corpus", help="CSV id,question,answer. May be given several times."),
]


class ReportLanguage(StrEnum):
    """In which languages the page can be read."""

    EN = "en"
    ZH = "zh"


PredictionsOption = Annotated[
    Path, typer.Option("--predictions", help="CSV file to write, one row for each question.")
]
WriterOption = Annotated[
    bool, typer.Option(help="Let the generator of the settings write, if it is here.")
]


@evaluate.command()
def intents(
    train: TrainOption,
    test: Annotated[
        Path, typer.Option(help="CSV text,intent; out_of_scope means none of the intents.")
    ],
    predictions: PredictionsOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train on --train alone, guess --test, write text,intent,predicted,confidence.

    `predicted` is the best intent of the training file, `confidence` the calibrated probability
    that it is right. Exit codes: 0 measured, 2 a file cannot be used, 3 models missing.
    """
    with _measuring(config) as (settings, encoder, report):
        from training.measured_intents import HEADING, measure_intents
        from training.second_encoder import second_encoder
        from training.shown import write_rows
        from training.tuned_intents import tunable_encoders

        second = second_encoder(settings)
        tunable = tunable_encoders(settings, encoder, second)
        measured = measure_intents(
            train, test, encoder, progress=report, second=second, tunable=tunable
        )
        write_rows(predictions, HEADING, measured.rows)
    _tell("Intents", measured.summary, measured.problems, as_json)


@evaluate.command()
def retrieval(
    corpus: CorpusOption,
    queries: Annotated[
        Path, typer.Option(help="CSV text,id; an empty id means that no entry answers.")
    ],
    predictions: PredictionsOption,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search --corpus for every query, write text,id,confidence,rank1 to rank10.

    Exit codes: 0 measured, 1 a corpus file is refused, 2 a file cannot be used, 3 models missing.
    """
    with _measuring(config) as (settings, encoder, report):
        from knowledge_base.encoder_pair import pair_of
        from training.measured_retrieval import (
            HEADING,
            measure_retrieval,
            read_corpus,
            read_questions,
        )
        from training.second_encoder import second_encoder
        from training.shown import write_rows

        asked = read_questions(queries)
        read = read_corpus(corpus, pair_of(encoder, second_encoder(settings)), report)
        measured = measure_retrieval(read, asked, report)
        write_rows(predictions, HEADING, measured.rows)
    _tell("Retrieval", measured.summary, read.problems, as_json)


@evaluate.command()
def answers(
    corpus: CorpusOption,
    questions: Annotated[
        Path, typer.Option(help="CSV text,id; an empty id means that no entry answers.")
    ],
    predictions: PredictionsOption,
    train: Annotated[
        list[Path] | None,
        typer.Option("--train", help="CSV text,intent, for the intents. None: no intents."),
    ] = None,
    writer: WriterOption = True,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put every question to the real answerer, write text,decision,source,id,confidence,reply.

    The texts the bot says on its own, its actions and its writer are those of the settings.
    Exit codes: 0 measured, 1 a corpus file is refused, 2 a file cannot be used, 3 models missing.
    """
    with _measuring(config) as (settings, encoder, report):
        from knowledge_base.encoder_pair import pair_of
        from knowledge_base.search import Searcher
        from training.labelled_text import read_labelled
        from training.measured_answers import HEADING, measure_answers, parts_over
        from training.measured_retrieval import corpus_entries, read_questions
        from training.second_encoder import second_encoder
        from training.shop_training import doubt_for
        from training.shown import write_rows
        from training.train_intent_classifier import train_intents

        asked = read_questions(questions)
        entries, problems = corpus_entries(corpus)
        labelled = read_labelled(train) if train else None
        second = second_encoder(settings)
        intents_ = None
        if labelled:
            intents_ = train_intents(labelled, encoder, progress=report, second=second)
        searching = pair_of(encoder, second)
        judge = doubt_for(entries, searching, labelled, intents_, progress=report)
        searcher = Searcher.of(entries, searching)
        classifier = intents_.classifier if intents_ else None
        with parts_over(searcher, judge, classifier, settings, writer=writer) as parts:
            measured = measure_answers(parts, asked, report)
        write_rows(predictions, HEADING, measured.rows)
    _tell("Answers", measured.summary, problems, as_json)


@evaluate.command()
def shop(
    report_file: Annotated[
        Path | None, typer.Option("--report", help="JSON or HTML file to write the report to.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            help="Compare with another version: a report (.json), or a state folder with its "
            "trained models.",
        ),
    ] = None,
    language: Annotated[
        ReportLanguage | None,
        typer.Option("--language", help="Language of the page. Default: the shop's first."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the shop of the settings on its own held-out files, all in one report.

    Trains afresh on the shop's files; what serves is not touched. With --compare both versions
    answer the same questions, and differences come with paired 95 % intervals. Exit codes:
    0 measured, 2 a file cannot be used, 3 models missing.
    """
    with _measuring(config) as (settings, encoder, report):
        from training.report import refuse_other_endings, write_report
        from training.shop_report import first_language, shop_report

        if report_file is not None:
            refuse_other_endings(report_file)
        found = shop_report(settings, encoder, report, other=compare)
        if report_file is not None:
            spoken = language.value if language else first_language(settings.shop_folder)
            write_report(report_file, found, spoken)
    if as_json:
        show({name: part for name, part in found.items() if name != "records"})
        return
    from training.shown import show_figures

    show_figures("Shop", {part: found[part] for part in ("intents", "questions")})
    for row in found.get("comparison", {}).get("rows", ()):
        difference = row["difference"]
        say(
            f"{row['figure'].replace('_', ' ')} ({row['language']}): {difference['value']:+.4f} "
            f"({difference['low']:+.4f} to {difference['high']:+.4f}), {row['verdict']}"
        )


@evaluate.command()
def talks(
    files: Annotated[
        list[Path],
        typer.Option(
            "--talks", help="File of talks, see docs/evaluation.md. May be given several times."
        ),
    ],
    language: Annotated[
        ReportLanguage, typer.Option("--language", help="Language of the chat window.")
    ],
    predictions: PredictionsOption,
    writer: WriterOption = True,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put whole talks to what serves, and grade every message: right, weak or wrong.

    Writes talk,text,wanted,grade,decision,source,id,rule,reply. Exit codes: 0 measured, 2 a file
    cannot be used, 3 models missing.
    """
    with refusals_told(), refused_files_told():
        from bot.assemble.brain import assemble_brain
        from bot.settings import OFF, load_settings
        from training.measured_talks import HEADING, measure_talks
        from training.shown import steps_shown, write_rows
        from training.talks import read_talks

        settings = load_settings(config)
        if not writer:
            settings = settings.model_copy(update={"generator": OFF})
        with (
            closing(assemble_brain(settings)) as brain,
            steps_shown(lines_elsewhere=True) as report,
        ):
            entries = brain.knowledge.current.entries
            answers = {str(one.id): one.answer for one in entries if one.language == language.value}
            read = [talk for file in files for talk in read_talks(file, answers)]
            measured = measure_talks(brain.answerer, read, language.value, answers, report)
        write_rows(predictions, HEADING, measured.rows)
    _tell("Talks", measured.summary, (), as_json)


@contextmanager
def _measuring(config: Path | None) -> Iterator[tuple[Settings, CachedEncoder, Progress]]:
    """Settings, an encoder that remembers, and bars; refusals become exit codes."""
    with refusals_told(), refused_files_told():
        from training.shown import steps_shown

        with steps_shown(lines_elsewhere=True) as report:
            settings, encoder = settings_and_encoder(config, report)
            yield settings, encoder, report


def settings_and_encoder(config: Path | None, report: Progress) -> tuple[Settings, CachedEncoder]:
    """The settings and their encoder, which keeps vectors in the state folder."""
    from bot.assemble.encoders import load_encoder
    from bot.settings import load_settings
    from training.cached_vectors import CachedEncoder

    settings = load_settings(config)
    cache = settings.state_folder / "cache" / "vectors"

    def encoding(done: int, total: int) -> None:
        report("encode", done, total)

    return settings, CachedEncoder(load_encoder(settings), cache, encoding)


@contextmanager
def refused_files_told() -> Iterator[None]:
    """Tell why a file that was named cannot be used."""
    from training.refusal_texts import LabelledTextRefused

    try:
        yield
    except LabelledTextRefused as error:
        fail(str(error), EXIT_USAGE, error.both)


def _tell(title: str, summary: dict[str, Any], problems: Sequence[Any], as_json: bool) -> None:
    if as_json:
        show({**summary, "problems": [one.message for one in problems]})
        return
    from training.shown import show_figures, show_problems

    show_problems(problems)
    show_figures(title, summary)
