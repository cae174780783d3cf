"""Measures how known answers do in small shops that nobody has tuned on.

    python -m training.measure_small_shops --phrasings 2

Twenty shops in `training/small_shops/measured/` were written for this, ten in each language, by
people who had seen nothing of the program: 20 to 50 entries with four phrasings each, questions
that an entry answers in other words (told), questions about the very thing an entry is about that
nothing in the shop answers (untold), and questions on other matters of such a shop (near). Nothing
that ships was learnt from them. Each shop is set up as `shopkeeper prepare` does, but without
intents, with so many phrasings an entry and without a seventh of its entries, whose questions then
have no answer. Written as JSON, for each language: what is answered right, asked back and answered
wrong, and how many of each kind of question were answered.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.answering.answer import Answer, Decision, Source
from bot.answering.parts import Parts
from bot.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_of
from knowledge_base.entry import Entry
from knowledge_base.search import Searcher
from training.commands_evaluate import settings_and_encoder
from training.measured_answers import ask_all, figures_of, parts_over
from training.progress import silent
from training.second_encoder import second_encoder
from training.shop_training import doubt_for
from training.written_shops import SmallShop, small_shops

LEFT_OUT = 1 / 7  # of the entries
MOST_PHRASINGS = 4


@dataclass(frozen=True, slots=True)
class ShopQuestion:
    """A question put to a shop.

    Attributes:
        wanted: id of the entry that answers it, "" where none does.
        kind: "told", "untold", "near", or "left out" where its entry was.
    """

    text: str
    wanted: str
    kind: str


def set_up(shop: SmallShop, phrasings: int, seed: int) -> tuple[list[Entry], list[ShopQuestion]]:
    """A shop's entries without those left out, and all questions that are put to it.

    Args:
        phrasings: how many of each entry are published, at most.
    """
    count = round(len(shop.entries) * LEFT_OUT)
    chance = np.random.default_rng(seed)
    away = set(chance.choice(len(shop.entries), count, replace=False).tolist())
    entries: list[Entry] = []
    asked = [ShopQuestion(text, "", "near") for text in shop.near]
    for at, written in enumerate(shop.entries):
        entry = written.entry
        if at in away:
            asked += [ShopQuestion(text, "", "left out") for text in written.told]
            continue
        entries.append(written.published(phrasings))
        asked += [ShopQuestion(text, str(entry.id), "told") for text in written.told]
        asked += [ShopQuestion(text, "", "untold") for text in written.untold]
    return entries, asked


def parts_of(
    entries: Sequence[Entry], encoder: Encoder, settings: Settings
) -> AbstractContextManager[Parts]:
    """Everything that answers from some entries, set up as `shopkeeper prepare` does."""
    judge = doubt_for(entries, encoder, None, None)
    return parts_over(Searcher.of(entries, encoder), judge, None, settings, writer=False)


def answered_of_kinds(
    asked: Sequence[ShopQuestion], answers: Sequence[Answer]
) -> dict[str, dict[str, int]]:
    """Of each kind of question, how many were asked and how many answered from an entry."""
    kinds = Counter(one.kind for one in asked)
    told = Counter(
        one.kind
        for one, answer in zip(asked, answers, strict=True)
        if answer.decision is Decision.ANSWER and answer.source is Source.KNOWN
    )
    return {kind: {"asked": count, "answered": told[kind]} for kind, count in kinds.items()}


def measure(
    shops: Sequence[SmallShop], phrasings: int, seed: int, first: Encoder, settings: Settings
) -> dict[str, Any]:
    """Figures of all shops of each language, JSON values."""
    encoder = pair_of(first, second_encoder(settings))
    asked: dict[str, list[ShopQuestion]] = {}
    answers: dict[str, list[Answer]] = {}
    for done, shop in enumerate(shops):
        sys.stderr.write(f"\rshop {done + 1} of {len(shops)}   ")
        entries, questions = set_up(shop, phrasings, seed)
        with parts_of(entries, encoder, settings) as parts:
            answers.setdefault(shop.language, []).extend(
                ask_all(parts, [one.text for one in questions])
            )
        asked.setdefault(shop.language, []).extend(questions)
    sys.stderr.write("\n")
    return {
        language: figures_of([one.wanted for one in asked[language]], answers[language])
        | {"answered_of_kinds": answered_of_kinds(asked[language], answers[language])}
        for language in sorted(asked)
    }


def main() -> None:
    """Measure and write the figures to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--phrasings", type=int, choices=range(1, MOST_PHRASINGS + 1), default=2, help="an entry"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the entries that are left out")
    given = parser.parse_args()
    settings, encoder = settings_and_encoder(None, silent)
    figures = measure(
        tuple(small_shops("measured")), given.phrasings, given.seed, encoder, settings
    )
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
