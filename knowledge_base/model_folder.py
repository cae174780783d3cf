"""A model is a folder with a `manifest.json`: what it is, what it was made from, what is in it.

The manifest names every file with its size and SHA-256. A folder is filled under a temporary
name, synced and renamed, so that it is there completely or not at all. Knows no model library.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge_base.errors import ModelFolderRefused

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FilePrint:
    """Size and SHA-256 of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself.

    Attributes:
        name: catalogue name.
        kind: "encoder" or "generator".
        made_from: where the weights came from, JSON values only (source, sha256 …).
        facts: what the serving code must know (dimensions, prefixes …), JSON values only.
        files: every file but the manifest, by its path with forward slashes.
    """

    name: str
    kind: str
    made_from: Mapping[str, Any]
    facts: Mapping[str, Any]
    files: Mapping[str, FilePrint] = field(default_factory=dict)

    def digest(self, under: str = "") -> str:
        """Sixteen hexadecimal digits that change with any fact or any file below `under`."""
        said = [self.name, self.kind, json.dumps(dict(self.facts), sort_keys=True)]
        said += [
            f"{path} {self.files[path].sha256}"
            for path in sorted(self.files)
            if path.startswith(under)
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_json(path: Path, content: Any) -> None:
    """Write JSON that people can read, in UTF-8."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read what the folder says of itself.

    Raises:
        ModelFolderRefused: there is no such folder, or its manifest is missing, broken or foreign.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _refused(
            folder, "is missing" if not folder.exists() else "has no manifest"
        ) from error
    except (ValueError, OSError) as error:
        raise _refused(folder, "has a manifest that cannot be read") from error
    return manifest_from(text, folder)


def manifest_from(text: str, folder: Path | str) -> Manifest:
    """Read the text of a manifest.

    Args:
        folder: what the refusal names.

    Raises:
        ModelFolderRefused: it is broken or foreign.
    """
    folder = Path(folder)
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT:
            raise _refused(folder, f"is of format {raw['format']!r}, and this is format {FORMAT}")
        files = {
            str(path): FilePrint(int(one["bytes"]), str(one["sha256"]))
            for path, one in raw["files"].items()
        }
        return Manifest(
            str(raw["name"]), str(raw["kind"]), dict(raw["made_from"]), dict(raw["facts"]), files
        )
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise _refused(folder, "has a manifest that cannot be read") from error


def verify(folder: Path, kind: str | None = None, under: str = "") -> Manifest:
    """Read the manifest and compare every file with it, byte for byte.

    Args:
        folder: the model folder.
        kind: what it must be, None for any.
        under: compare only files whose path begins so; the others need not be there.

    Raises:
        ModelFolderRefused: something is missing, altered, of another kind, or a link; the text
            names the command that repairs it.
    """
    manifest = read_manifest(folder)
    if kind is not None and manifest.kind != kind:
        raise _refused(folder, f"holds a model of kind {manifest.kind!r}, not {kind!r}")
    checked = [path for path in manifest.files if path.startswith(under)]
    if not checked:
        raise _refused(folder, f"has no files under {under!r}")
    for path in checked:
        _compare(folder, path, manifest.files[path])
    return manifest


def _compare(folder: Path, path: str, expected: FilePrint) -> None:
    place = folder / path
    if ".." in Path(path).parts or Path(path).is_absolute() or place.is_symlink():
        raise _refused(folder, f"names a file outside itself ({path!r})")
    if not place.is_file():
        raise _refused(folder, f"lacks {path}")
    if place.stat().st_size != expected.bytes or sha256_of(place) != expected.sha256:
        raise _refused(folder, f"holds an altered {path}")


def _refused(folder: Path, what: str) -> ModelFolderRefused:
    return ModelFolderRefused(
        f"The model folder {folder} {what}. "
        f"Make it again with `shopkeeper models fetch {folder.name}`."
    )


@contextmanager
def new_folder(target: Path, manifest: Manifest) -> Iterator[Path]:
    """Give a temporary folder to fill; on leaving it is sealed and takes the place of `target`.

    When the block raises, nothing of it stays and an old `target` is untouched. Files of earlier
    runs that were killed are removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*.new"):
        shutil.rmtree(left)
    folder = target.parent / f".{target.name}.{secrets.token_hex(4)}.new"
    folder.mkdir()
    try:
        yield folder
        _seal(folder, manifest)
        replace_folder(target, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seal(folder: Path, manifest: Manifest) -> None:
    """Write the manifest over what is there and make all of it durable."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    write_json(
        folder / MANIFEST,
        {
            "format": FORMAT,
            "name": manifest.name,
            "kind": manifest.kind,
            "made_from": dict(manifest.made_from),
            "facts": dict(manifest.facts),
            "files": {
                path.relative_to(folder).as_posix(): {
                    "bytes": path.stat().st_size,
                    "sha256": sha256_of(path),
                }
                for path in paths
            },
        },
    )
    sync([*paths, folder / MANIFEST, folder])


def replace_folder(target: Path, folder: Path) -> None:
    """Put a synced folder in place; an old one is moved aside first and removed afterwards."""
    old = target.parent / f".{target.name}.{secrets.token_hex(4)}.new"
    if target.exists():
        target.rename(old)
    folder.rename(target)
    sync([target.parent])
    shutil.rmtree(old, ignore_errors=True)


def sync(paths: Iterable[Path]) -> None:
    """Make files and folders durable."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
