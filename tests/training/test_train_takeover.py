import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.takeover import Utterance
from training.labelled_text import LabelledTextRefused
from training.takeover_features import Corpus, features_of
from training.train_takeover import measure_takeover, read_conversations

TALKS = st.lists(
    st.builds(Utterance, st.booleans(), st.lists(st.integers(0, 6), max_size=8).map(tuple)),
    min_size=2,
    max_size=9,
)


@given(TALKS, st.integers(1, 8))
def test_nothing_that_is_said_later_is_seen_earlier(said, cut):
    corpus = Corpus.of([said])
    whole = features_of(said, corpus, inside=True)
    begun = features_of(said[:cut], corpus, inside=True)
    assert np.array_equal(whole[:cut], begun, equal_nan=True)


def conversation(at):
    """Every third bot repeats itself, and there a person should take over."""
    repeats = at % 3 == 0
    raw = [
        {"role": "customer", "handoff": 0, "token_ids": [1, at % 7, 3]},
        {"role": "agent", "handoff": 0, "token_ids": [9, 9, 5, at % 5]},
        {"role": "customer", "handoff": 0, "token_ids": [4, at % 3]},
        {"role": "agent", "handoff": int(repeats), "token_ids": [9, 9, 5, at % 5]},
    ]
    if not repeats:
        raw[3]["token_ids"] = [7, 8, at % 4]
    return {"utterances": raw}


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join(json.dumps(conversation(at)) for at in range(60)), encoding="utf-8")
    return path


def test_repetition_that_needs_a_person_is_learnt_and_known_by_the_rules(labelled):
    measured = measure_takeover(read_conversations([labelled]), folds=3)
    assert measured["conversations"] == 60
    assert measured["trees"]["area"]["value"] > 0.99
    assert measured["rules"]["area"]["value"] > 0.95
    assert measured["rules"]["area"]["low"] <= measured["rules"]["area"]["value"]


@pytest.mark.parametrize("line", ["{", "[]", '{"utterances": [{"role": "customer"}]}'])
def test_a_line_that_cannot_be_used_is_named(labelled, line):
    labelled.write_text(json.dumps(conversation(0)) + "\n" + line, encoding="utf-8")
    with pytest.raises(LabelledTextRefused, match="line 2"):
        read_conversations([labelled])


def test_conversations_without_any_handoff_are_refused(labelled):
    labelled.write_text(json.dumps(conversation(1)), encoding="utf-8")
    with pytest.raises(LabelledTextRefused, match="both kinds"):
        read_conversations([labelled])


def test_texts_are_taken_as_well_as_token_ids(labelled):
    raw = {"utterances": [{"role": "customer", "handoff": 1, "text": "where is it"},
                          {"role": "agent", "handoff": 0, "text": "on its way"}]}  # fmt: skip
    labelled.write_text(json.dumps(raw), encoding="utf-8")
    (read,) = read_conversations([labelled])
    assert read.said[0].by_shopper and len(read.said[0].tokens) == 3
    assert read.person == (True, False)
