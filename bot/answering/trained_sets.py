"""What was trained for a shop, as one set: its folders on this machine, and the ones before it.

A set is whatever is there of `PARTS`, each a folder with a manifest, and is exchanged as a whole:
thresholds are chosen for the very intents beside them. A machine alone keeps its newest sets
itself (`kept_sets`), to go back to; where nodes share theirs, see `shared_sets`. Knows no model.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.answering.kept_sets import KeptSet, KeptSets, made_when
from bot.answering.trained_folder import ENCODER_DIGEST
from bot.errors import PartMissing
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
from knowledge_base.shared import reached

PARTS = ("intents", "doubt", "moods", "takeover")
"""Folders under the state folder."""

MOST_MANIFEST_BYTES = 1 << 20

_SET_ID = re.compile(r"[0-9]{6}-[0-9a-f]{8}")
_TAKEN_OUT = ".taken-out"

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
        id: sorts by age.
        by: the command that made it.
        parts: what is in it.
    """

    id: str
    made_at: datetime
    by: str
    parts: tuple[str, ...]
    made_with: MadeWith


class TrainedSets:
    """The sets of a machine alone. Safe in several processes."""

    is_shared = False

    def __init__(self, folder: Path, made_with: MadeWith, most_kept: int = 10) -> None:
        """Cheap; nothing is read.

        Args:
            folder: the state folder.
            made_with: what this machine's encoders are.
            most_kept: so many sets a machine alone keeps to go back to.
        """
        self.folder = folder
        self.made_with = made_with
        self._work = folder / "trained"
        self._kept = KeptSets(self._work / "kept", most_kept)

    # -- the folders that serve --------------------------------------------------------------

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
            with self._kept_before():
                yield

    @contextmanager
    def _kept_before(self) -> Iterator[None]:
        """Keep what serves, and go back to it where what follows breaks off."""
        own = self.own()
        if not own:
            yield
            return
        before = self._kept.keep(self.folder, own, digest_of(own), "", made_when(self.folder, own))
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
        folder = self._work / _TAKEN_OUT
        shutil.rmtree(folder, ignore_errors=True)  # what a process that was killed left
        try:
            self._kept.taken_out(id, folder)
            self.put_in_place(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._kept.end()

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

    # -- the sets --------------------------------------------------------------------------------

    def serving(self) -> str | None:
        """The id of the set that serves; None before the first, or where it is none of them.

        Raises:
            PartMissing: it cannot be told.
        """
        return self._kept.matching(self.own())

    def listed(self) -> list[TrainedSet]:
        """Every set, newest first. Raises PartMissing."""
        return [_set_kept(one) for one in self._kept.listed()]

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
        file = self._kept.folder / checked_id(id) / part / MANIFEST
        return file.read_text(encoding="utf-8")[:MOST_MANIFEST_BYTES]

    @contextmanager
    def training(
        self, waits: Callable[[float], None] = time.sleep, again: bool = False
    ) -> Iterator[None]:
        """Be the only one, of all nodes, who trains; the set that serves is here when it begins.

        Args:
            waits: called while another node trains, to sleep so long; may raise to give up.
            again: begin with what is here where that set was made with other encoders.

        Raises:
            PartMissing: see `SharedSets`.
        """
        yield

    def share(self, by: str, now: datetime) -> str | None:
        """Keep the set of this machine, and let it serve wherever it is shared.

        Nothing is kept, and the id of the one that serves is given, where that is the very same.
        None: there is nothing to keep.

        Args:
            by: the command that made it.
            now: UTC.

        Raises:
            PartMissing: another was shared since `training` began, or it cannot be kept; then this
                machine's has changed and the shared one has not.
        """
        own = self.own()
        return self._kept.keep(self.folder, own, digest_of(own), by, now) if own else None

    def roll_back(self, id: str | None = None, waits: Callable[[float], None] = time.sleep) -> str:
        """Let an earlier set serve again, everywhere; the one before by itself.

        Args:
            waits: called while somebody trains, to sleep so long; may raise to give up.

        Raises:
            PartMissing: there is none, or it is not for the encoders of this machine.
        """
        if id is None:
            id = self._one_before()
        self._point_to(id, waits)
        return id

    def _point_to(self, id: str, _waits: Callable[[float], None]) -> None:
        with refusals_told(), locked(self._work):
            self._mend()
            if not self._kept.has(id):
                raise no_such(id)
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


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turn what the place, or this disk, refuses into a refusal that says what to do."""
    try:
        with reached():
            yield
    except VersionRefused as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            raise PartMissing(
                f"The trained sets could not be read or written ({cause}). Look whether the disk "
                "has room and, where nodes share them, the database runs, then try again."
            ) from error
        raise PartMissing(
            f"The shared trained set is damaged: {str(error).partition('.')[0]}. Go back with "
            "`shopkeeper train rollback`, or train again: shopkeeper train"
        ) from error


def no_such(id: str) -> PartMissing:
    """Make the refusal of a set that is not there."""
    return PartMissing(
        f"There is no trained set {id[:80]}. `shopkeeper train versions` lists them."
    )


def _set_kept(kept: KeptSet) -> TrainedSet:
    parts = tuple(sorted(kept.own))
    return TrainedSet(kept.id, kept.made_at, kept.by, parts, MadeWith("", ""))


def checked_id(id: str) -> str:
    """Give the id of a set, which becomes part of a path. Raises PartMissing for anything else."""
    if not _SET_ID.fullmatch(id):
        raise PartMissing(f"The database names a trained set {id[:80]!r}, which is no id of one.")
    return id


def digest_of(own: Own) -> str:
    """Name what a set is made of, for its id."""
    said = "\n".join(f"{part} {sha256}" for part, sha256 in sorted(own.items()))
    return hashlib.sha256(said.encode("ascii")).hexdigest()
