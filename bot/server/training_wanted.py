"""What an admin wants to be learnt, and how the shell is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CHAT_FILES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".ndjson"})
"""Endings of files of old chats that are told apart; others are read as JSON lines."""

What = Literal["intents", "takeover", "questions"]


@dataclass(frozen=True)
class Wanted:
    """What an admin wants to be learnt.

    Attributes:
        by: login of the admin.
        upload: old chats that were brought, for `takeover` and `questions`.
        desk: whether `questions` are looked for among the shop's own conversations too.
        staff: names in the old chats that are the shop's.
    """

    what: What
    by: str
    upload: str | None = None
    desk: bool = True
    staff: tuple[str, ...] = ()


def command_for(wanted: Wanted, chats: Path | None) -> list[str]:
    """Give the words for the shell.

    Args:
        chats: the file of old chats, where one was brought.
    """
    # In one word with its option, a name that begins with a dash is no option.
    staff = [f"--staff={name}" for name in wanted.staff]
    file = [str(chats)] if chats else []
    match wanted.what:
        case "intents":
            return ["train", "--json"]
        case "takeover":
            return ["train", "takeover", "--json", *staff, *(["--chats", *file] if file else [])]
        case "questions":
            desk = [] if wanted.desk else ["--no-desk"]
            return ["mine", "--json", *desk, *staff, *file]


def written(name: str, content: bytes, *, folder: Path) -> Path:
    """Write old chats that were brought where the command finds them; gives the whole path.

    Args:
        name: what the file was called; of it only the ending is taken, where it is a known one.
    """
    ending = Path(name).suffix.lower()
    file = folder / f"old-chats{ending if ending in CHAT_FILES else '.jsonl'}"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file.absolute()
