"""The tokenizer of English BERT encoders, small enough to serve.

Gives the ids that the `tokenizers` library gives for the same `tokenizer.json` (a test compares
them), in 1 MB instead of 12. Text that looks like a special token is plain text.
"""

from __future__ import annotations

import json
import string
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from knowledge_base.word_table import BEGINNING, WordTable

BEGIN, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
CONTINUES = "##"  # before a piece that does not begin a word
LONGEST_WORD = 100  # characters; a longer one is unknown
REMEMBERED_WORDS = 8_192
REMEMBERED_CHARACTERS = 4_096

_READ_BY = {"normalizer": "BertNormalizer", "pre_tokenizer": "BertPreTokenizer"}
_LEFT_OUT = {"Cc", "Cf", "Co"}  # controls, marks of format, private use
_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPieceTokenizer:
    """Cuts words into the longest pieces from the left. Safe to use from several threads."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        pieces = list(vocabulary)
        lengths = np.array([len(piece) for piece in pieces], dtype=np.int64)
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        numbers = np.array([vocabulary[piece] for piece in pieces], dtype=np.int64)
        self._ids = WordTable.of("".join(pieces), starts, lengths, numbers).get
        self._begin, self._end = vocabulary[BEGIN], vocabulary[END]
        self._unknown = (vocabulary[UNKNOWN],)
        self._word = lru_cache(REMEMBERED_WORDS)(self._cut)

    @classmethod
    def reads(cls, tokenizer: Mapping[str, Any]) -> bool:
        """Whether what a `tokenizer.json` holds is a tokenizer of this kind."""
        model, normalizer = tokenizer["model"], tokenizer["normalizer"]
        return (
            all((tokenizer[part] or {}).get("type") == kind for part, kind in _READ_BY.items())
            and model.get("type") == "WordPiece"
            and model.get("continuing_subword_prefix") == CONTINUES
            and model.get("max_input_chars_per_word") == LONGEST_WORD
            and {UNKNOWN, BEGIN, END} <= model["vocab"].keys()
            and all(normalizer[rule] for rule in ("clean_text", "handle_chinese_chars"))
            and normalizer["lowercase"]
            and normalizer["strip_accents"] is not False
        )

    def encode(self, text: str) -> list[int]:
        """The ids of a text, between the ids of its begin and its end."""
        ids = [self._begin]
        for word in "".join(map(_as_read, text)).split(" "):
            if word:
                ids += self._word(word)
        return [*ids, self._end]

    def _cut(self, word: str) -> tuple[int, ...]:
        if len(word) > LONGEST_WORD:
            return self._unknown
        ids: list[int] = []
        at = 0
        while at < len(word):
            piece, at = self._longest(word, at)
            if piece is None:
                return self._unknown  # as a whole: what is left would mean something else
            ids.append(piece)
        return tuple(ids)

    def _longest(self, word: str, start: int) -> tuple[int | None, int]:
        """The longest piece that begins there, and where it ends."""
        prefix = CONTINUES if start else ""
        longest, until = None, start
        for end in range(start + 1, len(word) + 1):
            piece = self._ids(prefix + word[start:end])
            if piece is None:
                break  # nothing longer can be one
            if piece != BEGINNING:
                longest, until = piece, end
        return longest, until


@lru_cache(REMEMBERED_CHARACTERS)
def _as_read(character: str) -> str:
    """A character as the pieces were learnt from: lower case, without accents, marks apart."""
    if character in "\t\n\r":
        return " "
    if character == "\ufffd" or unicodedata.category(character) in _LEFT_OUT:
        return ""
    if character.isspace():
        return " "
    if any(first <= ord(character) <= last for first, last in _CHINESE):
        return f" {character} "
    plain = unicodedata.normalize("NFD", character)
    bare = "".join(part for part in plain if unicodedata.category(part) != "Mn")
    return "".join(f" {part} " if _is_mark(part) else part for part in bare.lower())


def _is_mark(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")


def wordpiece_tokenizer(written: str) -> WordPieceTokenizer | None:
    """Make one of a `tokenizer.json`; None when that is a tokenizer of another kind."""
    tokenizer = json.loads(written)
    if not WordPieceTokenizer.reads(tokenizer):
        return None
    return WordPieceTokenizer(tokenizer["model"]["vocab"])
