"""What a command of the shell came to, as the page is told it.

It wrote an object, or it refused in words; texts that came out of files are taken for text alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.errors import RequestRefused
from bot.server.training_run import Ended, printable

WORSE = 1
"""The exit code of a command whose result is no better than what is there."""

REFUSALS = frozenset({1, 2, 3})
"""Exit codes with which a command says in words why it did not do what was asked."""

MOST_PROBLEMS = 100
MOST_CHARACTERS = 500

InBothLanguages = dict[str, str]


class TrainingFailed(RequestRefused):
    """The command refused, or broke off; its words say why."""

    code = "training_failed"


def outcome_of(ended: Ended, figures_apart: bool) -> dict[str, Any]:
    """Tell what a training came to.

    Args:
        figures_apart: its figures are the whole of what it wrote.

    Raises:
        TrainingFailed: it refused, or broke off.
    """
    output = ended.output or {}
    told = {
        "figures": _figures_in(output) if figures_apart else output.get("thresholds", {}),
        "comparison": output.get("comparison"),
        **problems_in(output),
    }
    if ended.code == 0 and ended.output is not None:
        return {"outcome": "kept", **told}
    if ended.code == WORSE and ended.output is not None:
        return {"outcome": "refused", **told, "words": ended.words}
    raise _failure(ended)


def _figures_in(output: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in output.items() if name != "problems"}


def found_in(ended: Ended) -> dict[str, Any]:
    """Give what a look through old chats found. Raises TrainingFailed where it did not end well."""
    if ended.code == 0 and ended.output is not None:
        return ended.output
    raise _failure(ended)


def problems_in(output: dict[str, Any]) -> dict[str, Any]:
    """Tell what was odd about rows of files, in both languages."""
    problems = output.get("problems")
    listed = problems if isinstance(problems, list) else []
    return {
        "problems": in_both(listed),
        "problem_count": output.get("problem_count", len(listed)),
    }


def in_both(problems: Iterable[Any]) -> list[InBothLanguages]:
    """Give problems of rows in both languages; what is said in one alone stands for both."""
    found: list[InBothLanguages] = []
    for one in problems:
        match one:
            case str(said):
                found.append({"en": _plain(said), "zh": _plain(said)})
            case {"en": str(en), "zh": str(zh)}:
                found.append({"en": _plain(en), "zh": _plain(zh)})
    return found[:MOST_PROBLEMS]


def lost() -> dict[str, Any]:
    """Give the error of a run whose server is gone."""
    message = {
        "en": "The server that trained has ended; what was there before still answers.",
        "zh": "进行训练的服务器已停止，仍使用训练前的内容。",
    }
    return {"code": "ended", "message": message}


def _failure(ended: Ended) -> TrainingFailed:
    if ended.refusal is not None and ended.code in REFUSALS:
        return TrainingFailed(*ended.refusal)
    if ended.words and ended.code in REFUSALS:
        last = ended.words.splitlines()[-1]
        return TrainingFailed(last, f"原有内容没有改变。程序的说明：{last}")
    return TrainingFailed(
        f"It broke off (exit code {ended.code}); nothing has changed. {ended.words[-300:]}".strip(),
        f"训练中断（退出码 {ended.code}），原有内容没有改变。{ended.words[-300:]}".strip(),
    )


def _plain(text: str) -> str:
    return printable(text)[:MOST_CHARACTERS]
