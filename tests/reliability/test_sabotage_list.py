"""The list of deliberate breakages fits the product as it is, and its judge is not fooled.

Running them all takes minutes (`make test-sabotage`); that each still applies is told here.
"""

import ast
from pathlib import Path

import pytest

from tests.reliability.sabotage.breakage import Edit, NotApplicable, read_breakages
from tests.reliability.sabotage.verdict import GREEN, RED, UNUSABLE, verdict_of

ROOT = Path(__file__).parents[2]
BREAKAGES = list(read_breakages())


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name)
def test_every_breakage_applies_to_the_code_as_it_is(breakage) -> None:
    for path, text in breakage.broken_files(ROOT).items():
        assert text != path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            ast.parse(text)


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.name)
def test_every_breakage_names_a_test_that_is_there(breakage) -> None:
    assert breakage.tests or breakage.pages_tests
    for test in breakage.tests:
        file, _, name = test.partition("::")
        function = name.partition("[")[0]
        assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8") or not name
    for test in breakage.pages_tests:
        assert (ROOT / "web_widget" / test).exists()


def test_a_place_that_is_gone_or_doubled_is_not_guessed() -> None:
    edit = Edit("x.py", "a = 1\n", "a = 2\n")
    assert edit.applied_to("a = 1\n") == "a = 2\n"
    for text in ("a = 3\n", "a = 1\na = 1\n"):
        with pytest.raises(NotApplicable):
            edit.applied_to(text)


@pytest.mark.parametrize(
    ("exit_code", "output", "verdict"),
    [
        (0, "3 passed in 0.1s", GREEN),
        (1, "FAILED test_x\n1 failed in 0.1s", RED),
        (0, "1 skipped in 0.1s", UNUSABLE),
        (2, "ERROR collecting\n1 error in 0.1s\nInterrupted: 1 error during collection", UNUSABLE),
        (4, "ERROR: not found: test_x", UNUSABLE),
        (5, "no tests ran in 0.1s", UNUSABLE),
    ],
)
def test_only_a_test_that_ran_and_failed_has_noticed_anything(exit_code, output, verdict) -> None:
    assert verdict_of(exit_code, output) == verdict
