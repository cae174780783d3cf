"""Measures how well exchanges of old chats are put together, on pairs whose subject is known.

    python -m training.measure_mining PAIRS.csv --question ASKED --answer REPLY --label SUBJECT

Each row is taken for a chat of its own. Written as JSON: how many groups there are, how many of the
subjects the largest ones are about, and the share of grouped exchanges that are about the subject
of most others in their group, with its interval over groups.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from training.chat_pairs import MOST_ANSWER_CHARACTERS, AskedAndSaid
from training.exchanges import Exchanges
from training.labelled_rows import read_rows
from training.metrics import bootstrap
from training.refusal_texts import LabelledTextRefused

LARGE = 5  # exchanges of a group that anybody would notice


def grouping_figures(groups: Sequence[Sequence[int]], subjects: Sequence[str]) -> dict[str, Any]:
    """How the groups fit the subjects of their exchanges.

    Args:
        groups: positions of exchanges, two or more each.
        subjects: of every exchange, grouped or not.
    """
    most = [Counter(subjects[at] for at in group).most_common(1)[0] for group in groups]
    right = np.array([count for _, count in most], dtype=np.float64)
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    pure = bootstrap(lambda rows: float(right[rows].sum() / sizes[rows].sum()), len(groups), seed=1)
    large = {name for (name, _), group in zip(most, groups, strict=True) if len(group) >= LARGE}
    return {
        "exchanges": len(subjects),
        "grouped": int(sizes.sum()),
        "groups": len(groups),
        "subjects": len(set(subjects)),
        "subjects_of_large_groups": len(large),
        "about_the_groups_subject": asdict(pure),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--question", default="question")
    parser.add_argument("--answer", default="answer")
    parser.add_argument("--label", default="label")
    parser.add_argument("--most", type=int, default=1_000, help="rows, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    try:
        names = (asked.question, asked.answer, asked.label)
        rows = [cells for _, cells in read_rows(asked.pairs, names)]
    except LabelledTextRefused as error:
        sys.exit(str(error))
    random.Random(asked.seed).shuffle(rows)
    rows = rows[: asked.most]
    pairs = [
        AskedAndSaid(number, row[asked.question], (row[asked.answer][:MOST_ANSWER_CHARACTERS],))
        for number, row in enumerate(rows)
    ]
    from bot.assemble.encoders import load_encoders
    from bot.settings import load_settings

    exchanges = Exchanges(pairs, load_encoders(load_settings(None)).searching)
    groups = [group for group in exchanges.groups() if len(group) > 1]
    figures = grouping_figures(groups, [row[asked.label] for row in rows])
    sys.stdout.write(json.dumps({"seed": asked.seed, **figures}) + "\n")


if __name__ == "__main__":
    main()
