"""Keeps what each run showed of the promises: one JSON file per row, form and test.

A test that carries `row_<number>` in its name is a proof of that row. Its figures are what it hands
to pytest's `record_property`. `tests/reliability/write_promises.py` makes docs/PROMISES.md of them.
"""

import hashlib
import json
import os
import re
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROW = re.compile(r"(?:^test|row)_(\d{1,2})(?:_and_(\d+))?(?=_)")
FOLDER = Path(__file__).parents[2] / "var" / "reliability"


def result_folder() -> Path:
    """Where results are kept: SHOPKEEPER_RESULTS, else var/reliability of the project."""
    return Path(os.environ.get("SHOPKEEPER_RESULTS") or FOLDER)


def rows_of(name: str) -> list[int]:
    """Read the rows that a test proves from its name."""
    return sorted({int(row) for found in ROW.findall(name) for row in found if row})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write down a finished proof."""
    report = yield
    if report.when == "call" and not report.skipped and rows_of(item.name):
        _keep(item, report)
    return report


def _keep(item: pytest.Item, report: pytest.TestReport) -> None:
    folder = result_folder()
    folder.mkdir(parents=True, exist_ok=True)
    form = "long" if item.get_closest_marker("long") else "short"
    for row in rows_of(item.name):
        result = {
            "row": row,
            "test": item.nodeid,
            "form": form,
            "passed": report.passed,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(report.duration, 2),
            "figures": dict(report.user_properties),
        }
        # With a digest, or two cases whose names differ in a sign would share a file.
        digest = hashlib.sha256(item.nodeid.encode()).hexdigest()[:8]
        name = re.sub(r"\W+", "-", item.name)[:140] + f"-{digest}"
        unfinished = folder / f".row-{row:02d}-{os.getpid()}"
        unfinished.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
        unfinished.replace(folder / f"row-{row:02d}-{name}.json")
