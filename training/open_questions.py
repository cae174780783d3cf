"""Takes out of old chats the questions that nobody answered.

Nobody came, or staff only put the shopper off, or the bot did not know and no person did either. A
question counts as answered as soon as anybody of the shop tells something after it, whatever that
is: better one that is not proposed than one that is proposed though it was answered. Knows no
model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from knowledge_base.masking import find_personal
from knowledge_base.question_key import question_key
from knowledge_base.readers import OldChat, OldMessage
from training.chat_pairs import letters, question_of, tells

Why = Literal["nobody", "put_off", "bot"]

_GIVES_UP = re.compile(
    r"转接?(?:到|给)?(?:人工|客服)|人工客服|没(?:有|能)?(?:听懂|理解|明白|看懂|找到)|(?:不太|无法|不能)(?:明白|理解|回答|确定)"
    r"|换(?:个|一种)(?:说法|问法)"
    r"|\b(?:colleagues?|human|agent|representative|operator)\b"
    r"|\b(?:not sure|don't (?:know|understand)|didn't (?:get|understand|catch)|rephrase)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[?？吗么呢]|什么|啥|怎|哪|多少|多久|多大|几|能不|能否|可不|会不|有没|是不|是否|如何|为何|谁"
    r"|^(?:and |but |so |then )?(?:how|what|when|where|which|who|whose|why|can|could|do|does|did|is"
    r"|are|was|will|would|should|may|have|has|any)\b",
    re.IGNORECASE,
)
"""What a question has. Asked for later in a chat, where shoppers also reply and take leave."""

FEWEST_LETTERS = 8
"""Shorter ones ask on about what was said before. A Chinese character counts for two."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question without an answer.

    Attributes:
        chat: number of the chat, as of `AskedAndSaid`.
        why: nobody replied, staff only put off, or the bot asked back or gave up last.
    """

    chat: int
    question: str
    why: Why


def open_questions(chats: Sequence[OldChat]) -> list[OpenQuestion]:
    """Every question that nobody answered, without those that hold something personal."""
    return [
        OpenQuestion(number, question, why)
        for number, chat in enumerate(chats)
        for question, why in _left_open(chat.messages)
        if not find_personal(question)
    ]


@dataclass
class _Chat:
    """What of a chat is still to be answered.

    Attributes:
        asked: what the shopper said since anybody replied.
        open: what got no answer, by its key, with the reason.
        asked_back: the key of what the bot asked back about.
        replies: how often anybody has replied, with what is replied just now.
    """

    asked: list[str] = field(default_factory=list)
    open: dict[str, tuple[str, Why]] = field(default_factory=dict)
    asked_back: str | None = None
    replies: int = 0

    def answered_by_staff(self) -> None:
        """A person tells something: whatever was asked before is no matter any more."""
        self.asked.clear()
        self.open.clear()
        self.asked_back = None

    def answered_by_bot(self) -> None:
        """The bot answers what was asked last; what it gave up before stays open."""
        self.asked.clear()
        if self.asked_back is not None:
            self.open.pop(self.asked_back, None)
        self.asked_back = None

    def not_answered(self, why: Why, asks_back: bool = False) -> None:
        """Whoever replies answers nothing."""
        # What is said to a question that was asked back is no question of its own.
        question = None if self.asked_back else question_of(self.asked)
        self.asked.clear()
        if question is not None and not _stands_alone(question, first=self.replies < 2):
            question = None
        if question is not None:
            self.open[question_key(question)] = (question, why)
            self.asked_back = question_key(question) if asks_back else None
        elif not asks_back:
            self.asked_back = None


def _left_open(messages: Sequence[OldMessage]) -> list[tuple[str, Why]]:
    chat = _Chat()
    for side, block in groupby(messages, key=lambda one: one.side):
        said = list(block)
        chat.replies += side != "shopper"
        if side == "shopper":
            chat.asked += [one.text for one in said]
        elif side == "staff":
            if any(tells(one.text) for one in said):
                chat.answered_by_staff()
            else:
                chat.not_answered("put_off")
        elif any(map(_answers, said)):
            chat.answered_by_bot()
        else:
            chat.not_answered("bot", asks_back=said[-1].outcome == "asked")
    chat.replies += 1
    chat.not_answered("nobody")
    return list(chat.open.values())


def _stands_alone(question: str, first: bool) -> bool:
    """Whether others could ask it as it is; what begins a chat need not look like a question."""
    return letters(question) >= FEWEST_LETTERS and (first or bool(_ASKS.search(question)))


def _answers(said: OldMessage) -> bool:
    """Whether words of a bot answer; a file does not say so, and the words must."""
    if said.outcome is not None:
        return said.outcome == "answered"
    return tells(said.text) and not _GIVES_UP.search(said.text)
