"""Joins everything that answers, from the models and the shop that the settings name.

Server, shell and training ask it alike, so what is measured is what serves. Knows no transcripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.assemble.encoders import Encoders, load_encoders
from bot.assemble.places import knowledge_folder
from bot.assemble.refusals import model_refusals
from bot.assemble.shop import load_actions, load_shop
from bot.assemble.trained import load_trained, trained_sets
from bot.clock import wall_clock
from bot.errors import PartMissing
from bot.settings import OFF, Settings

if TYPE_CHECKING:
    from bot.answering.live_training import LiveAnswerer, LiveTraining
    from bot.answering.reply_generator import GeneratedReplies
    from bot.answering.shop import Shop
    from bot.transcripts.published import PublishedKnowledge
    from knowledge_base.encoder import Encoder
    from knowledge_base.live import KnowledgeBase
    from knowledge_base.shared import SharedVersions


@dataclass(frozen=True)
class Brain:
    """The answerer with the parts that must be named, swapped or closed.

    Attributes:
        training: exchanges what was trained while it answers.
        models: what else answers, by name and digest.
        writer: the generator in its process, if there is one.
    """

    answerer: LiveAnswerer
    knowledge: KnowledgeBase
    training: LiveTraining
    models: dict[str, str]
    writer: GeneratedReplies | None

    def begin_to_write(self) -> None:
        """Start the generator's process, if there is one."""
        if self.writer is not None:
            self.writer.start()

    def close(self) -> None:
        """End the generator's process."""
        if self.writer is not None:
            self.writer.close()


def assemble_brain(
    settings: Settings,
    shop: Shop | None = None,
    shared: PublishedKnowledge | None = None,
    encoders: Encoders | None = None,
    *,
    writes: bool = True,
) -> Brain:
    """Join everything that answers.

    Args:
        shared: where nodes share their versions, see `open_shared`.
        encoders: loaded already.
        writes: start the generator now; else `Brain.begin_to_write` does.

    Raises:
        PartMissing: naming the command that makes what is missing.
    """
    from bot.answering import parts
    from bot.answering.live_training import LiveAnswerer, LiveTraining
    from bot.answering.trained_sets import MadeWith
    from bot.answering.weighing import shipped_weigher

    shop = shop or load_shop(settings)
    encoders = encoders or load_encoders(settings)
    encoder, searching = encoders.first, encoders.searching
    sets = trained_sets(settings, MadeWith(encoder.digest, searching.digest), shared)
    training = LiveTraining(sets, partial(load_trained, settings, encoders))
    trained = training.load(wall_clock())  # other weights are refused before anything is indexed
    knowledge = load_knowledge(settings, searching, shared)
    actions = load_actions(settings, shop)
    writer = load_writer(settings)
    joined = parts.Parts(
        shop=shop,
        knowledge=knowledge,
        encoder=encoder,
        judge=trained.judge,
        actions=actions,
        writer=writer,
        ahead=encoders.ahead,
        weigher=shipped_weigher(),
    )
    answerer = LiveAnswerer(trained.into(joined))
    training.take_over = answerer.take_over
    models = {
        "encoder": f"{encoder.name}@{encoder.digest}",
        "generator": writer.model if writer else OFF,
    }
    brain = Brain(answerer, knowledge, training, models, writer)
    if writes:
        brain.begin_to_write()
    return brain


def load_knowledge(
    settings: Settings, encoder: Encoder, shared: SharedVersions | None = None
) -> KnowledgeBase:
    """Open the published knowledge base.

    Args:
        shared: where nodes share their versions, see `open_shared`.

    Raises:
        PartMissing: the version that serves is spoiled.
    """
    from knowledge_base.errors import VersionRefused
    from knowledge_base.live import KnowledgeBase

    base = KnowledgeBase(knowledge_folder(settings), encoder, shared)
    try:
        base.load()
    except VersionRefused as error:
        raise PartMissing(str(error)) from error
    return base


def load_writer(settings: Settings) -> GeneratedReplies | None:
    """Make the generator's process, not started yet; None when the setting says `off`.

    Raises:
        PartMissing: its folder is missing or altered.
    """
    if settings.generator == OFF:
        return None
    from bot.answering.reply_generator import load_generator
    from knowledge_base.model_catalogue import catalogue_model, model_folder

    with model_refusals(' Or set generator = "off" (SHOPKEEPER_GENERATOR=off) to do without.'):
        model = catalogue_model(settings.generator)
        folder = model_folder(settings.state_folder, settings.generator)
        return load_generator(folder, model.languages)
