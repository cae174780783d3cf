"""Why training refuses, in both languages: the one table of what the console shows too.

A command says it in English, with what only a shell has (an option, a folder); the console says the
rest in its reader's language. What no page asks for is refused in plain words where it is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from knowledge_base.problem_texts import Both


class LabelledTextRefused(ValueError):
    """A file, or a shop, that cannot be learnt from; the text says what to do.

    Attributes:
        both: what a page says of it; None where only a shell asks for it.
    """

    def __init__(self, message: str, both: Both | None = None) -> None:
        super().__init__(message)
        self.both = both


class RefusalText(NamedTuple):
    """What is said in both languages, and what a shell is told behind it; braces are filled in."""

    both: Both
    in_shell: str = ""


REFUSAL_TEXTS: Mapping[str, RefusalText] = {
    "too_little": RefusalText(
        Both(
            "There is too little to learn from: {conversations} conversations, in {with_person} of "
            "which a person was needed. It takes {least}, with {least_each} of each kind. Add a "
            "file of old chats, or try again when the desk has seen more.",
            "可供学习的内容太少：共 {conversations} 段对话，其中 {with_person} 段需要人工。"
            "至少要有 {least} 段，需要人工和不需要人工的各 {least_each} 段。"
            "请添加旧对话文件，或等客服积累更多对话后再试。",
        ),
        "Until then the rules judge. Old chats: --chats FILE.",
    ),
    "no_conversation": RefusalText(
        Both(
            "{file}, line {line}: needs a list of utterances, each with role (customer or agent) "
            "or who (shopper, bot or staff), and text.",
            "{file} 第 {line} 行不是一段对话：需要消息列表，"
            "每条消息要有 role（customer 或 agent）或 who（shopper、bot 或 staff），以及 text。",
        ),
        "Instead of text there may be token_ids, and handoff 0 or 1 where that is known.",
    ),
    "not_utf8": RefusalText(
        Both(
            "{file} cannot be read as UTF-8 text. Save it as UTF-8.",
            "{file} 不是 UTF-8 文本，请另存为 UTF-8。",
        )
    ),
    "empty_desk": RefusalText(
        Both(
            "Your own desk has seen nothing yet. Bring a file of old chats.",
            "自家客服还没有对话，请导入聊天记录文件。",
        ),
        "In the shell: shopkeeper mine FILE, or --chats FILE --no-desk.",
    ),
    "one_intent": RefusalText(
        Both(
            "At least two intents with usable phrases are needed, and there is {found}. Add "
            "phrases for a second intent to the shop's intents.zh.csv or intents.en.csv (two or "
            "more for each; ten or more are better).",
            "至少需要两个有可用说法的意图，现在只有 {count} 个。请在店铺的 intents.zh.csv 或 "
            "intents.en.csv 中为第二个意图补充说法（每个至少两条，最好十条以上）。",
        )
    ),
    "no_intents": RefusalText(
        Both(
            "The shop's folder has no intents.zh.csv or intents.en.csv. Put one there with the "
            "columns text,intent.",
            "店铺文件夹里没有 intents.zh.csv 或 intents.en.csv。"
            "请放入一个有 text、intent 两列的文件。",
        ),
        "The folder is {folder}; another file can be named with --intents.",
    ),
    "no_columns": RefusalText(
        Both(
            "{file}: no column {lacking}; the first row has {first}. It must name the columns "
            "{columns}.",
            "{file}：没有 {lacking_zh} 列，第一行是：{first}。第一行要写明这些列名：{columns}。",
        ),
        "{usual}",
    ),
    "quotation_marks": RefusalText(
        Both(
            "{file}, near line {line}: {reason}. Check the quotation marks there.",
            "{file} 第 {line} 行附近无法读取（{reason}），请检查那里的引号。",
        )
    ),
    "more_cells": RefusalText(
        Both(
            "{file}: row {rows}: more cells than the first row has. Put a text that holds a comma "
            "in quotation marks.",
            "{file} 第 {rows_zh} 行的单元格比第一行多，有逗号的内容请用引号括起来。",
        )
    ),
    "too_large": RefusalText(
        Both("{file} is over {most} MB; split it.", "{file} 超过 {most} MB，请分成几个文件。")
    ),
}
"""A word for why -> what is said."""


def refused(why: str, **facts: Any) -> LabelledTextRefused:
    """A refusal of the table. Raises KeyError for an unknown reason or a missing fact."""
    text = REFUSAL_TEXTS[why]
    both = text.both.filled(**facts)
    in_shell = text.in_shell.format_map(facts)
    return LabelledTextRefused(f"{both.en} {in_shell}".strip(), both)
