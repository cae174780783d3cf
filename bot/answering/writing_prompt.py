"""The text that a causal model continues with a reply: the entries, the question.

A base model follows examples and not instructions, so it is shown two (style "examples"). A model
trained on shop text needs none (style "shop"), which saves most of the reading; it also knows a
mark for "the entries do not say". Every text is put on one line, so that none can open a section
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.answer import Language
from knowledge_base.entry import Entry

ENTRIES = 3
ENTRY_CHARACTERS = 400
QUESTION_CHARACTERS = 400
TITLE_CHARACTERS = 80

FACTS = {"zh": "资料", "en": "Facts"}
ASKED = {"zh": "顾客", "en": "Customer"}
REPLY = {"zh": "回复", "en": "Reply"}
COLON = {"zh": "：", "en": ": "}
NO_ANSWER = "∅"  # what a trained model writes when the entries hold no answer; one token

EXAMPLES: dict[Language, tuple[tuple[str, str, str], ...]] = {
    "zh": (
        (
            "本店每天上午十点到晚上八点营业，春节期间休息三天。",
            "晚上七点过去还有人吗",
            "有的，本店每天上午十点到晚上八点营业。",
        ),
        (
            "礼品卡不能兑换现金，也不能转卖，余额长期有效。",
            "礼品卡里的钱可以提现吗？",
            "不可以，礼品卡不能兑换现金，不过余额长期有效。",
        ),
    ),
    "en": (
        (
            "The shop is open every day from ten in the morning to eight in the evening.",
            "will anyone be there at seven tonight",
            "Yes, the shop is open every day from ten in the morning to eight in the evening.",
        ),
        (
            "A gift card cannot be turned into cash or sold on. Its balance does not expire.",
            "can I get the money on my gift card paid out?",
            "No, a gift card cannot be turned into cash, but its balance does not expire.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class WritingPrompt:
    """What is continued, and the texts at which the reply ends."""

    text: str
    stops: tuple[str, ...]


def writing_prompt(question: str, evidence: Sequence[Entry], language: Language) -> WritingPrompt:
    """Make the prompt for one question from its best entries."""
    facts = " ".join(_line(entry.answer, ENTRY_CHARACTERS) for entry in evidence[:ENTRIES])
    parts = [_example(*example, language) for example in EXAMPLES[language]]
    parts.append(_example(facts, _line(question, QUESTION_CHARACTERS), "", language))
    stops = ("\n", *(words[language] + COLON[language].strip() for words in (FACTS, ASKED, REPLY)))
    return WritingPrompt("\n\n".join(parts).rstrip(), stops)


def shop_prompt(question: str, evidence: Sequence[Entry], language: Language) -> WritingPrompt:
    """Make the prompt for a model that was trained on these: numbered entries, the question."""
    colon = COLON[language]
    rows = [
        f"{number}. {_titled(entry)}" for number, entry in enumerate(evidence[:ENTRIES], start=1)
    ]
    asked = f"{ASKED[language]}{colon}{_line(question, QUESTION_CHARACTERS)}"
    ending = f"{REPLY[language]}{colon.strip()}\n"
    return WritingPrompt(
        "\n".join([FACTS[language] + colon.strip(), *rows, asked, ending]), ("\n",)
    )


PROMPTS = {"examples": writing_prompt, "shop": shop_prompt}
"""How a prompt is made, by the style in the model's manifest."""


def _titled(entry: Entry) -> str:
    title = _line(entry.questions[0], TITLE_CHARACTERS)
    return f"[{title}] {_line(entry.answer, ENTRY_CHARACTERS)}".removeprefix("[] ")


def _example(facts: str, asked: str, reply: str, language: Language) -> str:
    colon = COLON[language]
    rows = ((FACTS, facts), (ASKED, asked), (REPLY, reply))
    return "\n".join(f"{words[language]}{colon}{text}" for words, text in rows)


def _line(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]
