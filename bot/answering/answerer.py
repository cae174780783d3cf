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
from functools import partial

import structlog

from bot.answering import attempts, replies
from bot.answering.answer import Answer, Decision, Language, Question, Source, Unwritten
from bot.answering.asides import was_in_vain
from bot.answering.doubt import Judgement, Verdict, is_likelier_than_not
from bot.answering.entities import EntityFinder
from bot.answering.follow_up import (
    is_correction,
    is_short,
    leans,
    length_in_words,
    may_be_half,
)
from bot.answering.foresight import Foresight
from bot.answering.grounding import check_grounding
from bot.answering.in_context import (
    behind_both,
    believe,
    is_open,
    is_part_of,
    may_ask_of_the_last,
    mended,
    seen_of,
    turns_away,
    ways_of_asking,
)
from bot.answering.intent_classifier import IntentGuess
from bot.answering.language import TurnLanguage, language_of_turn
from bot.answering.listed import ThingMeant, thing_meant
from bot.answering.not_meant import is_not_meant
from bot.answering.parts import HITS, Half, Parts, Reading, Turn
from bot.answering.plain_question import as_models_read, plain_question
from bot.answering.two_questions import two_questions
from bot.answering.weighing import Readings, weigh
from bot.answering.words_read import UNREAD, WordsRead
from bot.conversation.events import ConversationId, TurnId
from knowledge_base.encoder import Vectors, encode_question_beside
from knowledge_base.entry import Entry, EntryId, SearchResult

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

    def foresee(self, text: str) -> Callable[[], None]:
        """See Answerer: everything that the words alone tell is found out ahead."""
        return partial(self._foresee, text)

    def _foresee(self, text: str) -> None:
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
        last = self._entry_just_said(question, language)
        thing = _thing_pointed_at(text, question, last)
        spelt_out = thing.asked if thing else mended(text, question.history)
        meant = self._entities.without_order_numbers(spelt_out or text)
        return Turn(
            question=question,
            text=text,
            last=last,
            topic=self._entry_answered_last(question, language),
            thing=thing,
            is_spelt_out=spelt_out is not None,
            asked=plain_question(meant, self.parts.knowledge.current),
            language=language,
            entities=self._entities.find(text),
        )

    def _understand(self, turns: Sequence[Turn]) -> None:
        """Find out what turns mean, by themselves and in their conversations."""
        version = self.parts.knowledge.current.version
        unseen = [turn for turn in turns if not self._foresight.take(turn, version)]
        self._look_into(unseen)
        self._search_in_context(turns)
        for turn in turns:
            if turn.readings:  # else nothing has changed since `_search`
                self._hold_back(turn)
        self._search_for_each([turn for turn in turns if not turn.question.memory.active_action])

    def _look_into(self, turns: Sequence[Turn]) -> None:
        """Encode once, then classify and search; fills in the turns."""
        if not turns:
            return
        times = [self._clock()]
        texts = [turn.asked for turn in turns]
        if len(turns) == 1:
            vectors, words = self._encode_alone(turns[0])
        else:
            vectors, words = self.parts.encoder.encode_questions(texts), UNREAD
        times.append(self._clock())
        self._feel(turns, vectors, words)
        for turn, guess in zip(turns, self._guesses(turns, texts, vectors, words), strict=True):
            turn.guess = guess
        times.append(self._clock())
        self._search(turns, texts, vectors, words)
        times.append(self._clock())
        for turn in turns:
            for step, began, ended in zip(
                ("encode", "intent", "search"), times, times[1:], strict=False
            ):
                turn.seconds[step] = ended - began

    def _encode(self, texts: Sequence[str], *, alone: bool) -> Vectors:
        """Encode texts, of one turn `alone` with both encoders at once; batches keep cores busy."""
        if self.parts.ahead is not None and alone:
            self.parts.ahead.begin(texts)
        return self.parts.encoder.encode_questions(texts)

    def _encode_alone(self, turn: Turn) -> tuple[Vectors, WordsRead]:
        """Encode a turn, and meanwhile do in another thread what needs no vectors."""
        ahead = self.parts.ahead
        if ahead is None:
            return self.parts.encoder.encode_questions([turn.asked]), UNREAD
        words = WordsRead()

        def begin() -> None:
            ahead.begin([turn.asked])
            words.begin(self.parts, turn, ahead)

        vectors = encode_question_beside(self.parts.encoder, turn.asked, begin)
        words.compare(self.parts, turn, vectors, ahead)
        return vectors, words

    def _feel(self, turns: Sequence[Turn], vectors: Vectors, words: WordsRead) -> None:
        """Judge the moods better than by words, where there is a classifier for them."""
        if self.parts.moods is None:
            return
        texts = [turn.text for turn in turns]
        for turn, mood in zip(
            turns, self.parts.moods.judge(texts, vectors, words.moods()), strict=True
        ):
            turn.mood = mood

    def _guesses(
        self,
        turns: Sequence[Turn],
        texts: Sequence[str],
        vectors: Vectors,
        words: WordsRead = UNREAD,
    ) -> Sequence[IntentGuess | None]:
        if self.parts.intents is None:
            return [None] * len(turns)
        languages = [turn.answer_in for turn in turns]
        return self.parts.intents.classify(texts, vectors, languages, words.intents())

    def _search(
        self, turns: Sequence[Turn], texts: Sequence[str], vectors: Vectors, words: WordsRead
    ) -> None:
        if words.searcher is None:
            results = self._found(turns, texts, vectors)
        else:
            results = words.searcher.search_batch(
                texts, k=HITS, language=turns[0].answer_in, vectors=vectors, words=words.search()
            )
        for turn, found in zip(turns, results, strict=True):
            turn.result = turn.found_alone = found
            ways = (turn.asked, turn.text)  # mending may spoil a name that the shop never says
            turn.judgement = self._judge(ways, found, turn.guess, turn.answer_in)
            likely = found.hits and is_likelier_than_not(turn.judgement)
            turn.alone = found.hits[0].entry.id if likely else None

    def _judge(
        self,
        ways: Sequence[str],
        found: SearchResult,
        guess: IntentGuess | None,
        language: Language,
    ) -> Judgement:
        """How sure the best is; never enough where the words themselves say it is not meant."""
        return self._held_back(ways, found, self.parts.judge.judge(found, guess, language))

    def _hold_back(self, turn: Turn) -> None:
        """Exclude again what only what was said before makes sure of."""
        ways = (turn.asked, turn.text)
        if turn.result is not None and turn.judgement is not None:
            turn.judgement = self._held_back(ways, turn.result, turn.judgement)
            if turn.hits and turn.hits[0].entry == turn.topic and turns_away(turn):
                turn.judgement = _asking_back(turn.judgement)
        if turn.still is not None and turn.last is not None and self._excludes(ways, turn.last):
            turn.still = None

    def _held_back(
        self, ways: Sequence[str], found: SearchResult, judgement: Judgement
    ) -> Judgement:
        best = found.hits[0] if found.hits else None
        if best is None or best.exact or judgement.verdict is not Verdict.ANSWER:
            return judgement
        return _asking_back(judgement) if self._excludes(ways, best.entry) else judgement

    def _excludes(self, ways: Sequence[str], entry: Entry) -> bool:
        return any(is_not_meant(asked, entry, self._speaks_of) for asked in dict.fromkeys(ways))

    def _speaks_of(self, name: str) -> bool:
        """Tell whether the shop says a name anywhere: in its entries, or as its own."""
        plain = name.casefold()
        ours = any(plain in one.casefold() for one in self.parts.shop.names.values())
        return ours or self.parts.knowledge.current.speaks_of(name)

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
        if _is_whole(turn):
            return False
        if _leans(turn):
            return is_correction(turn.text) or not self._stands_alone(turn)
        return (
            may_be_half(turn.asked)
            and turn.question.memory.active_action is None
            and (not attempts.knows(turn) or _may_mean_the_last(turn))
        )

    def _entry_just_said(self, question: Question, language: TurnLanguage) -> Entry | None:
        """The entry that the bot's last message was said from, in the language of this turn."""
        last = question.memory.last_entries[:1]
        if not last or not question.history or question.history[-1].who != "bot":
            return None
        knowledge = self.parts.knowledge.current
        entry = knowledge.entry(EntryId(last[0]), question.memory.language)
        if entry is None or not is_part_of(question.history[-1].text, entry.answer):
            return None
        return knowledge.entry(entry.id, language.answer_in)

    def _entry_answered_last(self, question: Question, language: TurnLanguage) -> Entry | None:
        """The entry that was answered from last in this conversation, in the turn's language."""
        last = question.memory.last_entries[:1]
        known = self.parts.knowledge.current
        return known.entry(EntryId(last[0]), language.answer_in) if last else None

    def _search_in_context(self, turns: Sequence[Turn]) -> None:
        """Ask again with what was said before in front: "and to Hong Kong?" is half a question.

        Where one way of putting it is not enough, half a question that shows it is put otherwise.
        What the rules believe is weighed against all else that it may mean.
        """
        half = [(turn, ways_of_asking(turn)) for turn in turns if self._may_need_context(turn)]
        weighed = [turn for turn in turns if self._may_be_weighed(turn)]
        asked = [(turn, text) for turn, ways in half for text in ways]
        asked += [(turn, text) for turn in weighed for text in behind_both(turn) if text]
        self._read(asked, alone=len(turns) == 1)
        for turn, (first, *others) in half:
            self._believe(turn, first)
            if others and _leans(turn) and is_open(turn):
                self._believe(turn, others[0], again=True)
        for turn in weighed:
            self._weigh(turn)

    def _read(self, asked: Sequence[tuple[Turn, str]], *, alone: bool) -> None:
        """Find what answers each text, encoding all of them together and each once for a turn."""
        asked = list({(id(turn), text): (turn, text) for turn, text in asked}.values())
        if not asked:
            return
        turns = [turn for turn, _ in asked]
        texts = [as_models_read(text, self.parts.knowledge.current) for _, text in asked]
        vectors = self._encode(texts, alone=alone)
        guesses = self._guesses(turns, texts, vectors)
        named = [_names_itself(turn, text) for turn, text in asked]
        results = self._found(turns, named, vectors, texts)
        for (turn, text), guess, found in zip(asked, guesses, results, strict=True):
            turn.readings[text] = Reading(found, guess)

    def _believe(self, turn: Turn, text: str, *, again: bool = False) -> None:
        """Believe what was found with something in front, where it is better."""
        reading = turn.readings[text]
        believe(turn, seen_of(turn, reading.result, reading.guess, self.parts.judge, again=again))

    def _may_be_weighed(self, turn: Turn) -> bool:
        """Tell whether a turn may be half a question, so that all its meanings are weighed."""
        if self.parts.weigher is None or _is_whole(turn):
            return False
        if turn.question.memory.active_action is not None:
            return False
        if is_correction(turn.text) or was_in_vain(turn.text):
            return False
        may_lean = _leans(turn) or is_short(turn.asked)
        return may_lean and not self._stands_alone(turn)

    def _stands_alone(self, turn: Turn) -> bool:
        """Tell whether a turn is so sure by itself that what was said before need not be asked."""
        if self.parts.weigher is None or turn.judgement is None:
            return False
        words = length_in_words(turn.asked)
        enough = self.parts.weigher.enough_alone(words, leaning=_leans(turn))
        return turn.judgement.confidence >= enough

    def _weigh(self, turn: Turn) -> None:
        if self.parts.weigher is None or turn.found_alone is None:
            return
        message, answer = behind_both(turn)
        readings = Readings(
            Reading(turn.found_alone, turn.guess),
            turn.readings[message],
            turn.readings[answer] if answer else None,
        )
        weigh(turn, readings, self.parts.judge, self.parts.weigher)

    def _search_for_each(self, turns: Sequence[Turn]) -> None:
        """Where a message asks two things, find out what answers each of them."""
        asking = [(turn, both) for turn in turns if (both := two_questions(turn.asked))]
        if not asking:
            return
        owners = [turn for turn, _ in asking for _ in range(2)]
        halves = [half for _, both in asking for half in both]
        texts = [text for _, both in asking for text in _each_by_itself(*both)]
        vectors = self.parts.encoder.encode_questions(texts)
        guesses = self._guesses(owners, texts, vectors)
        results = self._found(owners, halves, vectors, texts)
        for turn, text, guess, found in zip(owners, texts, guesses, results, strict=True):
            half = Half(found, self._judge((text,), found, guess, turn.answer_in))
            turn.halves = (*turn.halves, half)

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


