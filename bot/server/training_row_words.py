"""What training says about single rows of the shop's files, in Chinese.

The command says it in English, for a shell; rows of FAQ files and of old chats bring their Chinese
with them. What is not in this table is shown as it was said.
"""

from __future__ import annotations

import re

_PLACE = r"(?P<file>.+?), row (?P<row>\d+): "
_AT = "{file} 第 {row} 行："
_ADVICE = (
    ("Keep one of them.", "请只保留一个。"),
    ("It counts for each as often as it stands there.", "按出现次数分别计入各个意图。"),
)
_MORE = (r" and (\d+) more", r" 等，另有 \1 处")

_ROWS = tuple(
    (re.compile(pattern, re.DOTALL), zh)
    for pattern, zh in (
        (
            _PLACE + r"no text for (?P<what>.+); the row is not used",
            _AT + "{what} 没有说法，这一行未采用。",
        ),
        (_PLACE + r"no intent; the row is not used", _AT + "没有意图，这一行未采用。"),
        (
            _PLACE + r"more cells than the first row, .*",
            _AT + "单元格比表头多，内容可能被逗号截断，这一行未采用。有逗号的内容请用引号括起来。",
        ),
        (_PLACE + r"stands above the heading and is not used", _AT + "在表头上方，未采用。"),
        (
            r"(?P<file>.+?): the column (?P<what>.+) is taken for (?P<intent>.+)\.",
            "{file}：把 {what} 列当作 {intent} 列。",
        ),
        (_PLACE + r"invisible characters were taken out", _AT + "已去掉看不见的字符。"),
        (
            _PLACE + r"(?P<what>.+) has no letters; it will match only signs like these",
            _AT + "{what} 没有文字，只能匹配同样的符号。",
        ),
        (
            _PLACE + r"(?P<n>[\d,]+) characters; the first (?P<most>[\d,]+) are used",
            _AT + "共 {n} 个字符，只采用前 {most} 个。",
        ),
        (
            _PLACE + r"the intent (?P<what>.+) has one phrase only; .*",
            _AT + "意图 {what} 只有一条说法，可以学习但无法检验，请补充到十条以上。",
        ),
        (
            r"(?P<what>.+) has (?P<n>\d+) intents \((?P<intents>.+?)\): (?P<rows>.+?)\. "
            r"(?P<advice>[A-Z].*)",
            "{what} 有 {n} 个意图（{intents}）：{rows}。{advice}",
        ),
        (
            r"(?P<what>.+) stands (?P<n>\d+) times for (?P<intent>.+?): (?P<rows>.+)\. "
            r"It is learnt once\.",
            "{what} 在意图 {intent} 下出现了 {n} 次：{rows}。只学习一次。",
        ),
        (
            r"The intent (?P<what>.+) is declared but has no phrase; .*",
            "已声明的意图 {what} 没有任何说法，永远无法识别。请补充十条以上，或将其删除。",
        ),
        (
            r"Every answer is the same \((?P<what>.+)\): (?P<rows>.+?)\. Shoppers can only .*",
            "所有答案都相同（{what}）：{rows}。顾客只会得到这一个答案，请检查答案列是否选对。",
        ),
        (
            r"(?P<n>\d+) entries have the very same answer \((?P<what>.+)\): (?P<rows>.+?)\. If .*",
            "有 {n} 个条目的答案完全相同（{what}）：{rows}。如果意思相同，请使用同一个编号，"
            "这样它们的问法可以互相补充。",
        ),
    )
)


def row_in_chinese(words: str) -> str:
    """Give in Chinese what training says about a row; the words themselves where it is unknown."""
    for pattern, zh in _ROWS:
        found = pattern.fullmatch(words)
        if found is not None:
            facts = found.groupdict()
            if "rows" in facts:
                facts["rows"] = _rows_in_chinese(facts["rows"])
            if "advice" in facts:
                facts["advice"] = dict(_ADVICE).get(facts["advice"], "")
            return zh.format(**facts)
    return words


def _rows_in_chinese(rows: str) -> str:
    """Places, or ids, between commas; "and 3 more" at the end."""
    counted = re.sub(*_MORE, rows)
    return re.sub(r" row (\d+)", r" 第 \1 行", counted).replace(", ", "、")
