"""The shop that the bot speaks for: its names, hours, intents and the texts it says on its own.

Read from the shop's own folder (docs/decisions/0001-demo-shop-files.md); knows no model and no
conversation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.answering.answer import Language
from bot.answering.front_page import Page, front_page
from bot.answering.spoken import Texts, spoken_texts

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OTHER_LANGUAGES = ("english", "person")
SAYS, RUNS = "say:", "action:"
LEADS = ("known", "person", RUNS, SAYS)

# Matches nothing: what a shop without order numbers has.
NO_NUMBER = "(?!)"

Spans = tuple[tuple[time, time], ...]


class ShopRefused(Exception):
    """The shop's folder cannot be used; the text names the file, the place and what to do."""


@dataclass(frozen=True, slots=True)
class IntentLead:
    """What an intent is called and what it leads to.

    Attributes:
        leads_to: "known", "person", "action:NAME" or "say:KEY".
        labels: name of the intent per language, shown on quick replies.
    """

    leads_to: str
    labels: Mapping[str, str]

    @property
    def says(self) -> str | None:
        """The text that it leads to, None where it leads elsewhere."""
        return self.leads_to[len(SAYS) :] if self.leads_to.startswith(SAYS) else None

    @property
    def runs(self) -> str | None:
        """The action that it leads to, None where it leads elsewhere."""
        return self.leads_to[len(RUNS) :] if self.leads_to.startswith(RUNS) else None


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything about a shop that is not a known answer.

    Attributes:
        names: the shop's name per language.
        order_number_pattern: regular expression of an order number in capitals.
        hours: weekday (0 = Monday) -> spans in which staff are on duty, in the shop's time zone.
        hours_on: days that differ from their weekday.
        hours_text: the hours in words, per language; empty where the shop's file says none.
        texts: key -> language -> text, with `{place}`-like fields; see `spoken`.
        intents: intent name -> what it leads to.
        other_languages: what becomes of a turn that is neither Chinese nor English: "english" (it
            is answered in English as far as it is understood) or "person".
        currency: of the prices in products.json, as ISO 4217 names it; empty: of none.
        page: what the page at "/" says; see `front_page`.
    """

    folder: Path
    names: Mapping[str, str]
    time_zone: ZoneInfo
    order_number_pattern: str
    hours: Mapping[int, Spans]
    hours_on: Mapping[date, Spans]
    hours_text: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]
    intents: Mapping[str, IntentLead]
    other_languages: str = "english"
    currency: str = ""
    page: Page = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Shop:
        """Read `shop.toml` and `intents.toml`. Raises ShopRefused naming the file and the field."""
        raw = _read_toml(folder / "shop.toml")
        intents = _intents(folder)
        try:
            names = _names(raw["name"])
            said = [one.says for one in intents.values() if one.says]
            texts = spoken_texts(raw.get("texts", {}), names, said)
            _check_said(folder, intents, texts)
            return cls(
                folder=folder,
                names=names,
                time_zone=ZoneInfo(raw["time_zone"]),
                order_number_pattern=_pattern(raw.get("orders", {}).get("number_pattern")),
                hours={_weekday(day): _spans(spans) for day, spans in raw["opening_hours"].items()},
                hours_on={
                    _date(day): _spans(spans)
                    for day, spans in raw.get("opening_hours_on", {}).items()
                },
                hours_text=raw.get("opening_hours_text", {}),
                texts=texts,
                intents=intents,
                other_languages=_one_of(
                    "other_languages", raw.get("other_languages", "english"), OTHER_LANGUAGES
                ),
                currency=_currency(raw.get("currency", "")),
                page=front_page(raw.get("page", {})),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise ShopRefused(f"{folder / 'shop.toml'}: {_in_words(error)}") from error

    def say(self, key: str, language: Language, **values: object) -> str:
        """Return text `key` in a language, its fields filled in; KeyError when there is none."""
        hours = self.hours_text.get(language, "")
        return self.texts[key][language].format(hours=hours, **values)

    def say_first(self, keys: Sequence[str], language: Language) -> str:
        """Return the first of several texts that the shop has; the last one must be there."""
        key = next((one for one in keys if one in self.texts), keys[-1])
        return self.say(key, language)

    def is_open(self, now: datetime) -> bool:
        """Tell whether staff are on duty at `now` (a time with any zone)."""
        here = now.astimezone(self.time_zone)
        spans = self.hours_on.get(here.date(), self.hours.get(here.weekday(), ()))
        return any(
            opens <= here.time() and (here.time() < closes or closes == time())
            for opens, closes in spans
        )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ShopRefused(f"{path} is missing; set shop_folder to a folder that has it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ShopRefused(f"{path} is not valid TOML: {error}") from error


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r} and must be one of {', '.join(allowed)}")
    return str(value)


def _in_words(error: Exception) -> str:
    """Say what is wrong with shop.toml, and never in the words of Python."""
    if isinstance(error, ZoneInfoNotFoundError):
        return f"time_zone: {error.args[0]}; it is written like Europe/London"
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    if isinstance(error, TypeError | AttributeError):
        return f"something in it has another form than in the demo shop's file ({error})"
    return str(error)


def _names(raw: Any) -> dict[str, str]:
    """The name per language; a shop that has one only goes by that in both."""
    names = {"zh": raw, "en": raw} if isinstance(raw, str) else dict(raw)
    given = [names[language] for language in ("zh", "en") if names.get(language)]
    if not given or not all(isinstance(name, str) for name in given):
        raise ValueError('name must be a text, or a table with zh = "…" and en = "…"')
    return {language: names.get(language) or given[0] for language in ("zh", "en")}


def _pattern(raw: str | None) -> str:
    try:
        return re.compile(NO_NUMBER if raw is None else raw).pattern
    except re.error as error:
        raise ValueError(f"orders.number_pattern: {error}") from error


def _currency(raw: object) -> str:
    if not isinstance(raw, str) or not re.fullmatch("(?:[A-Z]{3})?", raw):
        raise ValueError(f"currency is {raw!r}; it is written like GBP or CNY")
    return raw


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"opening_hours.{name}: the days are {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


def _date(raw: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise ValueError(f"opening_hours_on.{raw}: days are written like 2027-01-01") from error


def _spans(raw: list[str]) -> Spans:
    try:
        pairs = [span.split("-") for span in raw]
        return tuple((_clock(a), _clock(b)) for a, b in pairs)
    except (ValueError, AttributeError) as error:
        raise ValueError(
            f"{raw}: opening hours are written like 09:00-21:00, with two digits"
        ) from error


def _clock(raw: str) -> time:
    return time() if raw.strip() == "24:00" else time.fromisoformat(raw.strip())


def _intents(folder: Path) -> dict[str, IntentLead]:
    leads = {}
    for name, table in _read_toml(folder / "intents.toml").items():
        lead = str(table.get("leads_to", "")) if isinstance(table, dict) else ""
        if not lead.startswith(LEADS):
            raise ShopRefused(f"intents.toml: [{name}] leads_to must be one of {', '.join(LEADS)}")
        leads[name] = IntentLead(lead, {"zh": table.get("zh", name), "en": table.get("en", name)})
    return leads


def _check_said(folder: Path, intents: Mapping[str, IntentLead], texts: Texts) -> None:
    for name, one in intents.items():
        if one.says and one.says not in texts:
            raise ShopRefused(
                f"{folder / 'intents.toml'}: [{name}] says {one.says}, but shop.toml has no "
                f"[texts.{one.says}]"
            )
