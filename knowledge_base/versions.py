"""The published versions of a knowledge base, as folders that never change.

knowledge/current                        the id of the version that serves
knowledge/versions/<id>/manifest.json    who published what and when, SHA-256 of the entries
knowledge/versions/<id>/entries.jsonl    the truth
knowledge/versions/<id>/index-<encoder>/ made from the entries, and made anew when it is spoiled
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry, VersionId
from knowledge_base.entry_file import entries_from, entries_text
from knowledge_base.errors import VersionRefused
from knowledge_base.folder import locked, new_folder, remove_unfinished, sha256_of, write_file
from knowledge_base.index_folder import (
    index_folder_name,
    load_encoded,
    load_indexes,
    save_indexes,
)
from knowledge_base.indexes import Indexes, indexes_of
from knowledge_base.phrasings import Encoded, KnownVectors, Progress, encode_entries
from knowledge_base.search import Searcher

VERSION_FORMAT = 1
PROBED_ENTRIES = 5  # entries of a new version that must answer their own question before it serves
_VERSION_ID = re.compile(r"[0-9]{6}-[0-9a-f]{8}")
_REPAIR = "Go back with `shopkeeper knowledge rollback`, or import the files and publish again."


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """What is known of a version without opening its entries.

    Attributes:
        number: 1, 2, 3 … in the order of publishing.
        created_at: when it was published, UTC.
        by: who published it.
        entries, questions: how many entries and how many phrasings it has.
        sources: name of each corpus -> number of its entries.
        languages: "zh"/"en" -> number of entries.
        previous: the version that served before it, None for the first.
        entries_sha256: SHA-256 of the file of entries.
    """

    id: VersionId
    number: int
    created_at: datetime
    by: str
    note: str
    entries: int
    questions: int
    sources: Mapping[str, int]
    languages: Mapping[str, int]
    previous: VersionId | None
    entries_sha256: str


class VersionFolder:
    """Writes, verifies and loads versions under one folder (`<state>/knowledge`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._versions = folder / "versions"
        self._pointer = folder / "current"

    def current(self) -> VersionId | None:
        """The id of the version that serves, None before the first was published.

        Raises:
            VersionRefused: the pointer is spoiled.
        """
        try:
            text = self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise VersionRefused(f"{self._pointer} cannot be read. {_REPAIR}") from error
        return checked(VersionId(text))

    def versions(self) -> list[VersionInfo]:
        """Every version whose manifest can be read, newest first."""
        found = []
        for path in self._versions.glob("*/manifest.json"):
            try:
                found.append(self.info(VersionId(path.parent.name)))
            except VersionRefused:
                continue  # a spoiled manifest is reported where that version is asked for
        return sorted(found, key=lambda info: info.number, reverse=True)

    def info(self, version: VersionId) -> VersionInfo:
        """What is known of one version.

        Raises:
            VersionRefused: unknown, or its manifest is spoiled.
        """
        path = self._path(version) / "manifest.json"
        try:
            return info_from(json.loads(path.read_text(encoding="utf-8")), version)
        except FileNotFoundError as error:
            raise VersionRefused(
                f"There is no version {version}. `shopkeeper knowledge versions` lists them."
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VersionRefused(
                f"The manifest of version {version} is spoiled. {_REPAIR}"
            ) from error

    def entries(self, version: VersionId) -> tuple[Entry, ...]:
        """The entries of a version, verified.

        Raises:
            VersionRefused: unknown or spoiled.
        """
        info = self.info(version)
        try:
            written = (self._path(version) / "entries.jsonl").read_bytes()
            if hashlib.sha256(written).hexdigest() != info.entries_sha256:
                raise ValueError("another SHA-256")
            entries = entries_from(written.decode("utf-8"))
        except (OSError, ValueError) as error:
            raise VersionRefused(
                f"The entries of version {version} are spoiled. {_REPAIR}"
            ) from error
        return entries

    def is_indexed(self, version: VersionId, digest: str) -> bool:
        """Whether a version has indexes by the encoder of a digest; else `load` builds them."""
        return (self._path(version) / index_folder_name(digest)).is_dir()

    def load(
        self, version: VersionId, encoder: Encoder, progress: Progress | None = None
    ) -> Searcher:
        """Open a version for searching.

        Indexes that are spoiled or made by another encoder are built again from the entries.

        Raises:
            VersionRefused: unknown or spoiled.
        """
        entries = self.entries(version)
        sha256 = self.info(version).entries_sha256
        folder = self._path(version) / index_folder_name(encoder.digest)
        indexes = load_indexes(folder, encoder, entries, sha256)
        if indexes is None:
            encoded = encode_entries(entries, encoder, progress=progress)
            indexes = indexes_of(entries, encoded, encoder, progress)
            self._keep(folder, indexes, encoded, encoder, sha256)
        return Searcher(entries, indexes, encoder, version)

    def publish(
        self,
        entries: Sequence[Entry],
        encoder: Encoder,
        *,
        note: str,
        by: str,
        now: datetime,
        based_on: VersionId | None,
        progress: Progress | None = None,
        above: int = 0,
        share: Callable[[VersionId], None] | None = None,
    ) -> Searcher:
        """Write a new version, open it, ask it a few of its own questions, and let it serve.

        Args:
            based_on: the version that the entries were merged with; when another one serves by
                now, nothing is published, so that two people never undo each other's work.
            above: the new version's number is higher than this one.
            share: called before it serves; when that raises, it never does.

        Raises:
            VersionRefused: another version was published meanwhile, or the new one fails its probe;
                the one that serves goes on.
            ValueError: two entries have one id in one language, or an entry has no question.
        """
        _check(entries)
        known = self._known_vectors(based_on, encoder)
        encoded = encode_entries(entries, encoder, known, progress)
        indexes = indexes_of(entries, encoded, encoder, progress)
        text = entries_text(entries)
        sha256 = hashlib.sha256(text.encode("utf-8")).hexdigest()
        with locked(self.folder):
            self._refuse_if_overtaken(based_on)
            self._versions.mkdir(exist_ok=True)
            remove_unfinished(self._versions)
            remove_unfinished(self.folder)
            number = 1 + max([above, *(_number(path.name) for path in self._versions.iterdir())])
            version = VersionId(f"{number:06d}-{sha256[:8]}")
            manifest = _manifest(entries, number, note, by, now, based_on, sha256)
            with new_folder(self._path(version)) as folder:
                (folder / "entries.jsonl").write_text(text, encoding="utf-8", newline="\n")
                (folder / "manifest.json").write_text(
                    json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8"
                )
                derived = folder / index_folder_name(encoder.digest)
                save_indexes(derived, indexes, encoded, encoder, sha256)
        try:
            searcher = self.load(version, encoder)
            probe(searcher)
            if share is not None:
                share(version)
            with locked(self.folder):
                self._refuse_if_overtaken(based_on)
                self._point_to(version)
        except (VersionRefused, OSError):
            self._remove_unless_serving(version)
            raise
        return searcher

    def manifest(self, version: VersionId) -> Mapping[str, Any]:
        """The manifest of a version that `info` could read."""
        path = self._path(version) / "manifest.json"
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return manifest

    def folder_of(self, version: VersionId) -> Path:
        """Where the files of a version lie."""
        return self._path(version)

    def holds(self, version: VersionId, digests: Mapping[str, str]) -> bool:
        """Whether manifest and entries of a version are here, with exactly these SHA-256.

        Indexes are not looked at: they are verified when they are loaded, and made anew.
        """
        folder = self._path(version)
        try:
            return all(
                sha256_of(folder / name) == digests.get(name)
                for name in ("manifest.json", "entries.jsonl")
            )
        except OSError:
            return False

    def receive(self, version: VersionId, fill: Callable[[Path], None]) -> None:
        """Take a version from elsewhere, in full or not at all; one that was here goes.

        Args:
            fill: writes the files into an empty folder; when it raises, nothing is kept.
        """
        with locked(self.folder):
            self._versions.mkdir(exist_ok=True)
            remove_unfinished(self._versions)
            shutil.rmtree(self._path(version), ignore_errors=True)
            with new_folder(self._path(version)) as folder:
                fill(folder)

    def point_to(self, version: VersionId) -> None:
        """Let a version serve again. Its entries are verified first.

        Raises:
            VersionRefused: unknown or spoiled.
        """
        self.entries(version)
        with locked(self.folder):
            self._point_to(version)

    def _known_vectors(self, version: VersionId | None, encoder: Encoder) -> KnownVectors | None:
        """What this encoder has made for a version, so that it need not be made again."""
        if version is None:
            return None
        try:
            entries, sha256 = self.entries(version), self.info(version).entries_sha256
        except VersionRefused:
            return None  # a spoiled version can be replaced, only more slowly
        folder = self._path(version) / index_folder_name(encoder.digest)
        encoded = load_encoded(folder, encoder, sha256)
        return None if encoded is None else KnownVectors.of(entries, encoded)

    def _keep(
        self, folder: Path, indexes: Indexes, encoded: Encoded, encoder: Encoder, sha256: str
    ) -> None:
        """Save rebuilt indexes for the next start; a disk that refuses them harms no search."""
        with suppress(OSError), locked(self.folder):
            shutil.rmtree(folder, ignore_errors=True)
            save_indexes(folder, indexes, encoded, encoder, sha256)

    def _remove_unless_serving(self, version: VersionId) -> None:
        """Remove a version that was not published after all: nobody may go back to it."""
        if self.current() != version:
            shutil.rmtree(self._path(version), ignore_errors=True)

    def _point_to(self, version: VersionId) -> None:
        write_file(self._pointer, f"{version}\n")

    def _refuse_if_overtaken(self, based_on: VersionId | None) -> None:
        serving = self.current()
        if serving != based_on:
            raise VersionRefused(
                f"Version {serving} was published meanwhile. Look at the changes again, "
                "then publish."
            )

    def _path(self, version: VersionId) -> Path:
        return self._versions / checked(version)


def checked(version: VersionId) -> VersionId:
    """The id, if it has the form of one: it becomes part of a path."""
    if not _VERSION_ID.fullmatch(version):
        raise VersionRefused(
            f"{version[:80]!r} is not the id of a version. "
            "`shopkeeper knowledge versions` lists them."
        )
    return version


def _number(name: str) -> int:
    return int(name[:6]) if _VERSION_ID.fullmatch(name) else 0


def _check(entries: Sequence[Entry]) -> None:
    for key, count in Counter((entry.id, entry.language) for entry in entries).items():
        if count > 1:
            raise ValueError(f"{count} entries have the id {key[0]!r} in {key[1]}")
    for entry in entries:
        if not entry.id or not entry.answer or not entry.questions or not all(entry.questions):
            raise ValueError(f"the entry {entry.id!r} has no id, no answer or an empty question")


def probe(searcher: Searcher) -> None:
    """Refuse a version that does not find what it holds; asks a few of its own questions."""
    step = max(1, len(searcher.phrasings) // PROBED_ENTRIES)
    for asked in searcher.phrasings[::step]:
        hits = searcher.search(asked.question, exact=False, k=5).hits
        if not any(hit.similarity > 0.99 for hit in hits):
            raise VersionRefused(
                f"The new version does not find its own question {asked.question[:80]!r} and does "
                "not serve. Run `shopkeeper models`, then publish again."
            )


def _manifest(
    entries: Sequence[Entry],
    number: int,
    note: str,
    by: str,
    now: datetime,
    previous: VersionId | None,
    entries_sha256: str,
) -> dict[str, Any]:
    return {
        "format": VERSION_FORMAT,
        "number": number,
        "created_at": now.isoformat(),
        "by": by,
        "note": note,
        "entries": len(entries),
        "questions": sum(len(entry.questions) for entry in entries),
        "sources": dict(Counter(entry.source for entry in entries)),
        "languages": dict(Counter(entry.language for entry in entries)),
        "previous": previous,
        "entries_sha256": entries_sha256,
    }


def info_from(manifest: Any, version: VersionId) -> VersionInfo:
    """Read a manifest. Raises ValueError, KeyError or TypeError when it is none."""
    if manifest["format"] != VERSION_FORMAT:
        raise ValueError("another format")
    fields = {name: manifest[name] for name in VersionInfo.__dataclass_fields__ if name != "id"}
    fields["created_at"] = datetime.fromisoformat(fields["created_at"])
    return VersionInfo(id=version, **fields)
