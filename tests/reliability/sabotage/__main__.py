"""Breaks the product on purpose, one thing at a time, and demands that the named test turns red.

    python -m tests.reliability.sabotage [NAME …]

Works on a copy of the tree in a temporary folder; the tree itself is never touched. Before a
breakage counts, its tests must be green on the unbroken copy. Exit code 1 when a breakage went
unnoticed. What was seen is kept for docs/PROMISES.md (`row_results.result_folder`).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability.row_results import result_folder
from tests.reliability.sabotage.breakage import Breakage, read_breakages
from tests.reliability.sabotage.verdict import GREEN, RED, verdict_of

ROOT = Path(__file__).parents[3]
RESULTS = "sabotage.json"
SECONDS = 900


def copy_tree(to: Path) -> None:
    """Copy what git would commit, and lend the copy what is built or installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name)
    for lent in ("web_widget/node_modules", "web_widget/dist"):
        if (ROOT / lent).exists():
            (to / lent).symlink_to((ROOT / lent).resolve())


def run_tests(tree: Path, breakage: Breakage, results: Path) -> str:
    """Run the tests of a breakage in the copy as it stands; gives the verdict."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "SHOPKEEPER_RESULTS": str(results),
        "SHOPKEEPER_STATE_FOLDER": os.environ.get("SHOPKEEPER_STATE_FOLDER") or str(ROOT / "var"),
    }
    if breakage.pages_tests:
        command = ["npx", "vitest", "run", *breakage.pages_tests]
        folder = tree / "web_widget"
    else:
        options = ["-q", "-x", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *options, *breakage.tests]
        folder = tree
    try:
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return RED
    return verdict_of(ended.returncode, ended.stdout.decode(errors="replace"))


def break_and_test(tree: Path, breakage: Breakage, results: Path) -> str:
    """Break the copy, test, and mend it; gives the verdict."""
    broken = breakage.broken_files(tree)
    whole = {path: path.read_bytes() for path in broken}
    try:
        for path, text in broken.items():
            path.write_text(text, encoding="utf-8")
        return run_tests(tree, breakage, results)
    finally:
        for path, content in whole.items():
            path.write_bytes(content)


def main(names: Sequence[str]) -> int:
    """Try the named breakages, or all; gives the exit code."""
    seen = []
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        tree, results = Path(folder) / "tree", Path(folder) / "results"
        copy_tree(tree)
        whole: dict[tuple[str, ...], str] = {}
        for breakage in read_breakages(names):
            began = time.monotonic()
            tests = breakage.tests + breakage.pages_tests
            before = whole.setdefault(tests, "") or run_tests(tree, breakage, results)
            whole[tests] = before
            after = break_and_test(tree, breakage, results) if before == GREEN else "not tried"
            noticed = (before, after) == (GREEN, RED)
            seconds = round(time.monotonic() - began, 1)
            _tell(f"{'noticed' if noticed else 'UNNOTICED'}  {breakage.name}  "
                  f"(whole: {before}, broken: {after}, {seconds} s)")  # fmt: skip
            seen.append(
                {
                    "name": breakage.name,
                    "rows": breakage.rows,
                    "breaks": breakage.breaks,
                    "tests": tests,
                    "noticed": noticed,
                    "whole": before,
                    "broken": after,
                    "seconds": seconds,
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                }
            )
            _keep(seen)
    noticed = sum(bool(one["noticed"]) for one in seen)
    _tell(f"{noticed} of {len(seen)} breakages were noticed")
    return 0 if noticed == len(seen) else 1


def _keep(seen: Sequence[dict[str, object]]) -> None:
    """Write what was seen beside what earlier runs saw of other breakages."""
    path = result_folder() / RESULTS
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    by_name = {one["name"]: one for one in [*known, *seen]}
    path.write_text(json.dumps(list(by_name.values()), ensure_ascii=False, indent=1), "utf-8")


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
