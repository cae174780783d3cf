"""Who may train from the console: one node at a time, of all that share a folder or a database."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.transcripts.published import PublishedKnowledge
from knowledge_base.folder import locked_if_free


class TrainingSlot(Protocol):
    """A place for one."""

    def taken(self) -> AbstractContextManager[bool]:
        """Take it for as long as this lasts, where it is free; gives whether it was.

        A node that dies gives it back. Raises OSError when that cannot be told.
        """
        ...


class FolderSlot:
    """See `TrainingSlot`; among the processes of a machine.

    Args:
        folder: `<state_folder>/trained/console`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def taken(self) -> AbstractContextManager[bool]:
        """See `TrainingSlot.taken`."""
        return locked_if_free(self._folder)


class SharedSlot:
    """See `TrainingSlot`; among the nodes of a database."""

    def __init__(self, shared: PublishedKnowledge) -> None:
        self._shared = shared

    def taken(self) -> AbstractContextManager[bool]:
        """See `TrainingSlot.taken`."""
        return self._shared.console_training()
