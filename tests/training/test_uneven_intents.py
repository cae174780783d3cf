from dataclasses import replace

import numpy as np
import pytest

from bot.answering.intent_classifier import OUT_OF_SCOPE
from knowledge_base.hashed_encoder import HashedEncoder
from training.intent_head import OF_FEW, OF_MANY, Labelled, fit_head
from training.uneven_intents import EVENED, evened_recipe, is_uneven

WORDS = (
    "where order parcel track late box courier arrive address lost send kettle pan knife bowl lamp"
    " broken repair guarantee years paper crack handle free screw rust lid part"
).split()


def phrases(words, count, seed):
    """Three words each: the two intents share some, so no head tells them apart for certain."""
    chance = np.random.default_rng(seed)
    return tuple(" ".join(chance.choice(words, 3, replace=False)) for _ in range(count))


ASKED_OFTEN, ASKED_SELDOM = phrases(WORDS[:16], 160, 1), phrases(WORDS[8:], 90, 2)


@pytest.fixture(scope="module")
def encoder():
    return HashedEncoder()


def labelled(encoder, often, seldom, outside=()):
    texts = (*often, *seldom, *outside)
    intents = ("order",) * len(often) + ("warranty",) * len(seldom) + (OUT_OF_SCOPE,) * len(outside)
    return Labelled(texts, intents, encoder.encode_questions(texts))


def none_of(known):
    return known.at(np.zeros(0, dtype=np.int64))


def test_intents_of_like_size_are_left_as_they_are(encoder):
    known = labelled(encoder, ASKED_OFTEN[:9], ASKED_SELDOM[:3], outside=ASKED_OFTEN[50:90])
    assert not is_uneven(known)  # what is out of scope is no intent of the shop
    assert evened_recipe(known, none_of(known), OF_FEW, seed=1) is OF_FEW


def test_intents_with_few_phrases_are_raised_where_that_gains(encoder):
    known = labelled(encoder, ASKED_OFTEN, ASKED_SELDOM[:20])
    assert is_uneven(known)
    assert evened_recipe(known, none_of(known), OF_FEW, seed=1) == replace(OF_FEW, evened=EVENED)
    assert evened_recipe(known, none_of(known), OF_MANY, seed=1) is OF_MANY


def test_a_raised_intent_is_recognised_by_more_of_its_questions(encoder):
    known = labelled(encoder, ASKED_OFTEN, ASKED_SELDOM[:20])
    asked = ASKED_SELDOM[20:]
    scores = []
    for recipe in (OF_FEW, replace(OF_FEW, evened=EVENED)):
        found = fit_head(known, recipe, seed=1).score(asked, encoder.encode_questions(asked)).scores
        scores.append(float((found[:, 1] - found[:, 0]).mean()))
    assert scores[1] > scores[0] + 0.5
