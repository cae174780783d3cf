"""Finds in old chats what shoppers ask again and again and the bot does not answer yet.

Exchanges whose questions mean the same and whose replies agree are put together, over all chats;
what only one or two shoppers asked is left out. The bot itself is then asked: what it answers as
staff did is known, the rest is proposed, as a new entry, as further phrasings of an entry, or as an
entry whose answer seems out of date. A person decides about every proposal; nothing is published.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bot.answering.answer import Answer, Decision, Source
from bot.answering.figures import figures, normalised
from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import first_of, for_second, second_of
from knowledge_base.entry import Entry, Language
from knowledge_base.question_key import question_key
from knowledge_base.script import language_of
from training.chat_pairs import AskedAndSaid

TOGETHER = 1.2
"""Exchanges belong together from this sum of two cosines on, of their questions and of their
replies, without what all of them have in common. Replies tell more: in the demo shop's chats the
least alike questions about one thing have 0.30 (their replies 0.82). See decision 14."""

LEAST_ALIKE = 0.25
"""Questions with less have nothing in common, whatever is replied: "thank you" is no answer."""

AGREE = 0.6
"""A reply says what an entry says from this cosine on. In the demo shop it is 0.61 to 0.92 where it
does, and at most 0.54 where it does not (0.64 where only the place of delivery is another)."""

MOST_PAIRS = 20_000
"""The newest so many are looked at; more take minutes and tell nothing new."""

MOST_PHRASINGS = 10
MOST_WORDINGS = 4
ASKED_OF_EACH = 5
"""So many questions of a proposal are put to the bot."""

COMPANY_CHATS = 4
"""A reply that stands in so many chats, after questions that have nothing in common, answers
none of them."""

_BLOCK = 1_000
_TALK = frozenset({"small_talk", "acknowledged", "wish_for_person", "person_intent", "anger"})

Kind = Literal["new", "phrasings", "differs"]
Report = Callable[[str, int, int], None]
Ask = Callable[[Sequence[str]], Sequence[Answer]]


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something for a person to decide about.

    Attributes:
        id: the same for the same questions, so that a second run proposes under the same name.
        kind: a new entry, further phrasings of `entry`, or an entry that staff answer otherwise.
        chats: in how many chats it was asked.
        questions: the ways it was asked, the most usual first.
        answer: the reply that is most like all others.
        wordings: other replies.
        entry: of the knowledge base; None for a new one.
    """

    id: str
    kind: Kind
    language: Language
    chats: int
    questions: tuple[str, ...]
    answer: str
    wordings: tuple[str, ...]
    entry: Entry | None


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


def mine(
    pairs: Sequence[AskedAndSaid],
    encoder: Encoder,
    ask: Ask,
    entries: Mapping[tuple[str, str], Entry],
    *,
    least_chats: int = 2,
    progress: Report = _silent,
) -> Mined:
    """Propose what is worth an entry.

    Args:
        pairs: as old chats gave them.
        encoder: the one that search asks, with its second if it has one.
        ask: has the bot answer each text as the first of a conversation.
        entries: of the version that serves, by id and language.
        least_chats: in how many chats something must have been asked.
    """
    exchanges = Exchanges(pairs[-MOST_PAIRS:], encoder, progress)
    groups = [group for group in exchanges.groups() if exchanges.chats(group) >= least_chats]
    known = talk = 0
    proposals: list[Proposal] = []
    for done, group in enumerate(groups):
        progress("compare", done, len(groups))
        drafted = exchanges.draft(group)
        answers = ask(drafted.questions[:ASKED_OF_EACH])
        if _most(answers, lambda one: one.trace.rule in _TALK):
            talk += 1
            continue
        found = _compared(drafted, answers, entries, exchanges.any_agrees)
        if found is None:
            known += 1
        else:
            proposals.append(found)
    progress("compare", len(groups), len(groups))
    proposals.sort(key=lambda one: -one.chats)
    return Mined(tuple(proposals), known, talk)


