"""How the commands of `training` show progress and figures; knows nothing of models."""

from __future__ import annotations

import csv
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table

from bot.told_steps import end_with_parent, parent_wants_steps, tell_to
from knowledge_base.entry import RowProblem
from knowledge_base.problem_texts import rows_lost_first
from training.progress import Progress, silent
from training.refusal_texts import LabelledTextRefused

PROBLEMS_SHOWN = 20
AGAIN_SECONDS = 15.0  # until a log is told again how far a long step is
WORDS = {
    "publish": "publishing the entries",
    "index": "reading the published entries",
    "encode": "encoding texts",
    "encode_second": "encoding texts for the second encoder",
    "mood": "learning moods",
    "folds": "checking on unseen phrases",
    "fit": "fitting",
    "fine-tune": "fine-tuning the encoder",
    "thresholds": "choosing thresholds",
    "search": "searching",
    "answer": "answering",
    "conversations": "reading conversations",
    "labels": "looking at the labels",
    "compare": "comparing with what the bot answers",
}


@contextmanager
def steps_shown(*, lines_elsewhere: bool = False) -> Iterator[Progress]:
    """One bar for each step, on a terminal; elsewhere silence, or a line for each as it begins.

    A parent that listens (`bot.told_steps`) is told every step, and this process ends with it.
    """
    if parent_wants_steps():
        end_with_parent()
        yield tell_to(sys.stderr)
        return
    if not sys.stderr.isatty():
        yield told_by_lines() if lines_elsewhere else silent
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(WORDS.get(what, what), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def told_by_lines(clock: Callable[[], float] = time.monotonic) -> Progress:
    """Tell of each thing as it begins, by a line on standard error: in a log no bar moves.

    What takes long is told again, with how far it is.
    """
    told: dict[str, float] = {}

    def report(what: str, done: int, total: int) -> None:
        now = clock()
        if what in told and (now - told[what] < AGAIN_SECONDS or not 0 < done < total):
            return
        far = f" {done} / {total}" if what in told else ""
        told[what] = now
        typer.echo(f"{WORDS.get(what, what)} …{far}", err=True)

    return report


def write_rows(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file in UTF-8, whole or not at all.

    Raises:
        LabelledTextRefused: it cannot be written there.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(heading)
            writer.writerows(rows)
        os.replace(fresh, path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise LabelledTextRefused(f"{path} cannot be written: {error.strerror}.") from None


def show_figures(title: str, figures: Mapping[str, Any]) -> None:
    """Show the plain figures of a summary as a table; nested ones by their path."""
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for name, value in _plain(figures):
        table.add_row(name, value)
    Console().print(table)


def show_problems(problems: Sequence[RowProblem]) -> None:
    """Say what is odd about the files, each in its own words."""
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    told = rows_lost_first(problems)
    for problem in told[:PROBLEMS_SHOWN]:
        console.print(f"{problem.severity}: {problem.message}")
    if len(problems) > PROBLEMS_SHOWN:
        console.print(f"… and {len(problems) - PROBLEMS_SHOWN} more; --json lists all of them")


def _plain(figures: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in figures.items():
        words = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, Mapping) and set(value) == {"value", "low", "high"}:
            if value["value"] is None:
                continue
            yield words, f"{value['value']:.4f} ({value['low']:.4f} to {value['high']:.4f})"
        elif isinstance(value, Mapping):
            yield from _plain(value, f"{words}: ")
        elif isinstance(value, float):
            yield words, f"{value:.4f}"
        elif isinstance(value, int | str):
            yield words, str(value)
