"""Words about the talk itself: "say that again", "never mind", "huh?"; told by their form alone.

No entry answers them and no model is asked: what they mean depends on what the bot said last.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.answering.chat_words import written_out
from knowledge_base.question_key import plain_text

_MARKS = " \t\r\n.。!！?？,，~～…"
_POLITE_EN = r"(?:sorry|ok|okay|please|pls|oh|well|actually|no|hmm|um|thanks|thank you|then|now)"
_AGAIN = re.compile(
    r"(?:不好意思|抱歉|麻烦|请|您|你|能不能|能|可以|刚才|刚刚|把|那句话?|的话|帮我)*"
    r"(?:再(?:说|讲|念|讲讲)一?[遍次下]|重复(?:说)?一?[遍次下]|重新(?:说|讲)一?[遍次下]|(?:再|重新)发一?遍"
    r"|(?:说|讲)(?:了|的是?)?(?:什么|啥)|没听清楚?|没看清楚?)"
    r"(?:吗|吧|可以吗|好吗|行吗|谢谢|来着)*"
    rf"|(?:{_POLITE_EN}[ ,]*|(?:can|could|would|will) you )*"
    r"(?:(?:say|repeat|tell me)(?: me)?(?: that| it| this)?(?: again| once more)"
    r"|repeat(?: that| it| yourself| please)?|come again|again|once more|one more time"
    r"|pardon(?: me)?|what did you (?:just )?say|what was that)"
    rf"(?:[ ,]*{_POLITE_EN}| for me)*"
)
_DROPPED = re.compile(
    r"(?:(?:嗯|哦|噢|唉|那|好的?|还是|我|先|就|也|都|吧|了|啦|[,，。!！\s])*"
    r"(?:算了|不(?:查|用|用查|用看|要|看|问|弄|想查|麻烦)|没事|下次再[说查]|回头再[说查]|取消))+"
    r"(?:吧|了|啦|哈|谢谢|[,，。!！\s])*"
    rf"|(?:{_POLITE_EN}[ ,]*)*"
    r"(?:never ?mind(?: that| it| about that)?|forget (?:it|that|about it|about that)"
    r"|(?:don't|do not|no need to) (?:bother|worry)(?: about (?:it|that))?"
    r"|leave it|skip (?:it|that)|no need|not (?:now|needed|any ?more)"
    r"|cancel(?: that| it)?|stop(?: that| it)?|drop it)"
    rf"(?:[ ,]*{_POLITE_EN})*"
)
# Where nothing was begun, "cancel it" and "不要了" are about an order.
_LET_GO = re.compile(
    r"(?:嗯|哦|噢|唉|那|好的?|还是|我|先|就|也|都|吧|[,，。!！\s])*"
    r"(?:算了|不用(?:了|麻烦)?|没事|没关系|下次再说|回头再说|不问了|没有(?:别的|其他|问题)?了?|没别的了?|没问题了)"
    r"(?:吧|了|啦|哈|谢谢[你您]?|[,，。!！\s])*"
    rf"|(?:{_POLITE_EN}[ ,]*)*"
    r"(?:never ?mind(?: that| it| about that)?|forget (?:it|that|about it|about that)"
    r"|(?:don't|do not|no need to) (?:bother|worry)(?: about (?:it|that))?"
    r"|leave it|no need|nothing(?: else)?|no|nope|nah)"
    rf"(?:[ ,]*{_POLITE_EN})*"
)
_HEARD = re.compile(
    r"(?:嗯|恩|哦|噢|喔|唔|额|呃|那?好[的嘞滴吧呀啊哒咯]?|那?行吧?|哈|呵|嘿嘿|我?(?:知道|明白|了解|懂|清楚|收到)了?"
    r"|这样啊?|原来(?:是|如此)(?:这样)?|我(?:先|再|去|这就)*(?:问问|看看|试试|找找|查查)(?:吧|再说|先)?|[,，.。!！~～\s])+"
    r"|(?:(?:ok|okay|okey|(?>k+)|oh|ah|(?>h+m+)|(?>m+h?m*)|uh[- ]?huh|i see|right|alright"
    r"|all right|fine|got it|gotcha|understood|noted|makes sense|fair enough|good to know"
    r"|(?:i )?will do(?: that| so)?|i'll (?:do|try|check|ask|look)(?: that| it| them| again)?"
    r"|(?>(?:ha){2,}h?)|lol|then)[ ,.!]*)+"
)
_THANKED = re.compile(
    rf"(?:{_HEARD.pattern})?"
    r"(?:(?:谢谢?|多谢|感谢|蟹蟹|谢啦|谢了|3q|thx|ty)(?:[你您哈啦了哦喔噢亲]|客服|非常|大家)*[\s,，.。!！~～]*)+"
    r"|(?:(?:ok|okay|great|perfect|lovely|cool|brilliant|alright|all right|nice|good|fine|got it"
    r"|oh|ah|that's|all|for now|many|right)[\s,.!]+)*"
    r"(?:thank you|thanks|thank u|ty|ta|cheers|much appreciated)"
    r"(?:[\s,.!]+(?:very much|so much|a lot|a bunch|a million|again|mate|guys|love|then|anyway|bye"
    r"|for (?:that|your help|the help|everything|now)|you've been (?:great|very helpful)))*"
)
_UNCLEAR = re.compile(
    r"(?:啊|额|呃|嗯|不好意思|抱歉|这|这个|那|你|您|我|还是|说的|这话|这句话?|到底|是|[,，.。\s])*"
    r"(?:(?:什么|啥|何|几个)(?:个)?意思|(?:没|不)(?:太|大|怎么)?(?:看|听|搞)?(?:明白|懂|理解)|[看听]不(?:太)?(?:懂|明白)"
    r"|解释(?:一下|下)?|说(?:得)?清楚(?:一)?点|啥|什么|怎么说)"
    r"(?:啊|呀|呢|吗|你(?:的意思|说的)?|您(?:的意思|说的)?|的意思|是什么|了|一下|[,，.。\s])*"
    rf"|(?:(?:{_POLITE_EN}|but|wait|eh|er)[ ,.]*)*"
    r"(?:what (?:do|did) you mean(?: by (?:that|this|it))?|what(?:'s| is| does) (?:that|this|it)"
    r"(?: supposed to)? mean(?:ing)?|meaning"
    r"|(?:i (?:still )?(?:don't|do not|didn't|did not|dont|didnt) "
    r"(?:really |quite )?(?:get|understand|follow)(?: (?:it|that|this|you|what you mean))?)"
    r"|(?:(?:can|could|would) you (?:please )?)?explain(?: (?:it|that|this))?"
    r"|you lost me|i'm (?:confused|lost)|confused|huh|what|wdym|eh)"
    rf"(?:[ ,.]*{_POLITE_EN})*"
)
# More of the same is wanted: a reason, another way, what to do then. No entry tells that it is all.
_MORE = re.compile(
    r"(?:那|可是|但是?|这|这是|你们?|您|我|现在|还|请问|[,，\s])*"
    r"(?:为(?:什么|啥|何|嘛)|咋回事|怎么会?这样|(?:该|要|应该|可以)?(?:怎么办|咋办|咋整)"
    r"|(?:还)?有(?:没有)?(?:别的|其他的?|其它的?)(?:办法|方法|方式|选择)?|没有?(?:别的|其他的?)(?:办法|方法)?)"
    r"(?:呢|啊|呀|吗|么|了|才好|比较好|这样|不行|不能|不可以|不可|要这样|会这样|是这样|[,，\s])*"
    rf"|(?:(?:{_POLITE_EN}|but|and|so)[ ,]*)*"
    r"(?:why(?: (?:not|is (?:that|it|this)(?: so)?|so|that|though|would that be|can't i|cant i))?"
    r"|how come|what(?:'s| is) the reason|for what reason"
    r"|what (?:else )?(?:can|should|could|do|am) i (?:supposed to )?(?:do|try)"
    r"(?: now| then| about it)?"
    r"|what now|now what|what else|is that all|what(?:'s| is| happens| comes)? next|and next"
    r"|(?:(?:are there|is there|do you have|have you got|got) )?"
    r"any(?:thing else|thing more| others?| other (?:ones?|options?|ways?|ideas?)| more))"
    rf"(?:[ ,.]*{_POLITE_EN})*"
)
# Said of an answer, and no question: "that's too long", "太慢了吧".
_SIGH = re.compile(
    r"(?:啊|唉|哎|这|那|也|真的?|你们?|可|[,，。!！\s])*"
    r"(?:(?:太|好|这么|那么)(?:慢|久|长|晚|麻烦|坑|差|离谱|复杂|可惜|不方便)|可惜|遗憾|失望|不合理|不公平)"
    r"(?:了|吧|啊|呀|啦|点|一点|[,，。!！~\s])*"
    rf"|(?:(?:{_POLITE_EN}|but|ugh|aw+)[ ,.]*)*"
    r"(?:(?:that(?:'s| is)?|thats|it's|its|it is|this is|what|such)[ ,]*)?"
    r"(?:(?:a|an|so|too|very|really|way too|pretty|quite|rather|just|bit)[ ,]+)*"
    r"(?:long|slow|late|unfair|not fair|not good|bad|annoying|disappointing|inconvenient"
    r"|complicated|shame|pity|a long time|long time|too long|unfortunate|ages)"
    rf"(?:[ ,.]*{_POLITE_EN})*"
)
# Knocks at the door: at the beginning of a talk it greets, later it wants a person.
_CALLED_OUT = re.compile(
    r"(?:您好|你好|哈喽|亲|喂|请问|[,，。!！?？~\s])*有(?:没有)?人(?:在|在线)?(?:吗|么|不|没|啊|呀|呢)?"
    r"|(?:(?:hi|hello|hey|hiya|yo)[\s,.!?]*)*"
    r"(?:is )?any(?:one|body)(?: (?:there|here|home|around|in))?"
    r"|(?:hi|hello|hey)[\s,.!?]+(?:are )?you there"
)
# What the answer told has been done, and it was no use.
# "Can I cancel what has already been shipped" asks, and says nothing of what was done.
_ASKS_EN = (
    r"(?:and |but |so |or )?(?:can|could|may|do|does|did|is|are|was|were|will|would|should|has|have"
    r"|how|what|when|where|which|who)\b"
)
# "It's already shipped" tells how things are, not what the shopper has done about it.
_STANDS_EN = (
    r".*(?:\b(?:is|are|was|were|has|been|it'?s|they're)(?: been)? already\b"
    r"|\balready (?:been|on|in|out|shipped|sent|dispatched|delivered|opened|used|paid|packed)\b)"
)
_IN_VAIN = re.compile(
    r"[试問问看找查搜等做弄换換]过了(?!.*[吗嘛]$)|过了.{0,4}(?:不行|没有|没用)|还是(?:不行|不可以|没|收不到)|不管用|没用$"
    rf"|^(?!{_ASKS_EN})(?!{_STANDS_EN}).*\b(?:already|tried)\b"
    r"|\b(?:didn't|doesn't|did not|does not) (?:work|help)\b"
    r"|\bstill (?:not|nothing|no|doesn't|doesnt|does not|can't|cant|cannot|failing|fails)\b"
)
# "其实是我自己摔的", "oh wait, my mistake": what was answered was asked by mistake.
_TAKEN_BACK = re.compile(
    r"^(?:[哦啊噢呃嗯]+[\s,，.。]*)?(?:不对|等等|等一?下|看错|搞错|弄错|记错|找到了|其实)"
    r"|是我(?:自己)?.{0,3}错|我自己.{1,4}[的了]$"
    r"|^(?:(?:oh|well|no|ah|sorry)\b[\s,.!…-]*)*(?:wait|actually|scratch that|found it|turns out)\b"
    r"|\bmy (?:own )?(?:mistake|bad|fault)\b|^i [a-z]+ (?:it|them|that|this) myself\b"
)
_ABOUT_THE_FORM = re.compile(
    r"订单号|订单编号|单号|手机号|手机尾号|电话号|尾号|[后末][四4]位|邮箱|验证"
    r"|\border (?:no|id)\b|\bnumber\b|\bphone\b|\be-?mail\b|\bdigits\b",
    re.IGNORECASE,
)
_ONLY_ASKING = re.compile(r"[?？!！\s]*[?？][?？!！\s]*")
_MOST_CHARACTERS = 60


def asks_again(text: str) -> bool:
    """Tell whether a message only asks to hear the last one again."""
    return _is_all(_AGAIN, text)


def calls_out(text: str) -> bool:
    """Tell whether a message only calls whether anybody is there ("有人吗", "hello? anyone?")."""
    return _is_all(_CALLED_OUT, text)


def drops_it(text: str) -> bool:
    """Tell whether a message only says that what was begun need not go on."""
    return _is_all(_DROPPED, text)


def lets_go(text: str) -> bool:
    """Tell whether a message, where nothing was begun, only says that nothing more is wanted."""
    return _is_all(_LET_GO, text)


def only_heard(text: str) -> bool:
    """Tell whether a message says only that the last one was heard ("嗯", "hmm", "哈哈")."""
    return _is_all(_HEARD, text)


def thanks(text: str) -> bool:
    """Tell whether a message says nothing but thanks."""
    return _is_all(_THANKED, text)


def finds_it_unclear(text: str) -> bool:
    """Tell whether a message only says that the last one was not understood ("什么意思", "huh?").

    Mere question marks say the same.
    """
    return _is_all(_UNCLEAR, text) or _ONLY_ASKING.fullmatch(text.strip()) is not None


def wants_more(text: str) -> bool:
    """Tell whether a message asks only why, what then, or what else there is."""
    return _is_all(_MORE, text)


def sighs(text: str) -> bool:
    """Tell whether a message only regrets what was answered ("that's too long", "太慢了吧")."""
    return _is_all(_SIGH, text)


def was_in_vain(text: str) -> bool:
    """Tell whether a short message says that what the last one advised was done in vain."""
    return len(text) <= _MOST_CHARACTERS and _IN_VAIN.search(_plain(text)) is not None


def takes_back(text: str) -> bool:
    """Tell whether a short message says that what was asked before is not so after all."""
    return len(text) <= _MOST_CHARACTERS and _TAKEN_BACK.search(_plain(text)) is not None


def speaks_of_the_form(text: str) -> bool:
    """Tell whether a message speaks of an order number, or of what proves whose it is."""
    return _ABOUT_THE_FORM.search(_plain(text[:400])) is not None


def _is_all(pattern: re.Pattern[str], text: str) -> bool:
    return len(text) <= _MOST_CHARACTERS and pattern.fullmatch(_plain(text)) is not None


@lru_cache(maxsize=256)
def _plain(text: str) -> str:
    # Kept for a while: the same message is held against every pattern in turn.
    return written_out(plain_text(text)).strip(_MARKS)
