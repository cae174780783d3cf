"""Reads old chats for learning when a person should take over.

JSON lines with a conversation each may mark every utterance after which a person should have been
there. Whatever else `shopkeeper mine` reads as old chats (tables, other JSON, exported text) has no
such marks: there the last words before somebody of the staff first speaks have them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.answering.takeover import Utterance
from knowledge_base.entry import RowProblem
from knowledge_base.readers import OldChat, read_chats
from knowledge_base.readers.limits import MAX_FILE_BYTES
from training.refusal_texts import LabelledTextRefused, refused
from training.takeover_conversations import LabelledConversation, last_words

SHOPPERS = frozenset({"customer", "shopper", "user", "buyer", "client"})
STAFF = frozenset({"staff", "human", "person"})
_LISTS = ("utterances", "messages", "turns")
_FLAGS = ("handoff", "transfer")
_LINES = (".jsonl", ".ndjson")

Odd = Callable[[Path, RowProblem], None]


def read_conversations(paths: Sequence[Path]) -> list[LabelledConversation]:
    """Read files in which both happens: a person was needed, and none was.

    A marked line is {"utterances": [{"role", "text" or "token_ids", "handoff" 0 or 1}]}. The list
    may also be called messages or turns, the role who, the mark transfer.

    Raises:
        LabelledTextRefused: names the line and what it lacks, or says that all are of one kind.
        FileRefused: a file of another form cannot be read.
    """
    found = read_files(paths)
    if len({flag for one in found for flag in one.person}) < 2:
        raise LabelledTextRefused(
            "There must be utterances of both kinds, handoff 0 and 1 (or conversations that a "
            "person took over, role staff, and others that none did)."
        )
    return found


def read_files(
    paths: Sequence[Path],
    staff: Sequence[str] = (),
    max_bytes: int = MAX_FILE_BYTES,
    odd: Odd = lambda path, problem: None,
) -> list[LabelledConversation]:
    """The same, whatever the marks are.

    Args:
        staff: names in files without roles that are the shop's.
        max_bytes: of a file that is not of JSON lines.
        odd: told of rows that are left out.

    Raises:
        LabelledTextRefused, FileRefused: as above.
    """
    found: list[LabelledConversation] = []
    for path in paths:
        lines = _lines(path)
        if lines is not None:
            found += _of_lines(path.name, lines)
        else:
            read = read_chats(path, staff=staff, max_bytes=max_bytes)
            found += [one for chat in read.chats if (one := _of_chat(chat)).said]
            for problem in read.problems:
                odd(path, problem)
    return found


def _lines(path: Path) -> list[str] | None:
    """The lines of a file that has a conversation in each; None for a file of another form."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        if path.suffix.lower() in _LINES:
            raise refused("not_utf8", file=path.name) from error
        return None
    except OSError as error:
        raise LabelledTextRefused(f"{path} cannot be read: {error.strerror}.") from error
    first = next((line for line in lines if line.strip()), "")
    return lines if _is_conversation(first, by_name=path.suffix.lower() in _LINES) else None


def _is_conversation(line: str, *, by_name: bool) -> bool:
    """Whether a line has the form; where it has none at all, its file's name decides."""
    try:
        one = json.loads(line)
    except (ValueError, RecursionError):
        return by_name
    if not isinstance(one, dict) or not one:
        return by_name
    said = next((one[name] for name in _LISTS if name in one), None)
    if not isinstance(said, list):
        return False  # a message of a table, or a list of another name
    return all(isinstance(each, dict) and ("role" in each or "who" in each) for each in said)


def _of_lines(name: str, lines: Sequence[str]) -> list[LabelledConversation]:
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            one = _conversation(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise refused("no_conversation", file=name, line=number) from error
        found += [one] if one.said else []
    return found


def _conversation(raw: Mapping[str, Any]) -> LabelledConversation:
    name = next((name for name in _LISTS if name in raw), _LISTS[0])
    listed = raw[name]
    if any(flag in one for one in listed for flag in _FLAGS):
        said = tuple(map(_utterance, listed))
        flags = tuple(any(bool(one.get(flag, 0)) for flag in _FLAGS) for one in listed)
        return LabelledConversation(said, flags)
    came = next((at for at, one in enumerate(listed) if _role(one) in STAFF), None)
    return _until(came, tuple(map(_utterance, listed[:came])))


def _of_chat(chat: OldChat) -> LabelledConversation:
    sides = [message.side for message in chat.messages]
    came = sides.index("staff") if "staff" in sides else None
    said = tuple(
        Utterance.of(message.text, by_shopper=message.side == "shopper")
        for message in chat.messages[:came]
    )
    return _until(came, said)


def _until(came: int | None, said: tuple[Utterance, ...]) -> LabelledConversation:
    """What was said before a person came, if one did."""
    return LabelledConversation(said, last_words(said) if came else (False,) * len(said))


def _role(raw: Mapping[str, Any]) -> str:
    return str(raw["role"] if "role" in raw else raw["who"])


def _utterance(raw: Mapping[str, Any]) -> Utterance:
    by_shopper = _role(raw) in SHOPPERS
    if "token_ids" in raw:
        return Utterance(by_shopper, tuple(int(token) for token in raw["token_ids"]))
    return Utterance.of(str(raw["text"]), by_shopper=by_shopper)
