"""Tells a test that failed from one that never ran: only the first has noticed anything."""

GREEN = "green"
RED = "red"
UNUSABLE = "unusable"

_NEVER_RAN = ("no tests ran", "errors during collection", "error during collection")


def verdict_of(exit_code: int, output: str) -> str:
    """Give green, red, or unusable for a run of pytest or vitest.

    Args:
        exit_code: of the process; pytest says 1 when a test failed, above that it ran none.
        output: what it wrote.
    """
    if any(sign in output.lower() for sign in _NEVER_RAN):
        return UNUSABLE
    if exit_code == 0:
        return UNUSABLE if _all_skipped(output) else GREEN
    return RED if exit_code == 1 else UNUSABLE


def _all_skipped(output: str) -> bool:
    """Whether pytest's last line names skipped tests and none that passed."""
    last = output.strip().splitlines()[-1:] or [""]
    return "skipped" in last[0] and "passed" not in last[0]
