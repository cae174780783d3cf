from dataclasses import dataclass, replace

import pytest

from bot.answering.answer import Memory, Question, Said
from bot.answering.doubt import Judgement, Verdict
from bot.answering.in_context import (
    believe,
    is_part_of,
    lacks_what_is_asked,
    may_ask_of_the_last,
    part_that_tells,
    seen_of,
    ways_of_asking,
)
from bot.answering.intent_classifier import IntentGuess
from bot.answering.language import TurnLanguage
from bot.answering.parts import Turn
from knowledge_base.entry import Entry, EntryId, Hit, SearchResult

ENGRAVING = Entry(
    EntryId("engraving"),
    ("Can you engrave it?",),
    "Knives can be engraved for ¥30, with up to 12 letters. It takes 3 working days more.",
    "en",
)
SHIPPING = Entry(EntryId("shipping"), ("How long is delivery?",), "Two to 4 days.", "en")
STEEL = Entry(EntryId("steel"), ("刀是什么钢",), "刀用的是不锈钢，洗完擦干。每个月磨一次。", "zh")


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("how long does that take", "It takes 3 working days more."),
        ("how many letters", "Knives can be engraved for ¥30, with up to 12 letters."),
        ("what does it cost?", "Knives can be engraved for ¥30, with up to 12 letters."),
        ("tell me", ENGRAVING.answer),
    ],
)
def test_who_asks_on_is_told_the_sentence_that_tells_it(question, part):
    assert part_that_tells(question, ENGRAVING.answer) == part


def test_a_chinese_sentence_is_found_in_the_same_way():
    assert part_that_tells("多久磨一次", STEEL.answer) == "每个月磨一次。"
    assert part_that_tells("那呢", STEEL.answer) == STEEL.answer


def test_a_point_inside_a_figure_ends_no_sentence():
    answer = "It holds 1.7 L. It boils in about 6 minutes."
    assert part_that_tells("how much does it hold", answer) == "It holds 1.7 L."


@pytest.mark.parametrize(
    ("question", "answer", "lacks"),
    [
        ("how much is it", "Two to four days.", True),
        ("how much is it", "Delivery is ¥8.", False),
        ("要钱吗", "免费磨粉。", False),
        ("要钱吗", "一般3到5天送到。", True),
        ("多久能到", "运费25元。", True),
        ("多久能到", "一般3到5个工作日送到。", False),
        ("how often", "It keeps for 12 months.", True),
        ("多久弄一次", "每个月除一次。", False),
        ("is it blue", "Two to four days.", False),
    ],
)
def test_an_answer_may_lack_the_sort_of_thing_that_is_asked(question, answer, lacks):
    assert lacks_what_is_asked(question, answer) is lacks


def test_a_message_is_known_as_an_answer_or_a_part_of_it():
    assert is_part_of("It takes 3 working days more.", ENGRAVING.answer)
    assert is_part_of("knives can be engraved", ENGRAVING.answer)
    assert not is_part_of("Did you mean one of these?", ENGRAVING.answer)
    assert not is_part_of("", ENGRAVING.answer)


def test_only_a_yes_or_no_about_what_was_said_may_mean_that_in_spite_of_its_own_answer():
    assert may_ask_of_the_last("can knives be engraved", ENGRAVING)
    assert may_ask_of_the_last("不锈钢能磨吗", STEEL)
    assert not may_ask_of_the_last("how are knives engraved", ENGRAVING)
    assert not may_ask_of_the_last("can mugs be engraved", ENGRAVING)
    assert not may_ask_of_the_last("can you", ENGRAVING)


@dataclass
class SureOf:
    """A judge that is sure of some entries."""

    sure: tuple[str, ...] = ()
    version: str = "sure-of"

    def judge(self, result, guess, language):
        if not result.hits:
            return Judgement(Verdict.ESCALATE, 0.0, 0.0)
        if result.hits[0].entry.id in self.sure:
            return Judgement(Verdict.ANSWER, 0.95, 0.97)
        return Judgement(Verdict.CLARIFY, 0.4, 0.8)


