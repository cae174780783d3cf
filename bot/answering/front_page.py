"""What the page at "/" says of the shop: `[page]` of shop.toml, checked. It may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = ("title", "tagline", "story", "contact", "footer")
LISTS = ("promises", "starters")
"""Short lines each: what the shop promises, and questions to begin a chat with."""

Page = Mapping[str, Mapping[str, Any]]


def front_page(raw: object) -> Page:
    """Read `[page]`: name -> language -> text, or texts for `LISTS`.

    What is there in one language only stands for both.

    Raises:
        ValueError: naming what is written otherwise, and how it is written.
    """
    if not isinstance(raw, Mapping):
        raise ValueError("page must be a table; compare it with the demo shop's")
    unknown = sorted(set(raw) - {*TEXTS, *LISTS})
    if unknown:
        raise ValueError(f"page.{unknown[0]}: there are {', '.join((*TEXTS, *LISTS))}")
    return {name: _in_both(name, raw[name]) for name in (*TEXTS, *LISTS) if name in raw}


def _in_both(name: str, raw: object) -> dict[str, Any]:
    fits = _is_list if name in LISTS else _is_text
    given = dict(raw) if isinstance(raw, Mapping) else {}
    if not given or not set(given) <= {"zh", "en"} or not all(map(fits, given.values())):
        form = '["…", "…"]' if name in LISTS else '"…"'
        raise ValueError(f"page.{name} is written {{ zh = {form}, en = {form} }}")
    first = next(iter(given.values()))
    return {language: given.get(language, first) for language in ("zh", "en")}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))
