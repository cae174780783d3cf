"""Questions of old chats with their replies, and how alike they are.

Exchanges whose questions mean the same and whose replies agree are put together; questions that
nobody answered have only themselves to be put together by. Knows neither files nor the bot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder, Vectors
from knowledge_base.encoder_pair import first_of, for_second, second_of
from knowledge_base.entry import Language
from knowledge_base.question_key import question_key
from knowledge_base.script import language_of
from training.chat_pairs import AskedAndSaid
from training.open_questions import OpenQuestion
from training.progress import Progress, silent
from training.proposals import Proposal, distinct, proposal_id

TOGETHER = 1.2
"""Exchanges belong together from this sum of two cosines on, of their questions and of their
replies, without what all of them have in common. Replies tell more: in the demo shop's chats the
least alike questions about one thing have 0.30 (their replies 0.82). See decision 14."""

LEAST_ALIKE = 0.25
"""Questions with less have nothing in common, whatever is replied: "thank you" is no answer."""

SAME_QUESTION = 0.65
"""Questions alone mean the same from this cosine on; see decision 14."""

FEW_QUESTIONS = 50
"""Fewer do not tell what all questions of a shop have in common; the published ones do."""

AGREE = 0.6
"""A reply says what an entry says from this cosine on. In the demo shop it is 0.61 to 0.92 where it
does, and at most 0.54 where it does not (0.64 where only the place of delivery is another)."""

MOST_PHRASINGS = 10
MOST_WORDINGS = 4

COMPANY_CHATS = 4
"""A reply that stands in so many chats, after questions that have nothing in common, answers
none of them."""

_BLOCK = 1_000


class Exchanges:
    """Questions with their replies and questions without, and how alike they are.

    Args:
        pairs: as old chats gave them.
        encoder: the one that search asks, with its second if it has one.
        unanswered: questions without a reply.
        centres: of what is published.
    """

    def __init__(
        self,
        pairs: Sequence[AskedAndSaid],
        encoder: Encoder,
        progress: Progress = silent,
        unanswered: Sequence[OpenQuestion] = (),
        centres: Centres | None = None,
    ) -> None:
        self._encoder = encoder
        is_few = len(pairs) + len(unanswered) < FEW_QUESTIONS
        self._centres = centres if is_few else None
        self._pairs = pairs
        self._unanswered = unanswered
        questions = [*(one.question for one in pairs), *(one.question for one in unanswered)]
        languages: list[Language] = [language_of(one) or "en" for one in questions]
        progress("encode", 0, 2)
        asked = self._encoded(questions, languages)
        progress("encode", 1, 2)
        answers = [one.answer for one in pairs]
        self._said = self._encoded(answers, [language_of(one) or "en" for one in answers])
        progress("encode", 2, 2)
        self.languages, self._open_languages = languages[: len(pairs)], languages[len(pairs) :]
        self._asked, self._open = asked[: len(pairs)], asked[len(pairs) :]
        company = self._company(pairs)
        self.rows = [row for row in range(len(pairs)) if row not in company]

    def _encoded(self, texts: Sequence[str], languages: Sequence[Language]) -> Vectors:
        """Vectors whose products are cosines: (n, dimensions), of both encoders side by side."""
        second = second_of(self._encoder)
        if not texts:
            wide = second.dimensions if second is not None else 0
            return np.zeros((0, first_of(self._encoder).dimensions + wide), dtype=np.float32)
        first = first_of(self._encoder).encode_questions(texts)
        self._centres = self._centres or Centres.of(first, languages)
        first = self._centres.without(first, languages)
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

    # -- what was answered -------------------------------------------------------------------

    def groups(self) -> list[list[int]]:
        """Exchanges that ask the same and are answered alike, the largest groups first."""
        rows = np.array(self.rows, dtype=np.int64)

        def near(some: list[int]) -> np.ndarray:
            alike = self._asked[some] @ self._asked[rows].T
            agree = self._said[some] @ self._said[rows].T
            together: np.ndarray = (alike >= LEAST_ALIKE) & (alike + agree >= TOGETHER)
            return together

        return _grouped(self.rows, near)

    def chats(self, group: Sequence[int]) -> int:
        """In how many chats a group was asked."""
        return len({self._pairs[row].chat for row in group})

    def draft(self, group: list[int]) -> Proposal:
        """What a group comes to, as if nobody had answered it before."""
        asked = _central(group, self._asked)
        said = _central(group, self._said)
        questions = distinct(self._pairs[row].question for row in asked)[:MOST_PHRASINGS]
        answers = distinct(self._pairs[row].answer for row in said)[:MOST_WORDINGS]
        language = Counter(self.languages[row] for row in group).most_common(1)[0][0]
        return Proposal(
            proposal_id(questions, language), "new", language, self.chats(group), questions,
            answers[0], answers[1:], None,
        )  # fmt: skip

    def any_agrees(self, replies: Sequence[str], answer: str) -> bool:
        """Whether one of several replies says what an answer says."""
        texts = [answer, *replies]
        vectors = self._encoded(texts, [language_of(text) or "en" for text in texts])
        return bool((vectors[1:] @ vectors[0] >= AGREE).any())

    # -- what nobody answered ----------------------------------------------------------------

    def open_groups(self) -> list[list[int]]:
        """Questions without a reply that mean the same, the largest groups first."""

        def near(some: list[int]) -> np.ndarray:
            together: np.ndarray = self._open[some] @ self._open.T >= SAME_QUESTION
            return together

        return _grouped(list(range(len(self._unanswered))), near)

    def open_chats(self, group: Sequence[int]) -> dict[int, str]:
        """The chats in which a group was asked, each with the reason why it got no answer."""
        return {self._unanswered[row].chat: self._unanswered[row].why for row in group}

    def open_draft(self, group: list[int]) -> Proposal:
        """What a group without a reply comes to, with what staff replied to anything like it."""
        asked = _central(group, self._open)
        questions = distinct(self._unanswered[row].question for row in asked)[:MOST_PHRASINGS]
        language = Counter(self._open_languages[row] for row in group).most_common(1)[0][0]
        reasons = Counter(self.open_chats(group).values())
        wordings = distinct(self._pairs[row].answer for row in self._like(asked[0]))
        return Proposal(
            proposal_id(questions, language), "unanswered", language, sum(reasons.values()),
            questions, "", wordings[:MOST_WORDINGS], None, dict(reasons),
        )  # fmt: skip

    def answered_in(self, group: list[int], groups: Sequence[Sequence[int]]) -> int | None:
        """Which of several groups asks what a group without a reply asks; None for none of them."""
        first = _central(group, self._open)[0]
        like = set(self._like(first))
        shared = [len(like & set(one)) for one in groups]
        return int(np.argmax(shared)) if any(shared) else None

    def _like(self, open_row: int) -> list[int]:
        """Exchanges that ask what a question without a reply asks, the most alike first."""
        if not self.rows:
            return []
        alike = self._asked[self.rows] @ self._open[open_row]
        order = np.argsort(-alike, kind="stable")
        return [self.rows[at] for at in order if alike[at] >= SAME_QUESTION]


def _grouped(rows: list[int], near: Callable[[list[int]], np.ndarray]) -> list[list[int]]:
    """Put rows together, the largest groups first.

    The row that most others are like begins a group, and takes all of them; nothing is chained.

    Args:
        near: tells for some rows which of all are like them: (some, all), true or false.
    """
    everything = np.array(rows, dtype=np.int64)
    like: dict[int, list[int]] = {}
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        for row, others in zip(some, near(some), strict=True):
            like[row] = [int(other) for other in everything[others]]
    left = set(rows)
    groups = []
    for row in sorted(rows, key=lambda row: (-len(like[row]), row)):
        if row not in left:
            continue
        group = [row, *(other for other in like[row] if other in left and other != row)]
        left -= set(group)
        groups.append(group)
    return groups


def _central(group: list[int], vectors: Vectors) -> list[int]:
    """The group, those first that are most like all others."""
    likeness = (vectors[group] @ vectors[group].T).sum(axis=1)
    return [group[at] for at in np.argsort(-likeness, kind="stable")]
