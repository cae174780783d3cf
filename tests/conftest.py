"""Fixtures that several packages' tests share."""

import os
from pathlib import Path

import pytest

from knowledge_base.encoder import OnnxEncoder, load_encoder

ROOT = Path(__file__).parent.parent


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
