"""Whether intents with few phrases are raised beside those with many, by the shop's own phrases.

What most shoppers ask has hundreds of phrases, the rest a handful, and a head that counts every
phrase alike takes the rest for the most. Raising them helps on some sets and harms on others, so it
is tried by cross-validation, as names are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from bot.answering.intent_classifier import OUT_OF_SCOPE
from knowledge_base.encoder import Encoder
from training.intent_head import Labelled, Recipe, loss_on
from training.intent_names import with_names

UNEVEN_FROM = 4.0  # phrases of the largest intent for each of the smallest
EVENED = 0.5
TRIAL_FOLDS = 3
LEAST_GAIN = 0.01  # of the log loss, as a share of it


def is_uneven(known: Labelled) -> bool:
    """Whether the intents in scope differ so much in size that raising the small ones may gain."""
    sizes = Counter(intent for intent in known.intents if intent != OUT_OF_SCOPE)
    return len(sizes) > 1 and max(sizes.values()) >= UNEVEN_FROM * min(sizes.values())


def evened_recipe(
    known: Labelled, names: Labelled, recipe: Recipe, seed: int, second: Encoder | None = None
) -> Recipe:
    """The recipe that raises intents with few phrases where that gains; else the recipe as it is.

    With many phrases it is not tried: there the machine gains nothing by it.

    Args:
        names: see `chosen_names`.
    """
    if recipe.machine or not is_uneven(known):
        return recipe
    raised = replace(recipe, evened=EVENED)
    order = np.random.default_rng(seed).permutation(len(known.texts))
    losses = np.zeros(2)
    for fold in range(TRIAL_FOLDS):
        asked = known.at(order[fold::TRIAL_FOLDS])
        taught = known.at(np.setdiff1d(order, order[fold::TRIAL_FOLDS]))
        if len(taught.known) > 1:
            phrases = with_names(taught, names)
            losses += [loss_on(phrases, asked, one, seed, second) for one in (recipe, raised)]
    return raised if losses[1] < losses[0] * (1.0 - LEAST_GAIN) else recipe
