"""Every script of the widget that this shop has served: pages may have pinned it by its hash."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from bot.transcripts.tables import widget_scripts
from bot.transcripts.writer import Writer

MOST_KEPT = 50
"""Scripts of so many upgrades, some 80 kB each; the oldest go first."""


class WidgetScripts:
    """Every script of the widget that was served; some page may have pinned it."""

    def __init__(self, reader: Engine, writer: Writer, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now

    def keep(self, version: str, content: bytes) -> Future[bool]:
        """Keep a script under its version; False when it was kept before."""
        table = widget_scripts.c
        same = select(table.version).where(table.version == version)
        values = {"version": version, "content": content, "first_at": self._now()}
        newest = select(table.version).order_by(table.first_at.desc(), table.version)

        def work(connection: Connection) -> bool:
            if connection.execute(same).first() is not None:
                return False
            connection.execute(insert(widget_scripts).values(**values))
            kept = connection.execute(newest.limit(MOST_KEPT)).scalars().all()
            connection.execute(delete(widget_scripts).where(table.version.not_in(kept)))
            return True

        return self._writer.run_beside(work)

    def get(self, version: str) -> bytes | None:
        """Give a script; None when it is not kept."""
        query = select(widget_scripts.c.content).where(widget_scripts.c.version == version)
        with self._reader.begin() as connection:
            return connection.execute(query).scalar_one_or_none()
