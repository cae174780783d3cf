"""Which of two findings a half question means: what it finds by itself, or behind what was said.

Pure: what was found and how sure that is comes from the search and from doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.answering.answer import Said
from bot.answering.asides import takes_back, was_in_vain
from bot.answering.denials import denial_in, denies_too, passes_the_limit, said_otherwise
from bot.answering.doubt import Judgement, Verdict
from bot.answering.follow_up import (
    is_correction,
    leans,
    looks_like_follow_up,
    share_told,
    telling_words,
    with_context,
    with_what_it_corrects,
    words_told,
)
from bot.answering.intent_classifier import IntentGuess
from bot.answering.parts import Judge, Turn
from knowledge_base.entry import Entry, SearchResult
from knowledge_base.words import words_of

# What sort of thing is asked for, and what an answer that tells it holds.
_KINDS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE))
    for asks, tells in (
        (
            r"how often|多久.{0,3}[一次]|隔多久|几[天个周].{0,4}[一次]次?",
            r"\b(?:once|twice|every|each|per) |每[隔天周月次年个一]",
        ),
        (
            r"how (?:long|soon|fast|quick)|when\b|how many (?:days|weeks|months)|多久|多长时间"
            r"|几天|几个?[月周]|几时|什么时候|啥时候|何时",
            r"\d.{0,14}(?:day|hour|minute|week|month|year)|at once|same day|january|april|november"
            r"|december|\d ?(?:个?(?:工作日|小时|月|周|星期)|天|日|分钟|年)|当天|次日|马上|立即",
        ),
        (
            r"how much|what.{0,12}(?:cost|price|fee)|any fee|a fee|(?:any|cost|pay) extra|\bfree\b"
            r"|多少钱|几块|几元"
            r"|要(?:不要)?(?:加?钱|收费|付费)|[加花收]钱|收费|手续费|费用|免费|贵不贵",
            r"[¥￥]\s?\d|\d ?(?:元|块)|\bfree\b|\bfees?\b|免费|手续费|免运费|包邮|收费",
        ),
        (r"how many|how big|how large|how heavy|几[个字位只张杯]|多少|多大|多重", r"\d"),
    )
)
_YES_OR_NO = re.compile(
    r"^\W*(?:and |so |but )?(?:does|do|is|are|can|could|will|would|has|have)\b"
    r"|(?:[能会要有是]|可以).*(?:[吗么嘛不没]|没有)\W*$|能不能|可不可以|是不是|有没有",
    re.IGNORECASE,
)
# A sentence with its mark; a point inside a figure or an abbreviation ends none.
_SENTENCE = re.compile(r".+?(?:[。！？!?]+[”\"]?|\.(?=\s|$)|$)", re.DOTALL)


@dataclass(frozen=True)
class Seen:
    """What was found for a turn behind something that was said before.

    Attributes:
        found: everything, with the entry that was just said.
        result: the same without it.
        whole, judgement: how sure the best of each is.
        again: something was tried in front before, and this must be surer than that.
    """

    found: SearchResult
    result: SearchResult
    whole: Judgement
    judgement: Judgement
    guess: IntentGuess | None
    again: bool


def ways_of_asking(turn: Turn) -> tuple[str, ...]:
    """What to ask instead of half a question, best first.

    Mostly it goes behind the shopper's last message. A half question that has an answer of its own,
    or comes behind another half one, goes behind the shop's words for what was just answered first;
    they say best what it was about.
    """
    history = turn.question.history
    if is_correction(turn.text):
        corrected = with_what_it_corrects(turn.asked, history), with_context(turn.asked, history)
        return tuple(dict.fromkeys(corrected))
    behind_message = with_context(turn.asked, history)
    behind_answer = _behind_answer(turn, turn.last)
    if behind_answer is None:
        return (behind_message,)
    leaning = leans(turn.text, turn.asked, pointed=turn.is_spelt_out)
    behind_half = not _knows(turn) and looks_like_follow_up(_said_before(history))
    if behind_half or (_knows(turn) and not leaning):
        return behind_answer, behind_message
    return behind_message, behind_answer


def behind_both(turn: Turn) -> tuple[str, str | None]:
    """A message behind the shopper's last one, and behind the entry answered last, if any."""
    behind_message = with_context(turn.asked, turn.question.history)
    return behind_message, _behind_answer(turn, turn.topic)


