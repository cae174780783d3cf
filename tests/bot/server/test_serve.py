"""What a node asks of the system before it serves."""

import resource

import pytest

from bot.server.serve import allow_open_files


@pytest.fixture
def files():
    """The limits of this process, set back afterwards."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield soft, hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_node_that_was_started_from_a_plain_shell_may_serve_thousands(files):
    _, hard = files
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))

    allowed = allow_open_files(4_000)

    assert allowed == min(4_000, hard)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (allowed, hard)


def test_a_limit_that_is_high_enough_is_left_as_it_is(files):
    soft, _ = files
    assert allow_open_files(soft - 1) == soft
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == files
