"""Draws the pictures of an evaluation as SVG that stands inside a page.

Words belong to the page: a picture holds numbers only, in the colour of the text around it, so it
suits every language and a dark screen. No script, no font and no address is in it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

INK, PALE, ONE, TWO = "#101112", "#8a8f98", "#2f7fd0", "#d9702b"
SIZE = (4.6, 3.3)  # inches
_NO_FACTS = {"Creator": None, "Date": None, "Format": None, "Type": None}
_ID = re.compile(r'(?<=\bid=")([^"]+)|(?<=\bhref="#)([^"]+)|(?<=url\(#)([^)]+)')


def reliability_picture(bars: Sequence[Mapping[str, float]], name: str) -> str:
    """How often claims came true, over what was claimed, with the share of questions below.

    Args:
        bars: as `training.metrics.reliability` gives them.
        name: letters that no other picture of the page has.
    """
    with _figure(name) as (figure, made):
        upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
        claimed = [bar["claimed"] for bar in bars]
        sizes = [14 + 260 * bar["share"] for bar in bars]
        upper.plot([0, 1], [0, 1], color=PALE, linewidth=1, linestyle=(0, (4, 3)))
        upper.plot(claimed, [bar["right"] for bar in bars], color=ONE, linewidth=1.4)
        upper.scatter(claimed, [bar["right"] for bar in bars], s=sizes, color=ONE, zorder=3)
        upper.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.05))
        widths = [0.9 * (bar["high"] - bar["low"]) for bar in bars]
        middles = [(bar["high"] + bar["low"]) / 2 for bar in bars]
        lower.bar(middles, [bar["share"] for bar in bars], widths, color=ONE, alpha=0.55)
        for axes in (upper, lower):
            _in_percent(axes)
    return made[0]


def risk_picture(
    points: Sequence[Mapping[str, float]],
    name: str,
    *,
    promised: float,
    shipped: Mapping[str, float] | None = None,
) -> str:
    """Wrong among the answered, over how much is answered, with the promise as a line.

    Args:
        points: {"coverage", "risk", "low", "high"}, from careful to bold.
        shipped: the point at the threshold in force, of the same form.
    """
    with _figure(name) as (figure, made):
        axes = figure.subplots()
        coverage = [point["coverage"] for point in points]
        low, high = [p["low"] for p in points], [p["high"] for p in points]
        axes.fill_between(coverage, low, high, color=ONE, alpha=0.16, linewidth=0)
        axes.plot(coverage, [point["risk"] for point in points], color=ONE, linewidth=1.8)
        axes.axhline(promised, color=TWO, linewidth=1.2, linestyle=(0, (5, 3)))
        if shipped is not None:
            axes.plot(
                [shipped["coverage"]] * 2, [shipped["low"], shipped["high"]], color=TWO, linewidth=2
            )
            axes.plot([shipped["coverage"]], [shipped["risk"]], "o", color=TWO, markersize=7)
        highest = max([point["risk"] for point in points], default=0.0)
        axes.set(xlim=(0, 1.02), ylim=(0, min(1.0, max(4 * promised, 1.15 * highest))))
        _in_percent(axes)
    return made[0]


@contextmanager
def _figure(name: str) -> Iterator[tuple[Any, list[str]]]:
    """A figure to draw on, and a list that holds its SVG afterwards."""
    import matplotlib
    from matplotlib.figure import Figure

    made: list[str] = []
    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": "sans-serif",
        "font.size": 9,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": PALE,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": PALE,
        "grid.alpha": 0.25,
        "xtick.color": INK,
        "ytick.color": INK,
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=SIZE, layout="constrained")
        yield figure, made
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata=_NO_FACTS)
    made.append(_inside_page(written.getvalue(), name))


def _in_percent(axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(length=0)


def _inside_page(svg: str, name: str) -> str:
    """Cut out what stands before the picture, and give every id the picture's own name."""
    picture = svg[svg.index("<svg") :].replace(INK, "currentColor")
    picture = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', r'<svg \1 aria-hidden="true">', picture)
    picture = re.sub(r"<style[^>]*>.*?</style>", "", picture, flags=re.DOTALL)
    picture = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 sans-serif", picture)
    picture = re.sub(r"font-family: [^;\"]*", "font-family: sans-serif", picture)
    picture = picture.replace("xlink:href", "href")
    return _ID.sub(lambda found: f"{name}-{found.group(0)}", picture)
