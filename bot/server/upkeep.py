"""What a node does by itself from time to time: tell others who is here, read again, forget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.server.attendance import REPEAT_SECONDS
from bot.server.colleagues import Colleagues
from bot.server.desk import Desk
from bot.server.inbox import Inbox
from bot.server.logs import log_of
from bot.server.opening_hours import OpeningHours
from bot.server.watchers import Watchers
from bot.settings import Settings
from bot.transcripts.errors import ClockAhead, TranscriptsError
from bot.transcripts.read_copy import delete_left_copies
from bot.transcripts.retention import Expired, KeptDays
from bot.transcripts.store import Transcripts

DAY_SECONDS = 86_400.0

MOST_AHEAD_SECONDS = 6 * 3_600.0
"""A node that is further ahead of the database forgets nothing: days are what it counts in."""

WIPE_SECONDS = 600.0
"""How often it is looked whether erased conversations must still be wiped out of the files."""

log = log_of(__name__)


@dataclass(frozen=True)
class Upkeep:
    """The recurring work of one node."""

    desk: Desk
    transcripts: Transcripts
    inbox: Inbox
    watchers: Watchers
    hours: OpeningHours
    colleagues: Colleagues
    settings: Settings

    async def repeat(self) -> None:
        """Every few seconds, for ever: presence to the other nodes, and what others changed."""
        while True:
            await asyncio.sleep(REPEAT_SECONDS)
            try:
                self.inbox.presence.repeat()
                self.watchers.repeat()
                await self.refresh()
            except Exception:  # the edge of this loop: other nodes must go on hearing of us
                log.exception("upkeep.fault")

    async def refresh(self) -> None:
        """Read accounts and hours again; keep the old when that fails."""
        try:
            await self.colleagues.refresh()
            await self.hours.refresh()
        except TranscriptsError as error:
            log.warning("upkeep.unreadable", why=str(error))
        self.inbox.presence_changed()

    async def forget_daily(self) -> None:
        """Once a day, for ever: what the retention settings let go. The first time at once."""
        while True:
            try:
                expired = await self.forget()
                if expired != Expired():
                    log.info("retention.done", conversations=expired.conversations)
            except TranscriptsError as error:
                log.warning("retention.failed", why=str(error))
            for _ in range(round(DAY_SECONDS / WIPE_SECONDS)):
                await self.wipe()
                await asyncio.sleep(WIPE_SECONDS)

    async def wipe(self) -> None:
        """Overwrite what the files still hold of erased conversations, where that is still due.

        Copies of the database that a killed training left are deleted too.
        """
        if await asyncio.to_thread(delete_left_copies, self.settings.state_folder):
            log.info("retention.left_copies_deleted")
        retention = self.transcripts.retention
        try:
            if await self.desk.read(retention.must_wipe):
                await self.desk.wait(retention.wipe())
                log.info("retention.wiped")
        except TranscriptsError as error:
            log.warning("retention.not_wiped", why=str(error))

    async def kept_days(self) -> KeptDays:
        """How long what is kept: as an admin set it, on whatever node, or as the settings say."""
        stored = await self.desk.read(self.transcripts.retention.kept_days)
        return stored or self.settings_days

    @property
    def settings_days(self) -> KeptDays:
        """How long what is kept where no admin set it."""
        settings = self.settings
        return KeptDays(
            settings.keep_closed_days, settings.keep_traces_days, settings.keep_delivered_days
        )

    async def forget(self) -> Expired:
        """Forget now what is too old, part by part, so that messages never wait long for it.

        Raises:
            ClockAhead: a node whose clock is wrong would forget what is not old at all.
        """
        ahead = await self.desk.read(self.transcripts.retention.clock_ahead_seconds)
        if ahead > MOST_AHEAD_SECONDS:
            raise ClockAhead(
                f"The clock of this node is {ahead / 3600:.0f} hours ahead of the database's. "
                "Set it (NTP); until then this node forgets nothing."
            )
        kept = await self.kept_days()
        conversations = traces = notifications = 0
        while True:
            part = await self.desk.wait(self.transcripts.retention.expire(kept))
            if part == Expired():
                break
            conversations += part.conversations
            traces += part.traces
            notifications += part.notifications
        await self.desk.wait(self.transcripts.accounts.forget_expired_sessions())
        return Expired(conversations, traces, notifications)
