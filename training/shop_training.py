"""Trains everything that one shop needs, from its files: intents and doubt.

state_folder/intents/classifier/   the intent classifier
state_folder/intents/doubt/        calibration and thresholds for known answers
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answering.doubt import Doubt
from bot.answering.intent_classifier import OUT_OF_SCOPE, IntentClassifier
from bot.answering.intent_folder import write_intents
from bot.answering.shop import Shop
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_digest, pair_of
from knowledge_base.entry import Entry, RowProblem
from knowledge_base.versions import VersionFolder
from training.choose_thresholds import choose_thresholds
from training.entry_problems import alike_answers
from training.far_questions import never_learnt
from training.intent_settings import IntentSettings
from training.labelled_text import (
    LabelledText,
    empty_classes,
    read_labelled,
)
from training.prepare_shop import (
    INPUTS,
    PROMISED_WRONG_ACTS,
    acting_intents,
    digest_of,
    intents_inputs,
)
from training.progress import Progress, silent
from training.refusal_texts import refused
from training.second_encoder import second_on_demand
from training.self_questions import DoubtSettings
from training.shop_files import (
    entry_files,
    held_out_phrases,
    phrase_files,
    read_shop_entries,
)
from training.train_intent_classifier import FAR_LEARNT, TrainedIntents, train_intents
from training.tuned_intents import Tunable


@dataclass(frozen=True)
class ShopFiles:
    """Where a shop's training files are.

    Attributes:
        intents: files of labelled phrases.
        entries: files of known answers.
        declared: the names in intents.toml, empty when there is none.
        held_out: files of labelled phrases that are never trained on.
        published: entries that are published, used instead of the files when there are any.
        acting: intents that lead somewhere without a known answer; see `IntentSettings`.
        by_hand: some files were named by hand, so these are not the shop's own.
    """

    intents: tuple[Path, ...]
    entries: tuple[Path, ...]
    declared: tuple[str, ...] = ()
    held_out: tuple[Path, ...] = ()
    published: tuple[Entry, ...] = ()
    acting: tuple[str, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True)
class TrainedShop:
    """What was trained, and everything odd about the files."""

    intents: TrainedIntents
    doubt: Doubt
    problems: tuple[RowProblem, ...]


def files_of(
    settings: Settings,
    intents: Sequence[Path] | None = None,
    entries: Sequence[Path] | None = None,
    held_out: Sequence[Path] | None = None,
) -> ShopFiles:
    """The shop's files, with those that are named by hand in place of its own.

    Raises:
        LabelledTextRefused: there are no labelled phrases.
    """
    folder = settings.shop_folder
    own = ShopFiles((), ()) if intents else shop_files(folder)
    if not intents and (folder / "shop.toml").exists():
        own = replace(own, acting=acting_intents(Shop.load(folder)))
    published: tuple[Entry, ...] = ()
    versions = VersionFolder(settings.state_folder / "knowledge")
    if not entries and (serving := versions.current()) is not None:
        published = versions.entries(serving)
    return replace(
        own,
        intents=tuple(intents or own.intents),
        entries=tuple(entries or entry_files(folder)),
        held_out=tuple(held_out or held_out_phrases(folder)),
        published=published,
        by_hand=bool(intents or entries),
    )


def keep(trained: TrainedShop, shop: ShopFiles, settings: Settings, encoder: Encoder) -> None:
    """Put both models where they serve, as `shopkeeper prepare` would know them again."""
    classifier, doubt = trained.intents.classifier, trained.doubt
    second = second_on_demand(settings)
    searching = pair_digest(encoder.digest, second.digest if second else None)
    if not shop.by_hand:
        classifier.made_from[INPUTS] = intents_inputs(
            encoder.digest, second.digest if second else None, shop.acting, shop.intents
        )
    write_intents(classifier, settings.state_folder / "intents", encoder.name, encoder.digest)
    versions = VersionFolder(settings.state_folder / "knowledge")
    serving = versions.current()
    if not shop.by_hand and serving is not None:
        sha256 = versions.info(serving).entries_sha256
        doubt.facts[INPUTS] = digest_of([searching, sha256, classifier.version])
    doubt.save(settings.state_folder / "doubt", searching)


def shop_files(shop_folder: Path) -> ShopFiles:
    """The files of a shop folder, by the names of docs/decisions/0001.

    Raises:
        LabelledTextRefused: there are no labelled phrases.
    """
    intents = tuple(phrase_files(shop_folder))
    if not intents:
        raise refused("no_intents", folder=shop_folder)
    table = shop_folder / "intents.toml"
    declared: Sequence[str] = ()
    if table.exists():
        declared = list(tomllib.loads(table.read_text(encoding="utf-8")))
    return ShopFiles(intents, tuple(entry_files(shop_folder)), tuple(declared))


def train_shop(
    shop: ShopFiles,
    encoder: Encoder,
    *,
    intent_settings: IntentSettings | None = None,
    doubt_settings: DoubtSettings = DoubtSettings(),  # noqa: B008 (frozen)
    progress: Progress = silent,
    second: Encoder | None = None,
    tunable: Sequence[Tunable] = (),
) -> TrainedShop:
    """Train on a shop's files.

    Args:
        second, tunable: see `train_intents`.

    Raises:
        LabelledTextRefused: the labelled phrases cannot be read or learnt; says what to do.
    """
    settings = intent_settings or IntentSettings(
        promised_wrong=PROMISED_WRONG_ACTS, acting=shop.acting
    )
    labelled = read_labelled(shop.intents)
    problems = [*labelled.problems, *empty_classes(labelled, shop.declared)]
    entries, row_problems = list(shop.published), list[RowProblem]()
    if not entries:
        entries, row_problems = read_shop_entries(shop.entries)
    intents = train_intents(labelled, encoder, settings, progress, second, tunable)
    searching = pair_of(encoder, second)
    doubt = doubt_for(entries, searching, labelled, intents, doubt_settings, progress)
    return TrainedShop(intents, doubt, tuple(problems + row_problems + alike_answers(entries)))


def doubt_for(
    entries: Sequence[Entry],
    encoder: Encoder,
    labelled: LabelledText | None,
    intents: TrainedIntents | None,
    settings: DoubtSettings = DoubtSettings(),  # noqa: B008 (frozen)
    progress: Progress = silent,
) -> Doubt:
    """Doubt for known answers, with or without intents beside them."""
    classifier: IntentClassifier | None = intents.classifier if intents else None
    return choose_thresholds(
        entries,
        encoder,
        classifier=classifier,
        bars=intents.bars if intents else None,
        outside=outside_questions(labelled, classifier),
        settings=settings,
        progress=progress,
    )


def outside_questions(
    labelled: LabelledText | None, classifier: IntentClassifier | None
) -> list[str]:
    """What no entry answers: the shop's own phrases, and far questions that no head has learnt."""
    learnt = classifier is not None and bool(classifier.made_from.get(FAR_LEARNT, 0))
    return [*outside_phrases(labelled), *never_learnt(learnt)]


def outside_phrases(labelled: LabelledText | None) -> list[str]:
    """The shop's own out-of-scope phrases."""
    if labelled is None:
        return []
    return [phrase.text for phrase in labelled.phrases if phrase.intent == OUT_OF_SCOPE]
