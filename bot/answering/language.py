"""Which language a turn is in: "zh" or "en", and whether Chinese is written in traditional script.

By script, not by model: Han characters against Latin words. It never raises and costs microseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.answering.answer import Language
from knowledge_base.question_key import simplified_text

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
# Addresses, order numbers and the like are in no language.
_RUN = re.compile(r"[A-Za-z0-9@._%+/:-]+")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_OTHER_SCRIPT = re.compile(r"[Ѐ-ӿ֐-ۿऀ-෿฀-๿぀-ヿ가-힯]")

# A Chinese character carries about as much as this many Latin words do; so "我的order" is Chinese
# and "can I pay with 支付宝 from abroad" is English.
_WORDS_PER_HAN = 0.6


@dataclass(frozen=True, slots=True)
class TurnLanguage:
    """The language of one turn.

    Attributes:
        answer_in: the language to answer in.
        traditional: the shopper wrote traditional Chinese characters.
        other: the text is mostly in a script that is neither (kana, Hangul, Cyrillic, Thai …).
        certain: the text itself told; otherwise it was taken from what came before.
    """

    answer_in: Language
    traditional: bool = False
    other: bool = False
    certain: bool = True


def language_of_turn(
    text: str, before: Language | None = None, interface: Language | None = None
) -> TurnLanguage:
    """Tell the language of a turn; without letters it goes by the last turn, then the widget."""
    text = _RUN.sub(lambda run: " " if _is_code(run[0]) else run[0], text)
    han = len(_HAN.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    other = len(_OTHER_SCRIPT.findall(text))
    if other > han + 2 * latin:
        return TurnLanguage("en", other=True)
    if not han and not latin:
        return TurnLanguage(before or interface or "zh", certain=False)
    if han * _WORDS_PER_HAN >= latin:
        return TurnLanguage("zh", traditional=_is_traditional(text))
    return TurnLanguage("en", traditional=han > 0 and _is_traditional(text))


def _is_traditional(text: str) -> bool:
    return simplified_text(text) != text


def _is_code(run: str) -> bool:
    return "@" in run or "://" in run or any(character.isdigit() for character in run)
