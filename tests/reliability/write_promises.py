"""Writes docs/PROMISES.md from the results of the newest runs.

    python -m tests.reliability.write_promises

Every test that carries `row_<number>` in its name leaves a result when it runs (`row_results.py`).
Run the short forms with `pytest tests`, the long ones with `make test-reliability`, then this.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.reliability.row_results import result_folder
from tests.reliability.sabotage.breakage import read_breakages

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "PROMISES.md"

PROMISES = {
    1: "RFC 6455 conformant behind our own settings",
    2: "an accepted message is never lost, however often the process is killed",
    3: "nor by a power cut",
    4: "a message is acknowledged only after it is on the disk",
    5: "sending again never doubles",
    6: "the same order for everyone, without holes",
    7: "a dropped connection resumes without loss or repeat",
    8: "if resuming is impossible the page is told, never a silent gap",
    9: "any time offline catches up",
    10: "every kind of event catches up",
    11: "unsent text survives a closed tab",
    12: "dead links are noticed",
    13: "a slow reader harms only itself",
    14: "a deploy loses nobody",
    15: "a storm of reconnects does not melt the database",
    16: "many idle visitors fit on a small machine",
    17: "a steady load is answered steadily",
    18: "a high accepted rate with full durability",
    19: "nothing leaks in long runs",
    20: "several nodes behave as one",
    21: "a network partition loses nothing",
    22: "a disk that is full or fails stops politely and goes on by itself",
    23: "a slow disk degrades, and does not deadlock",
    24: "clock jumps do no harm",
    25: "a paused process does no harm",
    26: "the database is sound after everything",
    27: "safe on an old SQLite",
    28: "a backup is restorable",
    29: "every released database is upgraded without loss, also when killed in the middle",
    30: "every turn ends",
    31: "the bot never speaks after staff took over",
    32: "never two owners, and nobody is forgotten",
    33: "the index and its table agree after any kill",
    34: "what must leave the house arrives at least once, in order",
    37: "bad uploads harm nothing",
    38: "a file is read in its right encoding, or asked about",
    40: "no text becomes markup, in any view",
    41: "foreign pages cannot connect, nor hold or move the chat",
    42: "signing out reaches open sockets",
    43: "nobody reads another's conversation",
    47: "erasing means gone",
    55: "overload sheds, and does not collapse",
}


def read_results(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """Read what the newest runs showed of the tests that there are, by row."""
    newest: dict[tuple[int, str], dict[str, Any]] = {}
    for path in sorted(folder.glob("row-*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        key = result["row"], result["test"]
        if _is_there(result["test"]) and result["at"] >= newest.get(key, result)["at"]:
            newest[key] = result
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for (row, _), result in newest.items():
        rows[row].append(result)
    return {row: _joined(results) for row, results in rows.items()}


def _is_there(test: str) -> bool:
    """Whether a test still stands in its file; a renamed one's old results say nothing."""
    file, _, name = test.partition("::")
    path = ROOT / file
    function = name.partition("[")[0]
    return path.exists() and f"def {function}(" in path.read_text(encoding="utf-8")


def _joined(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the cases of one test into one result, whose figures are how many there were."""
    cases: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        cases[result["test"].partition("[")[0], result["form"]].append(result)
    return [same[0] if len(same) == 1 else _join(test, same) for (test, _), same in cases.items()]


def _join(test: str, same: list[dict[str, Any]]) -> dict[str, Any]:
    held = sum(one["passed"] for one in same)
    return {
        **same[0],
        "test": test,
        "passed": held == len(same),
        "at": max(one["at"] for one in same),
        "seconds": round(sum(one["seconds"] for one in same), 2),
        "figures": {"cases": len(same), "held": held},
    }


def write_page(rows: dict[int, list[dict[str, Any]]], breakages: list[dict[str, Any]]) -> str:
    """Write the page."""
    proven = [row for row in PROMISES if row in rows and all(r["passed"] for r in rows[row])]
    broken = [row for row in rows if not all(result["passed"] for result in rows[row])]
    lines = [
        "# What Shopkeeper promises, and what the newest runs showed",
        "",
        "Written by `python -m tests.reliability.write_promises` from the results of real runs; do",
        "not edit. Each line is one test, or all cases of one, and a promise reaches as far as its",
        "tests do; a row without a run promises nothing yet. The long forms with times in them are",
        "worth something on a quiet machine only. Seeds replay a run:",
        "`SHOPKEEPER_SEED=<seed> pytest -k row_<number>`.",
        "",
        f"{len(proven)} of the {len(PROMISES)} rows here have tests that ran and passed; "
        f"{len(broken)} have one that failed.",
        "",
        "| # | promise | test | form | result | figures | seconds | when (UTC) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for number in sorted(PROMISES.keys() | rows.keys()):
        promise = PROMISES.get(number, "–")
        if number not in rows:
            lines.append(f"| {number} | {promise} | – | – | not run | | | |")
        for result in sorted(rows.get(number, []), key=lambda one: (one["form"], one["test"])):
            lines.append(_line(number, promise, result))
    return "\n".join([*lines, "", *_breakages(breakages)]) + "\n"


def _breakages(seen: list[dict[str, Any]]) -> list[str]:
    """Write what `python -m tests.reliability.sabotage` saw of the breakages that there are now."""
    by_name = {one["name"]: one for one in seen}
    present = list(read_breakages())
    noticed = sum(bool(by_name.get(one.name, {}).get("noticed")) for one in present)
    lines = [
        "## Would the tests notice?",
        "",
        "Each line is a deliberate breakage of a copy of the product; the named test was green",
        "before and must be red after it (`python -m tests.reliability.sabotage`).",
        f"{noticed} of {len(present)} were noticed.",
        "",
        "| breakage | rows | what is broken | noticed by | result | when (UTC) |",
        "|---|---|---|---|---|---|",
    ]
    for one in present:
        result = by_name.get(one.name)
        verdict = "not run" if result is None else ("noticed" if result["noticed"] else "**not**")
        when = "" if result is None else result["at"][:16].replace("T", " ")
        rows = ", ".join(map(str, one.rows))
        tests = ", ".join(
            (test.rpartition("::")[2] or test) for test in one.tests + one.pages_tests
        )
        lines.append(
            f"| {one.name.replace('_', ' ')} | {rows} | {one.breaks} "
            f"| {tests.replace('_', ' ')} | {verdict} | {when} |"
        )
    return lines


def read_seen_breakages(folder: Path) -> list[dict[str, Any]]:
    """Read what the newest run of the sabotage list saw; empty when there was none."""
    path = folder / "sabotage.json"
    if not path.exists():
        return []
    seen: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return seen


def _line(number: int, promise: str, result: dict[str, Any]) -> str:
    figures = ", ".join(f"{name}: {value}" for name, value in result["figures"].items())
    name = result["test"].rpartition("::")[2].replace("|", "/")
    verdict = "holds" if result["passed"] else "**broken**"
    told = name.partition("_")[2].replace("_", " ")
    return (
        f"| {number} | {promise} | {told} | {result['form']} | {verdict} | {figures} "
        f"| {result['seconds']} | {result['at'][:16].replace('T', ' ')} |"
    )


def main() -> None:
    """Write docs/PROMISES.md."""
    folder = result_folder()
    page = write_page(read_results(folder), read_seen_breakages(folder))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
