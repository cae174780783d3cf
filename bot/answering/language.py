"""Which language a turn is answered in, where the text alone cannot tell as well.

What a text is written in tells `knowledge_base/script.py`, the only detector; here what came
before and the widget's language stand in for a turn that is in no language.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.answering.answer import Language
from knowledge_base.script import Kind, written_in


@dataclass(frozen=True, slots=True)
class TurnLanguage:
    """The language of one turn.

    Attributes:
        answer_in: the language to answer in; English for languages that are not known.
        kind: what the turn is written in (`knowledge_base.script.Written`).
        traditional: the shopper wrote traditional Chinese characters.
    """

    answer_in: Language
    kind: Kind = "none"
    traditional: bool = False

    @property
    def other(self) -> bool:
        """Whether it is in a language that is neither Chinese nor English."""
        return self.kind == "other"

    @property
    def certain(self) -> bool:
        """Whether the text itself told; otherwise it was taken from what came before."""
        return self.kind != "none"


def language_of_turn(
    text: str, before: Language | None = None, interface: Language | None = None
) -> TurnLanguage:
    """Tell the language of a turn; without words it goes by the last turn, then the widget."""
    written = written_in(text)
    if written.kind == "other":
        return TurnLanguage("en", "other")
    if written.language is None:
        return TurnLanguage(before or interface or "zh")
    return TurnLanguage(written.language, written.kind, written.traditional)
