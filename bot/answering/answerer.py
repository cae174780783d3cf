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
from bot.answering.doubt import Judgement, Verdict
from bot.answering.entities import EntityFinder
from bot.answering.follow_up import (
    is_correction,
    is_short,
    looks_like_follow_up,
    share_told,
    with_context,
    with_what_it_corrects,
    without_correction,
)
from bot.answering.foresight import Foresight
from bot.answering.grounding import check_grounding
from bot.answering.intent_classifier import IntentGuess
from bot.answering.language import TurnLanguage, language_of_turn
from bot.answering.mood import mood_of
from bot.answering.openings import without_openings
from bot.answering.parts import HITS, Parts, Turn
from bot.answering.wish import wishes_for_person
from bot.conversation.events import ConversationId, TurnId
from knowledge_base.encoder import Vectors
from knowledge_base.entry import EntryId, SearchResult
from knowledge_base.question_key import simplified_text

log = structlog.get_logger(__name__)


class ShopAnswerer:
    """Answers turns for one shop (the `Answerer` of `answer.py`).

    Safe to call from several threads at once, as its parts are.
    """

    def __init__(self, parts: Parts, clock: Callable[[], float] = time.perf_counter) -> None:
        self.parts = parts
        self._clock = clock
        self._entities = EntityFinder(parts.shop.order_number_pattern)
        self._foresight = Foresight()

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

    def foresee(self, text: str) -> None:
        """See Answerer: everything that the words alone tell is found out ahead."""
        turn = self._begin(Question(ConversationId(""), TurnId(""), (text,)))
        if attempts.exact_question(self.parts, turn) is not None:
            return
        work = self._foresight.begin(turn)
        try:
            self._look_into([turn])
        except BaseException as error:
            work.set_exception(error)
            raise
        work.set_result(turn)

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
        language = language_of_turn(text, before, question.interface_language)
        return Turn(
            question=question,
            text=text,
            asked=_as_models_read(without_correction(without_openings(text)), language),
            language=language,
            mood=mood_of(text),
            wish=wishes_for_person(text),
            entities=self._entities.find(text),
        )

    def _understand(self, turns: Sequence[Turn]) -> None:
        """Find out what turns mean, by themselves and in their conversations."""
        version = self.parts.knowledge.current.version
        unseen = [turn for turn in turns if not self._foresight.take(turn, version)]
        self._look_into(unseen)
        self._search_in_context([turn for turn in turns if self._may_need_context(turn)])

    def _look_into(self, turns: Sequence[Turn]) -> None:
        """Encode once, then classify and search; fills in the turns."""
        if not turns:
            return
        times = [self._clock()]
        texts = [turn.asked for turn in turns]
        if self.parts.ahead is not None and len(turns) == 1:
            self.parts.ahead.begin(texts)  # both encoders at once; batches keep two cores busy
        vectors = self.parts.encoder.encode_questions(texts)
        times.append(self._clock())
        self._feel(turns, vectors)
        for turn, guess in zip(turns, self._guesses(turns, texts, vectors), strict=True):
            turn.guess = guess
        times.append(self._clock())
        self._search(turns, texts, vectors)
        times.append(self._clock())
        for turn in turns:
            for step, began, ended in zip(
                ("encode", "intent", "search"), times, times[1:], strict=False
            ):
                turn.seconds[step] = ended - began

    def _feel(self, turns: Sequence[Turn], vectors: Vectors) -> None:
        """Judge the moods better than by words, where there is a classifier for them."""
        if self.parts.moods is None:
            return
        moods = self.parts.moods.judge([turn.text for turn in turns], vectors)
        for turn, mood in zip(turns, moods, strict=True):
            turn.mood = mood

    def _guesses(
        self, turns: Sequence[Turn], texts: Sequence[str], vectors: Vectors
    ) -> Sequence[IntentGuess | None]:
        if self.parts.intents is None:
            return [None] * len(turns)
        return self.parts.intents.classify(texts, vectors, [turn.answer_in for turn in turns])

    def _search(self, turns: Sequence[Turn], texts: Sequence[str], vectors: Vectors) -> None:
        for turn, found in zip(turns, self._found(turns, texts, vectors), strict=True):
            turn.result = found
            turn.judgement = self.parts.judge.judge(found, turn.guess, turn.answer_in)

    def _found(
        self,
        turns: Sequence[Turn],
        texts: Sequence[str],
        vectors: Vectors,
        meant: Sequence[str] | None = None,
    ) -> list[SearchResult]:
        """Search for all turns, those of one language together.

        Args:
            meant: what the vectors were made of, where that is not the texts.
        """
        meant = texts if meant is None else meant
        searcher = self.parts.knowledge.current
        found: dict[int, SearchResult] = {}
        for language in dict.fromkeys(turn.answer_in for turn in turns):
            rows = [row for row, turn in enumerate(turns) if turn.answer_in == language]
            asked = [texts[row] for row in rows]
            results = searcher.search_batch(
                asked,
                k=HITS,
                language=language,
                vectors=vectors[rows],
                meant=[meant[row] for row in rows],
            )
            found.update(zip(rows, results, strict=True))
        return [found[row] for row in range(len(turns))]

    def _may_need_context(self, turn: Turn) -> bool:
        exact = bool(turn.hits) and turn.hits[0].exact
        if exact or not turn.question.history:
            return False
        in_a_form = turn.question.memory.active_action is not None
        may_lean = is_short(turn.asked) and not in_a_form and not attempts.knows(turn)
        return may_lean or _leans(turn)

    def _search_in_context(self, turns: Sequence[Turn]) -> None:
        """Ask again with what was asked before in front: "and to Hong Kong?" is half a question.

        What was just said is left out, since a follow-up asks for something else (a correction may
        ask for the same); it is said again
        only where nothing else is found and it speaks of what is asked. Where both ways find
        another entry, the one that knows the context is believed; of a text that is merely short,
        only where it is good enough.
        """
        if not turns:
            return
        texts = [_as_models_read(_in_context(turn), turn.language) for turn in turns]
        vectors = self.parts.encoder.encode_questions(texts)
        guesses = self._guesses(turns, texts, vectors)
        results = self._found(turns, [turn.asked for turn in turns], vectors, texts)
        for turn, guess, found in zip(turns, guesses, results, strict=True):
            said = () if is_correction(turn.text) else turn.question.memory.last_entries[:1]
            result = replace(
                found, hits=tuple(hit for hit in found.hits if hit.entry.id not in said)
            )
            judgement = self.parts.judge.judge(result, guess, turn.answer_in)
            whole = self.parts.judge.judge(found, guess, turn.answer_in)
            if _believes_context(turn, result, judgement):
                turn.result, turn.judgement = result, judgement
            if _tells_more_of_the_same(turn, found, whole):
                turn.result, turn.judgement = found, whole

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
                otherwise = _with_rule(answer.otherwise, turn, attempts.give_up.__name__)
                return replace(answer, otherwise=otherwise)
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
        grounding = check_grounding(
            reply.text,
            [entry.answer for entry in evidence],
            unwritten.question.text,
            unwritten.language,
            [said.text for said in unwritten.question.history if said.who == "shopper"],
        )
        if not grounding.holds:
            rules = sorted({problem.rule for problem in grounding.problems})
            log.info("answering.not_grounded", turn=unwritten.question.turn, rules=rules)
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


