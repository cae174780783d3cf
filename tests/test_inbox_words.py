"""The inbox has words in both languages for every attempt at an answer that staff may read of."""

import re
from pathlib import Path

from bot.answering.attempts import WITH_MODELS, WITHOUT_MODELS
from bot.server.turns import CHOSE_BOT

FOLDER = Path(__file__).parents[1] / "web_widget" / "src" / "staff"
BEYOND = {"write", "fault", CHOSE_BOT}
"""What is no attempt of the answerer, and stands in a trace all the same."""


def attempts_with_words(language: str) -> set[str]:
    text = (FOLDER / f"texts_{language}.ts").read_text("utf-8")
    (block,) = re.findall(r"^  attempts: \{\n(.*?)^  \}", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^    (\w+): \"[^\"]+\"", block, re.MULTILINE))


def test_every_attempt_has_words_in_both_languages():
    attempts = {attempt.__name__ for attempt in (*WITHOUT_MODELS, *WITH_MODELS)} | BEYOND
    assert attempts_with_words("en") == attempts_with_words("zh") == attempts