class Exchanges:
    """Questions with their replies, and how alike they are.

    Args:
        pairs: as old chats gave them.
        encoder: the one that search asks, with its second if it has one.
    """

    def __init__(
        self, pairs: Sequence[AskedAndSaid], encoder: Encoder, progress: Report = _silent
    ) -> None:
        self._encoder = encoder
        self.languages: list[Language] = [language_of(one.question) or "en" for one in pairs]
        self._centres: Centres | None = None
        questions = [one.question for one in pairs]
        progress("encode", 0, 2)
        self._asked = self._encoded(questions, self.languages)
        progress("encode", 1, 2)
        answers = [one.answer for one in pairs]
        self._said = self._encoded(answers, [language_of(one) or "en" for one in answers])
        progress("encode", 2, 2)
        company = self._company(pairs)
        self.rows = [row for row in range(len(pairs)) if row not in company]
        self._pairs = pairs

    def _encoded(self, texts: Sequence[str], languages: Sequence[Language]) -> Vectors:
        """Vectors whose products are cosines: (n, dimensions), of both encoders side by side."""
        if not texts:
            return np.zeros((0, self._encoder.dimensions), dtype=np.float32)
        first = first_of(self._encoder).encode_questions(texts)
        self._centres = self._centres or Centres.of(first, languages)
        first = self._centres.without(first, languages)
        second = second_of(self._encoder)
        if second is None:
            return first
        beside = np.zeros((len(texts), second.dimensions), dtype=np.float32)
        rows = for_second(texts)
        if rows:
            beside[rows] = second.encode_questions([texts[row] for row in rows])
        both = (np.abs(beside).sum(axis=1) > 0)[:, None]
        halves = np.where(both, np.float32(np.sqrt(0.5)), np.float32(1.0))
        return np.concatenate([first * halves, beside * np.float32(np.sqrt(0.5))], axis=1)

    def _company(self, pairs: Sequence[AskedAndSaid]) -> set[int]:
        """Exchanges whose reply stands after all kinds of questions, and so answers none."""
        rows_of: dict[str, list[int]] = {}
        for row, one in enumerate(pairs):
            rows_of.setdefault(question_key(one.answer), []).append(row)
        company: set[int] = set()
        for rows in rows_of.values():
            if len({pairs[row].chat for row in rows}) < COMPANY_CHATS:
                continue
            cosines = self._asked[rows] @ self._asked[rows].T
            others = (cosines.sum() - len(rows)) / (len(rows) * (len(rows) - 1))
            if others < LEAST_ALIKE:
                company |= set(rows)
        return company

    def groups(self) -> list[list[int]]:
        """Exchanges that ask the same and are answered alike, the largest groups first.

        The exchange that most others are like begins a group, and takes all of them.
        """
        near = self._neighbours()
        left = set(self.rows)
        groups = []
        for row in sorted(self.rows, key=lambda row: (-len(near[row]), row)):
            if row not in left:
                continue
            group = [row, *(other for other in near[row] if other in left and other != row)]
            left -= set(group)
            groups.append(group)
        return groups

    def _neighbours(self) -> dict[int, list[int]]:
        rows = np.array(self.rows, dtype=np.int64)
        near: dict[int, list[int]] = {}
        for start in range(0, len(self.rows), _BLOCK):
            some = self.rows[start : start + _BLOCK]
            alike = self._asked[some] @ self._asked[rows].T
            agree = self._said[some] @ self._said[rows].T
            both = (alike >= LEAST_ALIKE) & (alike + agree >= TOGETHER)
            for row, others in zip(some, both, strict=True):
                near[row] = [int(other) for other in rows[others]]
        return near

    def chats(self, group: Sequence[int]) -> int:
        """In how many chats a group was asked."""
        return len({self._pairs[row].chat for row in group})

    def draft(self, group: list[int]) -> Proposal:
        """What a group comes to, as if nobody had answered it before."""
        asked = self._central(group, self._asked)
        said = self._central(group, self._said)
        questions = _distinct(self._pairs[row].question for row in asked)[:MOST_PHRASINGS]
        answers = _distinct(self._pairs[row].answer for row in said)[:MOST_WORDINGS]
        language = Counter(self.languages[row] for row in group).most_common(1)[0][0]
        return Proposal(
            _id(questions, language), "new", language, self.chats(group), questions,
            answers[0], answers[1:], None,
        )  # fmt: skip

    def _central(self, group: list[int], vectors: Vectors) -> list[int]:
        """The group, those first that are most like all others."""
        likeness = (vectors[group] @ vectors[group].T).sum(axis=1)
        return [group[at] for at in np.argsort(-likeness, kind="stable")]

    def any_agrees(self, replies: Sequence[str], answer: str) -> bool:
        """Whether one of several replies says what an answer says."""
        texts = [answer, *replies]
        vectors = self._encoded(texts, [language_of(text) or "en" for text in texts])
        return bool((vectors[1:] @ vectors[0] >= AGREE).any())


