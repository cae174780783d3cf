"""Opens what a node shares with others: the database, the bus, the ways out of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.assemble.places import database_url
from bot.assemble.refusals import database_refusals
from bot.errors import SettingsRefused, StartRefused
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bus.bus import Bus
    from bot.outbox.worker import OutboxWorker
    from bot.transcripts.published import PublishedKnowledge
    from bot.transcripts.store import Transcripts


def open_store(settings: Settings, *, serving: bool = False) -> Transcripts:
    """Open the transcripts.

    Args:
        serving: to serve shoppers from them, which only one process may with SQLite.

    Raises:
        StartRefused: the database cannot be reached, or cannot keep what it accepts.
    """
    from bot.transcripts.open import open_transcripts

    with database_refusals():
        return open_transcripts(database_url(settings), serving=serving)


def open_shared(settings: Settings) -> PublishedKnowledge | None:
    """Open what nodes without a common folder share; None with SQLite, which is of one node.

    Raises:
        StartRefused: the database cannot be reached, or cannot keep what it accepts.
    """
    if not settings.database_url.startswith("postgresql"):
        return None
    from bot.transcripts.published import open_published

    with database_refusals():
        return open_published(settings.database_url, settings.shared_versions)


def open_bus(settings: Settings) -> Bus:
    """Make the bus: in this process, or over Redis where one is named.

    Raises:
        StartRefused: Redis without PostgreSQL, which would be several nodes on one SQLite file.
    """
    if not settings.redis_url:
        from bot.bus.in_process import InProcessBus

        return InProcessBus()
    if not settings.database_url.startswith("postgresql"):
        raise StartRefused(
            "redis_url is set, so several nodes are meant; they need PostgreSQL (database_url)."
        )
    from bot.bus.redis_bus import RedisBus

    return RedisBus(settings.redis_url)


def open_outbox(settings: Settings, transcripts: Transcripts) -> OutboxWorker:
    """Make what delivers notifications; with no channel set it only empties the outbox.

    Raises:
        SettingsRefused: a channel that would send unsigned, in the clear, or to nobody.
    """
    from bot.outbox.errors import ChannelNotSafe
    from bot.outbox.open import open_worker

    try:
        return open_worker(settings, transcripts.outbox)
    except ChannelNotSafe as error:
        raise SettingsRefused(str(error)) from error
