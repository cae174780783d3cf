"""What `knowledge import` gathers before `knowledge publish`: the entries of the next version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.assemble.places import knowledge_folder
from bot.errors import ShopkeeperError
from bot.settings import Settings
from knowledge_base.entry import Entry, VersionId
from knowledge_base.entry_file import entries_from, entries_text
from knowledge_base.live import KnowledgeBase


@dataclass(frozen=True, slots=True)
class Draft:
    """The next version before it is published.

    Attributes:
        based_on: the version it began with; publishing is refused when another serves by then.
        sources: names of the files that went into it.
    """

    entries: tuple[Entry, ...]
    based_on: VersionId
    sources: tuple[str, ...] = ()

    @classmethod
    def load(cls, settings: Settings) -> Draft | None:
        """Read the draft; None when there is none.

        Raises:
            ShopkeeperError: it is spoiled.
        """
        try:
            first, _, rest = _path(settings).read_text(encoding="utf-8").partition("\n")
            head = json.loads(first)
            return cls(entries_from(rest), VersionId(head["based_on"]), tuple(head["sources"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ShopkeeperError(
                f"The draft {_path(settings)} is spoiled; delete it and import again."
            ) from error

    @classmethod
    def load_or_begin(cls, settings: Settings, base: KnowledgeBase) -> Draft:
        """Read the draft, or begin one with the version that serves."""
        current = base.current
        draft = cls.load(settings)
        if draft is None or draft.based_on != current.version:
            return cls(tuple(current.entries), current.version)
        return draft

    def with_entries(self, entries: Sequence[Entry], source: str) -> Draft:
        """Give the draft after one more file."""
        return Draft(tuple(entries), self.based_on, (*self.sources, source))

    def save(self, settings: Settings) -> None:
        """Keep the draft until it is published."""
        path = _path(settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"based_on": self.based_on, "sources": self.sources})
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{head}\n{entries_text(self.entries)}", encoding="utf-8")
        fresh.replace(path)

    def forget(self, settings: Settings) -> None:
        """Delete the kept draft: it was published."""
        _path(settings).unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    return knowledge_folder(settings) / "draft.jsonl"
