"""Loads the encoders that the settings name: of all languages, and beside it one for English."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.assemble.refusals import model_refusals
from bot.settings import OFF, Settings

if TYPE_CHECKING:
    from knowledge_base.encoder import Encoder
    from knowledge_base.encoder_pair import RememberingEncoder


SHARED_SECONDS = 0.002
"""So long one of two threads that load keeps the interpreter while the other waits for it."""


@dataclass(frozen=True)
class Encoders:
    """What turns texts into vectors.

    Attributes:
        first: that of all languages.
        searching: what search asks; see `search_encoder`.
        ahead: the second one, where there is one: it can begin before it is asked.
    """

    first: Encoder
    searching: Encoder
    ahead: RememberingEncoder | None = None


def load_encoders(settings: Settings) -> Encoders:
    """Load all encoders that the settings ask for.

    Raises:
        PartMissing: see `load_encoder`.
    """
    from knowledge_base.encoder_pair import RememberingEncoder, second_of

    first = load_encoder(settings)
    searching = search_encoder(settings, first)
    second = second_of(searching)
    return Encoders(first, searching, second if isinstance(second, RememberingEncoder) else None)


class Loading:
    """Loads in a thread what keeps no lock of the interpreter, while others import modules."""

    def __init__(self, settings: Settings) -> None:
        self._before = sys.getswitchinterval()
        # Whoever comes back from work without the lock would wait 5 ms for it, each time.
        sys.setswitchinterval(SHARED_SECONDS)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
        self._encoders = self._thread.submit(load_encoders, settings)
        self._words = self._thread.submit(_load_words)

    def encoders(self) -> Encoders:
        """Wait for the encoders.

        Raises:
            PartMissing: see `load_encoder`.
        """
        return self._encoders.result()

    def end(self) -> None:
        """Wait until all is loaded and the thread has ended."""
        self._thread.shutdown()
        sys.setswitchinterval(self._before)
        self._words.result()


def _load_words() -> None:
    from knowledge_base.chinese_words import load_chinese_words

    load_chinese_words()


def load_encoder(settings: Settings) -> Encoder:
    """Load the sentence encoder.

    Raises:
        PartMissing: its folder is missing or altered.
    """
    from knowledge_base.hashed_encoder import HashedEncoder

    if settings.encoder == "hashed":
        return HashedEncoder()
    with model_refusals():
        return encoder_named(settings)(settings.encoder)


def search_encoder(settings: Settings, encoder: Encoder) -> Encoder:
    """The encoder that search asks: with the second one beside it, where that is here."""
    from knowledge_base.encoder_pair import RememberingEncoder, pair_of
    from knowledge_base.errors import ModelFolderRefused

    if settings.second_encoder in (OFF, settings.encoder) or settings.encoder == "hashed":
        return encoder
    try:
        second = encoder_named(settings)(settings.second_encoder)
    except ModelFolderRefused:
        return encoder
    return pair_of(encoder, RememberingEncoder(second))


def encoder_named(settings: Settings) -> Callable[[str], Encoder]:
    """What loads an encoder of the catalogue by its name; raises ModelFolderRefused without it."""
    from knowledge_base import encoder
    from knowledge_base.model_catalogue import model_folder

    return lambda name: encoder.load_encoder(model_folder(settings.state_folder, name))
