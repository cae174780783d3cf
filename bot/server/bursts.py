"""Tells whether a message looks like the beginning of more, so that a burst becomes one turn.

Only what cannot be a question by itself waits (a greeting, an unfinished phrase); everything else
is answered at once, because a wait would cost every shopper for the sake of a few.
"""

from __future__ import annotations

import unicodedata

_OPENINGS = frozenset(
    """
    hi|hello|hey|hey there|hi there|hello there|good morning|good afternoon|good evening|morning
    excuse me|quick question|i have a question|a question|one question|question|sorry|ok|okay|so
    well|and|also|um|hmm|please|hi question|can i ask something|can i ask a question|are you there
    anyone there|anybody there|oh|btw|by the way|one more thing|another thing
    你好|您好|你好呀|您好呀|你好啊|您好啊|嗨|哈喽|哈啰|在吗|在么|在嘛|在不在|有人吗|有人在吗|客服在吗|请问|请问一下
    问一下|问下|我想问|我想问一下|想问一下|想问下|咨询一下|咨询下|有个问题|有问题|还有|另外|那个|嗯|哦|早|早上好
    下午好|晚上好|亲|亲在吗|你好在吗|您好在吗|你好请问|您好请问|打扰一下|对了|还有一个问题|再问一下
    """.replace("\n", "|")
    .replace("    ", "")
    .strip("|")
    .split("|")
)
_LEFT_OPEN = (",", "，", "、", "…", "...", ":", "：", "-", "—")


def looks_unfinished(text: str) -> bool:
    """Whether the writer is likely to go on at once."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(plain) <= 60 and plain.endswith(_LEFT_OPEN):
        return True
    words = "".join(character for character in plain if character.isalnum() or character.isspace())
    return " ".join(words.split()) in _OPENINGS
