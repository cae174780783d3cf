"""Gets a shop's own files ready to serve: published, trained on, and thresholds chosen.

    shopkeeper prepare

Three steps, each skipped when what it would make is there and was made from the same things. Every
step leaves a whole folder or none, so a run that is killed is simply run again. A published
knowledge base is never overwritten without being asked: an admin may have changed it since.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.doubt import KIND as DOUBT_KIND
from bot.answering.intent_folder import KIND as INTENTS_KIND
from bot.answering.intent_folder import read_intents, write_intents
from bot.answering.shop import Shop
from bot.errors import ShopkeeperError
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_digest, pair_of
from knowledge_base.entry import Entry, VersionId
from knowledge_base.errors import ModelFolderRefused, NothingBelowHeader
from knowledge_base.live import KnowledgeBase
from knowledge_base.merge import merge
from knowledge_base.model_folder import read_manifest, sha256_of, verify
from knowledge_base.problem_texts import rows_lost_first
from knowledge_base.readers import read_entries
from knowledge_base.shared import SharedVersions
from knowledge_base.versions import VersionFolder, VersionInfo
from training.encoder_on_demand import EncoderOnDemand
from training.progress import Progress, silent
from training.shop_files import entry_files, phrase_files

if TYPE_CHECKING:
    from bot.answering.intent_classifier import IntentClassifier

INPUTS = "inputs"  # under this name a trained folder's manifest keeps what it was made from
# What is done on an intent promises nothing: a greeting, a question back, a colleague. So it may be
# wrong twice as often as an answer; waiting to be as sure would send most greetings to people.
PROMISED_WRONG_ACTS = 0.10
RECIPE = 4  # changes when the same files would be made into something else


class ShopNotReady(ShopkeeperError):
    """The shop's files cannot be made ready; the text names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What there is after a run.

    Attributes:
        knowledge: version that serves; None where there is no entry yet.
        entries, questions: how many it has.
        published, trained, chosen: what this run made anew.
        differing: entry files that say something else than the published version and were left.
        intents, thresholds: digests of what was trained and chosen; no thresholds are chosen for
            no entries, and those that come with the program hold.
        problems: what is odd about the files, in words.
        seconds: of the whole run.
    """

    knowledge: VersionId | None
    entries: int
    questions: int
    intents: str
    thresholds: str | None
    published: bool
    trained: bool
    chosen: bool
    differing: tuple[str, ...]
    problems: tuple[str, ...]
    seconds: float


@dataclass
class _Run:
    """One run: where everything is, and what was found on the way."""

    shop: Shop
    state_folder: Path
    encoder: EncoderOnDemand
    report: Progress
    second: EncoderOnDemand | None = None
    shared: SharedVersions | None = None
    problems: list[str] = field(default_factory=list)
    _cached: Encoder | None = None
    _cached_second: Encoder | None = None

    def loaded_encoder(self) -> Encoder:
        """Load the encoder the first time; every text of a run is encoded once."""
        if self._cached is None:
            from training.cached_vectors import CachedEncoder

            self._cached = CachedEncoder(self.encoder.load(), progress=self.steps("encode"))
        return self._cached

    def loaded_second(self) -> Encoder | None:
        """Load the second encoder the first time; None where there is none."""
        if self.second is not None and self._cached_second is None:
            from training.cached_vectors import CachedEncoder

            self._cached_second = CachedEncoder(
                self.second.load(), progress=self.steps("encode_second")
            )
        return self._cached_second

    def loaded_pair(self) -> Encoder:
        """What search asks: both encoders, or the first alone."""
        return pair_of(self.loaded_encoder(), self.loaded_second())

    def loaded_base(self) -> KnowledgeBase:
        """Open the version that serves, by this machine's folder or by what nodes share."""
        base = KnowledgeBase(self.knowledge_folder, self.loaded_pair(), self.shared)
        base.load(self.steps("index"))
        return base

    @property
    def searching(self) -> str:
        """Digest of what search asks, without loading it."""
        return pair_digest(self.encoder.digest, self.second.digest if self.second else None)

    def encoder_named(self, name: str) -> Encoder:
        """Give an encoder for a classifier that was made with it."""
        for encoder in (self.loaded_encoder(), self.loaded_second()):
            if encoder is not None and encoder.name == name:
                return encoder
        raise ModelFolderRefused(
            f"The intents need the encoder {name}: shopkeeper models fetch {name}"
        )

    @property
    def intents_folder(self) -> Path:
        return self.state_folder / "intents"

    @property
    def doubt_folder(self) -> Path:
        return self.state_folder / "doubt"

    @property
    def knowledge_folder(self) -> Path:
        return self.state_folder / "knowledge"

    def serving(self) -> VersionInfo | None:
        """What is known of the version that serves; None before the first."""
        versions = VersionFolder(self.knowledge_folder)
        serving = versions.current()
        return None if serving is None else versions.info(serving)

    def steps(self, what: str) -> Callable[[int, int], None]:
        """Report progress of one thing under its name."""
        return lambda done, of: self.report(what, done, of)


