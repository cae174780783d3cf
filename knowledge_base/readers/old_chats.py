"""Reads old chats of shoppers with staff: who said what, conversation by conversation.

A table (CSV, TSV, XLSX, flat JSON) has a row for each message, with a column that tells the
conversation, one that tells who speaks and one with the words. JSON and JSON lines may also hold a
conversation an object, with its list of messages; a plain text is read as `chat_text` says.
Exports name people rather than roles; a name that speaks in several conversations is then one of
the shop's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from knowledge_base.entry import RowProblem
from knowledge_base.errors import ColumnsNotRecognised, FileRefused, FileTooLarge
from knowledge_base.problem_texts import file_text, row_problem
from knowledge_base.question_key import question_key
from knowledge_base.readers import json_rows
from knowledge_base.readers.chat_text import chats_in, lines_of
from knowledge_base.readers.columns import listed_columns
from knowledge_base.readers.encodings import decode
from knowledge_base.readers.limits import HEADER_WITHIN_ROWS, MAX_ROWS
from knowledge_base.readers.reading import open_table
from knowledge_base.readers.table import Row, Table

Side = Literal["shopper", "staff", "bot"]
Outcome = Literal["answered", "asked", "gave_up"]

_SIDES: dict[Side, str] = {
    "shopper": "customer shopper user buyer client visitor guest consumer 顾客 客户 买家 用户 访客 "
    "会员 消费者 客人",
    "staff": "staff agent human person seller shop store support operator employee admin cs "
    "客服 人工 人工客服 商家 卖家 店家 店铺 店小二 小二 员工 坐席",
    "bot": "bot robot assistant system chatbot auto 机器人 系统 智能客服 系统消息 自动回复",
}
_SIDE_OF: dict[str, Side] = {
    question_key(word): side for side, words in _SIDES.items() for word in words.split()
}

_COLUMNS = {
    "chat": "chat chatid conversation conversationid session sessionid dialog dialogid dialogue "
    "dialogueid ticket ticketid thread threadid case caseid 会话 会话id 会话编号 会话号 对话 "
    "对话id 对话编号 咨询id 聊天id 聊天编号 接待id 接待编号 工单 工单号 买家 买家昵称 顾客 "
    "客户 会员名 访客",
    "who": "who role sender senderrole sendertype from fromtype author speaker side name nickname "
    "发送者 发送人 发送方 角色 说话人 昵称 发言人 发言者 身份 消息来源 发送者角色",
    "text": "text message messagetext content body utterance msg 内容 消息 消息内容 文本 聊天内容 "
    "发言 发言内容 聊天记录",
}
_COLUMN_OF = {
    question_key(name): column for column, names in _COLUMNS.items() for name in names.split()
}

_LISTS = ("utterances", "messages", "turns", "conversation", "dialogue", "dialog")
_WHO = ("role", "who", "sender", "from", "speaker", "author", "name")
_TEXT = ("text", "content", "message", "body", "utterance")

CHATS_OF_STAFF = 3
"""Who speaks in so many conversations is one of the shop's; hardly a shopper comes that often."""

TEXT_FILES = (".txt", ".text", ".log")

MAX_MESSAGE_CHARACTERS = 4_000
"""Longer ones were pasted, and neither ask nor answer a question."""


@dataclass(frozen=True, slots=True)
class OldMessage:
    """One message of an old chat.

    Attributes:
        outcome: what a bot's words came to; None for people, and where nobody wrote it down.
    """

    side: Side
    text: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class OldChat:
    """One conversation, its messages in the order of the file."""

    messages: tuple[OldMessage, ...]


