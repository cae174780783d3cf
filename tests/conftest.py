"""Fixtures that several packages' tests share."""

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from knowledge_base.encoder import OnnxEncoder, load_encoder
from tests.chromium import browser, chromium_path
from tests.reliability.row_results import pytest_runtest_makereport

__all__ = ["browser", "chromium_path", "pytest_runtest_makereport"]

ROOT = Path(__file__).parent.parent
# The command as a user runs it, of the environment that runs the tests.
COMMAND = str(Path(sys.executable).parent / "shopkeeper")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last, in their order.

    From its start to the end of the run, the browser's library keeps an event loop running in this
    thread, in which no other test could run one of its own.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def state_folder() -> Path:
    """The state folder with converted models: SHOPKEEPER_STATE_FOLDER, else var/ of the project."""
    return Path(os.environ.get("SHOPKEEPER_STATE_FOLDER") or ROOT / "var")


@pytest.fixture(scope="session")
def converted_encoder(state_folder: Path) -> OnnxEncoder:
    """The default encoder as it serves; a test that asks for it is marked `weights`.

    Fails with the command that makes the model when it is not there.
    """
    return load_encoder(state_folder / "models" / "multilingual-e5-small")


def demo_environment(state: Path) -> dict[str, str]:
    """The environment of a command that serves the demo shop, without a generator, from `state`."""
    return {
        **os.environ,
        "SHOPKEEPER_STATE_FOLDER": str(state),
        "SHOPKEEPER_SHOP_FOLDER": str(ROOT / "demo_shop"),
        "SHOPKEEPER_GENERATOR": "off",
    }


@pytest.fixture(scope="session")
def prepared_state(state_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder of its own with the demo shop published and trained by the shell's command.

    The models are those of `state_folder`; a test that asks for this is marked `weights`.
    """
    prepared = tmp_path_factory.mktemp("prepared")
    (prepared / "models").symlink_to((state_folder / "models").absolute())
    made = subprocess.run(
        [COMMAND, "prepare"],
        cwd=ROOT,
        env=demo_environment(prepared),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return prepared


@pytest.fixture
def no_room_beyond():
    """Has the system refuse whatever would make any file of this process longer than so many bytes.

    As a full disk does, it refuses in the middle: what fits is written.
    """

    @contextmanager
    def within(most_bytes: int):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return within
