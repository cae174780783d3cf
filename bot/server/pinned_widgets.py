"""The scripts of the widget that pages of shops have pinned, those of earlier releases too.

A page that names a script by its hash runs that one or none, so an upgrade must not take it away.
"""

from __future__ import annotations

import re

from bot.server.desk import Desk
from bot.server.logs import log_of
from bot.server.pages import WIDGET, PageFile, Pages, page_file
from bot.transcripts.errors import TranscriptsError
from bot.transcripts.widget_scripts import WidgetScripts

_VERSION = re.compile(r"[0-9a-f]{16}")

log = log_of(__name__)


class PinnedWidgets:
    """Keeps the script of today, and finds earlier ones.

    Args:
        pages: has the script of today.
    """

    def __init__(self, desk: Desk, kept: WidgetScripts, pages: Pages) -> None:
        self._desk = desk
        self._kept = kept
        self._pages = pages
        self._found: dict[str, PageFile] = {}
        pages.earlier = self.find

    async def keep(self) -> None:
        """Keep the script of today for the time after the next upgrade."""
        widget = self._pages.widget
        if widget is None:
            return
        try:
            await self._desk.wait(self._kept.keep(self._pages.widget_version, widget.content))
        except TranscriptsError as error:
            log.warning("widget.not_kept", why=str(error))  # the next start tries again

    async def find(self, version: str) -> PageFile | None:
        """Give an earlier script; None for one that this shop never served, or was altered."""
        if version in self._found:
            return self._found[version]
        if not _VERSION.fullmatch(version):
            return None
        content = await self._desk.read(self._kept.get, version)
        if content is None:
            return None
        file = page_file(WIDGET, content)
        if not file.digest.startswith(version):
            log.error("widget.altered", version=version)
            return None
        self._found[version] = file
        return file