@dataclass(frozen=True, slots=True)
class ReadChats:
    """What a file of old chats gave.

    Attributes:
        chats: with at least one message each.
        staff: names that were taken for the shop's, because they speak in many conversations.
        problems: rows that are none, in order; all of them are left out.
    """

    chats: tuple[OldChat, ...]
    staff: tuple[str, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """One message as the file has it."""

    chat: str
    who: str
    text: str


def read_old_chats(
    content: bytes, name: str, encoding: str | None = None, staff: Sequence[str] = ()
) -> ReadChats:
    """Read a file of old chats.

    Args:
        name: what it was called, for its format.
        encoding: when the person knows it; see `encodings.KNOWN_ENCODINGS`.
        staff: names, as the file has them, that are the shop's.

    Raises:
        FileRefused: it cannot be read, or nobody in it can be told to be the shop's.
        ColumnsNotRecognised: a table lacks one of the three columns.
    """
    known = {question_key(one) for one in staff}
    said, problems = _told(content, name, encoding, known) or _said(content, name, encoding)
    if not said:
        first = f" {problems[0].message}" if problems else ""
        first_zh = problems[0].message_zh if problems else ""
        raise FileRefused(*file_text("no_chats", first=first, first_zh=first_zh))
    sides, guessed = _sides(said, known)
    if "staff" not in sides.values():
        some = ", ".join(repr(one[:40]) for one in islice(sides, 5))
        both = file_text("no_staff_in_chats", some=some)
        raise FileRefused(f"{both.en} In the shell: --staff NAME.", both.zh, both.en)
    chats: dict[str, list[OldMessage]] = defaultdict(list)
    for one in said:
        chats[one.chat].append(OldMessage(sides[one.who], one.text))
    return ReadChats(
        tuple(OldChat(tuple(messages)) for messages in chats.values()), guessed, tuple(problems)
    )


def _told(
    content: bytes, name: str, encoding: str | None, staff: set[str]
) -> tuple[list[_Said], list[RowProblem]] | None:
    """The messages of a plain text; None for any other file."""
    if Path(name).suffix.lower() not in TEXT_FILES:
        return None
    text, _ = decode(content, encoding)
    lines = lines_of(text)
    if len(lines) < 2:
        return None
    if len(lines) > MAX_ROWS:
        raise FileTooLarge(*file_text("too_many_rows", most=MAX_ROWS))
    ours = staff | {key for key, side in _SIDE_OF.items() if side != "shopper"}
    said: list[_Said] = []
    problems: list[RowProblem] = []
    for chat, line in chats_in(lines, ours):
        _take(_Said(chat, line.who, line.words), line.number, said, problems)
    return said, problems


def _said(content: bytes, name: str, encoding: str | None) -> tuple[list[_Said], list[RowProblem]]:
    nested = _nested(content, name, encoding)
    if nested is not None:
        return nested
    table = open_table(content, name, encoding)
    columns, rows = _columns(table)
    said: list[_Said] = []
    problems: list[RowProblem] = []
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise FileTooLarge(*file_text("too_many_rows", most=MAX_ROWS))
        if isinstance(row, RowProblem):
            problems.append(row)
            continue
        chat, who, text = (_cell(row, columns[column]) for column in ("chat", "who", "text"))
        _take(_Said(chat, who, text), row.number, said, problems)
    return said, problems


def _take(one: _Said, row: int, said: list[_Said], problems: list[RowProblem]) -> None:
    """Keep a message, or name what it lacks; an empty one says nothing (a picture, a sticker)."""
    if not one.text.strip():
        return
    if not one.chat or not one.who:
        problems.append(row_problem("chat_row_lacks", row, severity="warning"))
    elif len(one.text) > MAX_MESSAGE_CHARACTERS:
        most = MAX_MESSAGE_CHARACTERS
        problems.append(row_problem("chat_message_long", row, severity="warning", most=most))
    else:
        said.append(one)


def _columns(table: Table) -> tuple[dict[str, int], Iterable[Row | RowProblem]]:
    """Which column is which, and the rows below the header."""
    if table.head.columns is not None:
        return _recognised(table.head.columns), table.rows
    rows = iter(table.rows)
    first: list[str] = []
    for row in islice(rows, HEADER_WITHIN_ROWS):
        if isinstance(row, RowProblem):
            continue
        names = [cell[0].strip() for cell in row.cells]
        first = first or names
        try:
            return _recognised(names), rows
        except ColumnsNotRecognised:
            continue
    return _recognised(first), rows


def _recognised(names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, name in enumerate(names):
        column = _COLUMN_OF.get(question_key(name))
        if column is not None:
            found.setdefault(column, at)
    if len(found) < len(_COLUMNS):
        lacking = next(column for column in _COLUMNS if column not in found)
        text = file_text("no_chat_columns", lacking=lacking, listed=listed_columns(names))
        raise ColumnsNotRecognised(*text, tuple(names))
    return found


def _cell(row: Row, at: int) -> str:
    return row.cells[at][0].strip() if at < len(row.cells) else ""


def _nested(
    content: bytes, name: str, encoding: str | None
) -> tuple[list[_Said], list[RowProblem]] | None:
    """The messages of a JSON file whose objects are conversations; None for any other file."""
    if Path(name).suffix.lower() not in (".json", ".jsonl", ".ndjson", ""):
        return None
    text, _ = decode(content, encoding)
    objects = json_rows.objects_in(text)
    if not any(isinstance(one, dict) and _list_of(one) is not None for _, one in objects):
        return None
    said: list[_Said] = []
    problems: list[RowProblem] = []
    for number, one in objects:
        if isinstance(one, RowProblem):
            problems.append(one)
            continue
        listed = _list_of(one) if isinstance(one, dict) else None
        if listed is None:
            problems.append(row_problem("chat_row_lacks", number, severity="warning"))
            continue
        for message in listed:
            who, words = _first(message, _WHO), _first(message, _TEXT)
            _take(_Said(str(number), who, words), number, said, problems)
    return said, problems


def _list_of(one: Mapping[str, Any]) -> list[Any] | None:
    return next((one[name] for name in _LISTS if isinstance(one.get(name), list)), None)


def _first(message: Any, names: Sequence[str]) -> str:
    if not isinstance(message, dict):
        return ""
    return next((message[name] for name in names if isinstance(message.get(name), str)), "").strip()


def _sides(said: Sequence[_Said], staff: set[str]) -> tuple[dict[str, Side], tuple[str, ...]]:
    """The side of everybody who speaks, and which names were taken for the shop's."""
    chats_of: dict[str, set[str]] = defaultdict(set)
    for one in said:
        chats_of[one.who].add(one.chat)
    sides: dict[str, Side] = {}
    guessed: Counter[str] = Counter()
    for who, chats in chats_of.items():
        key = question_key(who)
        if key in staff:
            sides[who] = "staff"
        elif key in _SIDE_OF:
            sides[who] = _SIDE_OF[key]
        elif len(chats) >= CHATS_OF_STAFF:
            sides[who] = "staff"
            guessed[who] = len(chats)
        else:
            sides[who] = "shopper"
    return sides, tuple(name for name, _ in guessed.most_common())
