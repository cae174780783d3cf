"""Turns what a model folder or a database refuses into what the shell tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import PartMissing, StartRefused


@contextmanager
def model_refusals(or_else: str = "") -> Iterator[None]:
    """Turn the refusal of a model folder into one that names the command that makes it.

    Args:
        or_else: a sentence on how to do without.
    """
    from knowledge_base.errors import ModelFolderRefused

    try:
        yield
    except ModelFolderRefused as error:
        raise PartMissing(f"{error}{or_else}") from error


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turn what opening a database raises into a refusal that says what to do."""
    from bot.transcripts.errors import TranscriptsError

    try:
        yield
    except OSError:  # of the state folder, not of the driver; the shell tells its name
        raise
    except TranscriptsError as error:
        raise StartRefused(str(error)) from error
    except Exception as error:  # the edge to the database's driver, whose text may hold a password
        cause = getattr(error, "orig", error)
        if hasattr(cause, "sqlite_errorname"):  # of a file: there is no password
            hint = "Look at the rights of its files, and the room on its disk."
            if cause.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                hint = "Another program holds it; end that one, or try again when it is done."
            raise StartRefused(
                f"The database cannot be opened: {cause} ({cause.sqlite_errorname}). {hint}"
            ) from error
        raise StartRefused(
            f"The database cannot be opened ({type(error).__name__}). "
            "Look at the setting database_url and whether the server runs."
        ) from error
