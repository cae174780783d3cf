"""Reads dialogue files: a line format that whoever runs a shop can read and write (README.md).

Pure: text in, steps out. What a line may be is the table `_READERS` at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
HEADINGS = ("title", "language", "never", "writer")
DECISIONS = ("answer", "clarify", "escalate")
SOURCES = ("known", "written", "action", "said")
STAFF_DEEDS = ("claims", "releases", "hands back", "closes")
STAGES = ("with_bot", "waiting_for_staff", "with_staff", "closed")
DEFAULT_STAFF = "Mei"

_HEADING = re.compile(r"(\w+):\s*(.*)")
_STEP = re.compile(r"(\w+)(?:\s+(\w+))?>\s*(.*)")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_PRESSES = re.compile(r'\[presses "(.+)"\]')


class ScriptRefused(Exception):
    """A dialogue file that cannot be played; the text names the file, the line and what to do."""


@dataclass(frozen=True)
class Says:
    """The shopper sends messages; several lines in a row are one burst."""

    line: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Presses:
    """The shopper presses a button of the last bot message, or the one that calls a person."""

    line: int
    label: str


@dataclass(frozen=True)
class ShopperCloses:
    """The shopper ends the conversation."""

    line: int


@dataclass(frozen=True)
class BotThinks:
    """The bot has begun with the turn and has not answered yet."""

    line: int


@dataclass(frozen=True)
class BotSilent:
    """Nothing is open: the bot has no turn to answer."""

    line: int


@dataclass(frozen=True)
class BotAnswers:
    """What the bot must do with the turn.

    Attributes:
        decisions: any of these is right.
        words: what must be said for this: source, entry ids or handoff reason; alternatives of
            one word are written a|b.
        quoted: texts that must stand in the answer or on its buttons.
        drafted: the answer comes too late and is kept for staff.
    """

    line: int
    decisions: tuple[str, ...]
    words: tuple[tuple[str, ...], ...] = ()
    quoted: tuple[str, ...] = ()
    drafted: bool = False


@dataclass(frozen=True)
class StaffDoes:
    """A member of the staff does something, or says or notes `text`."""

    line: int
    name: str
    deed: str
    text: str = ""
    refused: str | None = None


@dataclass(frozen=True)
class StageIs:
    """Who has the conversation now."""

    line: int
    stage: str


Step = Says | Presses | ShopperCloses | BotThinks | BotSilent | BotAnswers | StaffDoes | StageIs


@dataclass(frozen=True)
class Script:
    """One dialogue.

    Attributes:
        never: texts that no message of the bot may hold.
        writer: what a generator would write, None when there is no generator.
    """

    path: Path
    title: str
    language: Language
    steps: tuple[Step, ...]
    never: tuple[str, ...] = ()
    writer: str | None = None


@dataclass
class _Reading:
    """A file while it is being read."""

    path: Path
    headings: dict[str, list[str]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> ScriptRefused:
        return ScriptRefused(f"{self.path.name}, line {line}: {why}")


def read_script(path: Path) -> Script:
    """Read one file. Raises ScriptRefused naming the line and what may stand there."""
    reading = _Reading(path)
    for number, line in _lines(path.read_text("utf-8")):
        _read_line(reading, number, line)
    return _script(reading)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.rstrip()


def _read_line(reading: _Reading, number: int, line: str) -> None:
    heading = _HEADING.fullmatch(line)
    if heading and not reading.steps and heading[1] in HEADINGS:
        reading.headings.setdefault(heading[1], []).append(heading[2].strip())
        return
    step = _STEP.fullmatch(line)
    if step is None or step[1] not in _READERS or (step[2] and step[1] != "staff"):
        raise reading.refuse(
            number,
            f"{line!r} is no line of a dialogue; it begins with {', '.join(HEADINGS)} and a colon, "
            f"or with {', '.join(_READERS)} and >",
        )
    _READERS[step[1]](reading, number, step[2] or "", step[3].strip())


def _script(reading: _Reading) -> Script:
    title, language = reading.headings.get("title", []), reading.headings.get("language", [])
    if len(title) != 1 or not title[0]:
        raise reading.refuse(1, "a dialogue has one title: a sentence that says what it shows")
    if language not in (["zh"], ["en"]):
        raise reading.refuse(1, "a dialogue has one language, zh or en: that of the widget")
    if not reading.steps:
        raise reading.refuse(1, "nothing happens in it")
    writer = reading.headings.get("writer", [])
    return Script(
        path=reading.path,
        title=title[0],
        language="zh" if language == ["zh"] else "en",
        steps=tuple(reading.steps),
        never=tuple(reading.headings.get("never", [])),
        writer=writer[0] if writer else None,
    )


def _shopper(reading: _Reading, number: int, _: str, text: str) -> None:
    if text == "[closes]":
        reading.steps.append(ShopperCloses(number))
    elif pressed := _PRESSES.fullmatch(text):
        reading.steps.append(Presses(number, pressed[1]))
    elif not text:
        raise reading.refuse(number, "the shopper says nothing")
    elif reading.steps and isinstance(last := reading.steps[-1], Says):
        reading.steps[-1] = replace(last, texts=(*last.texts, text))
    else:
        reading.steps.append(Says(number, (text,)))


def _bot(reading: _Reading, number: int, _: str, text: str) -> None:
    if text == "thinks":
        reading.steps.append(BotThinks(number))
        return
    if text == "silent":
        reading.steps.append(BotSilent(number))
        return
    quoted = tuple(one.replace('""', '"') for one in _QUOTED.findall(text))
    words = _QUOTED.sub(" ", text).split()
    drafted = words[:1] == ["drafts"]
    words = words[1:] if drafted else words
    decisions = tuple(words[0].split("|")) if words else ()
    if not decisions or not set(decisions) <= set(DECISIONS):
        may = ", ".join((*DECISIONS, "answer|clarify", "drafts …", "thinks", "silent"))
        raise reading.refuse(number, f"after bot> stands one of: {may}")
    if decisions == ("answer",) and (len(words) < 2 or words[1] not in SOURCES):
        raise reading.refuse(number, f"after answer stands one of: {', '.join(SOURCES)}")
    alternatives = tuple(tuple(word.split("|")) for word in words[1:])
    reading.steps.append(BotAnswers(number, decisions, alternatives, quoted, drafted))


def _staff(reading: _Reading, number: int, name: str, text: str) -> None:
    deed, _, said = text.partition(" ")
    if deed not in ("says", "notes"):
        deed, said = text, ""
    if deed not in (*STAFF_DEEDS, "says", "notes"):
        may = ", ".join((*STAFF_DEEDS, "says …", "notes …"))
        raise reading.refuse(number, f"after staff> stands one of: {may}")
    reading.steps.append(StaffDoes(number, name or DEFAULT_STAFF, deed, said.strip()))


def _refused(reading: _Reading, number: int, _: str, text: str) -> None:
    if not reading.steps or not isinstance(last := reading.steps[-1], StaffDoes):
        raise reading.refuse(number, "refused> stands below what a member of the staff tried")
    reading.steps[-1] = replace(last, refused=text)


def _stage(reading: _Reading, number: int, _: str, text: str) -> None:
    if text not in STAGES:
        raise reading.refuse(number, f"after stage> stands one of: {', '.join(STAGES)}")
    reading.steps.append(StageIs(number, text))


_READERS: dict[str, Callable[[_Reading, int, str, str], None]] = {
    "shopper": _shopper,
    "bot": _bot,
    "staff": _staff,
    "refused": _refused,
    "stage": _stage,
}
