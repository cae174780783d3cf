"""Takes questions of shoppers and the replies of staff to them out of old chats.

Only words that could stand in a published answer are kept: no greeting, no "one moment", nothing
that asks back, nothing with somebody's number or address in it. Knows no model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.answering.openings import without_openings
from bot.answering.wish import wishes_for_person
from knowledge_base.masking import find_personal
from knowledge_base.question_key import question_key
from knowledge_base.readers import OldChat, OldMessage

MOST_QUESTION_CHARACTERS = 120
"""A longer one tells a story, and is no phrasing that others would use."""

MOST_ANSWER_CHARACTERS = 800
FEWEST_ANSWER_LETTERS = 8
FEWEST_QUESTION_LETTERS = 6
"""A Chinese character counts for two."""

_ASKS_BACK = re.compile(
    r"[?？]\s*$|[吗么]\s*[~～。!！]*$"
    r"|(?:麻烦|请|辛苦)[您你]?.{0,8}(?:提供|告知|发给?我|发一?下|复制)"
    r"|\b(?:please|kindly) (?:send|give|share|provide|confirm|tell)\b"
    r"|\bcould you (?:please )?(?:send|give|share|provide|confirm|tell)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？]\s*$|[吗么呢]\s*[~～。!！]*$")
_COMPANY = re.compile(
    r"\b(?:one|just a|a) (?:moment|second|sec|minute)\b|\bbear with me\b|\bhold on\b"
    r"|\blet me (?:check|look|see|have a look)\b|\bI(?:'ll| will) (?:check|look into)\b"
    r"|\banything else\b|\bis there anything\b|\bhow (?:can|may) I help\b"
    r"|\byou(?:'re| are) (?:very |most )?welcome\b|\bmy pleasure\b|\bno (?:problem|worries)\b"
    r"|\bthank(?:s| you) for (?:writing|contacting|reaching|your (?:message|patience))\b"
    r"|\b(?:get|come) back to you\b|\bleave (?:us )?a message\b"
    r"|\bcurrently (?:offline|closed|away)\b"
    r"|\bI(?:'m| am) (?:not sure|afraid I don't know)\b[^,]*$|\bI (?:do not|don't) know\b[^,]*$"
    r"|\brate (?:my|our|the) \w+\b|\bhave a (?:nice|great|good|lovely) \w+\b"
    r"|稍等|等一下|稍候|正在.{0,8}(?:查|核实|确认)|(?:帮|为|给)[您你].{0,6}(?:查|看看|核实|反馈|联系)"
    r"|不在线|(?:请|可以?)[您你]?(?:先)?留言|(?:不太|不是很|不)(?:清楚|确定|了解)[^，,]*$"
    r"|还有(?:其他|其它|什么|别的)|很高兴为|为[您你]服务|客服.{0,12}为[您你]|欢迎光临|祝[您你]|评价|不客气|别客气|不用谢|客气[了啦]",
    re.IGNORECASE,
)
_A_QUESTION = "question"
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]*|\n")


@dataclass(frozen=True, slots=True)
class AskedAndSaid:
    """A question and what staff replied.

    Attributes:
        chat: number of the chat, so that one shopper who asks three times counts once.
        question: without greeting.
        said: messages of the reply, one or more.
    """

    chat: int
    question: str
    said: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The reply as one text."""
        return "\n".join(self.said)


@dataclass(frozen=True)
class Pairs:
    """Everything the chats gave.

    Attributes:
        found: in the order of the chats.
        left_out: how many replies were not taken, by the reason: personal, no_question, no_answer.
    """

    found: tuple[AskedAndSaid, ...]
    left_out: dict[str, int]


def pairs_of(chats: Sequence[OldChat]) -> Pairs:
    """Every question of a shopper with what staff replied to it."""
    found: list[AskedAndSaid] = []
    left_out: Counter[str] = Counter()
    for number, chat in enumerate(chats):
        for asked, said in _exchanges(chat.messages):
            question, answer = question_of(asked), _answer(said)
            if question is None or answer is None:
                left_out["no_question" if question is None else "no_answer"] += 1
            elif find_personal(question) or any(find_personal(one) for one in answer):
                left_out["personal"] += 1
            else:
                found.append(AskedAndSaid(number, question, answer))
    return Pairs(tuple(found), dict(left_out))


def _exchanges(
    messages: Sequence[OldMessage],
) -> Iterator[tuple[list[str], list[str]]]:
    """What the shopper asked, and what staff then said in a row.

    Who is put off ("one moment") and says "ok" is answered by what staff say next.
    """
    asked: list[str] = []
    put_off: list[str] = []
    for side, block in groupby(messages, key=lambda one: one.side):
        texts = [one.text for one in block]
        if side == "shopper":
            if put_off and question_of(texts) is not None:  # waits for the first no more
                yield asked, put_off
                asked, put_off = [], []
            asked += texts
        elif side == "staff" and asked:
            if all(_telling(text) == "" for text in texts):
                put_off += texts
            else:
                yield asked, [*put_off, *texts]
                asked, put_off = [], []
    if put_off:
        yield asked, put_off


def question_of(asked: Sequence[str]) -> str | None:
    """The one thing that was asked; None where it was nothing, or more than one."""
    left = [text for text in map(_asking, asked) if text]
    if len({question_key(text) for text in left}) == 1:
        return left[0]
    questions = [text for text in left if _QUESTION.search(text)]
    if len(questions) == 1:
        return questions[0]
    return None


def _asking(text: str) -> str:
    """What is left of a message without its greeting; empty where it asks for nothing."""
    core = without_openings(" ".join(text.split()))
    if len(core) > MOST_QUESTION_CHARACTERS or _LINK.search(core) or wishes_for_person(core):
        return ""
    return core if letters(core) >= FEWEST_QUESTION_LETTERS else ""


def _answer(said: Sequence[str]) -> tuple[str, ...] | None:
    """What tells something; None where nothing does, or where something is asked back."""
    told: list[str] = []
    for text in said:
        kept = _telling(text)
        if kept is None:
            return None
        if kept:
            told.append(kept)
    whole = "\n".join(told)
    if letters(whole) < FEWEST_ANSWER_LETTERS or len(whole) > MOST_ANSWER_CHARACTERS:
        return None
    return tuple(told)


def tells(text: str) -> bool:
    """Whether words of the shop tell anything, beyond keeping company or asking back."""
    return bool(_telling(text))


def _telling(text: str) -> str | None:
    """A message without the sentences that only keep company; None where it asks the shopper."""
    kept: list[str] = []
    for sentence in _SENTENCE.findall(text.strip()):
        if _COMPANY.search(sentence):
            continue
        if _ASKS_BACK.search(sentence.strip()):
            return None
        kept.append(sentence)
    whole = "".join(kept).strip()
    # A greeting alone is left as it is, since nothing would remain; before a question it is taken.
    alone = without_openings(f"{whole} {_A_QUESTION}", reply=True) == _A_QUESTION
    return "" if alone else without_openings(whole, reply=True)


def letters(text: str) -> int:
    """Count letters and digits; a Chinese character counts for two."""
    return sum(2 if "一" <= one <= "鿿" else 1 for one in text if one.isalnum())
