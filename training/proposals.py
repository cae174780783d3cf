"""What old chats give for a person to decide about: proposals, and how they are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from knowledge_base.entry import Entry, Language
from knowledge_base.question_key import question_digest, question_key

Kind = Literal["new", "phrasings", "differs", "unanswered"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something for a person to decide about.

    Attributes:
        id: the same as long as the same way of asking is the most usual one.
        kind: a new entry, further phrasings of `entry`, an entry that staff answer otherwise, or
            what nobody has answered yet.
        chats: in how many chats it was asked.
        questions: the ways it was asked, the most usual first.
        answer: the reply that is most like all others; empty where nobody gave one.
        wordings: other replies.
        entry: of the knowledge base; None for a new one. Of what nobody answered, the entry that
            the bot came nearest to, if there is one.
        open: in how many chats it got no answer, by the reason (`training.open_questions`).
    """

    id: str
    kind: Kind
    language: Language
    chats: int
    questions: tuple[str, ...]
    answer: str
    wordings: tuple[str, ...]
    entry: Entry | None
    open: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mined:
    """What the chats gave.

    Attributes:
        proposals: what was asked in the most chats first.
        known: how many questions that are asked again and again the bot answers already.
        talk: how many are greetings and the like.
    """

    proposals: tuple[Proposal, ...]
    known: int
    talk: int


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that differ in more than case and punctuation, the first of each."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(question_key(text), text)
    return tuple(found.values())


def proposal_id(questions: Sequence[str], language: Language) -> str:
    """Name a proposal by its first question."""
    return f"chats-{question_digest(questions[0], language)}"