def _thing_pointed_at(text: str, question: Question, last: Entry | None) -> ThingMeant | None:
    """What "the second one" means, where the bot has just listed things."""
    if not question.history or question.history[-1].who != "bot":
        return None
    said = question.history[-1].text
    return thing_meant(text, said) or (thing_meant(text, last.answer) if last else None)


def _names_itself(turn: Turn, text: str) -> str:
    """What a turn names itself, of a text that it is read as: all of one that it has mended."""
    return turn.asked if text.endswith(turn.asked) else text


def _asking_back(judgement: Judgement) -> Judgement:
    """The same, not good enough to answer."""
    answers = judgement.verdict is Verdict.ANSWER
    return replace(judgement, verdict=Verdict.CLARIFY) if answers else judgement


def _may_mean_the_last(turn: Turn) -> bool:
    return turn.last is not None and may_ask_of_the_last(turn.asked, turn.last)


def _leans(turn: Turn) -> bool:
    return leans(turn.text, turn.asked, pointed=turn.is_spelt_out)


def _is_whole(turn: Turn) -> bool:
    """Tell whether a turn is no half question: the first one, or one known word for word."""
    return not turn.question.history or (bool(turn.hits) and turn.hits[0].exact)


def _each_by_itself(first: str, second: str) -> tuple[str, str]:
    """Two questions of one message as each would be asked alone."""
    return first, f"{first} {second}" if leans(second, second) else second


def _with_rule(answer: Answer, turn: Turn, rule: str = "") -> Answer:
    """Name the attempt that answered; only now is the list of attempts complete."""
    rule = rule or str(turn.attempts[-1]["attempt"])
    return replace(answer, trace=replace(answer.trace, rule=rule, attempts=tuple(turn.attempts)))
