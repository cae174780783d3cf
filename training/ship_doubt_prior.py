"""Fits the doubt that is shipped, on the demo shop's own files, and writes it into the package.

    python -m training.ship_doubt_prior

To be run by whoever changes the encoder, the search or the inputs of doubt; the files it writes
(`bot/answering/doubt_prior*.json`) are kept with the code.
"""

from __future__ import annotations

import json
from pathlib import Path

import bot.answering.doubt
from bot.answering.doubt import PRIOR, PRIOR_TOLD
from knowledge_base.encoder import load_encoder
from knowledge_base.encoder_pair import pair_of
from training.cached_vectors import CachedEncoder
from training.choose_thresholds import priors_from
from training.far_questions import general_questions
from training.labelled_text import read_labelled
from training.self_questions import DoubtSettings, Shares
from training.shop_files import read_shop_entries
from training.shop_training import (
    outside_phrases,
    shop_files,
)

# Less is feared here than for a shop's own fit: each corpus that the prior serves raises the bar by
# its own unanswered questions besides.
SETTINGS = DoubtSettings(feared=Shares(light=0.4, near=0.2, far=0.1))
# The reader knows shops: of texts about other things it is surer than it should be.
TOLD_SETTINGS = DoubtSettings(feared=Shares(light=0.4, near=0.3, far=0.1))


def main() -> None:
    """Write the files."""
    models = Path("var/models")
    encoder = pair_of(
        CachedEncoder(load_encoder(models / "multilingual-e5-small")),
        CachedEncoder(load_encoder(models / "all-MiniLM-L6-v2")),
    )
    shop = shop_files(Path("demo_shop"))
    outside = [*general_questions(), *outside_phrases(read_labelled(shop.intents))]
    entries = read_shop_entries(shop.entries)[0]
    priors = priors_from(entries, encoder, outside, SETTINGS, TOLD_SETTINGS)
    for name, doubt in zip((PRIOR, PRIOR_TOLD), priors, strict=True):
        doubt.facts["fitted_on"] = "the demo shop of this project"
        target = Path(bot.answering.doubt.__file__).with_name(name)
        target.write_text(json.dumps(doubt.as_json(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
