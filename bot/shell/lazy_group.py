"""A command group that loads a command's module only when the command is used.

`shopkeeper --help` lists every command, those of other packages too (entry points of the group
`shopkeeper.commands`), without importing what they need.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command as command_of_typer

GROUP = "shopkeeper.commands"

OURS = {
    "new": ("bot.shell.new:new", "Lay out the folder of a new shop, to begin with."),
    "serve": ("bot.shell.serve:serve", "Serve the chat, the inbox and the console on one port."),
    "ask": ("bot.shell.ask:ask", "Ask one question and see the answer with its whole trace."),
    "chat": ("bot.shell.chat:chat", "Chat with a running server from this terminal."),
    "knowledge": ("bot.shell.knowledge:knowledge", "Import, publish, roll back, search, export."),
    "staff": ("bot.shell.staff:staff", "Accounts of those who may sign in."),
    "backup": ("bot.shell.backup:backup", "Copy the running SQLite database and check the copy."),
    "restore": ("bot.shell.backup:restore", "Put a checked backup in the database's place."),
    "move-database": (
        "bot.shell.move_database:move_database",
        "Copy a stopped shop's history into another, empty database.",
    ),
    "bench": ("bot.shell.bench:bench", "Measure speed beside a plain server; prints the ratios."),
}
"""Name -> where the command is, and one line for the list."""

THEIRS = {
    "mine": "Find in old chats what shoppers ask again and again and the bot does not answer yet.",
    "models": "The models of the catalogue: list them, fetch and convert them, check them.",
    "prepare": "Publish and train what the shop's own files say, where that was not done yet.",
    "train": "Train the intents and choose the thresholds from the shop's own files.",
    "evaluate": "Measure intents, retrieval or whole answers on labelled files.",
}
"""One line for commands of `training`, which is not imported for the list."""


class LazyGroup(TyperGroup):
    """Loads commands when they are used."""

    theirs: ClassVar[dict[str, EntryPoint]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command, ours first."""
        return [*OURS, *sorted(set(_theirs()) - set(OURS))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command's line of the list; `resolve_command` gives the command itself."""
        return _line(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that is used, and load it."""
        name = args[0]
        if name in OURS or name in _theirs():
            return name, load(name), args[1:]
        self.commands = {name: _line(name) for name in self.list_commands(ctx)}
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """Import one command.

    Raises:
        typer.Exit: its package cannot be imported; what is missing was said.
    """
    if name in OURS:
        module, _, attribute = OURS[name][0].partition(":")
        found = getattr(import_module(module), attribute)
    else:
        found = _theirs()[name].load()
    return _as_command(found, name)


def _theirs() -> dict[str, EntryPoint]:
    if not LazyGroup.theirs:
        LazyGroup.theirs = {point.name: point for point in entry_points(group=GROUP)}
    return LazyGroup.theirs


def _as_command(found: Any, name: str) -> Any:
    """Make a command of what a module gives: a Typer with commands, or a plain function."""
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command()(found)
        found = single
    command = command_of_typer(found)
    command.name = name
    return command


def _line(name: str) -> Any:
    """Make what stands in the list for a command that is not loaded."""
    text = OURS[name][1] if name in OURS else THEIRS.get(name, "A command of another package.")
    stand_in = typer.Typer(add_completion=False)

    def unused() -> None: ...

    unused.__doc__ = text
    stand_in.command(name)(unused)
    command = command_of_typer(stand_in)
    command.name = name
    return command
