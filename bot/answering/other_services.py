"""Tells whether a question is about an account with somebody else: "reset my Netflix password".

All its words but the name are those of the shop's own entry about passwords, so only the name
says that it is not meant. Names stand in `other_names.toml`, or are told by how they are written:
with a capital letter within an English sentence, in Latin letters within a Chinese one, and held
by no text of the shop. A name that only says how the shopper came, wrote or paid ("sign in with
my Google account") says nothing of the kind.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowledge_base.entry import Entry
from knowledge_base.question_key import simplified_text

Knows = Callable[[str], bool]

_EN_PASSWORD = "pass(?:word|code)s?"
_EN_ACCOUNT = (
    f"{_EN_PASSWORD}|log-?in|user ?names?|accounts?|profiles?|(?:subscription|membership)s?"
)
_EN_ANYTHING = (
    f"(?:{_EN_ACCOUNT}|premium|plus|points|miles|gift ?cards?|vouchers?|coupons?|trial|app"
    "|(?:promo|discount) codes?|invoices?|receipts?|bookings?|reservations?|tickets?|rides?|trips?"
    "|flights?|orders?|refunds?|customer (?:service|care|support)|hotline)(?! payments?)"
)
_ZH_PASSWORD = "密码"
_ZH_ACCOUNT = "密码|[账帐][号户]|会员|昵称|实名"
_ZH_ANYTHING = (
    f"{_ZH_ACCOUNT}|积分|里程|验证码|礼品卡|代金券|优惠券|红包|发票|订单|退款|余额|额度|客服|套餐"
    "|话费|流量|[年月季]卡|续费|自动续费"
)
_THEIRS = {
    "services": (_EN_ANYTHING, _ZH_ANYTHING),
    "networks": (_EN_ACCOUNT, _ZH_ACCOUNT),
    "means": (_EN_PASSWORD, _ZH_PASSWORD),
}
# In front of a name these say how, or whose: "sign in with my …", "follow your …".
_EN_HOW = re.compile(
    r"\b(?:with|via|through|using|used?|by|your)(?: my| the| an?)? $", re.IGNORECASE
)
_ZH_HOW = re.compile(
    "(?:用|拿|通过|凭|绑定|绑|以|从|到|是|你们|你家|店里|贵店|官方)(?:我|自己)?的?$"
)
# So do these, unless something is to be done there: "refund it to my …", "I see it on my …".
_EN_WHERE = re.compile(r"\b(?:to|into|from|in|on)(?: my| the| an?)? $", re.IGNORECASE)
_EN_INTO_IT = re.compile(
    r"\b(?:log|sign|get|logged|signed)\W(?:back )?(?:in ?|on ?)?to(?: my| the)? $"
)
_EN_DONE = "change|update|edit|reset|recover|delete|remove|close|deactivate|unlock|verify|hacked"
_EN_DONE_THERE = re.compile(rf"\b(?:{_EN_DONE})\b.* (?:on|in)(?: my| the| an?)? $", re.IGNORECASE)
_DO_YOU_HAVE = re.compile(
    r"\b(?:do|have|are) you (?:have|got|on)\b|\bis there an?\b"
    r"|你们.{0,4}有|有没有|有.{2,12}[吗么嘛]",
    re.IGNORECASE,
)
_EN_END = "cancel|delete|deactivate|unsubscribe from|(?:log|sign) ?in(?:to| to)|uninstall"
_ZH_END = "注销|退订|登录|登陆|登不上|卸载|取消"
_ZH_ENDED = "注销|退订|解绑|找回密码|取消会员"
# Without one of these no name is looked for: there are hundreds.
_THEIRS_AT_ALL = re.compile(
    rf"\b(?:{_EN_ANYTHING}|{_EN_END})\b|{_ZH_ANYTHING}|{_ZH_END}|{_ZH_ENDED}", re.IGNORECASE
)
# Often written with a capital letter, and no names.
_NO_NAMES = frozenset(
    "a an app android basic bank bronze business chinese company customer diamond email english"
    " family first free gold guest her his id ios its login loyalty main member my new old online"
    " other our own pc personal pin platinum plus premium private pro reward second shop silver sms"
    " standard store student svip that the their this user vip web wifi your".split()
)
_EN_WRITTEN = re.compile(
    rf"(?<=[a-z,] )(?P<name>[A-Z][A-Za-z]*[a-z][A-Za-z]*)(?P<beside> )"
    rf"(?i:(?:{_EN_ACCOUNT}|points|miles|app)\b)"
)
_ZH_WRITTEN = re.compile(
    "(?<![A-Za-z0-9])(?P<name>[A-Za-z][A-Za-z0-9]{2,})(?P<beside>[+]?(?: ?的| )?)"
    f"(?:{_ZH_ACCOUNT}|积分|里程)"
)


def asks_of_another_service(asked: str, entry: Entry, knows: Knows) -> bool:
    """Tell whether a question names somebody else's account, and an entry does not name it.

    Args:
        knows: tells whether the shop says a name anywhere.
    """
    text = simplified_text(asked)
    if _THEIRS_AT_ALL.search(text) is None:
        return False
    if any(not _is_named(name, entry) for name in _listed(text)):
        return True
    return any(not knows(name) for name in _written(text))


def _is_named(name: str, entry: Entry) -> bool:
    plain = name.casefold()
    return any(plain in simplified_text(one).casefold() for one in entry.texts)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How names of one kind stand by what is theirs.

    Attributes:
        names: any one of them.
        patterns: with the group `name`, and `beside` where what is theirs follows.
        may_be_ours: a shop may have an account there as well.
    """

    names: re.Pattern[str]
    patterns: tuple[re.Pattern[str], ...]
    may_be_ours: bool


