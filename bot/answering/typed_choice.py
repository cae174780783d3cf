"""Which of the offered quick replies a shopper means who types instead of pressing.

"2", "第二个", "the last one", "电器的", "none of these": told by the words alone, and only where
they can mean one reply and nothing else. Knows no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.answer import Choice
from knowledge_base.question_key import plain_text, question_key
from knowledge_base.words import words_of

# What leads out of the offer; a number or a word of an answer never means one of these.
_WAYS_OUT = frozenset({"none", "person"})
# A longer text says something of its own.
_MOST_CHARACTERS = 40
_PLACES = (
    "1 一 首 前 1st first one",
    "2 二 两 2nd second two",
    "3 三 3rd third three",
    "4 四 4th fourth four",
    "5 五 5th fifth five",
)
_PLACE_OF = {name: place for place, names in enumerate(_PLACES) for name in names.split()}
_LAST = frozenset("最后 最末 最下面 后 last bottom latter".split())
_CHINESE_PLACE = re.compile(
    r"(?:嗯|好的?|是|对|就|那|我要|我选|请|选|要)*"
    r"(?:第(?P<ordinal>[一二两三四五1-5])(?:个|条|项|款|种|号|行)?"
    r"|选?(?P<number>[一二三四五1-5])号?"
    r"|(?P<edge>首|前|最后|最末|最下面|后)(?:一?[个条项款种]|者))"
    r"(?:问题|选项)?(?:吧|呢|的|了|谢谢|就行|就好)*"
)
_ENGLISH_PLACE = re.compile(
    r"(?:(?:ok|okay|yes|yeah|it's|it is|that's|i mean|i meant|i'd say|i want|i choose|maybe|the"
    r"|number|option|choice|no\.|answer|question|#)[ ,]*)*"
    r"(?P<place>[1-5]|1st|2nd|3rd|4th|5th|first|second|third|fourth|fifth|one|two|three|four|five"
    r"|last|bottom|latter)"
    r"(?: (?:one|option|choice|question))?(?:[ ,]*(?:please|pls|thanks|thank you))?"
)
_NONE = frozenset(
    question_key(text)
    for text in (
        "都不是|不是|不是这个|不是这些|都不对|不对|没有|都没有|没有我要的|没有一个是|这些都不是|以上都不是|一个都不是"
        "|none|none of these|none of them|none of those|none of the above|neither|neither of them"
        "|not these|not those|no|nope|nah|no none|not any of these|no neither|它们都不是"
    ).split("|")
)
_YES = frozenset(
    question_key(text)
    for text in (
        "是|是的|对|对的|嗯|嗯嗯|没错|就是这个|就这个|就是它|好|好的|可以|yes|yep|yeah|yup|ok|okay|right|correct"
        "|that one|this one|exactly|yes please|yes that one|sure|是这个|对就是这个"
    ).split("|")
)
_YES_TO_AN_OFFER = frozenset(
    question_key(text)
    for text in (
        "要|要的|需要|需要的|好啊|好呀|行|行啊|麻烦了|麻烦你了|麻烦您了|那麻烦了|嗯要|好的谢谢"
        "|可以的|可以谢谢"
        "|please|please do|yes please do|go ahead|ok please|sure thanks|yes thanks|ok thanks"
        "|that would be great|that'd be great|do that|yes do|ok do that"
    ).split("|")
)
_MARKS = " \t\n.。!！,，:：;；~～()（）[]【】“”\"'"
# Words that say nothing about which reply is meant.
_EMPTY_WORDS = frozenset(
    "the a an one that this it is of for about in my i mean meant want pleas thank and or to on "
    "with question option how long what when where which much mani can could do doe will "
    "you your we us our they them me he she be are was have has not if so then why who".split()
)
_FILLERS = re.compile(
    r"我(?:说|问|要|想问|想要|指)的?(?:就?是)?|就?是|[那这][个种款条]|(?:的|吧|呢|啊|谢谢)+$"
    r"|[,，.。!！?？~～\s]"
)


def says_yes(text: str) -> bool:
    """Tell whether a text is a mere yes to what the bot has asked."""
    key = question_key(text)
    return key in _YES or key in _YES_TO_AN_OFFER


def typed_choice(text: str, offered: Sequence[Choice]) -> Choice | None:
    """Find the reply that a typed text means; None where it means none of them, or more than one.

    Args:
        text: what was typed.
        offered: the quick replies of the bot's last message, in the order they are shown in.
    """
    if not offered or len(text) > max(_MOST_CHARACTERS, *(len(one.label) + 8 for one in offered)):
        return None
    key = question_key(text)
    answers = [one for one in offered if one.value not in _WAYS_OUT]
    same = [one for one in offered if question_key(one.label) == key]
    if same:
        return same[0]
    if key in _NONE:
        return next((one for one in offered if one.value == "none"), None)
    if key in _YES:
        # Behind an answer with the button of an action "ok" only takes note of the answer.
        asked = [one for one in answers if not one.value.startswith("intent:")]
        return answers[0] if len(answers) == len(asked) == 1 else None
    return _placed(text, offered, answers) or _worded(text, answers)


def _placed(text: str, offered: Sequence[Choice], answers: Sequence[Choice]) -> Choice | None:
    """The reply whose place a text names; the last one is the last that is an answer."""
    plain = plain_text(text).strip(_MARKS)
    english = _ENGLISH_PLACE.fullmatch(plain)
    chinese = _CHINESE_PLACE.fullmatch(re.sub(r"[\s,，]", "", plain))
    if not answers or not (english or chinese):
        return None
    found = [one for match in (english, chinese) if match for one in match.groups() if one]
    if found[0] in _LAST:
        return answers[-1]
    place = _PLACE_OF[found[0]]
    return offered[place] if place < len(offered) else None


def _worded(text: str, answers: Sequence[Choice]) -> Choice | None:
    """The only reply whose words hold everything that a short text says."""
    bare = _FILLERS.sub("", plain_text(text))
    if re.fullmatch(r"[㐀-鿿]{2,}", bare):
        holds = [one for one in answers if bare in plain_text(one.label)]
    else:
        said = {word for word in words_of(text) if word not in _EMPTY_WORDS}
        tells = any(len(word) > 2 for word in said)
        holds = [one for one in answers if tells and said <= set(words_of(one.label))]
    return holds[0] if len(holds) == 1 else None
