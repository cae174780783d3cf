"""Row 2: what was accepted survives any number of kill -9, is stored once, and is answered."""

from pathlib import Path

import pytest

from tests.reliability.seeds import run_seed
from tests.reliability.world import World


def _kill_again_and_again(folder: Path, kills: int, record_property) -> World:
    world = World(folder / "shop.sqlite3", run_seed())
    for _ in range(kills):
        world.live_until_killed()
        if world.database.exists() and world.journal.accepted:
            assert world.violations(every_turn_ended=False) == [], f"seed {world.seed}"
    world.live_to_the_end()
    assert world.violations() == [], f"seed {world.seed}"
    assert len(world.journal.accepted) == len(world.journal.sent)
    record_property("seed", world.seed)
    record_property("kills", kills)
    record_property("accepted", len(world.journal.accepted))
    record_property("lost", 0)
    return world


@pytest.mark.timeout(300)
def test_row_02_row_05_row_26_and_30_twenty_kills_lose_and_double_nothing_and_end_every_turn(
    tmp_path, record_property
) -> None:
    world = _kill_again_and_again(tmp_path, 20, record_property)
    assert len(world.journal.accepted) > 500


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_row_02_row_05_row_26_and_30_two_hundred_kills_with_twenty_thousand_accepted(
    tmp_path, record_property
) -> None:
    world = _kill_again_and_again(tmp_path, 200, record_property)
    assert len(world.journal.accepted) >= 20_000


def test_row_02_the_check_notices_messages_that_are_acknowledged_before_the_commit(
    tmp_path,
) -> None:
    world = World(tmp_path / "shop.sqlite3", seed=7, sabotage="early")
    for _ in range(5):
        world.live_until_killed()
    assert any("lost" in line or "otherwise" in line for line in world.violations())
