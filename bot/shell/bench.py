"""`shopkeeper bench`: how fast a real server is, beside a plain one, in the same run.

The real server is `shopkeeper serve` in a process of its own, with everything on: durable
transcript, retrieval, intents, calibration. The plain one calls sentence-transformers for every
message on its event loop, stores nothing and answers with the nearest phrasing: what one would
write in an afternoon. Both are driven over loopback by the same clients.
"""

from __future__ import annotations

import asyncio
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import ConfigOption, JsonOption, refusals_told, say, show

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.shell.bench_process import Bench
    from bot.shell.bench_report import Report

CROWDS = (1, 16, 64)
BESIDE_BUSY = (1, 16)
SETTLING_SECONDS = 2.0
"""So long each load goes on before it is measured: what loads late has loaded then, and a second
process that answers has come where it is needed. The plain server gets the same."""


def bench(
    seconds: Annotated[float, typer.Option(min=0.5, help="Seconds for each measurement.")] = 5.0,
    idle: Annotated[int, typer.Option(min=0, help="Idle sockets to hold; 0 leaves it out.")] = 5000,
    plain: Annotated[bool, typer.Option(help="Measure the plain server too.")] = True,
    out: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure speed: one shopper, 16 and 64 at once, idle sockets, memory and start-up.

    Then one and 16 at once again, beside a process of another program that never rests.

    Figures depend on the machine and on what else runs; compare the two servers of one run.

    Exit codes: 0 measured, 1 a server did not start, 3 models or knowledge missing.
    """
    with refusals_told():
        from bot.settings import load_settings
        from bot.shell.bench_report import as_table

        report = asyncio.run(_measure(load_settings(config), config, seconds, idle, plain))
    if out is not None:
        import json

        out.write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
    if as_json:
        show(report)
    else:
        typer.echo(as_table(report))


async def _measure(
    settings: Settings, config: Path | None, seconds: float, idle: int, plain: bool
) -> Report:
    from bot.shell.bench_process import busy_process, plain_server, questions_of, real_server

    questions, exact = questions_of(settings)
    report: Report = {"machine": _machine(), "questions": len(questions)}
    say("starting the real server …")
    async with real_server(settings, config) as bench:
        report["real"] = await _one_server(bench, questions, seconds)
        say("exact questions …")
        report["real"]["exact"] = await bench.talk(exact, 1, seconds)
        async with busy_process():
            for shoppers in BESIDE_BUSY:
                say(f"{shoppers} at once, beside a busy process …")
                report["real"][f"{shoppers} beside busy"] = await _talk(
                    bench, questions, shoppers, seconds
                )
        if idle:
            say(f"{idle} idle sockets …")
            report["real"]["idle"] = await bench.hold(idle)
    if plain:
        say("starting the plain server …")
        async with plain_server(settings) as bench:
            report["plain"] = await _one_server(bench, questions, seconds)
    return report


async def _one_server(bench: Bench, questions: list[str], seconds: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"startup_seconds": bench.startup_seconds}
    await bench.talk(questions, 1, min(seconds, SETTLING_SECONDS))
    figures["rss_mb"] = bench.rss_mb()
    for shoppers in CROWDS:
        say(f"{shoppers} at once …")
        figures[str(shoppers)] = await _talk(bench, questions, shoppers, seconds)
    figures["rss_after_mb"] = bench.rss_mb()
    return figures


async def _talk(
    bench: Bench, questions: list[str], shoppers: int, seconds: float
) -> dict[str, Any]:
    await bench.talk(questions, shoppers, min(seconds, SETTLING_SECONDS))
    return await bench.talk(questions, shoppers, seconds)


def _machine() -> dict[str, Any]:
    import os

    return {
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