def _compared(
    drafted: Proposal,
    answers: Sequence[Answer],
    entries: Mapping[tuple[str, str], Entry],
    any_agrees: Callable[[Sequence[str], str], bool],
) -> Proposal | None:
    """The proposal beside what the bot says today; None where that is the same."""
    replies = (drafted.answer, *drafted.wordings)
    said = Counter(_answered_from(one) for one in answers)
    most, count = said.most_common(1)[0]
    if count * 2 > len(answers) and most is not None:
        entry = entries.get((most, drafted.language))
        if entry is None:
            return None
        same = any_agrees(replies, entry.answer) and not _other_figures(drafted, entry)
        return None if same else _about(drafted, "differs", entry)
    near = Counter(str(hit["id"]) for one in answers for hit in one.trace.hits[:3] if hit.get("id"))
    for id, _ in near.most_common(3):
        entry = entries.get((id, drafted.language))
        if entry is not None and any_agrees(replies, entry.answer):
            return _about(drafted, "phrasings", entry)
    return drafted


def _answered_from(answer: Answer) -> str | None:
    """The entry that was answered from; "" for what an action does; None for no answer."""
    if answer.source is Source.ACTION:
        return ""
    known = answer.decision is Decision.ANSWER and answer.source is Source.KNOWN
    return answer.entry_id if known else None


def _other_figures(drafted: Proposal, entry: Entry) -> bool:
    """Whether most replies give another price, day or number than the entry does."""
    published = _figures(entry.answer)
    units = {unit for unit, _, _ in published}
    replies = [_figures(one) for one in (drafted.answer, *drafted.wordings)]
    others = {one for one in replies[0] - published if one[0] in units}
    return any(sum(one in reply for reply in replies) * 2 > len(replies) for one in others)


def _figures(text: str) -> set[tuple[str, str, str]]:
    return {(one.unit, one.low, one.high) for one in figures(normalised(text))}


def _about(drafted: Proposal, kind: Kind, entry: Entry) -> Proposal:
    asked = {question_key(one) for one in entry.questions}
    fresh = tuple(one for one in drafted.questions if question_key(one) not in asked)
    return Proposal(
        drafted.id, kind, drafted.language, drafted.chats, fresh or drafted.questions,
        drafted.answer, drafted.wordings, entry,
    )  # fmt: skip


def _most(answers: Sequence[Answer], true: Callable[[Answer], bool]) -> bool:
    return sum(map(true, answers)) * 2 > len(answers)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that differ in more than case and punctuation, the first of each."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(question_key(text), text)
    return tuple(found.values())


def _id(questions: Sequence[str], language: Language) -> str:
    digest = hashlib.sha256(f"{language} {question_key(questions[0])}".encode()).hexdigest()
    return f"chats-{digest[:10]}"
