"""Row 20: while Valkey is away for long, two nodes still know who of the staff is where."""

import asyncio

import pytest

from bot.bus.redis_bus import RedisBus
from bot.server.attendance import FORGET_SECONDS
from tests.bot.server.floor import open_floor

SECONDS = 90
"""Any change must be known within this: two rounds of the roll call, or three silences and one."""


async def _until(true) -> float:
    """Wait until something holds; gives the seconds it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(SECONDS):
        while not true():
            await asyncio.sleep(0.1)
    return round(loop.time() - began, 1)


@pytest.mark.long
@pytest.mark.services
@pytest.mark.timeout(600)
def test_row_20_staff_who_stay_come_and_go_without_valkey_are_known_to_the_other_node(
    tmp_path, postgres_url, valkey, record_property
) -> None:
    shared = {"database_url": postgres_url, "redis_url": valkey.connection_url}
    buses = [RedisBus(valkey.connection_url, retry_seconds=0.2) for _ in range(2)]
    assert all(bus.wait_until_connected(10) for bus in buses)
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    with (
        open_floor(folders[0], bus=buses[0], **shared) as here,
        open_floor(folders[1], bus=buses[1], **shared) as there,
    ):
        presence = here.node.service.presence

        async def watch() -> dict[str, float]:
            async with there.staff("mei") as mei:
                await _until(lambda: presence.present == 1)
                await asyncio.to_thread(valkey.stop)
                present = []
                for _ in range(int(2 * FORGET_SECONDS * 4)):
                    await asyncio.sleep(0.25)
                    present.append(presence.present)
                assert set(present) == {1}, "who stayed was lost"
                assert mei.welcome["me"]["name"] == "Mei"
                async with there.staff("li"):
                    came = await _until(lambda: presence.present == 2)
                went = await _until(lambda: presence.present == 1)
            left = await _until(lambda: presence.present == 0)
            return {"came": came, "went": went, "left": left}

        seen = asyncio.run(watch())
    for what, seconds in seen.items():
        record_property(f"seconds until known who {what}", seconds)
    assert max(seen.values()) <= 30
