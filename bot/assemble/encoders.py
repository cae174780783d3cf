"""Loads what turns texts into vectors."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.assemble.refusals import model_refusals
from bot.settings import OFF, Settings

if TYPE_CHECKING:
    from knowledge_base.encoder import Encoder
    from knowledge_base.encoder_pair import RememberingEncoder


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


def begin_to_load(settings: Settings) -> Future[Encoders]:
    """Load in a thread what keeps no lock of the interpreter, while others import modules."""

    def load() -> Encoders:
        from knowledge_base.chinese_words import load_chinese_words

        encoders = load_encoders(settings)
        load_chinese_words()
        return encoders

    thread = ThreadPoolExecutor(1, thread_name_prefix="loading")
    loading = thread.submit(load)
    thread.shutdown(wait=False)
    return loading


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
