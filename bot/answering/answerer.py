"""How one turn becomes an answer, a question back, or a handoff.

    language -> mood, wish, entities -> exact question (no model)
             -> encode once for intent and search -> intent -> search (again in context)
             -> the attempts of `attempts.py`, in their order -> written answer, apart

The first attempt that answers wins, and the last always does. `doubt.py` alone decides what is
good enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from bot.answering import attempts, replies
from bot.answering.answer import Answer, Decision, Question, Source, Unwritten
from bot.answering.doubt import Verdict
from bot.answering.entities import EntityFinder
from bot.answering.follow_up import looks_like_follow_up, with_context
from bot.answering.language import language_of_turn
from bot.answering.mood import mood_of
from bot.answering.parts import HITS, Parts, Turn
from bot.answering.wish import wishes_for_person
from knowledge_base.encoder import Vectors
from knowledge_base.entry import EntryId

log = structlog.get_logger(__name__)


class ShopAnswerer:
    """Answers turns for one shop (the `Answerer` of `answer.py`).

    Safe to call from several threads at once, as its parts are.
    """

    def __init__(self, parts: Parts, clock: Callable[[], float] = time.perf_counter) -> None:
        self.parts = parts
        self._clock = clock
        self._entities = EntityFinder(parts.shop.order_number_pattern)

    def answer(self, question: Question) -> Answer:
        """See Answerer."""
        first = self.answer_batch([question])[0]
        return self.write(first) if isinstance(first, Unwritten) else first

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """See Answerer."""
        try:
            turns = [self._begin(question) for question in questions]
            early = [self._try(turn, attempts.WITHOUT_MODELS) for turn in turns]
            self._understand([turn for turn, one in zip(turns, early, strict=True) if one is None])
        except Exception:
            # One batch, one fault: each turn is answered alone, so that one text harms only itself.
            log.exception("answering.batch_failed", size=len(questions))
            if len(questions) == 1:
                return [replies.broken(self.parts.shop, questions[0])]
            return [self.answer_batch([question])[0] for question in questions]
        return [one or self._decide(turn) for turn, one in zip(turns, early, strict=True)]

    def write(self, unwritten: Unwritten) -> Answer:
        """See Answerer."""
        started = self._clock()
        try:
            written = self._written(unwritten)
        except Exception:
            log.exception("answering.writing_failed", turn=unwritten.question.turn)
            written = None
        took = round(self._clock() - started, 6)
        answer = written or unwritten.otherwise
        outcome = "answered" if written else "passed"
        trace = replace(
            answer.trace,
            rule="written_answer" if written else answer.trace.rule,
            attempts=(
                *answer.trace.attempts,
                {"attempt": "write", "outcome": outcome, "seconds": took},
            ),
            seconds={**answer.trace.seconds, "write": took},
        )
        return replace(answer, trace=trace)

    # -- understanding -----------------------------------------------------------------------

    def _begin(self, question: Question) -> Turn:
        text = " ".join(part.strip() for part in question.texts).strip()
        before = question.memory.language
        return Turn(
            question=question,
            text=text,
            language=language_of_turn(text, before, question.interface_language),
            mood=mood_of(text),
            wish=wishes_for_person(text),
            entities=self._entities.find(text),
        )

    def _understand(self, turns: Sequence[Turn]) -> None:
        """Encode once, then classify and search; fills in the turns."""
        if not turns:
            return
        times = [self._clock()]
        texts = [turn.text for turn in turns]
        vectors = self.parts.encoder.encode_questions(texts)
        times.append(self._clock())
        if self.parts.intents is not None:
            languages = [turn.answer_in for turn in turns]
            guesses = self.parts.intents.classify(texts, vectors, languages)
            for turn, guess in zip(turns, guesses, strict=True):
                turn.guess = guess
        times.append(self._clock())
        self._search(turns, texts, vectors)
        self._search_in_context([turn for turn in turns if self._may_need_context(turn)])
        times.append(self._clock())
        for turn in turns:
            for step, began, ended in zip(
                ("encode", "intent", "search"), times, times[1:], strict=False
            ):
                turn.seconds[step] = ended - began

    def _search(self, turns: Sequence[Turn], texts: Sequence[str], vectors: Vectors) -> None:
        searcher = self.parts.knowledge.current
        for row, (turn, text) in enumerate(zip(turns, texts, strict=True)):
            result = searcher.search_batch(
                [text], k=HITS, language=turn.answer_in, vectors=vectors[row : row + 1]
            )[0]
            judgement = self.parts.judge.judge(result, turn.guess, turn.answer_in)
            if turn.judgement is None or judgement.confidence > turn.judgement.confidence:
                turn.result, turn.judgement = result, judgement

    def _may_need_context(self, turn: Turn) -> bool:
        unsure = turn.judgement is None or turn.judgement.verdict is not Verdict.ANSWER
        return unsure and bool(turn.question.history) and looks_like_follow_up(turn.text)

    def _search_in_context(self, turns: Sequence[Turn]) -> None:
        """Ask again with what was asked before in front: "and to Hong Kong?" is half a question."""
        if turns:
            texts = [with_context(turn.text, turn.question.history) for turn in turns]
            self._search(turns, texts, self.parts.encoder.encode_questions(texts))

    # -- deciding ----------------------------------------------------------------------------

    def _decide(self, turn: Turn) -> Answer | Unwritten:
        try:
            answer = self._try(turn, attempts.WITH_MODELS)
        except Exception:
            # The edge of a turn: whatever broke, the shopper gets a person and not silence.
            log.exception("answering.turn_failed", conversation=turn.question.conversation)
            answer = None
        return answer or replies.broken(self.parts.shop, turn.question)

    def _try(self, turn: Turn, order: Sequence[attempts.Attempt]) -> Answer | Unwritten | None:
        for attempt in order:
            started = self._clock()
            answer = attempt(self.parts, turn)
            turn.attempts.append(
                {
                    "attempt": attempt.__name__,
                    "outcome": "passed" if answer is None else "answered",
                    "seconds": round(self._clock() - started, 6),
                }
            )
            if isinstance(answer, Answer):
                return _with_rule(answer, turn)
            if answer is not None:
                return replace(answer, otherwise=_with_rule(answer.otherwise, turn))
        return None

    def _written(self, unwritten: Unwritten) -> Answer | None:
        """Write from the evidence; None when there is no writer or the text is not supported."""
        current = self.parts.knowledge.current
        found = [current.entry(EntryId(one), unwritten.language) for one in unwritten.evidence]
        evidence = [entry for entry in found if entry is not None]
        if self.parts.writer is None or not evidence:
            return None
        reply = self.parts.writer.write(unwritten.question.text, evidence, unwritten.language)
        if reply is None:
            return None
        given_up = unwritten.otherwise
        return replace(
            given_up,
            decision=Decision.ANSWER,
            text=reply.text,
            source=Source.WRITTEN,
            entry_id=evidence[0].id,
            handoff=None,
            choices=(),
            memory=replace(given_up.memory, failures=0, offered=()),
        )


def _with_rule(answer: Answer, turn: Turn) -> Answer:
    """Name the attempt that answered; only now is the list of attempts complete."""
    rule = str(turn.attempts[-1]["attempt"])
    return replace(answer, trace=replace(answer.trace, rule=rule, attempts=tuple(turn.attempts)))
