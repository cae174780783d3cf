"""Replies that staff keep ready, with variables that are filled in when one is used. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VARIABLES = ("shopper_name", "order", "staff_name", "shop")
MAX_CHARACTERS = 4_000

_VARIABLE = re.compile(r"\{([a-z_]{1,30})\}")
_SHORTCUT = re.compile(r"[^\s/{}]{1,40}")


class CannedRefused(ValueError):
    """A reply that cannot be kept; its text says why."""


@dataclass(frozen=True, slots=True)
class CannedReply:
    """One reply.

    Attributes:
        shortcut: what is typed after "/" to find it; unique.
        texts: language ("zh", "en") -> text with variables in braces.
    """

    id: str
    shortcut: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """A reply as it goes into the composer.

    Attributes:
        missing: variables that nothing is known for; they still stand in the text in braces, so
            that a person sees the gap before sending.
    """

    text: str
    missing: tuple[str, ...] = ()


def check(reply: CannedReply) -> None:
    """Refuse a reply that could not be used.

    Raises:
        CannedRefused: a bad shortcut, no text, an overlong one, or an unknown variable.
    """
    if not _SHORTCUT.fullmatch(reply.shortcut):
        raise CannedRefused("A shortcut is one word of at most 40 characters, without / { }.")
    if not reply.texts or not all(text.strip() for text in reply.texts.values()):
        raise CannedRefused("Write the reply in at least one language.")
    for language, text in reply.texts.items():
        if language not in ("zh", "en"):
            raise CannedRefused(f"There is no language {language!r}; use zh or en.")
        if len(text) > MAX_CHARACTERS:
            raise CannedRefused(f"A reply has at most {MAX_CHARACTERS} characters.")
        unknown = [name for name in _VARIABLE.findall(text) if name not in VARIABLES]
        if unknown:
            raise CannedRefused(f"There is no variable {{{unknown[0]}}}; use {_known()}.")


def fill(reply: CannedReply, language: str | None, facts: Mapping[str, str | None]) -> Filled:
    """Fill a reply in the shopper's language, or in the one there is.

    Values are put in as they are and never read as templates themselves.
    """
    text = reply.texts.get(language or "") or next(iter(reply.texts.values()))
    missing: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        known = facts.get(found[1])
        if not known:
            missing[found[1]] = None
            return found[0]
        return known

    return Filled(_VARIABLE.sub(value, text), tuple(missing))


def suggest(replies: Iterable[CannedReply], typed: str) -> list[CannedReply]:
    """List what fits the letters typed after "/": beginnings of shortcuts first, then contents."""
    wanted = typed.strip().casefold()

    def rank(reply: CannedReply) -> int | None:
        if reply.shortcut.casefold().startswith(wanted):
            return 0
        if wanted in reply.shortcut.casefold():
            return 1
        return 2 if any(wanted in text.casefold() for text in reply.texts.values()) else None

    ranked = [(rank(reply), reply.shortcut, reply) for reply in replies]
    fitting = [(order, name, reply) for order, name, reply in ranked if order is not None]
    return [reply for _, _, reply in sorted(fitting, key=lambda one: (one[0], one[1]))]


def _known() -> str:
    return ", ".join(f"{{{name}}}" for name in VARIABLES)
