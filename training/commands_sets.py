"""`shopkeeper train versions` and `rollback`: what was trained, and going back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import ConfigOption, JsonOption, refusals_told, say, show

if TYPE_CHECKING:
    from bot.answering.trained_sets import TrainedSets

SetArgument = Annotated[
    str | None, typer.Argument(help="Which one; the one before the current by itself.")
]


def versions(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List what was trained, newest first: what nodes share, or what a machine alone keeps.

    Exit codes: 0 listed, 3 models missing.
    """
    with _sets(config) as sets:
        serving, listed = sets.serving(), sets.listed()
    if as_json:
        rows = [
            {"set": one.id, "made_at": one.made_at.isoformat(), "by": one.by, "parts": one.parts}
            for one in listed
        ]
        show({"serving": serving, "sets": rows})
        return
    for one in listed:
        mark = "*" if one.id == serving else " "
        say(f"{mark} {one.id}  {one.made_at:%Y-%m-%d %H:%M}  {one.by:<14} {', '.join(one.parts)}")
    if not listed:
        say("Nothing was trained yet: shopkeeper prepare")


def rollback(
    set: SetArgument = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Answer with an earlier trained set again, on every node, within seconds.

    Exit codes: 0 done, 3 there is none, or it was made with other models.
    """
    with _sets(config, must_fit=True) as sets:
        serving = sets.roll_back(set)
    if as_json:
        show({"serving": serving})
    else:
        say(f"The trained set {serving} serves.")


@contextmanager
def _sets(config: ConfigOption, must_fit: bool = False) -> Iterator[TrainedSets]:
    with refusals_told():
        from bot.settings import load_settings
        from training.sharing import sets_of, shared_opened

        settings = load_settings(config)
        with shared_opened(settings) as shared:
            yield sets_of(settings, shared, must_fit)