def _as_models_read(text: str, language: TurnLanguage) -> str:
    """Write traditional Chinese in simplified characters, in which the encoder knows most."""
    return simplified_text(text) if language.traditional else text


def _believes_context(turn: Turn, result: SearchResult, judgement: Judgement) -> bool:
    """Tell whether what was found in context takes the place of what was found without."""
    if not result.hits or turn.judgement is None:
        return False
    if not _leans(turn):
        return judgement.verdict is Verdict.ANSWER
    best = result.hits[0].entry
    if not turn.hits or turn.hits[0].entry.id == best.id:
        return judgement.confidence > turn.judgement.confidence
    # What it names itself ("how much is it to Japan?") must not be drowned by what was said before.
    names_it = share_told(turn.asked, turn.hits[0].entry) > share_told(turn.asked, best)
    return not (names_it and attempts.knows(turn))


def _tells_more_of_the_same(turn: Turn, found: SearchResult, judgement: Judgement) -> bool:
    """Tell whether a half question is answered by the very entry that was just said."""
    gives_up = turn.judgement is None or turn.judgement.verdict in (
        Verdict.ESCALATE,
        Verdict.WRITE,
    )
    if not gives_up or judgement.verdict is not Verdict.ANSWER or not found.hits:
        return False
    foreign = turn.guess is not None and turn.guess.out_of_scope > 0.5
    best = found.hits[0].entry
    said = turn.question.memory.last_entries[:1]
    return best.id in said and not foreign and share_told(turn.asked, best) >= 0.5


def _in_context(turn: Turn) -> str:
    put = with_what_it_corrects if is_correction(turn.text) else with_context
    return put(turn.asked, turn.question.history)


def _leans(turn: Turn) -> bool:
    return looks_like_follow_up(turn.text) or looks_like_follow_up(turn.asked)


def _with_rule(answer: Answer, turn: Turn, rule: str = "") -> Answer:
    """Name the attempt that answered; only now is the list of attempts complete."""
    rule = rule or str(turn.attempts[-1]["attempt"])
    return replace(answer, trace=replace(answer.trace, rule=rule, attempts=tuple(turn.attempts)))
