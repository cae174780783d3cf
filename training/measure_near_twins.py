"""Measures how known answers do where some of them are missing and others are near.

    python -m training.measure_near_twins --known TRAIN.csv --asked TEST.csv

Both files are labelled phrases (`text,intent`). Each intent becomes an entry with some phrasings of
the first file, and a sixth of the entries is left out; questions of the second file are asked, also
of those that are not there. Intents of one set are near to one another, so that many of these have
a neighbour that could answer for them: this is the hardest that a shop meets. Entries have no
answers of their own to look at. Everything is drawn anew for each seed. Written as JSON, for each
seed and for all together: how many were answered, which share of these is wrong, which share of
what is covered was answered right, and how true confidence is.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.answering.doubt import Verdict
from knowledge_base.encoder import Encoder
from knowledge_base.encoder_pair import pair_of
from knowledge_base.entry import Entry, EntryId, Language
from knowledge_base.script import language_of
from knowledge_base.search import Searcher
from training.cached_vectors import CachedEncoder
from training.commands_evaluate import settings_and_encoder
from training.labelled_text import OUT_OF_SCOPE, read_labelled
from training.metrics import calibration_error, share_of
from training.progress import silent
from training.refusal_texts import LabelledTextRefused
from training.second_encoder import second_encoder
from training.shop_training import doubt_for

LEFT_OUT = 1 / 6  # of the entries
LEAST_INTENTS = 6  # of which one is left out
ANSWER = "-"  # the same for all, so that it tells of none


@dataclass(frozen=True, slots=True)
class Draw:
    """A knowledge base with gaps, and what is asked of it.

    Attributes:
        asked: texts, and the id of the entry that answers each; "" where that was left out.
    """

    entries: tuple[Entry, ...]
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    Attributes:
        covered: an entry answers it.
        right: the best one does.
        confidence: that it does.
    """

    covered: bool
    right: bool
    answered: bool
    confidence: float


def phrases_by_intent(path: Path) -> dict[str, list[str]]:
    """The phrases of a file, without those of no intent.

    Raises:
        LabelledTextRefused: the file cannot be read.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for phrase in read_labelled([path]).phrases:
        if phrase.intent != OUT_OF_SCOPE:
            found[phrase.intent].append(phrase.text)
    return dict(found)


def draw(
    known: dict[str, list[str]], asked: dict[str, list[str]], phrasings: int, most: int, seed: int
) -> Draw:
    """Draw phrasings, questions, and the entries that are left out.

    Args:
        known: phrases that may be published, by intent.
        asked: phrases that may be asked, by intent.
        phrasings: of an entry, at most.
        most: questions of an entry, at most.
    """
    chance = np.random.default_rng(seed)
    intents = sorted(known.keys() & asked.keys())
    order = chance.permutation(len(intents))
    away = {intents[at] for at in order[: round(len(intents) * LEFT_OUT)]}
    entries: list[Entry] = []
    questions: list[tuple[str, str]] = []
    for intent in intents:
        texts = _some(known[intent], phrasings, chance)
        questions += [
            (text, "" if intent in away else intent) for text in _some(asked[intent], most, chance)
        ]
        if intent not in away:
            entries.append(Entry(EntryId(intent), tuple(texts), ANSWER, _language(texts)))
    return Draw(tuple(entries), tuple(questions))


def _some(texts: Sequence[str], most: int, chance: np.random.Generator) -> list[str]:
    return [texts[at] for at in chance.permutation(len(texts))[:most]]


def _language(texts: Sequence[str]) -> Language:
    return next((found for text in texts if (found := language_of(text))), "en")


def ask(drawn: Draw, encoder: Encoder) -> list[Outcome]:
    """Fit doubt as `shopkeeper prepare` does, without intents, and ask everything."""
    doubt = doubt_for(drawn.entries, encoder, None, None)
    searcher = Searcher.of(drawn.entries, encoder)
    results = searcher.search_batch([text for text, _ in drawn.asked])
    outcomes: list[Outcome] = []
    for (text, wanted), result in zip(drawn.asked, results, strict=True):
        judged = doubt.judge(result, None, _language([text]))
        right = bool(result.hits) and result.hits[0].entry.id == wanted
        answered = judged.verdict is Verdict.ANSWER
        outcomes.append(Outcome(bool(wanted), right, answered, judged.confidence))
    return outcomes


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Figures of some questions, JSON values."""
    answered = [one for one in outcomes if one.answered]
    wrong = sum(not one.right for one in answered)
    covered = sum(one.covered for one in outcomes)
    return {
        "questions": len(outcomes),
        "answered": len(answered),
        "wrong": share_of(wrong, len(answered)),
        "covered_answered_right": (len(answered) - wrong) / covered if covered else None,
        "calibration_error": calibration_error(
            [one.right for one in outcomes], [one.confidence for one in outcomes]
        ),
    }


def main() -> None:
    """Measure and write the figures to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--known", type=Path, required=True, help="phrases that are published")
    parser.add_argument("--asked", type=Path, required=True, help="phrases that are asked")
    parser.add_argument("--phrasings", type=int, default=8, help="of an entry")
    parser.add_argument("--most", type=int, default=20, help="questions of an entry")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    given = parser.parse_args()
    try:
        known, asked = phrases_by_intent(given.known), phrases_by_intent(given.asked)
    except LabelledTextRefused as error:
        sys.exit(str(error))
    if len(known.keys() & asked.keys()) < LEAST_INTENTS:
        sys.exit(f"At least {LEAST_INTENTS} intents must stand in both files.")
    settings, first = settings_and_encoder(None, silent)
    second = second_encoder(settings)
    encoder = pair_of(CachedEncoder(first), None if second is None else CachedEncoder(second))
    figures: dict[str, Any] = {}
    everything: list[Outcome] = []
    for seed in given.seeds:
        outcomes = ask(draw(known, asked, given.phrasings, given.most, seed), encoder)
        everything += outcomes
        figures[f"seed {seed}"] = figures_of(outcomes)
        sys.stderr.write(f"seed {seed}: {json.dumps(figures[f'seed {seed}'])}\n")
    figures["all"] = figures_of(everything)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
