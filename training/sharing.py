"""Takes a turn at training: alone of all nodes, beginning with the newest set that they share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.answering.trained_sets import MadeWith, TrainedSets
from bot.assemble.outside import open_shared
from bot.assemble.trained import trained_sets
from bot.settings import Settings
from knowledge_base.encoder_pair import pair_digest
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.model_catalogue import model_folder
from training.encoder_on_demand import EncoderOnDemand
from training.second_encoder import second_on_demand

if TYPE_CHECKING:
    from bot.transcripts.published import PublishedKnowledge


@contextmanager
def shared_opened(settings: Settings) -> Iterator[PublishedKnowledge | None]:
    """Open what nodes share while this lasts; None with SQLite.

    Raises:
        StartRefused: see `open_shared`.
    """
    shared = open_shared(settings)
    try:
        yield shared
    finally:
        if shared is not None:
            shared.close()


@contextmanager
def turn_at_training(
    settings: Settings, shared: PublishedKnowledge | None, again: bool = False
) -> Iterator[TrainedSets]:
    """Be the only one who trains; gives where the result is to be kept, and shared.

    Args:
        again: train even where the shared set was made with other encoders.

    Raises:
        PartMissing: the shared set is damaged, or was made with other encoders.
        ModelFolderRefused: this machine has no encoder.
    """
    sets = sets_of(settings, shared)
    with sets.training(time.sleep, again):
        yield sets


def sets_of(
    settings: Settings, shared: PublishedKnowledge | None, must_fit: bool = False
) -> TrainedSets:
    """The trained sets of this machine, and the shared ones.

    Args:
        must_fit: also on a machine alone, know its encoders, to refuse what is not for them.

    Raises:
        ModelFolderRefused: this machine has no encoder.
    """
    alone = MadeWith("", "")  # which asks nobody what the others have
    knows = shared is not None or must_fit
    return trained_sets(settings, _made_with(settings) if knows else alone, shared)


def _made_with(settings: Settings) -> MadeWith:
    """What this machine's encoders are, without loading them."""
    if settings.encoder == "hashed":
        return MadeWith(HashedEncoder().digest, HashedEncoder().digest)
    first = EncoderOnDemand(model_folder(settings.state_folder, settings.encoder))
    second = second_on_demand(settings)
    return MadeWith(first.digest, pair_digest(first.digest, second.digest if second else None))
