"""What is read of a message while the encoder is at work: the same answers, with and without."""

import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest

from bot.answering.words_read import WordsRead
from knowledge_base.encoder_pair import EncoderPair, RememberingEncoder
from knowledge_base.entry import VersionId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from tests.bot.answering.test_answerer import ENTRIES, Known, OneRuleJudge, answerer, asked
from tests.bot.answering.test_intent_classifier import PHRASES
from training.intent_head import OF_FEW, Labelled, fit_head

PARTS = 2  # that read words ahead here: intents and search
QUESTIONS = ("tell me what the delivery fee is", "can I return it", "运费多少", "lantern")


class SlowEncoder(HashedEncoder):
    """Waits for the other thread to have read the words, or for it to be held up."""

    def __init__(self, wait: threading.Event) -> None:
        super().__init__()
        self.wait = wait

    def encode_questions(self, texts):
        assert self.wait.wait(10)
        return super().encode_questions(texts)


class NotedAhead(RememberingEncoder):
    """Tells when all that was begun behind it is done, or when none of it will be in time."""

    def __init__(self, inner, *, held: bool) -> None:
        super().__init__(inner)
        self.done = threading.Event()
        self.let_go = threading.Event()
        self.begun = []
        self.did = 0
        if held:
            super().afterwards(lambda: self.let_go.wait(10))
            self.done.set()

    def afterwards(self, work):
        def noted():
            try:
                return work()
            finally:
                self.did += 1
                if self.did == PARTS:
                    self.done.set()

        self.begun.append(super().afterwards(noted))
        return self.begun[-1]


class InPlace:
    """Does what it is given at once."""

    def __init__(self):
        self.did = 0

    def begin(self, texts):
        """Nothing is encoded ahead."""

    def afterwards(self, work):
        self.did += 1
        future = Future()
        future.set_result(work())
        return future


def new_answerer(searcher=None, ahead=None):
    encoder = HashedEncoder()
    pairs = [(text, intent) for intent, texts in PHRASES.items() for text in texts]
    texts, intents = zip(*pairs, strict=True)
    labelled = Labelled(texts, intents, encoder.encode_questions(texts))
    bot = answerer(searcher or Searcher.of(ENTRIES, encoder), OneRuleJudge(answer_from=0.2))
    first = encoder if ahead is None else SlowEncoder(ahead.done)
    intents = fit_head(labelled, OF_FEW, seed=1)
    bot.parts = replace(bot.parts, encoder=first, ahead=ahead, intents=intents)
    return bot


def told(answer):
    """An answer without how long it took."""
    trace = replace(answer.trace, seconds={}, attempts=())
    return replace(answer, trace=trace)


@pytest.mark.parametrize("held", [False, True])
def test_answers_are_the_same_whether_the_words_were_read_in_time_or_not(held):
    ahead = NotedAhead(HashedEncoder(), held=held)
    pair = EncoderPair(HashedEncoder(), ahead)
    beside = new_answerer(Searcher.of(ENTRIES, pair), ahead)
    plain = new_answerer(Searcher.of(ENTRIES, EncoderPair(HashedEncoder(), HashedEncoder())))
    called_off = []
    for question in QUESTIONS[: 1 if held else None]:
        if held:
            threading.Timer(0.2, ahead.let_go.set).start()  # the second encoder stands behind it
        else:
            ahead.done.clear()
            ahead.did = 0
        assert told(beside.answer(asked(question))) == told(plain.answer(asked(question)))
        called_off += [one.cancelled() for one in ahead.begun[:PARTS]]
        ahead.begun.clear()
    # The search waits for the second encoder's vector of its question, so it may come to it.
    assert called_off[0] if held else len(called_off) >= PARTS and not any(called_off)


@pytest.mark.parametrize("question", [*QUESTIONS[:2], "请问运费大概要多少"])
def test_answers_are_the_same_where_the_vector_was_compared_in_the_other_thread(question):
    searcher = Searcher.of(ENTRIES, EncoderPair(HashedEncoder(), HashedEncoder()))
    beside = new_answerer(searcher)
    beside.parts = replace(beside.parts, ahead=InPlace())
    assert told(beside.answer(asked(question))) == told(
        new_answerer(searcher).answer(asked(question))
    )
    assert beside.parts.ahead.did == 2 * PARTS


def test_a_fault_in_reading_hands_the_turn_to_a_person():
    class Broken:
        version = "broken"

        def read(self, texts):
            raise RuntimeError("a planted fault")

    ahead = NotedAhead(HashedEncoder(), held=False)
    bot = new_answerer(ahead=ahead)
    bot.parts = replace(bot.parts, moods=Broken())
    assert bot.answer(asked(QUESTIONS[0])).handoff is not None


def test_what_was_read_by_one_version_is_searched_by_it():
    bot = new_answerer()
    turn = bot._begin(asked(QUESTIONS[0]))
    read = WordsRead()
    read.begin(bot.parts, turn, InPlace())
    fresh = Searcher.of(ENTRIES[:1], HashedEncoder(), VersionId("000002-new"))
    bot.parts = replace(bot.parts, knowledge=Known(fresh))
    bot._search([turn], [turn.asked], bot.parts.encoder.encode_questions([turn.asked]), read)
    assert turn.result.version == read.searcher.version != fresh.version
