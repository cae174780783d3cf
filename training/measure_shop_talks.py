"""Measures talks with small shops that nobody has tuned on.

    python -m training.measure_shop_talks [--phrasings 4] [--predictions OUT.csv]

Four talks were written for each of the twenty shops in `training/small_shops/measured/`, with all
entries of the shop in sight. The shop is set up as in `training.measure_small_shops`, but with all
its entries. Written as JSON, for each language: messages that got what a clerk would do (right),
less (weak) or something else (wrong), and how much of what entries answered was wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.answering.answer import Source
from bot.answering.answerer import ShopAnswerer
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_of
from training.commands_evaluate import settings_and_encoder
from training.measure_small_shops import MOST_PHRASINGS, parts_of
from training.measured_talks import HEADING, Grade, measure_talks
from training.metrics import clopper_pearson
from training.progress import silent
from training.second_encoder import second_encoder
from training.shown import write_rows
from training.written_shops import SmallShop, small_shops

Row = tuple[str, ...]
_GRADE, _SOURCE = HEADING.index("grade"), HEADING.index("source")


def play(
    shops: Sequence[SmallShop], phrasings: int, first: Encoder, settings: Settings
) -> dict[str, list[Row]]:
    """Put all talks of every shop to it: rows as in `HEADING`, for each language."""
    encoder = pair_of(first, second_encoder(settings))
    rows: dict[str, list[Row]] = {}
    for done, shop in enumerate(shops):
        sys.stderr.write(f"\rshop {done + 1} of {len(shops)}   ")
        entries = [one.published(phrasings) for one in shop.entries]
        answers = {str(one.id): one.answer for one in entries}
        with parts_of(entries, encoder, settings) as parts:
            talks = [replace(talk, name=f"{shop.name}: {talk.name}") for talk in shop.talks]
            played = measure_talks(ShopAnswerer(parts), talks, shop.language, answers)
        rows.setdefault(shop.language, []).extend(played.rows)
    sys.stderr.write("\n")
    return rows


def figures_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Figures of one language's rows, JSON values."""
    grades = [row[_GRADE] for row in rows]
    told = [row[_GRADE] for row in rows if row[_SOURCE] == Source.KNOWN.value]
    wrong = told.count(Grade.WRONG)
    low, high = clopper_pearson(wrong, len(told))
    share = {"value": wrong / len(told), "low": low, "high": high} if told else None
    return {
        "messages": len(rows),
        **{grade.value: grades.count(grade) for grade in Grade},
        "answered_from_entries": len(told),
        "of_these_wrong": wrong,
        "share_wrong": share,
    }


def main() -> None:
    """Play, and write the figures to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--phrasings", type=int, choices=range(1, MOST_PHRASINGS + 1), default=4, help="an entry"
    )
    parser.add_argument("--predictions", type=Path, help="CSV file to write every message to")
    given = parser.parse_args()
    settings, encoder = settings_and_encoder(None, silent)
    rows = play(tuple(small_shops("measured")), given.phrasings, encoder, settings)
    if given.predictions:
        write_rows(given.predictions, HEADING, [row for each in rows.values() for row in each])
    figures = {language: figures_of(each) for language, each in sorted(rows.items())}
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
