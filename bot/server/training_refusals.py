"""What the training command refuses, in both languages and in the words of a page.

The command says it in English, for a shell. What is neither in this table nor among the texts about
files is shown as it was said.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from knowledge_base.problem_texts import FILE_TEXTS

_TABLE = (
    (
        r"There is too little to learn from: (\d+) conversations, in (\d+) of which a person was "
        r"needed\. It takes (\d+), with (\d+) of each kind\.",
        "There is too little to learn from: {0} conversations, in {1} of which a person was "
        "needed. It takes {2}, with {3} of each kind. Add a file of old chats, or try again when "
        "the desk has seen more.",
        "可供学习的内容太少：共 {0} 段对话，其中 {1} 段需要人工。至少要有 {2} 段，"
        "需要人工和不需要人工的各 {3} 段。请添加旧对话文件，或等客服积累更多对话后再试。",
    ),
    (
        r"old-chats\.jsonl, line (\d+): needs a list of utterances",
        "Line {0} of the old chats is no conversation: it needs a list of messages, each with who "
        "(shopper, bot or staff) and text.",
        "旧对话文件第 {0} 行不是一段对话：需要消息列表，"
        "每条消息要有 who（shopper、bot 或 staff）和 text。",
    ),
    (
        r"old-chats\.jsonl cannot be read as UTF-8 text",
        "The old chats are not UTF-8 text. Save the file as UTF-8 and add it again.",
        "旧对话文件不是 UTF-8 文本，请另存为 UTF-8 后重新添加。",
    ),
    (
        r"Nobody in the file could be told to be the shop's \((.*) …\)",
        "Nobody in the file could be told to be the shop's ({0} …). Bring the file again with the "
        "names of your people, or write staff or customer into the column of who speaks.",
        "没有认出谁是店家一方（{0} …）。请重新导入并填写客服的名字，"
        "或者在发送者一列写“客服”或“顾客”。",
    ),
    (
        r"This shop's own desk has seen nothing yet|the desk has seen nothing",
        "Your own desk has seen nothing yet. Bring a file of old chats.",
        "自家客服还没有对话，请导入聊天记录文件。",
    ),
    (
        r"At least two intents with usable phrases are needed",
        "At least two intents with usable phrases are needed. Add phrases to the shop's "
        "intents.zh.csv or intents.en.csv.",
        "至少需要两个有可用说法的意图。请在店铺的 intents.zh.csv 或 intents.en.csv 中补充说法。",
    ),
    (
        r"has no intents\.zh\.csv or intents\.en\.csv",
        "The shop's folder has no intents.zh.csv or intents.en.csv. Put one there with the "
        "columns text,intent.",
        "店铺文件夹里没有 intents.zh.csv 或 intents.en.csv。请放入一个有 text、intent 两列的文件。",
    ),
    (
        r"([^/\n]+): no column (.+); the first row has (.*)\. It must name the columns ([\w,]+)\.",
        "{0}: no column {1}; the first row has {2}. It must name the columns {3}.",
        "{0}：没有 {1} 列，第一行是：{2}。第一行要写明这些列名：{3}。",
    ),
    (
        r"([\w.-]+) was made with the encoder '.+', but '.+' is in use",
        "What was learnt ({0}) was made with another encoder than the one in use. Have the "
        "assistant learn again first (`shopkeeper prepare`).",
        "已学到的内容（{0}）由另一个编码模型生成，与现在使用的不同。"
        "请先重新学习（shopkeeper prepare）。",
    ),
    (
        r"([^/\n]+), near line (\d+): (.+)\. Check the quotation marks there\.",
        "{0}, near line {1}: {2}. Check the quotation marks there.",
        "{0} 第 {1} 行附近无法读取（{2}），请检查那里的引号。",
    ),
    (
        r"([^/\n]+): row (.+) ha(?:s|ve) more cells than the first row\.",
        "{0}: row {1}: more cells than the first row has. Put a text that holds a comma in "
        "quotation marks.",
        "{0} 第 {1} 行的单元格比第一行多，有逗号的内容请用引号括起来。",
    ),
    (
        r"([^/\n]+) is over (\d+) MB; split it",
        "{0} is over {1} MB; split it.",
        "{0} 超过 {1} MB，请分成几个文件。",
    ),
)
_NAMED = re.compile(r"(?P<file>[^/\n:]+\.\w{2,6}): (?P<words>.+)", re.DOTALL)


def in_both_languages(words: str) -> tuple[str, str]:
    """Give what a command said last as English and Chinese.

    Args:
        words: lines that it said to people; not empty.
    """
    for pattern, en, zh in _TABLE:
        if (found := re.search(pattern, words)) is not None:
            return en.format(*found.groups()), zh.format(*found.groups())
    last = words.splitlines()[-1]
    return last, _about_a_file(last) or f"原有内容没有改变。程序的说明：{last}"


def _about_a_file(words: str) -> str | None:
    """Give in Chinese what is said in English about a whole file; None for anything else."""
    named = _NAMED.fullmatch(words)
    if named is not None:
        said = _about_a_file(named["words"])
        return f"{named['file']}：{said}" if said else None
    for name, both in FILE_TEXTS.items():
        found = _pattern_of(name).fullmatch(words)
        if found is None:
            continue
        facts = found.groupdict()
        pieces = list(Formatter().parse(both.zh))
        if all(field is None or field in facts for _, field, _, _ in pieces):
            return "".join(text + (facts[field] if field else "") for text, field, _, _ in pieces)
    return None


@cache
def _pattern_of(name: str) -> re.Pattern[str]:
    """What a text about a file looks like with its facts filled in."""
    seen: set[str] = set()
    pattern = ""
    for text, field, _, _ in Formatter().parse(FILE_TEXTS[name].en):
        pattern += re.escape(text)
        if field is not None:
            pattern += f"(?P={field})" if field in seen else f"(?P<{field}>.*)"
            seen.add(field)
    return re.compile(pattern)