def prepare_shop(
    shop_folder: Path,
    state_folder: Path,
    encoder: EncoderOnDemand,
    *,
    now: datetime,
    republish: bool = False,
    retrain: bool = False,
    report: Progress = silent,
    second: EncoderOnDemand | None = None,
    shared: SharedVersions | None = None,
) -> Prepared:
    """Publish the entries, train the intents and choose the thresholds of a shop, where needed.

    Args:
        now: UTC, of a version that is published.
        republish: publish files that differ from what is published, over whatever changed there.
        retrain: train and choose even if nothing changed.
        report: told about progress.
        second: an encoder that intents are told by as well, where that gains.
        shared: where nodes share their versions; what serves there is fetched first.

    Raises:
        ShopNotReady: a file is missing or nothing in it can be used.
        ShopRefused, FileRefused, LabelledTextRefused, VersionRefused, ModelFolderRefused: as the
            parts say.
    """
    started = time.monotonic()
    run = _Run(Shop.load(shop_folder), state_folder, encoder, report, second, shared)
    published, differing = _publish(run, now, republish)
    trained, classifier = _train(run, retrain)
    chosen = _choose(run, classifier, retrain or trained)
    info = run.serving()
    return Prepared(
        knowledge=info.id if info else None,
        entries=info.entries if info else 0,
        questions=info.questions if info else 0,
        intents=read_manifest(run.intents_folder).digest(),
        thresholds=read_manifest(run.doubt_folder).digest() if info else None,
        published=published,
        trained=trained,
        chosen=chosen,
        differing=differing,
        problems=tuple(run.problems),
        seconds=round(time.monotonic() - started, 3),
    )


# -- publishing ---------------------------------------------------------------------------------


def _publish(run: _Run, now: datetime, republish: bool) -> tuple[bool, tuple[str, ...]]:
    """Publish the entry files; gives whether a version was made, and the files that were left.

    A new shop has none: its entries come later, or by the console.
    """
    files = entry_files(run.shop.folder)
    if run.shared is not None:
        run.loaded_base()
    versions = VersionFolder(run.knowledge_folder)
    serving = versions.current()
    before = versions.entries(serving) if serving else ()
    published_from = {entry.source for entry in before}
    entries, fresh, differing = before, False, []
    for file in files:
        merged = merge(entries, _read(run, file), file.name)
        run.problems += [f"{file.name}: {one.message}" for one in merged.problems]
        if not (merged.added or merged.changed or merged.removed):
            continue
        if file.name in published_from and not republish:
            differing.append(file.name)
            continue
        entries, fresh = merged.entries, True
    if fresh:
        base = run.loaded_base()
        names = ", ".join(file.name for file in files)
        base.publish(entries, note=names, by="prepare", now=now, progress=run.steps("publish"))
    elif serving and not versions.is_indexed(serving, run.searching):
        run.loaded_base()  # with new encoders, or the next start would have to wait for it
    return fresh, tuple(differing)


def _read(run: _Run, file: Path) -> Sequence[Entry]:
    """Read one file; what is odd about it is told at the end. No usable row of several is refused.

    A file of a new shop may have a header and no row yet.
    """
    try:
        read = read_entries(file)
    except NothingBelowHeader:
        return ()
    run.problems += [f"{file.name}: {one.message}" for one in rows_lost_first(read.problems)]
    if not read.entries:
        raise ShopNotReady(f"{file} holds no usable entry. {' '.join(run.problems[:3])}")
    return read.entries