def _behind_answer(turn: Turn, last: Entry | None) -> str | None:
    """A message behind an entry's words; who denies a thing asks the same without that thing."""
    if last is None:
        return None
    without = said_otherwise(turn.text, _said_before(turn.question.history))
    if without and not turn.is_spelt_out and turns_away(turn):
        return without
    return f"{last.questions[0]} {turn.asked}"


def mended(text: str, history: Sequence[Said]) -> str | None:
    """The question that a text mends ("it's the skillet, not the wok"); None where it does not."""
    denial = denial_in(text)
    return said_otherwise(text, _said_before(history)) if denial and denial.meant else None


def turns_away(turn: Turn) -> bool:
    """Tell whether what was answered last is not what a turn asks for, by its words.

    It takes back what was asked, asks beyond a limit, or denies what that named ("不是竹的呢"); but
    "not the aluminium one, the steel one" may ask the same entry, where that tells of steel.
    """
    if turn.topic is None:
        return False
    before = _said_before(turn.question.history)
    if takes_back(turn.text) or passes_the_limit(turn.text, before, turn.topic):
        return True
    denial = denial_in(turn.text)
    if denial is None or denies_too(denial, turn.topic):
        return False
    if said_otherwise(turn.text, before) is None:
        return False
    meant = telling_words(denial.meant)
    return not meant or not meant <= words_told(turn.topic)


def is_open(turn: Turn) -> bool:
    """Tell whether nothing has been found yet that is good enough."""
    return turn.still is None and not _knows(turn)


def _said_before(history: Sequence[Said]) -> str:
    """The shopper's last message; empty where there is none."""
    return next((one.text for one in reversed(history) if one.who == "shopper"), "")


def seen_of(
    turn: Turn, found: SearchResult, guess: IntentGuess | None, judge: Judge, *, again: bool
) -> Seen:
    """Judge what was found with and without what was just said.

    A follow-up asks for something else; a correction may ask for the same.
    """
    mends = is_correction(turn.text) and not turns_away(turn)
    said = None if mends or turn.last is None else turn.last.id
    others = tuple(hit for hit in found.hits if hit.entry.id != said)
    result = replace(found, hits=others)
    return Seen(
        found=found,
        result=result,
        whole=judge.judge(found, guess, turn.answer_in),
        judgement=judge.judge(result, guess, turn.answer_in),
        guess=guess,
        again=again,
    )


def believe(turn: Turn, seen: Seen) -> None:
    """Let what was found in context take the place of what was found without, where it is better.

    Where both ways find another entry, the one that knows the context is believed; of a text that
    is merely short, only where it is good enough. What was just said is said again where it tells
    all that is asked, and nothing else that is good enough tells more.
    """
    if not seen.again:
        turn.behind = seen.found, seen.judgement
    if _believes_context(turn, seen):
        # What was just said stands among the choices where it has to be asked back.
        sure = seen.judgement.verdict is Verdict.ANSWER
        turn.result, turn.judgement = seen.result if sure else seen.found, seen.judgement
    if turn.last is not None and _is_still_about(turn.last, turn, seen):
        turn.still = seen.whole.confidence


def lacks_what_is_asked(question: str, answer: str) -> bool:
    """Tell whether a question asks for a sort of thing (a price, a time) that an answer lacks."""
    asked = next((tells for asks, tells in _KINDS if asks.search(question)), None)
    return asked is not None and asked.search(answer) is None


def may_ask_of_the_last(asked: str, last: Entry) -> bool:
    """Tell whether a question is about what was just said, though it has an answer of its own.

    "Does it work on induction?" names nothing that the last answer does not speak of.
    """
    if _YES_OR_NO.search(asked) is None:
        return False
    names = telling_words(asked)
    return bool(names) and names <= words_told(last)


