"""Words about the talk itself: "say that again", "never mind", "hmm"; told by their form alone.

No entry answers them and no model is asked: what they mean depends on what the bot said last.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge_base.question_key import simplified_text

_MARKS = " \t\r\n.。!！?？,，~～…"
_POLITE_EN = r"(?:sorry|ok|okay|please|pls|oh|well|actually|no|hmm|um|thanks|thank you|then|now)"
_AGAIN = re.compile(
    r"(?:不好意思|抱歉|麻烦|请|您|你|能不能|能|可以|刚才|刚刚|把|那句话?|的话|帮我)*"
    r"(?:再(?:说|讲|发|念|讲讲)一?[遍次下]|重复(?:说)?一?[遍次下]|重新(?:说|讲|发)一?[遍次下]"
    r"|(?:说|讲)(?:了|的是?)?(?:什么|啥)|没听清楚?|没看清楚?)"
    r"(?:吗|吧|可以吗|好吗|行吗|谢谢|来着)*"
    rf"|(?:{_POLITE_EN}[ ,]*|(?:can|could|would|will) you )*"
    r"(?:(?:say|repeat|tell me|send)(?: me)?(?: that| it| this)?(?: again| once more)"
    r"|repeat(?: that| it| yourself| please)?|come again|again|once more|one more time"
    r"|pardon(?: me)?|what did you (?:just )?say|what was that)"
    rf"(?:[ ,]*{_POLITE_EN}| for me)*"
)
_DROPPED = re.compile(
    r"(?:(?:嗯|哦|噢|唉|那|好吧|好的?|还是|我|先|就|也|都|吧|了|啦|[,，。!！\s])*"
    r"(?:算了|不(?:查|用|用查|用看|要|看|问|弄|想查|麻烦)|没事|下次再[说查]|回头再[说查]|取消))+"
    r"(?:吧|了|啦|哈|谢谢|[,，。!！\s])*"
    rf"|(?:{_POLITE_EN}[ ,]*)*"
    r"(?:never ?mind(?: that| it| about that)?|forget (?:it|that|about it|about that)"
    r"|(?:don't|do not|no need to) (?:bother|worry)(?: about (?:it|that))?"
    r"|leave it|skip (?:it|that)|no need|not (?:now|needed|any ?more)"
    r"|cancel(?: that| it)?|stop(?: that| it)?|drop it)"
    rf"(?:[ ,]*{_POLITE_EN})*"
)
_HEARD = re.compile(
    r"(?:嗯|恩|哦|噢|喔|唔|额|呃|好|行|哈哈*|呵呵*|嘿嘿|[,，.。!！~～\s])+"
    r"|(?:(?:ok|okay|kk?|oh|ah|h+m+|m+h?m*|uh[- ]?huh|i see|right|alright|fine|(?:ha){2,}h?|lol)"
    r"[ ,.!]*)+"
)
_ABOUT_THE_FORM = re.compile(
    r"订单号|订单编号|单号|手机号|手机尾号|电话号|尾号|[后末][四4]位|邮箱|验证"
    r"|\border (?:no|id)\b|\bnumber\b|\bphone\b|\be-?mail\b|\bdigits\b",
    re.IGNORECASE,
)
_MOST_CHARACTERS = 60


def asks_again(text: str) -> bool:
    """Tell whether a message only asks to hear the last one again."""
    return _is_all(_AGAIN, text)


def drops_it(text: str) -> bool:
    """Tell whether a message only says that what was begun need not go on."""
    return _is_all(_DROPPED, text)


def only_heard(text: str) -> bool:
    """Tell whether a message says only that the last one was heard ("嗯", "hmm", "哈哈")."""
    return _is_all(_HEARD, text)


def speaks_of_the_form(text: str) -> bool:
    """Tell whether a message speaks of an order number, or of what proves whose it is."""
    return _ABOUT_THE_FORM.search(_plain(text[:400])) is not None


def _is_all(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= _MOST_CHARACTERS and pattern.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return simplified_text(plain).strip(_MARKS)
