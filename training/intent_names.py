"""The names of a shop's intents as further phrases, where names are words and that gains.

A shop that writes ten phrases for `card_arrival` has written an eleventh: its name. Where intents
are called "17" or "b3", a name says nothing; and where names mislead, the shop's own phrases show
it: they are tried with and without, by cross-validation.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from knowledge_base.encoder import Encoder
from knowledge_base.question_key import question_key
from training.intent_head import Labelled, Recipe, loss_on

MOST_FOR_EACH = 20  # phrases an intent, on average
TRIAL_FOLDS = 3
LEAST_GAIN = 0.01  # of the log loss, as a share of it; names that say nothing change it by less
# What stands between the words of a name: signs, or a capital after a small letter.
_BETWEEN = re.compile(r"[\s_\-./:|+#]+|(?<=[a-z0-9])(?=[A-Z])")
# A word: three letters of an alphabet, or two characters of Chinese and its neighbours.
_EASTERN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W\d_{_EASTERN}]{{3,}}|[{_EASTERN}]{{2,}}")


def spoken_name(intent: str) -> str:
    """An intent's name as one would say it; empty where it has no words, as in "17" or "b3"."""
    spoken = " ".join(part for part in _BETWEEN.split(intent) if part)
    return spoken.casefold() if _WORD.search(spoken) else ""


def spoken_names(known: Labelled, encoder: Encoder) -> Labelled:
    """The names that have words, each a phrase of its intent.

    Left out are names that are a phrase already, and those that two intents share.
    """
    names = [(spoken_name(intent), intent) for intent in known.known]
    times = Counter(question_key(name) for name, _ in names)
    there = {question_key(text) for text in known.texts}
    kept = [
        (name, intent)
        for name, intent in names
        if name and times[question_key(name)] == 1 and question_key(name) not in there
    ]
    texts, intents = tuple(name for name, _ in kept), tuple(intent for _, intent in kept)
    return Labelled(texts, intents, encoder.encode_questions(texts))


def with_names(taught: Labelled, names: Labelled) -> Labelled:
    """Phrases, and the names of the intents that these are of."""
    there = set(taught.intents)
    rows = [row for row, intent in enumerate(names.intents) if intent in there]
    return taught.followed_by(names.at(np.array(rows, dtype=np.int64)))


def chosen_names(
    known: Labelled, recipe: Recipe, seed: int, encoder: Encoder, second: Encoder | None = None
) -> Labelled:
    """The names where they gain, by cross-validation on the phrases; else none of them.

    With many phrases an intent they are not tried: one more adds nothing, and trying takes time.
    """
    none = known.at(np.zeros(0, dtype=np.int64))
    if len(known.known) < 2 or len(known.texts) > MOST_FOR_EACH * len(known.known):
        return none
    names = spoken_names(known, encoder)
    if not names.texts:
        return none
    order = np.random.default_rng(seed).permutation(len(known.texts))
    losses = np.zeros(2)
    for fold in range(TRIAL_FOLDS):
        asked = order[fold::TRIAL_FOLDS]
        taught = known.at(np.setdiff1d(order, asked))
        if len(taught.known) > 1:
            for at, phrases in enumerate((taught, with_names(taught, names))):
                losses[at] += loss_on(phrases, known.at(asked), recipe, seed, second)
    return names if losses[1] < losses[0] * (1.0 - LEAST_GAIN) else none
