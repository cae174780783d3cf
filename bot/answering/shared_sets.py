"""Trained sets that nodes share: that place says which one serves, this machine's is a copy.

Knows no model, and not what the place is.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answering.trained_folder import ENCODER_DIGEST
from bot.answering.trained_sets import (
    MOST_MANIFEST_BYTES,
    PARTS,
    MadeWith,
    TrainedSet,
    TrainedSets,
    checked_id,
    digest_of,
    no_such,
    refusals_told,
)
from bot.errors import PartMissing
from knowledge_base.entry import VersionId
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import MANIFEST, verify
from knowledge_base.shared import SharedVersions, fetch, files_of

MOST_BYTES = 512 << 20
"""Of a set: fine-tuned layers of both encoders have 36 MB, a hundred thousand phrases 150 MB."""

LEFT_OVER_SECONDS = 86_400.0
"""What a process that was killed left half fetched is older than this."""

_FETCHED = ".fetched-"


class SharedSets(TrainedSets):
    """The set of this machine, and where nodes share theirs. Safe in several processes."""

    is_shared = True

    def __init__(self, folder: Path, made_with: MadeWith, shared: SharedVersions) -> None:
        """Cheap; nothing is read.

        Args:
            folder: the state folder.
            made_with: what this machine's encoders are.
            shared: where nodes share their sets.
        """
        super().__init__(folder, made_with)
        self.shared = shared
        self._begun_with: str | None = None

    @contextmanager
    def _kept_before(self) -> Iterator[None]:
        """Keep nothing: what serves is shared."""
        yield

    def serving(self) -> str | None:
        """See `TrainedSets.serving`."""
        with refusals_told():
            serving = self.shared.serving()
        return None if serving is None else checked_id(serving)

    def listed(self) -> list[TrainedSet]:
        """See `TrainedSets.listed`."""
        with refusals_told():
            about = self.shared.about()
        return [_set_from(id, one) for id, one in about.items()]

    def _manifest_text(self, id: str, part: str) -> str:
        text = b""
        with refusals_told():
            for content in self.shared.chunks(id, f"{part}/{MANIFEST}"):
                text += content
                if len(text) > MOST_MANIFEST_BYTES:
                    break
        return text.decode("utf-8", "replace")

    # -- taking over what another node made ----------------------------------------------------

    def refuse_foreign(self, id: str) -> None:
        """Refuse a set that was made with other encoders than this machine's.

        Raises:
            PartMissing: so; or it is not there.
        """
        for one in self.listed():
            if one.id != id:
                continue
            if one.made_with != self.made_with:
                raise PartMissing(
                    f"The trained set {id} was made with the encoders {_words(one.made_with)}, and "
                    f"this machine has {_words(self.made_with)}, whose vectors mean something else."
                    " Give every node the same weights and encoder settings (shopkeeper models "
                    "fetch), or train for these: shopkeeper prepare --again"
                )
            return
        raise no_such(id)

    def is_here(self, id: str) -> bool:
        """Whether this machine's folders are this set, by their manifests. May raise OSError."""
        manifests = {
            path.removesuffix(f"/{MANIFEST}"): sha256
            for path, (_, sha256) in (self.shared.files(id) or {}).items()
            if path.endswith(f"/{MANIFEST}")
        }
        return bool(manifests) and manifests == dict(self.own())

    @contextmanager
    def fetched(self, id: str) -> Iterator[Path]:
        """Fetch a set into a folder that is gone afterwards; every file is verified.

        Raises:
            PartMissing: it is damaged there, or cannot be had.
        """
        self._work.mkdir(parents=True, exist_ok=True)
        self._remove_left_over()
        folder = self._work / f"{_FETCHED}{secrets.token_hex(8)}"
        try:
            with refusals_told():
                folder.mkdir()
                fetch(self.shared, VersionId(id), folder, most_bytes=MOST_BYTES)
            _refuse_other_parts(id, folder)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # -- training ----------------------------------------------------------------------------

    @contextmanager
    def training(
        self, waits: Callable[[float], None] = time.sleep, again: bool = False
    ) -> Iterator[None]:
        """See `TrainedSets.training`.

        Raises:
            PartMissing: see `refuse_foreign` and `fetched`.
        """
        with self._turn(waits):
            self._bring_newest(again)
            yield

    @contextmanager
    def _turn(self, waits: Callable[[float], None]) -> Iterator[None]:
        with ExitStack() as stack:
            with refusals_told():
                stack.enter_context(self.shared.turn(waits))
            yield

    def share(self, by: str, now: datetime) -> str | None:
        """See `TrainedSets.share`."""
        serving = self.serving()
        with refusals_told():
            if serving is not None and self.is_here(serving):
                return serving
            number = self.shared.newest_number() + 1
            files = self._files()
            own = self.own()
            id = f"{number:06d}-{digest_of(own)[:8]}"
            about = {
                "made_at": now.isoformat(),
                "by": by,
                "parts": sorted(own),
                "encoder": self.made_with.encoder,
                "searching": self.made_with.searching,
            }
            if not self.shared.put(id, number, about, files, self.folder, self._begun_with):
                raise PartMissing(
                    "Another set was trained on another machine meanwhile. What was made here is "
                    "not shared; run the command again."
                )
        return id

    def _point_to(self, id: str, waits: Callable[[float], None]) -> None:
        self.refuse_foreign(id)
        with refusals_told(), self.shared.turn(waits):
            if not self.shared.point_to(id):
                raise PartMissing(f"The trained set {id} is there no more.")

    def _bring_newest(self, again: bool) -> None:
        """Have the set that serves on this machine, so that what is trained is based on it."""
        serving = self._begun_with = self.serving()
        if serving is None:
            return
        try:
            self.refuse_foreign(serving)
        except PartMissing:
            if again:
                return
            raise
        with self.being_made(), refusals_told():
            if not self.is_here(serving):
                with self.fetched(serving) as folder:
                    self.put_in_place(folder)

    def _files(self) -> dict[str, tuple[int, str]]:
        """Size and SHA-256 of every file of this machine's set, verified. Raises PartMissing."""
        files = {}
        for part in self.own():
            self._refuse_unusable(self.folder / part)
            for path, facts in files_of(self.folder / part).items():
                files[f"{part}/{path}"] = facts
        total = sum(size for size, _ in files.values())
        if not files or total > MOST_BYTES:
            raise PartMissing(
                f"What was trained has {total:,} bytes in {len(files)} files; it can be shared with"
                f" some, and up to {MOST_BYTES:,} bytes."
            )
        return files

    def _refuse_unusable(self, folder: Path) -> None:
        try:
            made_with = verify(folder).facts.get(ENCODER_DIGEST)
        except ModelFolderRefused as error:
            raise PartMissing(f"It is not shared: {error}") from error
        if made_with not in (None, self.made_with.encoder, self.made_with.searching):
            raise PartMissing(
                f"{folder} was made with the encoder {made_with}, which is not in use here, and is "
                "not shared. Make it anew: shopkeeper prepare --again"
            )

    def _remove_left_over(self) -> None:
        for folder in self._work.glob(f"{_FETCHED}*"):
            try:
                old = time.time() - folder.stat().st_mtime > LEFT_OVER_SECONDS
            except FileNotFoundError:
                continue  # another process was quicker
            if old:
                shutil.rmtree(folder, ignore_errors=True)


def _refuse_other_parts(id: str, folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    if not names or any(name not in PARTS for name in names):
        raise PartMissing(
            f"The shared trained set {id} names folders that no set has: train again."
        )


def _set_from(id: str, about: Mapping[str, Any]) -> TrainedSet:
    try:
        return TrainedSet(
            checked_id(id),
            datetime.fromisoformat(about["made_at"]),
            str(about["by"]),
            tuple(str(part) for part in about["parts"]),
            MadeWith(str(about["encoder"]), str(about["searching"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PartMissing(f"What is said of the shared trained set {id[:80]} is no use.") from error


def _words(made_with: MadeWith) -> str:
    return f"{made_with.encoder} ({made_with.searching} for search)"
