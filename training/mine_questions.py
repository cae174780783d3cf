"""Finds in old chats what shoppers ask again and again and the bot does not answer yet.

Exchanges whose questions mean the same and whose replies agree are put together, over all chats,
and so are questions that nobody answered; what only one or two shoppers asked is left out. The bot
itself is then asked: what it answers as staff did is known, the rest is proposed, as a new entry,
as further phrasings of an entry, as an entry whose answer seems out of date, or as a question that
still wants an answer. A person decides about every proposal; nothing is published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.answering.answer import Answer, Decision, Source
from bot.answering.figures import figures, normalised
from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder
from knowledge_base.entry import Entry
from knowledge_base.question_key import question_key
from training.chat_pairs import AskedAndSaid
from training.exchanges import MOST_PHRASINGS, Exchanges
from training.open_questions import OpenQuestion
from training.progress import Progress, silent
from training.proposals import Kind, Mined, Proposal, distinct

MOST_PAIRS = 20_000
"""The newest so many are looked at; more take minutes and tell nothing new. As many questions that
nobody answered are."""

ASKED_OF_EACH = 5
"""So many questions of a proposal are put to the bot."""

_TALK = frozenset({"small_talk", "acknowledged", "wish_for_person", "person_intent", "anger"})

Ask = Callable[[Sequence[str]], Sequence[Answer]]
Entries = Mapping[tuple[str, str], Entry]


def mine(
    pairs: Sequence[AskedAndSaid],
    encoder: Encoder,
    ask: Ask,
    entries: Entries,
    *,
    unanswered: Sequence[OpenQuestion] = (),
    centres: Centres | None = None,
    least_chats: int = 2,
    progress: Progress = silent,
) -> Mined:
    """Propose what is worth an entry.

    Args:
        pairs: as old chats gave them.
        encoder: the one that search asks, with its second if it has one.
        ask: has the bot answer each text as the first of a conversation.
        entries: of the version that serves, by id and language.
        unanswered: questions that nobody answered.
        centres: of the vectors of what is published, if anything is.
        least_chats: in how many chats something must have been asked.
    """
    newest, newest_open = pairs[-MOST_PAIRS:], unanswered[-MOST_PAIRS:]
    exchanges = Exchanges(newest, encoder, progress, newest_open, centres)
    groups = [group for group in exchanges.groups() if exchanges.chats(group) >= least_chats]
    open_groups = [
        group
        for group in exchanges.open_groups()
        if len(exchanges.open_chats(group)) >= least_chats
    ]
    looked = _Looked(ask, entries)
    every = len(groups) + len(open_groups)
    proposed: dict[int, Proposal] = {}
    for done, group in enumerate(groups):
        progress("compare", done, every)
        found = looked.at(exchanges.draft(group), exchanges.any_agrees)
        if found is not None:
            proposed[done] = found
    wanting = []
    for done, group in enumerate(open_groups, start=len(groups)):
        progress("compare", done, every)
        found = looked.at_open(exchanges.open_draft(group))
        at = exchanges.answered_in(group, [groups[at] for at in proposed]) if found else None
        if found is not None and at is None:
            wanting.append(found)
        elif found is not None and at is not None:
            answered = list(proposed)[at]
            proposed[answered] = _also_open(proposed[answered], found)
    progress("compare", every, every)
    proposals = sorted([*proposed.values(), *wanting], key=lambda one: -one.chats)
    return Mined(tuple(proposals), looked.known, looked.talk)


@dataclass
class _Looked:
    """Asks the bot about drafts, and counts what is no proposal."""

    ask: Ask
    entries: Entries
    known: int = field(default=0, init=False)
    talk: int = field(default=0, init=False)

    def at(
        self, drafted: Proposal, any_agrees: Callable[[Sequence[str], str], bool]
    ) -> Proposal | None:
        """The proposal beside what the bot says today; None where that is the same, or talk."""
        answers = self.ask(drafted.questions[:ASKED_OF_EACH])
        if self._is_talk(answers):
            return None
        found = _compared(drafted, answers, self.entries, any_agrees)
        self.known += found is None
        return found

    def at_open(self, drafted: Proposal) -> Proposal | None:
        """What nobody answered, with the entry the bot came nearest to; None where it answers."""
        answers = self.ask(drafted.questions[:ASKED_OF_EACH])
        if self._is_talk(answers):
            return None
        if _most(answers, lambda one: _answered_from(one) is not None):
            self.known += 1
            return None
        return replace(drafted, entry=self._nearest(drafted, answers))

    def _nearest(self, drafted: Proposal, answers: Sequence[Answer]) -> Entry | None:
        """The entry that search finds first for most of the questions."""
        first = Counter(str(one.trace.hits[0].get("id")) for one in answers if one.trace.hits)
        for id, count in first.most_common(1):
            if count * 2 > len(answers):
                return self.entries.get((id, drafted.language))
        return None

    def _is_talk(self, answers: Sequence[Answer]) -> bool:
        is_talk = _most(answers, lambda one: one.trace.rule in _TALK)
        self.talk += is_talk
        return is_talk


def _also_open(proposal: Proposal, open_one: Proposal) -> Proposal:
    """A proposal that staff answer in some chats, with those in which it got no answer."""
    return replace(
        proposal,
        chats=proposal.chats + open_one.chats,
        questions=distinct([*proposal.questions, *open_one.questions])[:MOST_PHRASINGS],
        open={
            why: proposal.open.get(why, 0) + open_one.open.get(why, 0)
            for why in {**proposal.open, **open_one.open}
        },
    )


def _compared(
    drafted: Proposal,
    answers: Sequence[Answer],
    entries: Entries,
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
    return replace(drafted, kind=kind, questions=fresh or drafted.questions, entry=entry)


def _most(answers: Sequence[Answer], true: Callable[[Answer], bool]) -> bool:
    return sum(map(true, answers)) * 2 > len(answers)
