"""Every text that the assistant says on its own: the shop's, else the program's neutral one.

A shop writes only what it wants to say otherwise. What it writes is checked here, so that a place
that nothing fills shows at the start and not in a talk. Knows no file of the shop.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType

LANGUAGES = ("zh", "en")
EVERYWHERE = frozenset({"shop", "hours"})
"""Places that every text may have: the shop's name, and its opening hours in words."""

# A shop's orders may be in states that the program has no name for.
ORDER_STATE = "order_state_"

Texts = Mapping[str, Mapping[str, str]]


class TextRefused(ValueError):
    """A text of the shop cannot be said; the text names it and what to do."""


@cache
def program_texts() -> Texts:
    """The program's own texts: key -> language -> text, with `{place}`-like fields."""
    raw = files("bot.answering").joinpath("spoken_texts.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(raw))


def spoken_texts(own: Texts, names: Mapping[str, str], said: Iterable[str] = ()) -> Texts:
    """Put the shop's texts over the program's, with the shop's name in its place.

    Args:
        own: what stands in shop.toml; a text may be there in one language alone.
        names: the shop's name per language.
        said: further texts that something of the shop says ("say:" in intents.toml).

    Returns:
        key -> language -> text.

    Raises:
        TextRefused: a text that nothing says, that is none, or with a place that nothing fills.
    """
    programs, said = program_texts(), frozenset(said)
    for key, per_language in own.items():
        _check_known(key, said)
        _check_filled(key, per_language)
    keys = (*programs, *(key for key in own if key not in programs))
    texts = {key: {**programs.get(key, {}), **own.get(key, {})} for key in keys}
    for key, per_language in texts.items():
        missing = [language for language in LANGUAGES if language not in per_language]
        if missing:
            raise TextRefused(f"texts.{key}.{missing[0]} is missing")
    return {
        key: {
            language: text.replace("{shop}", names[language].replace("{", "{{").replace("}", "}}"))
            for language, text in per_language.items()
        }
        for key, per_language in texts.items()
    }


def _check_known(key: str, said: frozenset[str]) -> None:
    known = (*program_texts(), *said)
    if key in known or key.startswith(ORDER_STATE):
        return
    close = get_close_matches(key, known, n=1)
    meant = (
        f"perhaps texts.{close[0]} is meant" if close else "docs/own-shop.md lists those there are"
    )
    raise TextRefused(
        f"texts.{key} is said by nothing; {meant}, or let an intent lead to say:{key}"
    )


def _check_filled(key: str, per_language: object) -> None:
    """Refuse what `str.format` would stumble over in the middle of a talk."""
    if not isinstance(per_language, Mapping):
        raise TextRefused(f'texts.{key} must be a table with zh = "…" and en = "…"')
    may_use = EVERYWHERE | _places(program_texts().get(key, {}).values())
    for language, text in per_language.items():
        name = f"texts.{key}.{language}"
        if language not in LANGUAGES:
            raise TextRefused(f"{name}: the languages are {' and '.join(LANGUAGES)}")
        if not isinstance(text, str) or not text.strip():
            raise TextRefused(f"{name} must be a text; leave it out to have the program's own")
        try:
            unknown = _places([text]) - may_use
        except ValueError as error:
            raise TextRefused(f"{name}: {error}; a brace that is meant is written twice") from error
        if unknown:
            listed = ", ".join(f"{{{one}}}" for one in sorted(may_use))
            raise TextRefused(f"{name}: nothing fills {{{min(unknown)}}}; it may use {listed}")


def _places(texts: Iterable[str]) -> frozenset[str]:
    parsed = (part for text in texts for part in Formatter().parse(text))
    return frozenset(name for _, name, _, _ in parsed if name is not None)
