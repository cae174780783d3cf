import pytest

from tests.bot.server.floor import open_floor


@pytest.fixture
def floor(tmp_path):
    with open_floor(tmp_path) as floor:
        yield floor


@pytest.fixture
def open_floor_with(tmp_path):
    """Opens floors with settings of the test's own; several on one folder, one after the other."""
    return lambda **overrides: open_floor(tmp_path, **overrides)
