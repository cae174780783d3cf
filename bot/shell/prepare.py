"""`shopkeeper prepare`: publish and train what the shop's folder holds, unless that was done."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.lazy_group import has_command
from bot.shell.output import ConfigOption, fail, progress_bar, refusals_told, say

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge_base.encoder import Encoder

STAMP = "prepared.json"
ENTRY_FILES = "entries.*"
TRAINED_FROM = ("intents.toml", "intents.*.csv", "entries.*", "held_out/*.csv")


def prepare(
    again: Annotated[bool, typer.Option("--again", help="Also when nothing changed.")] = False,
    config: ConfigOption = None,
) -> None:
    """Publish the shop's entries and train its intents, when its files changed since the last time.

    Exit codes: 0 ready to serve, 1 a file was refused, 3 models missing.
    """
    with refusals_told():
        from bot.assemble import load_encoder, load_shop
        from bot.settings import load_settings

        settings = load_settings(config)
        load_shop(settings)
        encoder = load_encoder(settings)
        digest = _digest(settings, encoder)
        stamp = settings.state_folder / STAMP
        if not again and stamp.exists() and json.loads(stamp.read_text())["digest"] == digest:
            say("Nothing changed since the last time.")
            return
        _publish(settings, encoder)
        _train(config)
        stamp.write_text(json.dumps({"digest": digest}), encoding="utf-8")
        say("Ready: shopkeeper serve")


def _publish(settings: Settings, encoder: Encoder) -> None:
    """Publish the entry files of the shop as one version, when they say anything new."""
    from bot.assemble import load_knowledge, wall_clock
    from knowledge_base.merge import merge
    from knowledge_base.readers.uploads import read_entries

    base = load_knowledge(settings, encoder)
    entries = base.current.entries
    files = sorted(settings.shop_folder.glob(ENTRY_FILES))
    if not files:
        fail(f"There is no {ENTRY_FILES} in {settings.shop_folder}: nothing could be answered.")
    changed = False
    for file in files:
        read = read_entries(file, max_bytes=settings.upload_bytes)
        merged = merge(entries, read.entries, file.name)
        changed |= bool(merged.added or merged.changed or merged.removed)
        entries = merged.entries
        for problem in read.problems:
            say(f"{file.name}: {problem.severity}: {problem.message}")
        say(f"{file.name}: {len(read.entries)} entries, {read.skipped_rows} rows not imported")
    if not changed:
        return
    with progress_bar("encode") as progress:
        info = base.publish(
            entries,
            note=", ".join(file.name for file in files),
            by="prepare",
            now=wall_clock(),
            progress=progress,
        )
    say(f"Published {info.id}: {info.entries} entries, {info.questions} questions.")


def _train(config: Path | None) -> None:
    """Run `shopkeeper train`, which belongs to another package, in a process of its own."""
    if not has_command("train"):
        say("`shopkeeper train` is not installed here; intents stay as they are.")
        return
    options = [] if config is None else ["--config", str(config)]
    done = subprocess.run([sys.executable, "-m", "bot", "train", *options], check=False)
    if done.returncode:
        fail("Training did not succeed; see above.", done.returncode)


def _digest(settings: Settings, encoder: Encoder) -> str:
    """Name everything that preparing depends on."""
    digest = hashlib.sha256(encoder.digest.encode())
    for pattern in TRAINED_FROM:
        for file in sorted(settings.shop_folder.glob(pattern)):
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