@cache
def _kinds() -> tuple[_Kind, ...]:
    raw = tomllib.loads(files("bot.answering").joinpath("other_names.toml").read_text("utf-8"))
    return tuple(_kind(kind, raw[kind]) for kind in _THEIRS)


def _kind(kind: str, names: dict[str, str]) -> _Kind:
    """Compile what tells the names of a kind, as the file has them."""
    latin, written = "".join(names["en"].splitlines()), names["written"]
    chinese = "|".join(sorted(map(re.escape, names["zh"].split()), key=len, reverse=True))
    en_theirs, zh_theirs = _THEIRS[kind]
    name = rf"(?<![\w.])(?P<name>(?i:{latin})|{written})"
    sign = rf"(?P<name>{chinese}|(?<![A-Za-z0-9])(?:(?i:{latin})|{written})(?![A-Za-z0-9]))"
    found = [
        rf"{name}(?P<beside>(?:'s)? (?:\w+ )?)(?i:(?:{en_theirs})\b)",
        rf"{sign}(?P<beside>(?:[\u4e00-\u9fff]{{0,3}}|app)的?)(?:{zh_theirs})",
    ]
    if kind == "means":
        done = rf"\b(?i:{_EN_DONE}) (?:[\w-]+ ){{0,4}}?(?i:my ){name}"
        found.append(rf"{done}(?P<beside>(?:'s)? )(?i:account\b)")
    else:
        found += [
            rf"\b(?i:{_EN_END}) (?i:my |the )?{name}(?!\w)",
            rf"(?:{_ZH_END})(?:我的)?{sign}(?!小程序)",
            rf"{sign}(?:要?怎么|如何)(?:{_ZH_ENDED})",
        ]
    if kind == "services":
        found.append(
            rf"\b(?i:{en_theirs}) (?:\w+ )?(?i:of|for|from|at|on) (?i:my |the |an? )?{name}(?!\w)"
        )
    return _Kind(
        re.compile(f"(?i:{latin})|{written}"),
        tuple(map(re.compile, found)),
        may_be_ours=kind == "networks",
    )


def _listed(text: str) -> Iterator[str]:
    """The names of the file that stand by what is theirs."""
    for kind in _kinds():
        if kind.may_be_ours and _DO_YOU_HAVE.search(text):
            continue
        for pattern in kind.patterns:
            yield from _named(pattern, text)


def _written(text: str) -> Iterator[str]:
    """Names told by how they are written, by what is theirs; none of the file's."""
    if _DO_YOU_HAVE.search(text):
        return
    for pattern in (_EN_WRITTEN, _ZH_WRITTEN):
        for name in _named(pattern, text):
            listed = any(kind.names.fullmatch(name) for kind in _kinds())
            if not listed and name.casefold() not in _NO_NAMES:
                yield name


def _named(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    """What a pattern finds, but for names that say how or where."""
    for match in pattern.finditer(text):
        before = text[: match.start("name")]
        if _EN_HOW.search(before) or _ZH_HOW.search(before):
            continue
        where = "beside" in pattern.groupindex and _EN_WHERE.search(before)
        if not where or _EN_INTO_IT.search(before) or _EN_DONE_THERE.search(before):
            yield match["name"]
