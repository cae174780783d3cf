"""Small shops that were written for this project, with what shoppers ask of them.

They lie in `training/small_shops/`: those in `measured/` are for measuring alone, nothing is learnt
from them; those in `learnt/` are what `training.ship_told` learns from. Each was written by
somebody who had seen nothing of the program and no other shop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

from knowledge_base.entry import Entry, EntryId, Language
from training.talks import Talk, read_talks


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """One entry and the questions written for it.

    Attributes:
        told: what it answers; in `measured` shops in other words than its phrasings, in most
            `learnt` ones half of them in the same.
        untold: about the same thing, answered by no entry of the shop.
    """

    entry: Entry
    told: tuple[str, ...]
    untold: tuple[str, ...]

    def published(self, phrasings: int) -> Entry:
        """The entry with at most so many of its phrasings."""
        return replace(self.entry, questions=self.entry.questions[:phrasings])


@dataclass(frozen=True, slots=True)
class SmallShop:
    """One shop as it was written.

    Attributes:
        near: questions on other matters of such a shop, which no entry answers.
        talks: of whole conversations what the shopper types; by others, who saw the entries.
    """

    name: str
    language: Language
    entries: tuple[WrittenEntry, ...]
    near: tuple[str, ...]
    talks: tuple[Talk, ...] = ()


def small_shops(part: Literal["measured", "learnt"]) -> Iterator[SmallShop]:
    """Every shop of a part, in the order of their names."""
    with as_file(files("training").joinpath("small_shops").joinpath(part)) as folder:
        for path in sorted(folder.glob("*.json")):
            yield _read(path)


def _read(path: Path) -> SmallShop:
    written = json.loads(path.read_text(encoding="utf-8"))
    language: Language = written["language"]
    entries = tuple(
        WrittenEntry(
            Entry(EntryId(one["id"]), tuple(one["phrasings"]), one["answer"], language),
            tuple(one["told"]),
            tuple(one["untold"]),
        )
        for one in written["entries"]
    )
    talks = path.with_suffix(".talks.txt")
    said = read_talks(talks, {str(one.entry.id) for one in entries}) if talks.exists() else ()
    return SmallShop(path.stem, language, entries, tuple(written["near"]), tuple(said))
