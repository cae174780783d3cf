"""What was trained for a shop, as one set: its folders on this machine, and the sets nodes share.

A set is whatever is there of `PARTS`, each a folder with a manifest, and is exchanged as a whole:
thresholds are chosen for the very intents beside them. Where nodes share sets, that place says
which one serves, and the folders of this machine are a copy. A machine alone keeps its newest sets
itself (`kept_sets`). Knows no model.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.answering.kept_sets import KeptSet, KeptSets, made_when
from bot.answering.trained_folder import ENCODER_DIGEST
from bot.errors import PartMissing
from knowledge_base.entry import VersionId
from knowledge_base.errors import ModelFolderRefused, VersionRefused
from knowledge_base.folder import locked, locked_if_free, sha256_of, sync_tree
from knowledge_base.model_folder import (
    MANIFEST,
    Manifest,
    manifest_from,
    read_manifest,
    replace_folder,
    verify,
)
from knowledge_base.shared import SharedVersions, fetch, files_of, reached

PARTS = ("intents", "doubt", "moods", "takeover")
"""Folders under the state folder."""

MOST_BYTES = 512 << 20
"""Of a set: fine-tuned layers of both encoders have 36 MB, a hundred thousand phrases 150 MB."""

MOST_MANIFEST_BYTES = 1 << 20

LEFT_OVER_SECONDS = 86_400.0
"""What a process that was killed left half fetched is older than this."""

_SET_ID = re.compile(r"[0-9]{6}-[0-9a-f]{8}")
_FETCHED = ".fetched-"

Own = Mapping[str, str]
"""Part -> SHA-256 of its manifest, which names the SHA-256 of every file beside it."""


@dataclass(frozen=True, slots=True)
class MadeWith:
    """Which encoders a set was made with; vectors of others mean something else.

    Attributes:
        encoder: digest of the first.
        searching: digest of what search asks, the second one with it.
    """

    encoder: str
    searching: str


@dataclass(frozen=True, slots=True)
class TrainedSet:
    """What is known of a set that is shared, or kept.

    Attributes:
        id: sorts by age; becomes part of no path.
        by: the command that made it.
        parts: what is in it.
    """

    id: str
    made_at: datetime
    by: str
    parts: tuple[str, ...]
    made_with: MadeWith


class TrainedSets:
    """The set of this machine, and where nodes share theirs. Safe in several processes."""

    def __init__(
        self,
        folder: Path,
        made_with: MadeWith,
        shared: SharedVersions | None = None,
        most_kept: int = 10,
    ) -> None:
        """Cheap; nothing is read.

        Args:
            folder: the state folder.
            made_with: what this machine's encoders are.
            shared: where nodes share their sets; None: this machine's are all there are.
            most_kept: so many sets a machine alone keeps to go back to.
        """
        self.folder = folder
        self.made_with = made_with
        self.shared = shared
        self._work = folder / "trained"
        self._kept = KeptSets(self._work / "kept", most_kept)
        self._begun_with: str | None = None

    # -- this machine ------------------------------------------------------------------------

    def own(self) -> Own:
        """Tell what is on this machine; cheap enough to be asked every second."""
        found = {}
        for part in PARTS:
            try:
                found[part] = sha256_of(self.folder / part / MANIFEST)
            except OSError:
                continue  # not there, or just being replaced
        return found

    @contextmanager
    def being_made(self) -> Iterator[None]:
        """Let nobody on this machine take over, or replace, half of a set while this lasts.

        What breaks off, also by a kill, leaves a machine alone with the set that it had.
        """
        with locked(self._work):
            self._mend()
            if self.shared is not None or not (own := self.own()):
                yield
                return
            before = self._kept.keep(
                self.folder, own, _digest_of(own), "", made_when(self.folder, own)
            )
            self._kept.begin(before)
            try:
                yield
            except BaseException:
                self._mend()
                raise
            self._kept.end()

    @contextmanager
    def at_rest(self) -> Iterator[bool]:
        """Tell whether nobody makes a set just now, and keep it so; waits for nobody."""
        with locked_if_free(self._work) as free:
            if free:
                self._mend()
            yield free

    def mend(self) -> None:
        """Go back to one whole set where a process was killed between two of its folders."""
        if self._kept.broken_off() is not None:
            with self.at_rest():
                pass

    def _mend(self) -> None:
        """The same; needs the lock."""
        right = self._kept.broken_off()
        if right is None:
            return
        if self._kept.has(right):
            self._put_back(right)
        else:  # forgotten, so what was begun had come to its end
            self._kept.end()

    def _put_back(self, id: str) -> None:
        """Make a kept set the one that serves here, wholly, whatever breaks off meanwhile."""
        self._kept.begin(id)
        folder = self._work / f"{_FETCHED}{secrets.token_hex(8)}"
        try:
            self._kept.taken_out(id, folder)
            self.put_in_place(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._kept.end()

    # -- what nodes share --------------------------------------------------------------------

    def serving(self) -> str | None:
        """The id of the set that serves; None before the first.

        On a machine alone: of the kept set that its folders are, None where they are of none.

        Raises:
            PartMissing: it cannot be told.
        """
        if self.shared is None:
            return self._kept.matching(self.own())
        with _told():
            serving = self.shared.serving()
        return None if serving is None else _checked(serving)

    def listed(self) -> list[TrainedSet]:
        """Every set that is shared, or kept, newest first. Raises PartMissing."""
        if self.shared is None:
            return [_set_kept(one) for one in self._kept.listed()]
        with _told():
            about = self.shared.about()
        return [_set_from(id, one) for id, one in about.items()]

    def manifests(self, id: str) -> dict[str, Manifest]:
        """What the parts of a set say of themselves; a part that cannot be read is left out.

        Raises:
            PartMissing: the place is out of reach.
        """
        found = {}
        for part in PARTS:
            with suppress(ModelFolderRefused, OSError):
                found[part] = manifest_from(self._manifest_text(id, part), part)
        return found

    def _manifest_text(self, id: str, part: str) -> str:
        """Give the text of one manifest, or "" where the set has no such part."""
        if self.shared is None:
            file = self._kept.folder / _checked(id) / part / MANIFEST
            return file.read_text(encoding="utf-8")[:MOST_MANIFEST_BYTES]
        text = b""
        with _told():
            for content in self.shared.chunks(id, f"{part}/{MANIFEST}"):
                text += content
                if len(text) > MOST_MANIFEST_BYTES:
                    break
        return text.decode("utf-8", "replace")

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
        raise _no_such(id)

    def is_here(self, id: str) -> bool:
        """Whether this machine's folders are this set, by their manifests. May raise OSError."""
        assert self.shared is not None
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
        assert self.shared is not None
        self._work.mkdir(parents=True, exist_ok=True)
        self._remove_left_over()
        folder = self._work / f"{_FETCHED}{secrets.token_hex(8)}"
        try:
            with _told():
                folder.mkdir()
                fetch(self.shared, VersionId(id), folder, most_bytes=MOST_BYTES)
            _refuse_other_parts(id, folder)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put_in_place(self, fetched: Path) -> None:
        """Make what was fetched this machine's set; needs `being_made` or `at_rest`.

        May raise OSError. A power cut between two parts leaves a mixture, which is not the shared
        set, and is replaced at the next start.
        """
        sync_tree(fetched)
        for part in PARTS:
            if (fetched / part).is_dir():
                replace_folder(self.folder / part, fetched / part)
            else:
                shutil.rmtree(self.folder / part, ignore_errors=True)

    @contextmanager
    def training(
        self, waits: Callable[[float], None] = time.sleep, again: bool = False
    ) -> Iterator[None]:
        """Be the only one, of all nodes, who trains; the set that serves is here when it begins.

        Args:
            again: begin with what is here where that set was made with other encoders.

        Raises:
            PartMissing: see `refuse_foreign` and `fetched`.
        """
        with ExitStack() as stack:
            if self.shared is not None:
                with _told():
                    stack.enter_context(self.shared.turn(waits))
                self._bring_newest(again)
            yield

    def share(self, by: str, now: datetime) -> str | None:
        """Share the set of this machine, and let it serve everywhere; a machine alone keeps it.

        Nothing is shared, and the id of the one that serves is given, where that is the very same.
        None: there is nothing to keep.

        Raises:
            PartMissing: another was shared since `training` began, or it cannot be kept; then this
                machine's has changed and the shared one has not.
        """
        if self.shared is None:
            own = self.own()
            return self._kept.keep(self.folder, own, _digest_of(own), by, now) if own else None
        serving = self.serving()
        with _told():
            if serving is not None and self.is_here(serving):
                return serving
            number = self.shared.newest_number() + 1
            files = self._files()
            own = self.own()
            id = f"{number:06d}-{_digest_of(own)[:8]}"
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

    def roll_back(self, id: str | None = None, waits: Callable[[float], None] = time.sleep) -> str:
        """Let an earlier set serve again, everywhere; the one before by itself.

        Args:
            waits: called while somebody trains, to sleep so long; may raise to give up.

        Raises:
            PartMissing: there is none, or it is not for the encoders of this machine.
        """
        if id is None:
            id = self._one_before()
        if self.shared is None:
            self._roll_back_here(id)
            return id
        self.refuse_foreign(id)
        with _told(), self.shared.turn(waits):
            if not self.shared.point_to(id):
                raise PartMissing(f"The trained set {id} is there no more.")
        return id

    def _roll_back_here(self, id: str) -> None:
        with _told(), locked(self._work):
            self._mend()
            if not self._kept.has(id):
                raise _no_such(id)
            for part in self.manifests(id):
                self._refuse_spoiled(id, part)
            self._put_back(id)

    def _refuse_spoiled(self, id: str, part: str) -> None:
        """Refuse what this machine could not open any more. Raises PartMissing."""
        try:
            kept = verify(self._kept.folder / id / part)
        except ModelFolderRefused as error:
            raise PartMissing(f"The trained set {id} is damaged: {error}") from error
        made_with = kept.facts.get(ENCODER_DIGEST)
        with suppress(ModelFolderRefused):  # spoiled, or not there: nothing to compare with
            if read_manifest(self.folder / part).kind != kept.kind:
                raise PartMissing(
                    f"The trained set {id} is of another version of the program ({kept.kind}), "
                    "which this one cannot open. Train again: shopkeeper prepare --again"
                )
        ours = {self.made_with.encoder, self.made_with.searching} - {""}
        if ours and made_with not in (None, *ours):
            raise PartMissing(
                f"The trained set {id} was made with the encoder {made_with}, which is not in use "
                "here any more. Train again: shopkeeper prepare --again"
            )

    def _one_before(self) -> str:
        serving = self.serving()
        older = [one.id for one in self.listed() if serving is not None and one.id < serving]
        if not older:
            raise PartMissing("There is no earlier trained set to go back to.")
        return max(older)

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
        with self.being_made(), _told():
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


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the place, or this disk, refuses into a refusal that says what to do."""
    try:
        with reached():
            yield
    except VersionRefused as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            raise PartMissing(
                f"The shared trained sets could not be read or written ({cause}). Look whether the "
                "database runs and the disk has room, then try again."
            ) from error
        raise PartMissing(
            f"The shared trained set is damaged: {str(error).partition('.')[0]}. Go back with "
            "`shopkeeper train rollback`, or train again: shopkeeper train"
        ) from error


def _refuse_other_parts(id: str, folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    if not names or any(name not in PARTS for name in names):
        raise PartMissing(
            f"The shared trained set {id} names folders that no set has: train again."
        )


def _no_such(id: str) -> PartMissing:
    return PartMissing(
        f"There is no trained set {id[:80]}. `shopkeeper train versions` lists them."
    )


def _set_kept(kept: KeptSet) -> TrainedSet:
    parts = tuple(sorted(kept.own))
    return TrainedSet(kept.id, kept.made_at, kept.by, parts, MadeWith("", ""))


def _checked(id: str) -> str:
    if not _SET_ID.fullmatch(id):
        raise PartMissing(f"The database names a trained set {id[:80]!r}, which is no id of one.")
    return id


def _set_from(id: str, about: Mapping[str, Any]) -> TrainedSet:
    try:
        return TrainedSet(
            _checked(id),
            datetime.fromisoformat(about["made_at"]),
            str(about["by"]),
            tuple(str(part) for part in about["parts"]),
            MadeWith(str(about["encoder"]), str(about["searching"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PartMissing(f"What is said of the shared trained set {id[:80]} is no use.") from error


def _words(made_with: MadeWith) -> str:
    return f"{made_with.encoder} ({made_with.searching} for search)"


def _digest_of(own: Own) -> str:
    said = "\n".join(f"{part} {sha256}" for part, sha256 in sorted(own.items()))
    return hashlib.sha256(said.encode("ascii")).hexdigest()
