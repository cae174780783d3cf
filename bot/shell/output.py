"""How the shell speaks: results on standard output, words for people and errors beside it."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.told_steps import parent_wants_steps, tell_refusal

if TYPE_CHECKING:
    from knowledge_base.problem_texts import Both

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_MISSING = 3

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Settings file (TOML). Default: SHOPKEEPER_CONFIG, then shopkeeper.toml.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


def show(value: Any) -> None:
    """Write a JSON value, readably."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(text: str) -> None:
    """Write a line for people, beside the output that scripts read."""
    typer.echo(text, err=True)


def fail(text: str, code: int = EXIT_FAILED, both: Both | None = None) -> NoReturn:
    """Say what is wrong and what to do, and end with an exit code.

    Args:
        both: the same for a page of a server that has begun this command.
    """
    if both is not None and parent_wants_steps():
        tell_refusal(sys.stderr, both.en, both.zh)
    typer.secho(text, err=True, fg="red" if sys.stderr.isatty() else None)
    raise typer.Exit(code)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn our errors into a sentence and an exit code: 1 failed, 2 usage, 3 something missing."""
    from bot.errors import ShopkeeperError
    from bot.transcripts.errors import TranscriptsError
    from knowledge_base.errors import KnowledgeBaseError, ModelFolderRefused

    try:
        yield
    except ShopkeeperError as error:
        fail(str(error), error.exit_code)
    except ModelFolderRefused as error:
        fail(str(error), EXIT_MISSING, error.both)
    except KnowledgeBaseError as error:
        fail(str(error), both=error.both)
    except TranscriptsError as error:
        fail(str(error))
    except OSError as error:
        fail(_of_the_system(error))


def _of_the_system(error: OSError) -> str:
    """Say what the system refused: a name that is wrong, a right that is missing, a full disk."""
    what = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = error.filename or "state_folder, or the folder for temporary files"
        return f"No room is left on the disk ({where}). Make room, then run it again."
    if error.filename is None:
        return f"The system refused it: {what}. Check the rights of the folders, and the disk."
    return f"{error.filename}: {what}. Check the name, its rights and the room on its disk."


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is, on a terminal; gives the function to call with (done, of)."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
