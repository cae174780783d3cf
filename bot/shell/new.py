"""`shopkeeper new`: lays out the folder of a shop that is not there yet."""

from __future__ import annotations

import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from bot.shell.output import EXIT_USAGE, fail, refusals_told, say

SETTINGS = "shopkeeper.toml"
LAID_OUT = ("shop.toml", "intents.toml", "intents.en.csv", "intents.zh.csv", "entries.csv")
_FILLED_IN = "shop.toml"


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; nothing may be in it.")],
    name: Annotated[str, typer.Option(help="What the shop is called.")],
    zone: Annotated[str, typer.Option(help="Its time zone.")] = "Asia/Shanghai",
) -> None:
    """Lay out the folder of a new shop, with what every shop's assistant needs and no answers yet.

    Where there is no shopkeeper.toml here yet, one is written that names the folder.

    Exit codes: 0 laid out, 1 something is there already, 2 a name or a time zone that cannot be.
    """
    if not name.strip() or re.search(r'["\\\x00-\x1f\x7f]', name):
        fail("The name must be a text without quotes and backslashes.", EXIT_USAGE)
    if zone not in available_timezones():
        fail(f"There is no time zone {zone!r}; it is written like Europe/London.", EXIT_USAGE)
    with refusals_told():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            fail(f"{folder} is there already and not empty; name a new folder.")
        lay_out(folder, name.strip(), zone)
        say(f"{folder} is laid out. Look at its shop.toml: opening hours, name.")
        _tell_settings(folder.resolve())
    say(
        "Then: shopkeeper models fetch && shopkeeper prepare && shopkeeper serve\n"
        "Answers: import your FAQ in the console, by `shopkeeper knowledge import FILE --publish`, "
        f"or write it into {folder / 'entries.csv'} before `prepare`. docs/own-shop.md tells more."
    )


def lay_out(folder: Path, name: str, zone: str) -> None:
    """Write the files of a new shop."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in LAID_OUT:
        (folder / file).write_text(_content(file, name, zone), encoding="utf-8")


def _content(file: str, name: str, zone: str) -> str:
    text = files("bot.shell").joinpath("new_shop", file).read_text(encoding="utf-8")
    return text.format(name=name, zone=zone) if file == _FILLED_IN else text


def _tell_settings(folder: Path) -> None:
    """Name the folder in the settings; of two shops each has its own state.

    Settings that are there already, or may not be written here, are left to the reader.
    """
    from bot.settings import load_settings

    settings = os.environ.get("SHOPKEEPER_CONFIG") or SETTINGS
    lines = f'shop_folder = "{folder}"\nstate_folder = "{folder}-state"\n'
    if Path(settings).exists() and load_settings(None).shop_folder.resolve() == folder:
        say(f"{settings} names it already.")
        return
    try:
        with Path(settings).open("x", encoding="utf-8") as opened:
            opened.write(lines)
    except (FileExistsError, FileNotFoundError, PermissionError):
        say(f"Put these two lines into {settings}, in the place of others of their name:\n{lines}")
    else:
        say(f"{settings} names it, and {folder}-state for what the program keeps of it.")
