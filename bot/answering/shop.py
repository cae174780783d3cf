"""The shop that the bot speaks for: its names, hours, intents and the texts it says on its own.

Read from the shop's own folder (docs/decisions/0001-demo-shop-files.md); knows no model and no
conversation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.answering.answer import Language

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OTHER_LANGUAGES = ("english", "person")
LEADS = ("known", "person", "action:", "say:")

# Every text the bot says on its own; a shop that lacks one is refused at start, not in a talk.
SPOKEN = (
    "greeting", "thanks", "goodbye", "identity", "not_understood", "handing_over", "queue_place",
    "nobody_here", "clarify", "clarify_none", "order_ask_number", "order_ask_proof",
    "order_not_found", "order_wrong_format", "order_status", "failed", "staff_joined",
    "handed_back", "closed", "overload", "talk_to_person_button", "personal_data_warning",
)  # fmt: skip

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


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything about a shop that is not a known answer.

    Attributes:
        names: the shop's name per language.
        order_number_pattern: regular expression of an order number in capitals.
        hours: weekday (0 = Monday) -> spans in which staff are on duty, in the shop's time zone.
        hours_on: days that differ from their weekday.
        hours_text: the hours in words, per language.
        texts: key -> language -> text, with `{place}`-like fields.
        intents: intent name -> what it leads to.
        other_languages: what becomes of a turn that is neither Chinese nor English: "english" (it
            is answered in English as far as it is understood) or "person".
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

    @classmethod
    def load(cls, folder: Path) -> Shop:
        """Read `shop.toml` and `intents.toml`. Raises ShopRefused naming the file and the field."""
        raw = _read_toml(folder / "shop.toml")
        try:
            texts = {key: dict(value) for key, value in raw["texts"].items()}
            _check_texts(folder, texts)
            return cls(
                folder=folder,
                names=raw["name"],
                time_zone=ZoneInfo(raw["time_zone"]),
                order_number_pattern=_pattern(raw["orders"]["number_pattern"]),
                hours={
                    WEEKDAYS.index(day): _spans(spans)
                    for day, spans in raw["opening_hours"].items()
                },
                hours_on={
                    date.fromisoformat(day): _spans(spans)
                    for day, spans in raw.get("opening_hours_on", {}).items()
                },
                hours_text=raw["opening_hours_text"],
                texts=texts,
                intents=_intents(folder, texts),
                other_languages=_one_of(
                    "other_languages", raw.get("other_languages", "english"), OTHER_LANGUAGES
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise ShopRefused(
                f"{folder / 'shop.toml'}: {error!r}; compare it with the demo shop's file"
            ) from error

    def say(self, key: str, language: Language, **values: object) -> str:
        """Return text `key` in a language, its fields filled in; KeyError when there is none."""
        return self.texts[key][language].format(hours=self.hours_text[language], **values)

    def say_first(self, keys: Sequence[str], language: Language) -> str:
        """Return the first of several texts that the shop has; the last one must be there."""
        key = next((one for one in keys if one in self.texts), keys[-1])
        return self.say(key, language)

    def is_open(self, now: datetime) -> bool:
        """Tell whether staff are on duty at `now` (a time with any zone)."""
        here = now.astimezone(self.time_zone)
        spans = self.hours_on.get(here.date(), self.hours.get(here.weekday(), ()))
        return any(opens <= here.time() < closes for opens, closes in spans)


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


def _pattern(raw: str) -> str:
    try:
        return re.compile(raw).pattern
    except re.error as error:
        raise ValueError(f"orders.number_pattern: {error}") from error


def _spans(raw: list[str]) -> Spans:
    try:
        pairs = [span.split("-") for span in raw]
        return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in pairs)
    except ValueError as error:
        raise ValueError(f"{raw}: opening hours are written like 09:00-21:00") from error


def _check_texts(folder: Path, texts: Mapping[str, Mapping[str, str]]) -> None:
    missing = [
        f"texts.{key}.{language}"
        for key in SPOKEN
        for language in ("zh", "en")
        if not texts.get(key, {}).get(language)
    ]
    if missing:
        raise ShopRefused(f"{folder / 'shop.toml'} lacks {', '.join(missing)}")


def _intents(folder: Path, texts: Mapping[str, object]) -> dict[str, IntentLead]:
    leads = {}
    for name, table in _read_toml(folder / "intents.toml").items():
        lead = str(table.get("leads_to", ""))
        if not lead.startswith(LEADS):
            raise ShopRefused(f"intents.toml: [{name}] leads_to must be one of {', '.join(LEADS)}")
        if lead.startswith("say:") and lead[4:] not in texts:
            raise ShopRefused(f"intents.toml: [{name}] says {lead[4:]}, which shop.toml lacks")
        leads[name] = IntentLead(lead, {"zh": table.get("zh", name), "en": table.get("en", name)})
    return leads
