"""The shell `shopkeeper`: one entry, its commands in `bot/shell/`, each loaded when it is used.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 something is missing that a command can
make (models, training, a published knowledge base). docs/shell.md lists the commands.
"""

from __future__ import annotations

import os

import typer

from bot.shell.lazy_group import LazyGroup

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Read once when numpy and FAISS are loaded. Their idle threads spin: with two of them every answer
cost twice the processor time and came no sooner (measured: 9.1 against 4.6 ms a question)."""

app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def shopkeeper() -> None:
    """Shopkeeper (掌柜): a customer-service assistant for online shops, on your own machine.

    Settings come from shopkeeper.toml and SHOPKEEPER_… variables; docs/settings.md lists them.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something is missing that a command can make.
    """


def main() -> None:
    """Run the shell."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    # What loading a model tells of layers that are not needed looks like a fault to who reads it.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    app()
