"""The newest trained sets of a machine alone, kept beside the one that serves, to go back to.

A kept set is a folder of the same parts that never changes. Its files are hard links of those that
serve, where the file system has them: a trained folder is replaced as a whole and never written
into. Knows no model, and takes no lock.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.folder import new_folder, remove_unfinished, sync_tree, write_file
from knowledge_base.model_folder import MANIFEST

FACTS = "set.json"
_ID = re.compile(r"[0-9]{6}-[0-9a-f]{8}")
_UNFINISHED = "unfinished"
"""Holds the id of the set that is right while the folders that serve may be of two."""


@dataclass(frozen=True, slots=True)
class KeptSet:
    """What is known of a kept set.

    Attributes:
        by: the command that made it; empty where that was before sets were kept.
        own: part -> SHA-256 of its manifest.
    """

    id: str
    made_at: datetime
    by: str
    own: Mapping[str, str]


class KeptSets:
    """See above. Every method may raise OSError; whoever changes something holds a lock.

    Args:
        folder: `<state_folder>/trained/kept`.
        most: so many of the newest stay, and the one that serves.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = max(1, most)

    def listed(self) -> list[KeptSet]:
        """Every set, newest first; what cannot be read is none."""
        found = [_read(folder) for folder in self.folder.glob("*") if _ID.fullmatch(folder.name)]
        return sorted((one for one in found if one), key=lambda one: one.id, reverse=True)

    def matching(self, own: Mapping[str, str]) -> str | None:
        """The id of the set that these folders are, by their manifests; None for none."""
        return next((one.id for one in self.listed() if own and one.own == dict(own)), None)

    def has(self, id: str) -> bool:
        """Whether a set is kept."""
        return _ID.fullmatch(id) is not None and _read(self.folder / id) is not None

    def keep(
        self,
        served_from: Path,
        own: Mapping[str, str],
        digest: str,
        by: str,
        made_at: datetime,
    ) -> str:
        """Keep what serves, unless it is kept already; gives its id.

        Args:
            served_from: the state folder.
            digest: of `own`, for the id.
        """
        if (known := self.matching(own)) is not None:
            return known
        self.folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(self.folder)
        newest = max((int(one.id[:6]) for one in self.listed()), default=0)
        id = f"{newest + 1:06d}-{digest[:8]}"
        about = {"made_at": made_at.isoformat(), "by": by, "own": dict(own)}
        with new_folder(self.folder / id) as fresh:
            for part in own:
                _link_tree(served_from / part, fresh / part)
            (fresh / FACTS).write_text(json.dumps(about), encoding="utf-8")
        self._forget_oldest(id)
        return id

    def taken_out(self, id: str, folder: Path) -> None:
        """Put a copy of a set into a new folder, durably, without its facts."""
        folder.mkdir()
        for part in self.folder.joinpath(id).iterdir():
            if part.is_dir():
                _link_tree(part, folder / part.name)
        sync_tree(folder)

    # -- what is being put in place ----------------------------------------------------------

    def begin(self, right: str) -> None:
        """Note which set is right if what follows breaks off."""
        write_file(self.folder / _UNFINISHED, right)

    def end(self) -> None:
        """What was begun has ended: the folders are one set."""
        (self.folder / _UNFINISHED).unlink(missing_ok=True)

    def broken_off(self) -> str | None:
        """The id of the set that is right, where something broke off; None where nothing did."""
        with suppress(OSError, ValueError):
            id = (self.folder / _UNFINISHED).read_text(encoding="utf-8").strip()
            return id if _ID.fullmatch(id) else None
        return None

    def _forget_oldest(self, serving: str) -> None:
        for one in self.listed()[self._most :]:
            if one.id != serving:
                shutil.rmtree(self.folder / one.id, ignore_errors=True)


def made_when(folder: Path, parts: Mapping[str, str]) -> datetime:
    """When folders that nothing is known of were last replaced, by their manifests, UTC."""
    times = [(folder / part / MANIFEST).stat().st_mtime for part in parts]
    return datetime.fromtimestamp(max(times), UTC)


def _read(folder: Path) -> KeptSet | None:
    try:
        about = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        own = {str(part): str(sha256) for part, sha256 in about["own"].items()}
        made_at = datetime.fromisoformat(about["made_at"])
        return KeptSet(folder.name, made_at, str(about["by"]), own)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _link_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    link: Callable[..., None] = os.link
    try:
        link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
