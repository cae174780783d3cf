"""Tells whether a question is about another shop: "淘宝退货几天到账", "how long does Amazon take".

The words of such a question are those of an entry, and only the name says that it is not meant.
An entry that speaks of other shops itself ("cheaper on Taobao") is meant all the same.
"""

from __future__ import annotations

import re

from knowledge_base.entry import Entry
from knowledge_base.question_key import simplified_text

_ZH = (
    "淘宝|天猫|京东|拼多多|抖音|快手|小红书|唯品会|苏宁|闲鱼|得物|网易严选|小米有品|亚马逊|虾皮"
    "|美团|饿了么|盒马|山姆|沃尔玛|家乐福|宜家|无印良品|名创优品|优衣库|星巴克|瑞幸|便利店|7-11"
)
_EN = (
    "amazon|ebay|etsy|walmart|ikea|costco|aliexpress|alibaba|taobao|tmall|jd|jd\\.com|temu|shein"
    "|shopee|lazada|rakuten|muji|starbucks|wayfair|argos|tesco|john lewis|carrefour|douyin|tiktok"
    "|pinduoduo|xiaohongshu"
)
_NAMES = re.compile(rf"{_ZH}|(?<![\w.])(?:{_EN})(?:'s)?(?!\w)", re.IGNORECASE)


def asks_of_another_shop(asked: str, entry: Entry) -> bool:
    """Tell whether a question names another shop, and an entry speaks of none."""
    if _NAMES.search(simplified_text(asked)) is None:
        return False
    return not any(_NAMES.search(one) for one in entry.texts)
