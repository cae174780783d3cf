"""`shopkeeper train takeover`: when a person should take over, learnt from the shop's own desk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    fail,
    refusals_told,
    say,
    show,
)
from training.commands_evaluate import refused_files_told

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge_base.entry import RowProblem
    from training.progress import Progress
    from training.takeover_conversations import LabelledConversation


ChatsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--chats",
        help="Old chats, in any form that `shopkeeper mine` reads, or JSON lines with marks. "
        "May be given several times.",
    ),
]
StaffOption = Annotated[
    list[str] | None,
    typer.Option("--staff", help="A name in the files that is the shop's. May be repeated."),
]
DeskOption = Annotated[
    bool, typer.Option(help="Learn from the conversations of this shop's own desk.")
]
FoldsOption = Annotated[int, typer.Option(min=2, max=20, help="Parts for cross-validation.")]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Keep it even where it is no better than the rules.")
]


def takeover(
    chats: ChatsOption = None,
    staff: StaffOption = None,
    desk: DeskOption = True,
    folds: FoldsOption = 5,
    force: ForceOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from the shop's own conversations when a person should take over.

    The desk labels itself: where colleagues took over, where shoppers asked for a person or were
    unhappy, and what the bot said before somebody had to ask again. The server may go on running;
    it takes the new model over within seconds, on every node. What is no better than the rules that
    come with the program, by cross-validation, is not kept (unless --force).

    Exit codes: 0 trained, 1 no better than the rules, 2 too little or a file cannot be used.
    """
    from bot.assemble.places import takeover_folder
    from bot.clock import wall_clock
    from bot.settings import load_settings
    from training.sharing import shared_opened, turn_at_training
    from training.shown import steps_shown
    from training.takeover_files import read_files
    from training.train_takeover import train_takeover

    with refusals_told(), refused_files_told(), steps_shown() as report:
        settings = load_settings(config)
        problems: list[tuple[Path, RowProblem]] = []
        learnt = read_files(
            chats or (),
            staff or (),
            settings.upload_bytes,
            odd=lambda file, problem: problems.append((file, problem)),
        )
        why: dict[str, int] = {"chats": len(learnt)} if chats else {}
        if desk:
            own, signs = _desk(settings, report)
            learnt += own
            why |= signs
        trained = train_takeover(learnt, folds=folds, progress=report)
        figures = {**trained.figures, "learnt_from": why}
        if trained.better or force:
            with shared_opened(settings) as shared, turn_at_training(settings, shared) as sets:
                with sets.being_made():
                    trained.model.save(takeover_folder(settings), {"figures": figures})
                    sets.share("train takeover", wall_clock())
    _tell(figures, problems, as_json)
    if not trained.better and not force:
        fail(
            "What was learnt is no better than the rules for certain and was not kept; what was in "
            "place still judges. Try again when the desk has seen more, or add --force.",
            EXIT_FAILED,
        )


def _desk(
    settings: Settings, report: Progress
) -> tuple[list[LabelledConversation], dict[str, int]]:
    from training.desk_lessons import desk_lessons

    lessons = desk_lessons(settings, report)
    signs: dict[str, int] = {"desk": len(lessons)}
    for lesson in lessons:
        for name, count in lesson.why.items():
            signs[name] = signs.get(name, 0) + count
    return [lesson.conversation for lesson in lessons], signs


def _tell(
    figures: dict[str, Any], problems: Sequence[tuple[Path, RowProblem]], as_json: bool
) -> None:
    if as_json:
        from training.commands_mine import told_of

        show({**figures, "problems": [told_of(file, one) for file, one in problems]})
        return
    from training.shown import show_figures, show_problems

    show_problems([one for _, one in problems])
    show_figures("When a person should take over, conversations not seen in training", figures)
    gain = figures["better_by"]
    say(
        f"Better than the rules by {gain['value']:.3f} of the area under the curve "
        f"({gain['low']:.3f} to {gain['high']:.3f})."
    )
