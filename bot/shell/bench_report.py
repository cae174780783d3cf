"""How the bench tells its figures: a table for people, with the ratios that matter."""

from __future__ import annotations

from typing import Any

Report = dict[str, Any]


def as_table(report: Report) -> str:
    """Write the report as text."""
    machine = report["machine"]
    lines = [
        f"{machine['cpus']} CPUs, load {machine['load_before']} before, {machine['system']}",
        "",
        f"{'':24}{'answered/s':>11}{'answered ms':>25}{'acknowledged ms':>25}",
        f"{'':24}{'':>11}{'p50 / p95 / p99':>25}{'p50 / p95 / p99':>25}",
    ]
    for name in ("real", "plain"):
        figures = report.get(name)
        if figures is None:
            continue
        for shoppers in ("1", "16", "64"):
            lines.append(_row(f"{name}, {shoppers} at once", figures[shoppers]))
        if "exact" in figures:
            lines.append(_row(f"{name}, exact question", figures["exact"]))
        for shoppers in ("1", "16"):
            if beside := figures.get(f"{shoppers} beside busy"):
                lines.append(_row(f"{name}, {shoppers} beside busy", beside))
    lines += ["", *_notes(report)]
    return "\n".join(lines)


def _row(name: str, figures: dict[str, Any]) -> str:
    answered = _three(figures["answered_ms"])
    acknowledged = _three(figures.get("acknowledged_ms", {}))
    rate = f"{figures['answered_per_second']:.0f}"
    return f"{name:<24}{rate:>11}{answered:>25}{acknowledged:>25}"


def _three(percentiles: dict[str, float]) -> str:
    if not percentiles:
        return "–"
    return " / ".join(f"{percentiles[name]:.1f}" for name in ("p50", "p95", "p99"))


def _notes(report: Report) -> list[str]:
    real, plain = report["real"], report.get("plain")
    notes = [
        f"start-up {real['startup_seconds']:.1f} s, memory {real['rss_mb']:.0f} MB "
        f"({real['rss_after_mb']:.0f} MB after the load)"
    ]
    for shoppers in ("1", "16"):
        if beside := real.get(f"{shoppers} beside busy"):
            slower = beside["answered_ms"]["p95"] / real[shoppers]["answered_ms"]["p95"]
            notes.append(f"beside a busy process: {shoppers} at once p95 {slower:.2f} x")
    if "idle" in real:
        idle = real["idle"]
        notes.append(f"{idle['sockets']} idle sockets: {idle['kb_each']:.1f} kB each")
    if plain is not None:
        notes.append(
            f"plain: start-up {plain['startup_seconds']:.1f} s, memory {plain['rss_mb']:.0f} MB"
        )
        notes += ["", "real : plain"]
        notes += [f"  {line}" for line in ratios(report)]
    return notes


def ratios(report: Report) -> list[str]:
    """Compare the two servers of one run."""
    real, plain = report["real"], report["plain"]
    lines = []
    for shoppers in ("1", "16", "64"):
        one, other = real[shoppers], plain[shoppers]
        rate = one["answered_per_second"] / max(other["answered_per_second"], 0.1)
        slow = one["answered_ms"]["p95"] / other["answered_ms"]["p95"]
        lines.append(f"{shoppers:>2} at once: {rate:.2f} x the answers, p95 {slow:.2f} x")
    memory = real["rss_mb"] / plain["rss_mb"]
    start = real["startup_seconds"] / plain["startup_seconds"]
    lines.append(f"memory {memory:.2f} x, start-up {start:.2f} x")
    return lines