# -- training -----------------------------------------------------------------------------------


def _train(run: _Run, again: bool) -> tuple[bool, IntentClassifier | None]:
    """Train the intents unless that was done from the same phrases; None where nothing was done."""
    labelled_files = phrase_files(run.shop.folder)
    if not labelled_files:
        raise ShopNotReady(
            f"There is no intents.csv in {run.shop.folder}; it needs the columns text,intent. "
            "`shopkeeper new FOLDER` writes one that is enough to begin with."
        )
    acting = acting_intents(run.shop)
    second_digest = run.second.digest if run.second else None
    inputs = intents_inputs(run.encoder.digest, second_digest, acting, labelled_files)
    if not again and _made_from(run.intents_folder, INTENTS_KIND) == inputs:
        return False, None
    from training.intent_settings import IntentSettings
    from training.labelled_text import read_labelled
    from training.train_intent_classifier import train_intents
    from training.tuned_intents import tunable_as_before

    labelled = read_labelled(labelled_files)
    run.problems += [one.message for one in rows_lost_first(labelled.problems)]
    encoder = run.loaded_encoder()
    settings = IntentSettings(promised_wrong=PROMISED_WRONG_ACTS, acting=acting)
    second = run.loaded_second()
    tunable = tunable_as_before(run.state_folder, encoder, second)
    trained = train_intents(labelled, encoder, settings, run.report, second, tunable)
    classifier = trained.classifier
    classifier.made_from[INPUTS] = inputs
    write_intents(classifier, run.intents_folder, encoder.name, encoder.digest)
    return True, classifier


def acting_intents(shop: Shop) -> tuple[str, ...]:
    """The intents of a shop that lead somewhere without a known answer."""
    return tuple(sorted(name for name, one in shop.intents.items() if one.leads_to != "known"))


def _choose(run: _Run, classifier: IntentClassifier | None, again: bool) -> bool:
    """Choose the thresholds unless that was done for these entries and these intents."""
    serving = run.serving()
    if serving is None:
        return False
    intents = read_manifest(run.intents_folder).digest()
    inputs = digest_of([run.searching, serving.entries_sha256, intents])
    if not again and _made_from(run.doubt_folder, DOUBT_KIND) == inputs:
        return False
    from training.calibrate import ThresholdChoice
    from training.choose_thresholds import choose_thresholds
    from training.labelled_text import read_labelled
    from training.shop_training import outside_questions

    encoder = run.loaded_encoder()
    classifier = classifier or read_intents(run.intents_folder, encoder.digest, run.encoder_named)
    figures = classifier.made_from["figures"]
    labelled = read_labelled(phrase_files(run.shop.folder))
    doubt = choose_thresholds(
        VersionFolder(run.knowledge_folder).entries(serving.id),
        run.loaded_pair(),
        classifier=classifier,
        bars={language: ThresholdChoice(**one["bar"]) for language, one in figures.items()},
        outside=outside_questions(labelled, classifier),
        progress=run.report,
    )
    doubt.facts[INPUTS] = inputs
    doubt.save(run.doubt_folder, run.searching)
    return True


# -- what a folder was made from ------------------------------------------------------------------


def _made_from(folder: Path, kind: str) -> str | None:
    """The inputs that a trained folder names; None when it is missing or not whole."""
    try:
        inputs = verify(folder, kind).made_from.get(INPUTS)
    except ModelFolderRefused:
        return None
    return inputs if isinstance(inputs, str) else None


def intents_inputs(
    encoder: str, second: str | None, acting: Sequence[str], files: Sequence[Path]
) -> str:
    """What intents are made from: digests of both encoders, the intents that act, the phrases."""
    return digest_of([encoder, second or "no second encoder", *acting, *digests_of(files)])


def digests_of(paths: Sequence[Path]) -> list[str]:
    """Name and SHA-256 of each file."""
    return [f"{file.name} {sha256_of(file)}" for file in paths]


def digest_of(parts: Sequence[str]) -> str:
    """Sixteen hexadecimal digits for what something was made from."""
    return hashlib.sha256("\n".join((f"recipe {RECIPE}", *parts)).encode()).hexdigest()[:16]
