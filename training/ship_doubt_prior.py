"""Fits the doubt that is shipped, on the demo shop's own files, and writes it into the package.

    python -m training.ship_doubt_prior

To be run by whoever changes the encoder, the search or the inputs of doubt; the file it writes
(`bot/answering/doubt_prior.json`) is kept with the code.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import bot.answering.doubt
from bot.answering.shop import Shop
from knowledge_base.encoder import load_encoder
from training.cached_vectors import CachedEncoder
from training.prepare_shop import acting_intents
from training.shop_training import shop_files, train_shop


def main() -> None:
    """Write the file."""
    encoder = CachedEncoder(load_encoder(Path("var/models/multilingual-e5-small")))
    acting = acting_intents(Shop.load(Path("demo_shop")))
    shop = replace(shop_files(Path("demo_shop")), acting=acting)
    trained = train_shop(shop, encoder)
    doubt = trained.doubt
    doubt.facts["fitted_on"] = "the demo shop of this project"
    target = Path(bot.answering.doubt.__file__).with_name(bot.answering.doubt.PRIOR)
    target.write_text(json.dumps(doubt.as_json(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
