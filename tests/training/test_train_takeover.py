import json

import numpy as np
import pytest

from bot.answering.takeover import Utterance
from bot.answering.takeover_course import FEATURES, Commonness, features_of
from training.refusal_texts import LabelledTextRefused
from training.takeover_conversations import LabelledConversation
from training.train_takeover import measure_takeover, tables_of, train_takeover


def utterance(by_shopper, *tokens):
    return Utterance(by_shopper, tokens)


def conversation(at):
    """Every third bot repeats itself, and there a person should take over."""
    repeats = at % 3 == 0
    said = (
        utterance(True, 1, at % 7, 3),
        utterance(False, 9, 9, 5, at % 5),
        utterance(True, 4, at % 3),
        utterance(False, 9, 9, 5, at % 5) if repeats else utterance(False, 7, 8, at % 4),
    )
    return LabelledConversation(said, (False, False, False, repeats))


@pytest.fixture(scope="module")
def trained():
    return train_takeover([conversation(at) for at in range(72)], folds=3)


def test_repetition_that_needs_a_person_is_learnt_and_known_by_the_rules(trained):
    assert trained.figures["conversations"] == 72
    assert trained.figures["trees"]["area"]["value"] > 0.99
    assert trained.figures["rules"]["area"]["value"] > 0.8
    gain = trained.figures["better_by"]
    assert gain["low"] <= gain["value"] <= gain["high"]


def test_what_was_learnt_judges_a_talk_that_was_not_seen(trained):
    repeated, fresh = conversation(75), conversation(76)
    bad, good = trained.model.judge(repeated.said), trained.model.judge(fresh.said)
    assert bad.need > 0.5 > good.need
    assert "said_again" in bad.reasons


def test_labels_by_chance_are_not_better_than_the_rules():
    chance = np.random.default_rng(2)
    talks = [
        LabelledConversation(conversation(at).said, tuple(chance.random(4) < 0.5))
        for at in range(60)
    ]
    assert not train_takeover(talks, folds=3).better


def test_a_desk_that_has_seen_too_little_is_told_so_in_figures():
    with pytest.raises(LabelledTextRefused, match=r"9 conversations, in 3 of which.* takes 60"):
        train_takeover([conversation(at) for at in range(9)])


def test_training_again_makes_the_same_model(trained):
    again = train_takeover([conversation(at) for at in range(72)], folds=3)
    assert json.dumps(again.figures) == json.dumps(trained.figures)
    assert np.array_equal(again.model.trees.value, trained.model.trees.value)


def test_measuring_needs_no_least_number():
    assert measure_takeover([conversation(at) for at in range(30)], folds=3)["utterances"] == 120


def test_the_trees_serve_what_the_library_would_say():
    from sklearn.ensemble import GradientBoostingClassifier

    talks = [conversation(at) for at in range(40)]
    commonness = Commonness.of([one.said for one in talks])
    rows = np.stack([features_of(one.said, commonness, inside=True) for one in talks])
    flags = np.array([one.person[-1] for one in talks])
    library = GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=1)
    library.fit(rows, flags)
    start = float(np.log(flags.mean() / (1 - flags.mean())))
    ours = tables_of([one[0].tree_ for one in library.estimators_], 0.1, start)
    told = [ours.told(row) for row in rows]
    assert [odds for odds, _ in told] == pytest.approx(library.decision_function(rows), abs=1e-4)
    assert all(len(moved) == len(FEATURES) for _, moved in told)
