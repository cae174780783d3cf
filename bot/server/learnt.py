"""What was learnt, as a page shows it: parts that answer, sets to go back to, and sources."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.answering.live_training import LiveTraining
from bot.answering.trained_sets import PARTS, TrainedSet
from bot.server.audience import iso
from bot.server.training_figures import counts_of, figures_of, fine_tuned_in, main_figures
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.live import KnowledgeBase
from knowledge_base.model_folder import MANIFEST, Manifest, read_manifest


class Learnt:
    """Reads what training wrote down; safe in several threads.

    Args:
        training: what answers; None where nothing was trained.
        knowledge: names the files that the entries came from; None where there is none.
    """

    def __init__(self, training: LiveTraining | None, knowledge: KnowledgeBase | None) -> None:
        self._training = training
        self._knowledge = knowledge
        self._manifests: dict[str, dict[str, Manifest]] = {}

    def as_json(self) -> dict[str, Any]:
        """Tell everything. Raises PartMissing when shared sets are out of reach."""
        return {**self._sets(), "sources": self._sources()}

    def _sets(self) -> dict[str, Any]:
        if self._training is None:
            return {"parts": [], "sets": [], "shared": False}
        sets = self._training.sets
        serving, listed = sets.serving(), sets.listed()
        known = {one.id: self._manifests_of(one.id) for one in listed}
        self._manifests = known  # of sets that are gone nothing is kept
        answering = self._training.current.of_parts()
        return {
            "parts": [self._part(part, answering[part], listed, known) for part in PARTS],
            "sets": [_set_json(one, known[one.id], serving) for one in listed],
            "shared": sets.is_shared,
        }

    def _manifests_of(self, id: str) -> dict[str, Manifest]:
        assert self._training is not None
        return self._manifests.get(id) or self._training.sets.manifests(id)

    def _part(
        self,
        part: str,
        version: str | None,
        listed: list[TrainedSet],
        known: dict[str, dict[str, Manifest]],
    ) -> dict[str, Any]:
        """Tell of the part that answers, by whichever manifest is of that version."""
        told: dict[str, Any] = {"part": part, "version": version}
        for one in reversed(listed):  # the oldest set that has it is the one that made it
            manifest = known[one.id].get(part)
            if manifest is not None and manifest.digest() == version:
                return {**told, "made_at": iso(one.made_at), **_facts(part, manifest)}
        own = self._own(part)
        if own is None or own[0].digest() != version:
            return told
        return {**told, "made_at": iso(own[1]), **_facts(part, own[0])}

    def _own(self, part: str) -> tuple[Manifest, datetime] | None:
        """What lies in this machine's folder, and since when."""
        assert self._training is not None
        folder = self._training.sets.folder / part
        try:
            since = (folder / MANIFEST).stat().st_mtime
            return read_manifest(folder), datetime.fromtimestamp(since, UTC)
        except (OSError, ModelFolderRefused):
            return None

    def _sources(self) -> list[dict[str, Any]]:
        """The files that the entries of the version that serves came from."""
        if self._knowledge is None or not (version := self._knowledge.current.version):
            return []
        sources = self._knowledge.info(version).sources
        return [{"source": name, "entries": count} for name, count in sorted(sources.items())]


def _facts(part: str, manifest: Manifest) -> dict[str, Any]:
    return {
        "counts": counts_of(part, manifest),
        "figures": figures_of(part, manifest),
        "fine_tuned": fine_tuned_in(manifest),
    }


def _set_json(one: TrainedSet, known: dict[str, Manifest], serving: str | None) -> dict[str, Any]:
    return {
        "set": one.id,
        "made_at": iso(one.made_at),
        "by": one.by,
        "parts": {part: manifest.digest() for part, manifest in known.items()},
        "figures": main_figures(known),
        "serving": one.id == serving,
    }
