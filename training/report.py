"""Writes the report of `shopkeeper evaluate shop`: JSON, or one HTML page with its pictures."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from training.labelled_text import LabelledTextRefused

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { border-bottom: 1px solid #ccc; padding: .2rem .8rem; text-align: left }
td:last-child { text-align: right; font-variant-numeric: tabular-nums }
img { max-width: 100% }
"""


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write JSON for a name that ends in .json, HTML for .html.

    Raises:
        LabelledTextRefused: another ending, or it cannot be written.
    """
    writers = {".json": _as_json, ".html": as_html}
    if path.suffix not in writers:
        raise LabelledTextRefused(f"{path}: a report is a .json or a .html file.")
    try:
        path.write_text(writers[path.suffix](report), encoding="utf-8")
    except OSError as error:
        raise LabelledTextRefused(f"{path} cannot be written: {error.strerror}.") from None


def _as_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


def as_html(report: Mapping[str, Any]) -> str:
    """One page that needs nothing else."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Evaluation</title>"]
    parts += [f"<style>{STYLE}</style><h1>Evaluation</h1><p>{escape(str(report['encoder']))}</p>"]
    for part in ("intents", "retrieval", "answers"):
        for name, figures in report[part].items():
            parts.append(f"<h2>{escape(part)}: {escape(name)}</h2>")
            if "reliability" in figures:
                title = f"{part}: {name}"
                parts.append(_image(_reliability_picture(figures["reliability"], title), title))
            parts.append(_table(list(_flat(figures))))
    pairs = report["training"]["confusions"]
    rows = [(f"{one['intent']} → {one['taken_for']}", str(one["times"])) for one in pairs]
    parts += ["<h2>Often taken for another</h2>", _table(rows)]
    doubted = report["training"]["doubted_labels"]
    rows = [
        (f"{one['file']} row {one['row']}: {one['text']}", f"{one['label']} → {one['probably']}")
        for one in doubted
    ]
    parts += ["<h2>Labels that are probably wrong</h2>", _table(rows)]
    return "\n".join(parts) + "</html>\n"


def _reliability_picture(bars: Sequence[Mapping[str, float]], title: str) -> bytes:
    """Claimed against true probability, with the share of questions below, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    claimed = [bar["claimed"] for bar in bars]
    upper.plot([0, 1], [0, 1], color="#aaa", linewidth=1)
    upper.plot(claimed, [bar["right"] for bar in bars], marker="o", color="#1f5fa8")
    upper.set(ylabel="really right", ylim=(0, 1), title=title)
    lower.bar(claimed, [bar["share"] for bar in bars], width=0.04, color="#1f5fa8")
    lower.set(xlabel="claimed confidence", ylabel="share", xlim=(0, 1))
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()


def _image(png: bytes, words: str) -> str:
    inside = base64.b64encode(png).decode()
    return f'<img alt="reliability of {escape(words)}" src="data:image/png;base64,{inside}">'


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table>{cells}</table>"


def _flat(figures: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in figures.items():
        words = f"{before}{name.replace('_', ' ')}"
        if isinstance(value, Mapping) and set(value) == {"value", "low", "high"}:
            if value["value"] is None:
                continue
            rows.append((words, f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"))
        elif isinstance(value, Mapping) and name != "doubt":
            rows += _flat(value, f"{words}: ")
        elif isinstance(value, float):
            rows.append((words, f"{value:.4f}"))
        elif isinstance(value, int | str):
            rows.append((words, str(value)))
    return rows
