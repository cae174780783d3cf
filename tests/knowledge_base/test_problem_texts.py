"""What an admin is told is there in both languages, says the same, and is all said somewhere."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from knowledge_base.problem_texts import CHECK_TEXTS, FILE_TEXTS, ROW_TEXTS, row_problem
from knowledge_base.self_check import SelfCheckReason

ROOT = Path(__file__).parents[2]
SPEAKERS = [*ROOT.glob("knowledge_base/**/*.py"), ROOT / "bot/server/knowledge_json.py"]
TABLES = {"row": ROW_TEXTS, "file": FILE_TEXTS, "check": CHECK_TEXTS}
ALL = [(table, name) for table, texts in TABLES.items() for name in texts]
# What one language needs and the other words otherwise: the same fact in its own words.
OWN_WORDS = {"lines": "lines_zh", "first": "first_zh"}


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("table", "name"), ALL)
def test_a_text_says_the_same_in_both_languages(table, name):
    text = TABLES[table][name]
    assert re.search(r"[\u4e00-\u9fff]", text.zh), "no Chinese in the Chinese text"
    # Chinese column names are the only Chinese that an English reader is shown.
    assert not re.search(r"[\u4e00-\u9fff]", text.en.replace("(问题 and 答案)", ""))
    assert not re.search(r"[,;:?!]\s", re.sub(r"\{\{.*?\}\}", "", text.zh)), "a half-width mark"
    english, chinese = facts_of(text.en), facts_of(text.zh)
    assert {OWN_WORDS.get(one, one) for one in english} == {
        OWN_WORDS.get(one, one) for one in chinese
    }


def _strings_in_code() -> set[str]:
    found = set()
    for path in SPEAKERS:
        if path.name != "problem_texts.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found


def test_every_text_is_said_by_somebody():
    said = _strings_in_code()
    assert [name for table, name in ALL if name not in said] == []


def test_every_reason_of_the_self_check_has_its_text():
    assert set(CHECK_TEXTS) == {reason.value for reason in SelfCheckReason}


def test_a_problem_names_its_place_in_both_languages():
    problem = row_problem("cell_too_long", 7, "答案", length=40_000, most=32_000)
    assert problem.message == "Row 7, column '答案', has 40000 characters; at most 32000 are taken."
    assert problem.message_zh == "第 7 行“答案”列：有 40000 个字符，最多只能有 32000 个。"
    assert (problem.row, problem.column, problem.severity) == (7, "答案", "error")


def test_a_text_with_braces_of_its_own_is_only_a_text():
    problem = row_problem("unknown_language", 2, "language", named="{row.__class__} {0} {most}")
    assert "{row.__class__} {0} {most}" in problem.message
    assert "“{row.__class__} {0} {most}”" in problem.message_zh
