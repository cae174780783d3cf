"""Reads files of whole talks: what a shopper types, and beside each message what a clerk would do.

    [a name of the talk]
    how much is delivery to Taiwan | delivery.cost.taiwan
    so what is it | person, delivery.cost.taiwan

Blank lines and lines that begin with # are skipped. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.refusal_texts import LabelledTextRefused

# What may stand beside a message instead of entries; see docs/evaluation.md.
PERSON, NOTHING, SMALL_TALK, ACTION = DEEDS = ("person", "none", "say", "action")
_BOTH = "both "
_BAR = "|"
MOST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a shopper.

    Attributes:
        wanted: entries and deeds of which any is right; with `together`, all of them are wanted.
        line: where it stands in its file, from 1.
    """

    text: str
    wanted: tuple[str, ...]
    together: bool
    line: int

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries among what is wanted."""
        return tuple(one for one in self.wanted if one not in DEEDS)


@dataclass(frozen=True, slots=True)
class Talk:
    """What one shopper types, in order."""

    name: str
    said: tuple[Said, ...]


def read_talks(file: Path, entry_ids: Collection[str]) -> list[Talk]:
    """Read the talks of one file.

    Args:
        entry_ids: the entries that there are; another name beside a message is a mistake.

    Raises:
        LabelledTextRefused: the file is missing, too large, or a line is not understood.
    """
    talks: list[Talk] = []
    for number, line in enumerate(_lines_of(file), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("[") and text.endswith("]"):
            talks.append(Talk(text[1:-1].strip(), ()))
            continue
        if not talks:
            raise LabelledTextRefused(f"{file.name}, line {number}: begin with [a name].")
        talk = talks[-1]
        said = _said_in(text, number, file, entry_ids)
        talks[-1] = Talk(talk.name, (*talk.said, said))
    if not any(talk.said for talk in talks):
        raise LabelledTextRefused(f"{file.name} holds no talk.")
    return talks


def _lines_of(file: Path) -> Sequence[str]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise LabelledTextRefused(f"{file.name} is larger than {MOST_BYTES} bytes; split it.")
        return file.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise LabelledTextRefused(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LabelledTextRefused(f"{file.name} is not UTF-8; save it as UTF-8.") from error


def _said_in(text: str, number: int, file: Path, entry_ids: Collection[str]) -> Said:
    message, bar, named = (part.strip() for part in text.rpartition(_BAR))
    together = named.startswith(_BOTH)
    listed = named.removeprefix(_BOTH).split(",")
    wanted = tuple(one.strip() for one in listed if one.strip())
    if not bar or not message or not wanted:
        form = "message | what is right"
        raise LabelledTextRefused(f'{file.name}, line {number}: write "{form}".')
    strange = [one for one in wanted if one not in DEEDS and one not in entry_ids]
    if strange:
        deeds = ", ".join(DEEDS)
        raise LabelledTextRefused(
            f"{file.name}, line {number}: {strange[0]} is no entry, and none of {deeds}."
        )
    return Said(message, wanted, together, number)
