"""`shopkeeper evaluate mood|takeover`: how well moods and the need for a person are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import ConfigOption, JsonOption, refusals_told, show
from training.commands_evaluate import refused_files_told, settings_and_encoder

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge_base.encoder import Encoder
    from training.progress import Progress


def mood(
    data: Annotated[
        Path | None,
        typer.Option(help="CSV of labelled texts. Without it: our own messages, kept apart."),
    ] = None,
    text: Annotated[str, typer.Option(help="Its column of texts.")] = "text",
    label: Annotated[str, typer.Option(help="Its column of labels.")] = "label",
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts for cross-validation.")] = 5,
    predictions: Annotated[
        Path | None,
        typer.Option(help="CSV file to write, text,label,predicted,confidence; with --data."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the mood of texts and say how good that was.

    With --data, every row is judged by a machine trained on the other parts of the file alone;
    encoders are fine-tuned on them too where that gains, unless SHOPKEEPER_FINE_TUNING=off, which
    takes minutes.
    Without it, the classifier that ships judges our own messages kept apart, and the shop's plain
    phrases show how often anger is seen where there is none.
    Exit codes: 0 measured, 2 a file cannot be used, 3 models missing.
    """
    from training.shown import steps_shown, write_rows

    with refusals_told(), refused_files_told(), steps_shown() as report:
        settings, encoder = settings_and_encoder(config, report)
        if data is None:
            summary = _own(settings, encoder, report)
        else:
            from training.measured_mood import HEADING, measure_file
            from training.second_encoder import second_encoder
            from training.tuned_intents import tunable_encoders

            tunable = tunable_encoders(settings, encoder, second_encoder(settings))
            measured = measure_file(
                data, text, label, encoder, folds=folds, tunable=tunable, progress=report
            )
            summary = measured.summary
            if predictions is not None:
                write_rows(predictions, HEADING, measured.rows)
    _tell("Mood", summary, as_json)


def takeover(
    data: Annotated[
        list[Path],
        typer.Option(help="JSON lines of labelled conversations. May be given several times."),
    ],
    folds: Annotated[int, typer.Option(min=2, max=20, help="Parts for cross-validation.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Tell from the course of conversations when a person should take over; rules beside trees.

    Needs no models. Exit codes: 0 measured, 2 a file cannot be used.
    """
    from training.shown import steps_shown
    from training.takeover_files import read_conversations
    from training.train_takeover import measure_takeover

    with refused_files_told(), steps_shown() as report:
        summary = measure_takeover(read_conversations(data), folds=folds, progress=report)
    _tell("When a person should take over", summary, as_json)


def _own(settings: Settings, encoder: Encoder, report: Progress) -> dict[str, Any]:
    from training.measured_mood import measure_shop

    return measure_shop(settings.shop_folder, encoder, report)


def _tell(title: str, summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(summary)
        return
    from training.shown import show_figures

    show_figures(title, summary)
