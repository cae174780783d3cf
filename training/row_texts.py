"""What training says about rows of the shop's files, in both languages: the one table.

A shell shows the English, the console what its reader reads. Knows neither files nor rows; whoever
finds something odd names it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from knowledge_base.entry import RowProblem
from knowledge_base.problem_texts import Both

ROW_TEXTS: Mapping[str, Both] = {
    "empty_text": Both(
        "no text for {intent!r}; the row is not used", "意图“{intent}”没有说法，这一行未采用。"
    ),
    "empty_intent": Both("no intent; the row is not used", "没有意图，这一行未采用。"),
    "too_many_cells": Both(
        "more cells than the first row, so that the text may be cut; the row is not used. "
        "Put a text that holds a comma in quotation marks",
        "单元格比表头多，内容可能被逗号截断，这一行未采用。有逗号的内容请用引号括起来。",
    ),
    "above_header": Both("stands above the heading and is not used", "在表头上方，未采用。"),
    "invisible": Both("invisible characters were taken out", "已去掉看不见的字符。"),
    "no_letters": Both(
        "{text!r} has no letters; it will match only signs like these",
        "“{text}”没有文字，只能匹配同样的符号。",
    ),
    "too_long": Both(
        "{length:,} characters; the first {most:,} are used",
        "共 {length:,} 个字符，只采用前 {most:,} 个。",
    ),
    "one_example": Both(
        "the intent {intent!r} has one phrase only; it is learnt but cannot be checked. "
        "Give it ten or more.",
        "意图“{intent}”只有一条说法，可以学习但无法检验，请补充到十条以上。",
    ),
}
"""`RowProblem.code` -> what is said behind the place of the row."""

SET_TEXTS: Mapping[str, Both] = {
    "column_taken": Both(
        "{file}: the column {heading!r} is taken for {column!r}.",
        "{file}：把“{heading}”列当作 {column} 列。",
    ),
    "two_labels": Both(
        "{text!r} has {count} intents ({intents}): {rows}. Keep one of them.",
        "“{text}”有 {count} 个意图（{intents}）：{rows_zh}。请只保留一个。",
    ),
    "uneven_labels": Both(
        "{text!r} has {count} intents ({intents}): {rows}. "
        "It counts for each as often as it stands there.",
        "“{text}”有 {count} 个意图（{intents}）：{rows_zh}。按出现次数分别计入各个意图。",
    ),
    "repeated": Both(
        "{text!r} stands {count} times for {intent!r}: {rows}. It is learnt once.",
        "“{text}”在意图“{intent}”下出现了 {count} 次：{rows_zh}。只学习一次。",
    ),
    "empty_class": Both(
        "The intent {intent!r} is declared but has no phrase; it can never be recognised. "
        "Add ten or more phrases, or take it out.",
        "已声明的意图“{intent}”没有任何说法，永远无法识别。请补充十条以上，或将其删除。",
    ),
    "same_answer": Both(
        "{count} entries have the very same answer ({answer!r}): {ids}. If they mean the same, "
        "give them one id, so that their questions help one another.",
        "有 {count} 个条目的答案完全相同（“{answer}”）：{ids_zh}。如果意思相同，请使用同一个编号，"
        "这样它们的问法可以互相补充。",
    ),
    "one_answer": Both(
        "Every answer is the same ({answer!r}): {ids}. Shoppers can only ever get this one; "
        "look whether the right column was taken for the answers.",
        "所有答案都相同（“{answer}”）：{ids_zh}。顾客只会得到这一个答案，请检查答案列是否选对。",
    ),
}
"""`RowProblem.code` -> what is said of several rows, or of a whole file."""


def odd_row(
    code: str,
    file: str,
    row: int,
    column: str = "",
    severity: Literal["error", "warning"] = "warning",
    **facts: Any,
) -> RowProblem:
    """What is wrong with one row, with its place in words.

    Args:
        code: a key of `ROW_TEXTS`.
        column: its name, empty when the whole row is meant.
        facts: what stands in the braces of the text. KeyError where one is missing.
    """
    text = ROW_TEXTS[code].filled(**facts)
    en, zh = f"{file}, row {row}: {text.en}", f"{file} 第 {row} 行：{text.zh}"
    return RowProblem(row, column, code, en, severity, zh)


def odd_set(code: str, column: str, row: int = 0, **facts: Any) -> RowProblem:
    """What is odd about rows seen together; each of them is used all the same.

    Args:
        code: a key of `SET_TEXTS`.
        row: the first of them, 0 when the whole file is meant.
        facts: as for `odd_row`.
    """
    text = SET_TEXTS[code].filled(column=column, **facts)
    return RowProblem(row, column, code, text.en, "warning", text.zh)