def found(*entries):
    hits = tuple(Hit(one, one.questions[0], 1.0, 1.0, 1.0, False) for one in entries)
    return SearchResult(hits, "v1", "none", {})


def turn_of(text):
    history = (Said("shopper", "can you engrave a knife"), Said("bot", ENGRAVING.answer))
    memory = Memory(last_entries=(ENGRAVING.id,))
    question = Question("c1", "c1.2", (text,), history=history, memory=memory)
    return Turn(
        question=question,
        language=TurnLanguage("en", "en"),
        entities=(),
        text=text,
        asked=text,
        last=ENGRAVING,
        guess=IntentGuess("any", 0.5, None, 0.0, 0.1),
        result=found(),
        judgement=Judgement(Verdict.ESCALATE, 0.1, 0.1),
    )


def seen_by(turn, *entries, judge=None, outside=0.1):
    guess = IntentGuess("any", 0.5, None, 0.0, outside)
    return seen_of(turn, found(*entries), guess, judge or SureOf(), again=False)


@pytest.mark.parametrize("text", ["how long", "and the letters?", "what about knives"])
def test_what_the_last_answer_tells_is_asked_of_it(text):
    turn = turn_of(text)
    believe(turn, seen_by(turn, SHIPPING, ENGRAVING))
    assert turn.still is not None


@pytest.mark.parametrize(
    "text",
    [
        "and in blue?",
        "how often",
        "no, I meant the delivery",
        "tried that already",
        "and the forks?",
    ],
)
def test_what_it_does_not_tell_is_not_asked_of_it(text):
    turn = turn_of(text)
    believe(turn, seen_by(turn, SHIPPING, ENGRAVING))
    assert turn.still is None


def test_what_is_foreign_to_the_shop_is_not_asked_of_it():
    turn = turn_of("and the letters?")
    believe(turn, seen_by(turn, ENGRAVING, outside=0.9))
    assert turn.still is None


def test_another_answer_that_is_good_enough_is_believed_in_context():
    turn = turn_of("and the delivery?")
    believe(turn, seen_by(turn, SHIPPING, ENGRAVING, judge=SureOf(("shipping",))))
    assert turn.still is None
    assert turn.hits[0].entry == SHIPPING


def test_a_whole_question_that_likely_means_another_entry_is_not_asked_of_the_last():
    turn = turn_of("how many letters do people write on a knife these days")
    turn.alone = SHIPPING.id
    believe(turn, seen_by(turn, SHIPPING, ENGRAVING))
    assert turn.still is None


def test_what_was_just_said_stands_among_the_choices_where_it_is_asked_back():
    turn = turn_of("and that one?")
    believe(turn, seen_by(turn, ENGRAVING, SHIPPING))
    assert [hit.entry.id for hit in turn.hits] == ["engraving", "shipping"]


def test_half_a_question_goes_behind_the_shoppers_words_and_else_behind_the_shops():
    assert ways_of_asking(turn_of("and the forks?")) == (
        "can you engrave a knife and the forks?",
        "Can you engrave it? and the forks?",
    )


def test_behind_another_half_question_the_shops_words_come_first():
    turn = turn_of("and the forks?")
    turn.question = replace(
        turn.question, history=(Said("shopper", "how long"), *turn.question.history[1:])
    )
    assert ways_of_asking(turn)[0] == "Can you engrave it? and the forks?"


def test_a_correction_goes_behind_what_it_corrects_alone():
    assert ways_of_asking(turn_of("no, I meant the forks")) == (
        "can you engrave a knife no, I meant the forks",
    )


def test_a_correction_behind_half_a_question_is_put_behind_that_too():
    turn = turn_of("no, I meant the forks")
    earlier = (Said("shopper", "can you engrave a knife"), Said("shopper", "how long"))
    turn.question = replace(turn.question, history=(*earlier, Said("bot", ENGRAVING.answer)))
    assert ways_of_asking(turn) == (
        "can you engrave a knife no, I meant the forks",
        "how long no, I meant the forks",
    )