def asks_for_a_kind(question: str) -> bool:
    """Tell whether a question asks for a price, a time, a number or how often."""
    return any(asks.search(question) for asks, _ in _KINDS)


def part_that_tells(question: str, answer: str) -> str:
    """The one sentence of an answer that tells what is asked; all of it where several might."""
    sentences = [one for one in _SENTENCE.findall(answer) if one.strip()]
    kind = next((tells for asks, tells in _KINDS if asks.search(question)), None)
    telling = telling_words(question)
    worth = [
        (len(telling & set(words_of(one))), kind is not None and bool(kind.search(one)))
        for one in sentences
    ]
    best = max(worth, default=(0, False))
    alone = best > (0, False) and worth.count(best) == 1
    return sentences[worth.index(best)].strip() if alone else answer


def is_part_of(said: str, answer: str) -> bool:
    """Tell whether a message is an answer, or words of it."""
    core = said.strip(" .。").casefold()
    return bool(core) and core in answer.casefold()


def _knows(turn: Turn) -> bool:
    return turn.judgement is not None and turn.judgement.verdict is Verdict.ANSWER


def _believes_context(turn: Turn, seen: Seen) -> bool:
    if not seen.result.hits or turn.judgement is None:
        return False
    surer = seen.judgement.confidence > turn.judgement.confidence
    if not leans(turn.text, turn.asked, pointed=turn.is_spelt_out):
        return seen.judgement.verdict is Verdict.ANSWER
    best = seen.result.hits[0].entry
    if seen.again or not turn.hits or turn.hits[0].entry.id == best.id:
        return surer
    # What it names itself ("how much is it to Japan?") must not be drowned by what was said before.
    names_it = share_told(turn.asked, turn.hits[0].entry) > share_told(turn.asked, best)
    return not (names_it and _knows(turn))


def _is_still_about(last: Entry, turn: Turn, seen: Seen) -> bool:
    """Tell whether a half question is answered by the very entry that was just said."""
    if is_correction(turn.text) or was_in_vain(turn.text) or turns_away(turn):
        return False
    if not _has_words(turn.asked) or lacks_what_is_asked(turn.asked, last.answer):
        return False
    found_first = bool(seen.found.hits) and seen.found.hits[0].entry.id == last.id
    sure = found_first and seen.whole.verdict is Verdict.ANSWER
    if tells_all(turn.asked, last) and not _knows(turn):
        another = _begins_anew(turn) or (not sure and _is_likely_another(turn, last))
        return not another and not _is_foreign(seen.guess)
    if not sure or _is_foreign(turn.guess):
        return False
    if turn.judgement is not None and _knows(turn):
        surer = seen.whole.confidence >= turn.judgement.confidence
        return surer and tells_all(turn.asked, last)
    gives_up = turn.judgement is None or turn.judgement.verdict is not Verdict.CLARIFY
    return gives_up and share_told(turn.asked, last) > 0.5


def _begins_anew(turn: Turn) -> bool:
    """Tell whether a turn only names again what the shopper has just asked about ("warranty")."""
    telling = telling_words(turn.asked)
    said = [one.text for one in turn.question.history if one.who == "shopper"]
    return bool(telling) and telling <= {word for one in said[-2:] for word in words_of(one)}


def _has_words(asked: str) -> bool:
    """Tell whether a turn has any word or figure; a picture asks for nothing in particular."""
    return any(character.isalnum() for character in asked)


def _is_likely_another(turn: Turn, last: Entry) -> bool:
    """Tell whether a text that shows no lean is likelier than not another question of its own."""
    leaning = leans(turn.text, turn.asked, pointed=turn.is_spelt_out)
    return not leaning and bool(telling_words(turn.asked)) and turn.alone not in (None, last.id)


def tells_all(asked: str, last: Entry) -> bool:
    """Tell whether an entry tells just what a half question names, or else the sort it asks for."""
    telling = telling_words(asked)
    return telling <= words_told(last) if telling else asks_for_a_kind(asked)


def _is_foreign(guess: IntentGuess | None) -> bool:
    return guess is not None and guess.out_of_scope > 0.5
