"""Follow-ups: "and to Hong Kong?", "那运费呢?" are half a question; the rest was said before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.answer import Said

_OPENERS = re.compile(
    r"^\s*(?:and|what about|how about|but|so|then|also|or)\b"
    r"|^\s*(?:那|还有|還有|然后|要是|如果|可是|换成|換成)",
    re.IGNORECASE,
)
_POINTERS = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|one|ones|there|same)\b|它|这个|這個|那个|那個|这款|那款|这种|那种|也是|一样|呢[?？]?\s*$",
    re.IGNORECASE,
)
# A longer text says what it is about by itself.
_MOST_HAN = 14
_MOST_WORDS = 9
# How much of the earlier question is put in front, in characters.
_CONTEXT_CHARACTERS = 200


def looks_like_follow_up(text: str) -> bool:
    """Tell whether a text may lean on what was said before."""
    han = len(re.findall(r"[㐀-鿿]", text))
    words = len(re.findall(r"[A-Za-z']+", text))
    if han > _MOST_HAN or words > _MOST_WORDS:
        return False
    return bool(_OPENERS.search(text) or _POINTERS.search(text)) or han + words <= 3


def with_context(text: str, history: Sequence[Said]) -> str:
    """Put the shopper's last earlier message in front of a follow-up."""
    earlier = [said.text for said in history if said.who == "shopper" and said.text.strip() != text]
    return f"{earlier[-1][:_CONTEXT_CHARACTERS]} {text}" if earlier else text
