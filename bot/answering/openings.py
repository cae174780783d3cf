"""Greetings and fillers around a question: "hi, quick question: …", "亲，请问一下……，谢谢".

They are polite and say nothing about what is asked; without them a question is more often one that
the shop has published, and is understood more surely.
"""

from __future__ import annotations

import re

_EN = (
    r"(?:hi|hello|hey|hiya)(?: there| all| guys)?|good (?:morning|afternoon|evening|day)|morning|"
    r"excuse me|sorry(?: to bother you)?|(?:a |one |just a )?quick question|(?:i have |i've got )?"
    r"(?:a|one) question|(?:can|could|may) i (?:just )?ask(?: you)?(?: something| a question)?|"
    r"(?:can|could|would) you (?:please )?tell me|please tell me|just wondering|i was wondering|"
    r"i(?:'d| would) like to (?:know|ask)|i (?:just )?want(?:ed)? to (?:know|ask)|by the way|btw|"
    r"also|(?:one more|another|two|2|a couple of|a few) (?:things?|questions?)|are you there|"
    r"anyone there|ok|okay|so|well|um+|hmm+|oh|ah|anyways?|lol|ugh|damn|wow"
)
_ZH = (
    r"您好呀?|你好[呀啊]?|哈[喽啰罗囉]|嗨|在[吗嘛么]|早上好|下午好|晚上好|不好意思|打扰一?下|"
    # 那 is "so" here, and not "that"
    r"那(?![个個款边邊种種天里裡些儿兒么麼位家件张張只隻双雙套条條本年月周次时時支份箱瓶把块塊句样樣]|台(?![湾灣]))|"
    r"麻烦问一?下|[请請][问問]一?下?|(?:我)?想(?:请)?[问問](?:一?下)?|想咨询一?下?|咨询一?下|请教一?下"
)
# These stand in other words too, so something must come between them and the question.
_EN_REACTIONS = (  # before a question; a reply may begin with "yes", and mean it
    "cool|right|alright|all right|great|perfect|nice|good|fine|yeah|yes|yep|sure|actually|"
    "thanks|thank you"
)
_ZH_APART = (
    r"亲爱的|亲亲?|在不在|[问問]一?下|(?:我|还)?有个问题|对了|那个|另外|还有|老板|掌柜的?|客服"
)
_ZH_REACTIONS = "好吧|好的|好|行吧|行|嗯+|哦|噢|知道了|明白了|谢谢"
_GAP = r"[\s,，.。:：;；!！?？~～…、—-]*"
_ENDS = r"(?=[\s,，.。:：;；!！?？~～…、—-])"
_ENDS_IN_MARK = r"(?=\s*[,.。:：;；!！?？…—-])"
_GREETINGS = rf"(?:{_EN})(?![\w'])|(?:{_ZH_APART}){_ENDS}|{_ZH}"
_REACTIONS = rf"(?:{_EN_REACTIONS}){_ENDS_IN_MARK}|(?:{_ZH_REACTIONS}){_ENDS}"
_BEFORE_A_REPLY = re.compile(rf"^{_GAP}(?:(?:{_GREETINGS}){_GAP})+", re.IGNORECASE)
_BEFORE = re.compile(rf"^{_GAP}(?:(?:{_GREETINGS}|{_REACTIONS}){_GAP})+", re.IGNORECASE)
_MARKS = " \t\r\n,，.。:：;；!！?？~～…、—-"
_AFTER = re.compile(
    r"(?:\b(?:many )?thanks(?: a lot| in advance)?|\bthank you|\bplease|\bpls|\bplz|\bcheers"
    r"|谢谢[你您啦了]?|多谢|謝謝|麻烦了|谢啦|急)$",
    re.IGNORECASE,
)
# A longer text is no question with a greeting, and is read as it is.
_MOST_CHARACTERS = 400
# What is left must still be able to ask something.
_FEWEST_LETTERS = 4


def without_openings(text: str, *, reply: bool = False) -> str:
    """Take greetings and fillers off both ends, as long as something is left between them.

    Args:
        reply: the text is no question but a reply, so that "yes" or "好的" is no filler.
    """
    if len(text) > _MOST_CHARACTERS:
        return text
    core = (_BEFORE_A_REPLY if reply else _BEFORE).sub("", text.strip())
    ending = _AFTER.search(trimmed := core.rstrip(_MARKS))
    if ending:
        core = trimmed[: ending.start()].rstrip(_MARKS)
    said = sum(2 if "一" <= one <= "鿿" else 1 for one in core if one.isalnum())
    return core if said >= _FEWEST_LETTERS else text
