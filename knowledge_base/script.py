"""Which language a text is written in, told by its characters and small words. Imports no model.

The only place that tells languages: entries, search, intents and answers all ask here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from knowledge_base.entry import Language
from knowledge_base.question_key import simplified_text, visible_text

Kind = Literal["zh-Hans", "zh-Hant", "en", "mixed", "other", "none"]

_CHINESE_CHARACTER = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = r"A-Za-zÀ-ÖØ-öø-ɏẀ-ỿ"
_LATIN_WORD = re.compile(rf"[{_LATIN}]+(?:['’][{_LATIN}]+)*")
# Greek, Cyrillic, Hebrew, Arabic, the scripts of India, Thai, kana, Hangul and their neighbours.
_OTHER_CHARACTER = re.compile(
    r"[\u0370-\u052f\u0590-\u06ff\u0750-\u077f\u0900-\u0fff\u1000-\u10ff\u1200-\u137f"
    r"\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u1100-\u11ff\uac00-\ud7af]"
)
# Addresses, order numbers and the like are in no language.
_RUN = re.compile(r"[A-Za-z0-9@._%+/:-]+")
_MOST_LETTERS_OF_A_CODE = 3
_CODE = re.compile(r"[\d@]|://")  # what makes a run one of them
_REMEMBERED_TEXTS = 256  # a turn is asked about by everything that understands it
# Words that make a sentence English; product names in a Chinese sentence hold none of them.
_ENGLISH = frozenset(
    "a an the is are was were be do does did how what where when why who which can could will "
    "would should i you he it we they my your our their us to of in on for with from and "
    "or not no have has had this that there please say want need get at by if but any some as "
    "it's i'm don't can't won't isn't i've i'd".split()
)
_EVERYWHERE = frozenset("ok okk okay kk haha hahaha hmm emm emmm lol".split())
# Small words of other languages in Latin letters; none of them is an English word as well.
_FOREIGN = frozenset(
    "el los las una está donde dónde cuándo cuando cuánto mi su por para qué que con del pedido "
    "le les des est où quand combien mon ma mes votre vous je pour avec une dans commande "
    "der das ist wo wann wie mein meine ich nicht und mit für ein eine bestellung "
    "il gli dove quando quanto mio è sono ordine onde está meu minha pedido não uma você "
    "di mana saya pesanan kapan berapa yang untuk tidak của tôi đơn hàng ở đâu bao giờ không "
    "waar mijn bestelling wanneer het een niet gdzie jest moje zamówienie kiedy jak nie".split()
)


@dataclass(frozen=True, slots=True)
class Written:
    """What a text is written in.

    Attributes:
        kind: "zh-Hans", "zh-Hant" or "en"; "mixed" for Chinese and English in one text; "other"
            for any other language; "none" for numbers, faces and marks.
        language: the language to understand it in, of the two that are known; None for "none" and
            for other scripts. Other languages in Latin letters are read like English.
        traditional: it has traditional Chinese characters.
    """

    kind: Kind
    language: Language | None
    traditional: bool = False


def language_of(text: str) -> Language | None:
    """The language of a text: `written_in(text).language`."""
    return written_in(text).language


@lru_cache(_REMEMBERED_TEXTS)
def written_in(text: str) -> Written:
    """Tell what a text is written in; never raises.

    A Chinese sentence with product names in it is Chinese; an English sentence that quotes a
    Chinese word is English.
    """
    if not text.isascii():  # full-width letters, and letters with marks of no width between them
        text = unicodedata.normalize("NFKC", visible_text(text))
    if text.isascii():
        return _latin(_words(text), text)
    chinese = len(_CHINESE_CHARACTER.findall(text))
    words = _words(text)
    if len(_OTHER_CHARACTER.findall(text)) > chinese + 2 * len(words):
        return Written("other", None)
    if not chinese:
        return _latin(words, text)
    traditional = simplified_text(text) != text
    grammar = _count_of(words, _ENGLISH)
    if grammar >= 2 and len(words) > chinese / 2:
        return Written("mixed", "en", traditional)
    if grammar:
        return Written("mixed", "zh", traditional)
    return Written("zh-Hant" if traditional else "zh-Hans", "zh", traditional)


def _is_in_no_language(words: list[str], text: str) -> bool:
    """Tell whether Latin letters are a code, or a word that everybody types ("ok")."""
    return all(word in _EVERYWHERE for word in words) or _is_code(words, text)


def _is_code(words: list[str], text: str) -> bool:
    """A letter or three among many more digits ("LH 2026 1103 4821") are in no language."""
    if any(len(word) > _MOST_LETTERS_OF_A_CODE or word in _ENGLISH for word in words):
        return False
    return sum(map(len, words)) < sum(map(str.isdigit, text))


def _latin(words: list[str], text: str) -> Written:
    if _is_in_no_language(words, text):
        return Written("none", None)
    small = _count_of(words, _FOREIGN)
    accented = sum(not word.isascii() and word not in _FOREIGN for word in words)
    # A crème brûlée dish is asked for in English; a small word or a third accent tells.
    if 2 * small + accented >= 3 and small + accented > _count_of(words, _ENGLISH):
        return Written("other", "en")
    return Written("en", "en")


def _words(text: str) -> list[str]:
    plain = text
    if _CODE.search(text):
        plain = _RUN.sub(lambda run: " " if _CODE.search(run[0]) else run[0], text)
    return [word.replace("’", "'").lower() for word in _LATIN_WORD.findall(plain)]


def _count_of(words: list[str], known: frozenset[str]) -> int:
    return sum(word in known for word in words)
