"""One deliberate breakage: a few places of the product, and the test that must turn red.

Each is a TOML file in `breakages/`: `rows`, `breaks` (what is broken, in words), `tests` (pytest
node ids) or `pages_tests` (files for vitest), and `[[edit]]` with `file`, `before`, `after`. A
place is named by its text, which must stand there exactly once.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("breakages")


class NotApplicable(Exception):
    """The product has changed so that a breakage no longer fits; its file must follow."""


@dataclass(frozen=True)
class Edit:
    """One place that is changed."""

    file: str
    before: str
    after: str

    def applied_to(self, text: str) -> str:
        """Give the broken text.

        Raises:
            NotApplicable: the place is not there, or more than once.
        """
        times = text.count(self.before)
        if times != 1:
            raise NotApplicable(f"{self.file} has this {times} times, not once: {self.before!r}")
        return text.replace(self.before, self.after)


@dataclass(frozen=True)
class Breakage:
    """See above."""

    name: str
    rows: tuple[int, ...]
    breaks: str
    tests: tuple[str, ...]
    pages_tests: tuple[str, ...]
    edits: tuple[Edit, ...]

    def broken_files(self, root: Path) -> dict[Path, str]:
        """Give the broken text of every file that it touches."""
        texts: dict[Path, str] = {}
        for edit in self.edits:
            path = root / edit.file
            text = texts.get(path) or path.read_text(encoding="utf-8")
            texts[path] = edit.applied_to(text)
        return texts


def read_breakages(names: Sequence[str] = ()) -> Iterator[Breakage]:
    """Read the breakages of these names, or all."""
    for path in sorted(FOLDER.glob("*.toml")):
        if names and path.stem not in names:
            continue
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        yield Breakage(
            name=path.stem,
            rows=tuple(facts["rows"]),
            breaks=facts["breaks"],
            tests=tuple(facts.get("tests", ())),
            pages_tests=tuple(facts.get("pages_tests", ())),
            edits=tuple(Edit(**edit) for edit in facts["edit"]),
        )
