"""Tells whether a question asks for something to be made: "can you make it 2 litres".

An entry that tells the size of what there is ("both hold 0.9 litres") has all the words of such a
question and no answer to it: whether it can be had otherwise is another question. So it is not
meant, unless it speaks of things being made or marked for somebody itself, or tells of that size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.answering.figures import Figure, figures, normalised
from knowledge_base.entry import Entry

# Unit -> the unit that sizes are compared in, and how many of it one is.
_MEASURES = {
    "mm": ("mm", 1), "cm": ("mm", 10), "metre": ("mm", 1000), "inch": ("inch", 1),
    "ml": ("ml", 1), "litre": ("ml", 1000), "gram": ("gram", 1), "jin": ("gram", 500),
    "kg": ("gram", 1000), "watt": ("watt", 1), "volt": ("volt", 1),
}  # fmt: skip
# Asked for in so many words; what was made ("定制的什么时候发") is not asked to be.
_MADE = re.compile(
    r"(?:定做|定作|订做|定制|订制|特制|量身|量尺寸做)(?!过|好|了|完|的|款|版|商品|品|产品|服务|订单|礼)"
    r"|按.{1,8}(?:尺寸|大小|要求|图纸?)(?:来)?做"
    r"|\bcustom[- ](?:made|built|size|length|width|height)\b|\bmade[- ]to[- ](?:measure|order)\b"
    r"|\bbespoke\b|\btailor[- ]made\b|\bto my (?:own )?(?:size|measurements|dimensions)\b"
)
_IS_ABOUT_MAKING = re.compile(
    "[定订][做作制]|特制|量身|刻[字名]|雕刻|印(?:字|图|上|logo)|绣[字花]"
    "|custom|bespoke|made[- ]to|tailor|engrav|printing|logo|embroider|personali[sz]"
)
# Asked for with a size behind it. Not "做" and "make" alone: "能做2升的汤吗".
_MAKE = re.compile(
    r"(?:能|可以|可否|帮我|给我|想要?|请|出不出).{0,10}"
    r"(?:做成|改成|缝|裁|织|(?:做|[定订])一?[个把张条款套件只口块])"
    r"|\b(?:can|could|would|will) (?:you|they) (?:also |please )?"
    r"(?:make|build|sew|cut|cast|weave|knit)\b"
    r"|\b(?:have|get) (?:\w+ ){1,4}(?:made|built|sewn|cut|cast|woven|knitted)\b"
)
_REACH = 40  # characters from there to the size
_CLAUSE_END = re.compile(r"[,;:?!。、]|\.(?!\d)")
_OF_SOMETHING = re.compile(r" ?of |的?(?:汤|水|咖啡|茶|饭|菜)")


def asks_for_something_made(asked: str, entry: Entry) -> bool:
    """Tell whether a question asks for something to be made, and an entry says nothing of it."""
    plain = normalised(asked)
    asked_outright = _MADE.search(plain) is not None
    wanted = [] if asked_outright else list(_sizes_wanted(plain))
    if not asked_outright and not wanted:
        return False
    told = [normalised(one) for one in entry.texts]
    if any(_IS_ABOUT_MAKING.search(one) for one in told):
        return False
    sizes = {size_of(one) for text in told for one in figures(text)} if wanted else set()
    return not any(size_of(one) in sizes for one in wanted)


def _sizes_wanted(plain: str) -> Iterator[Figure]:
    """The sizes that something is asked to be made in."""
    for asking in _MAKE.finditer(plain):
        behind = _CLAUSE_END.split(plain[asking.end() : asking.end() + _REACH], maxsplit=1)[0]
        for one in figures(behind):
            if size_of(one) and not _OF_SOMETHING.match(behind, one.end):
                yield one


def size_of(figure: Figure) -> tuple[str, float] | None:
    """A size in the unit that it is compared in; None for what is no size."""
    if figure.unit not in _MEASURES:
        return None
    unit, times = _MEASURES[figure.unit]
    return unit, round(float(figure.high) * times, 3)
