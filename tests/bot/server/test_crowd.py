"""Commits wait for company only while very many pages are open."""

import asyncio

from bot.server.crowd import GATHER_SECONDS, MANY_PAGES, gather_seconds
from bot.server.desk import Feed
from bot.server.switchboard import Listener
from tests.bot.server.floor import open_floor


def test_commits_wait_in_a_crowd_alone():
    assert gather_seconds(0) == gather_seconds(64) == gather_seconds(MANY_PAGES - 1) == 0
    assert gather_seconds(MANY_PAGES) == gather_seconds(100_000) == GATHER_SECONDS


def test_a_server_has_its_store_gather_while_the_crowd_is_there(tmp_path):
    with open_floor(tmp_path) as floor:
        service = floor.node.service
        writer = service.parts.transcripts.store._writer
        pages = [
            Listener("shopper", Feed(f"c{number}", 0, lambda *_: None), print, print, print)
            for number in range(MANY_PAGES)
        ]

        async def until(seconds):
            async with asyncio.timeout(20):
                while writer._gather_seconds != seconds:
                    await asyncio.sleep(0.02)

        async def come_and_go():
            await until(0)
            for page in pages:
                service.switchboard.join(page)
            await until(GATHER_SECONDS)
            service.switchboard.leave(pages[0])
            await until(0)

        floor.on_loop(come_and_go())
