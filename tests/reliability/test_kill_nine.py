"""Row 2: what was accepted survives any number of kill -9, is stored once, and is answered."""

import os
import random
from pathlib import Path

import pytest

from tests.reliability.world import World


def _seed() -> int:
    """A new seed each run; SHOPKEEPER_SEED plays one again."""
    return int(os.environ.get("SHOPKEEPER_SEED") or random.SystemRandom().randrange(10**6))


def _kill_again_and_again(folder: Path, kills: int) -> World:
    world = World(folder / "shop.sqlite3", _seed())
    for _ in range(kills):
        world.live_until_killed()
        if world.database.exists() and world.journal.accepted:
            assert world.violations(every_turn_ended=False) == [], f"seed {world.seed}"
    world.live_to_the_end()
    assert world.violations() == [], f"seed {world.seed}"
    assert len(world.journal.accepted) == len(world.journal.sent)
    return world


@pytest.mark.timeout(300)
def test_row_2_twenty_kills_lose_nothing_double_nothing_and_leave_no_turn_open(tmp_path) -> None:
    world = _kill_again_and_again(tmp_path, kills=20)
    assert len(world.journal.accepted) > 500


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_row_2_two_hundred_kills_with_twenty_thousand_accepted(tmp_path) -> None:
    world = _kill_again_and_again(tmp_path, kills=200)
    assert len(world.journal.accepted) >= 20_000


def test_the_check_notices_messages_that_are_acknowledged_before_the_commit(tmp_path) -> None:
    world = World(tmp_path / "shop.sqlite3", seed=7, sabotage="early")
    for _ in range(5):
        world.live_until_killed()
    assert any("lost" in line or "otherwise" in line for line in world.violations())
