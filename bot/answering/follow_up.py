"""Follow-ups: "and to Hong Kong?", "那运费呢?" are half a question; the rest was said before.

So are corrections: "no, I meant Macau", "不是，我说的是澳门".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from sys import intern

from bot.answering.answer import Said
from bot.answering.listed import thing_meant
from knowledge_base.entry import Entry
from knowledge_base.words import words_of

_OPENERS = re.compile(
    r"^\s*(?:and|what about|how about|but|so|then|also|or)\b"
    r"|^\s*(?:那|还有|還有|然后|要是|如果|可是|换成|換成)",
    re.IGNORECASE,
)
_POINTERS = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|one|ones|there|same)\b|它|这个|這個|那个|那個|这款|那款|这种|那种|也是|一样|呢[?？]?\s*$",
    re.IGNORECASE,
)
# "No, I meant Macau", "不是，我说的是澳门": what stands behind takes the place of what was asked.
_SORRY_ZH = r"(?:(?:啊|哦|噢|呃|抱歉|不好意思|对不起|對不起)[\s,，.。!！…]*)*"
_WRONG_ZH = (
    r"(?:(?:都?不是(?:这个|這個|的)?|不对|不對|不|(?:我?[说說问問打写寫])?错了|错)[\s,，.。!！…]+)"
)
_I_MEAN_ZH = r"我(?:其实|其實)?(?:想)?(?:[说說问問指]的(?:就?是)|是[说說指]|是想?[问問])"
_I_MEAN_EN = (
    r"(?:i (?:actually |really |only )?(?:mean|meant|was asking about|am asking about)"
    r"|i(?:'m| was) asking about|i said)\b"
)
_CORRECTION = re.compile(
    rf"^\W*(?:{_SORRY_ZH}{_WRONG_ZH}*{_I_MEAN_ZH}|{_SORRY_ZH}{_WRONG_ZH}+(?:应该是|應該是|是)?"
    r"|不是[^，,。\s]{1,8}[，,\s]+(?:我[说說问問指]的)?(?:就|而)?是)[\s,，:：]*"
    r"|^\W*(?:(?:no+|nope|sorry|oops|wait|actually|neither|none|wrong|not that(?: one)?)\b"
    r"[\s,.!…-]*)*"
    rf"{_I_MEAN_EN}[\s,:]*"
    r"|^\W*not (?:the |to |from )?(?!\w+(?:ed|ing|en)\b)\w+[,;.]\s*(?:but |i mean |it's )?"
    r"(?=(?:\w+\W*){1,3}$)",
    re.IGNORECASE,
)
# A longer text says what it is about by itself.
_MOST_HAN = 14
_MOST_WORDS = 9
_SHORT = 10
# So short a text, six words or ten characters, may be half a question without any word that shows
# it ("怎么赔", "who pays"). In the tuning talks weighing 24 messages of seven to ten words too made
# as many right, and one more wrong.
MOST_OF_HALF = 6.0
_WORDS_IN_A_CHARACTER = 0.6
# Words of a half question that say nothing about what it asks for.
_EMPTY = (
    "a an the is are was were be do does did can could will would should i you he she it we they "
    "me my your that this to of in on at for from with and or not how what where when why who "
    "which long much there so have has if then too also still just even only now again after "
    "before am i'm it's what's that's any some get got need take see really ok okay "
    "about one ones us our your yours by as but no yes than more other another into out up please "
    "thanks don't doesn't isn't can't won't i've i'd i'll you're they're there's"
)
_EMPTY_WORDS = frozenset((*_EMPTY.split(), *words_of(_EMPTY)))
_SAYS_NOTHING_ZH = re.compile(
    r"^.$|[能可以用不没有要是会还也都就多少几久怎么什哪个这那我你您们给把被让得着过到时候钱弄做搞]"
)
_PARTICLES = re.compile(r"[呢吗吧啊呀了的？?！!。，,\s]+")
# Entries whose words are kept, those that talks are about; a kilobyte or two each.
KEPT_WORDS = 1024
# Messages whose words are kept while a turn asks for them again and again.
_KEPT_MESSAGES = 256
# How much of the earlier question is put in front, in characters.
_CONTEXT_CHARACTERS = 200


@lru_cache(maxsize=_KEPT_MESSAGES)
def looks_like_follow_up(text: str) -> bool:
    """Tell whether a text may lean on what was said before."""
    if is_correction(text):
        return True
    han, words = _length_of(text)
    if han > _MOST_HAN or words > _MOST_WORDS:
        return False
    return bool(_OPENERS.search(text) or _POINTERS.search(text)) or han + words <= 3


def leans(text: str, asked: str, *, pointed: bool = False) -> bool:
    """Tell whether a turn shows that it leans on what was said before.

    Args:
        asked: what the models read of the text.
        pointed: it pointed at a thing of a list, which stands by its name in what is asked.
    """
    return (not pointed and looks_like_follow_up(text)) or looks_like_follow_up(asked)


def is_correction(text: str) -> bool:
    """Tell whether a text says what was meant before."""
    return without_correction(text) != text


def is_short(text: str) -> bool:
    """Tell whether a text is a few words, or no more characters."""
    return sum(_length_of(text)) <= _SHORT


def may_be_half(text: str) -> bool:
    """Tell whether a text is so short that it may be half a question, whatever its words."""
    return length_in_words(text) <= MOST_OF_HALF


def length_in_words(text: str) -> float:
    """How long a text is in English words; a Chinese character says as much as 0.6 of one."""
    han, words = _length_of(text)
    return round(han * _WORDS_IN_A_CHARACTER + words, 1)


def _length_of(text: str) -> tuple[int, int]:
    """Chinese characters and English words."""
    return len(re.findall(r"[㐀-鿿]", text)), len(re.findall(r"[A-Za-z']+", text))


def share_told(text: str, entry: Entry) -> float:
    """Share of what a half question asks for that an entry speaks of; 1 where it names nothing."""
    asked = _named(text)
    return len(asked & words_told(entry)) / len(asked) if asked else 1.0


@lru_cache(maxsize=_KEPT_MESSAGES)
def telling_words(text: str) -> frozenset[str]:
    """Words of a text that say what it is about, without those that any question has."""
    return frozenset(word for word in _named(text) if not _SAYS_NOTHING_ZH.search(word))


@lru_cache(maxsize=_KEPT_MESSAGES)
def _named(text: str) -> frozenset[str]:
    return frozenset(words_of(_PARTICLES.sub(" ", text))) - _EMPTY_WORDS


def words_told(entry: Entry) -> frozenset[str]:
    """All words of an entry's phrasings and answer."""
    return frozenset(_kept_words(entry))


@lru_cache(maxsize=KEPT_WORDS)
def _kept_words(entry: Entry) -> tuple[str, ...]:
    # A tuple takes an eighth of a set, which is made in microseconds; cutting takes milliseconds.
    words = {intern(word) for text in entry.texts for word in words_of(text)}  # many share them
    return tuple(words)


def without_correction(text: str) -> str:
    """Take "no, I meant" off a text, as long as something is left to be meant."""
    rest = _CORRECTION.sub("", text, count=1).strip()
    return rest if any(character.isalnum() for character in rest) else text


def with_context(text: str, history: Sequence[Said]) -> str:
    """Put the shopper's last earlier message in front of a follow-up."""
    return _behind(text, _earlier(text, history))


def with_what_it_corrects(text: str, history: Sequence[Said]) -> str:
    """Put the last whole question in front of a correction, as far as there is one."""
    earlier = _earlier(text, history)
    whole = [one for one in earlier if not looks_like_follow_up(one)]
    return _behind(text, whole or earlier)


def _earlier(text: str, history: Sequence[Said]) -> list[str]:
    """What the shopper said before, with the things that "the second one" stood for by name."""
    earlier = []
    for before, said in zip((None, *history), history, strict=False):
        if said.who == "shopper" and said.text.strip() != text:
            listed = thing_meant(said.text, before.text) if before and before.who == "bot" else None
            earlier.append(listed.asked if listed else said.text)
    return earlier


def _behind(text: str, earlier: Sequence[str]) -> str:
    return f"{earlier[-1][:_CONTEXT_CHARACTERS]} {text}" if earlier else text
