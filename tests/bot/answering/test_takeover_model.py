import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.mood import Mood
from bot.answering.takeover import REASONS, SIGNS, Understood, Utterance
from bot.answering.takeover_course import FEATURES, GROUP_OF, LOOKED_AT, Commonness, features_of
from bot.answering.takeover_model import TakeoverModel, Trees
from knowledge_base.errors import ModelFolderRefused

CALM = Mood("neutral", 0.0, 0.0)
UTTERANCES = st.lists(
    st.builds(Utterance, st.booleans(), st.lists(st.integers(0, 6), max_size=8).map(tuple)),
    min_size=1,
    max_size=20,
)


def shopper(text):
    return Utterance.of(text, by_shopper=True)


def bot(text):
    return Utterance.of(text, by_shopper=False)


@pytest.fixture
def model():
    """One tree: who says what he said before needs a person."""
    at = FEATURES.index("like_own")
    trees = Trees(
        roots=np.array([0], np.int32),
        left=np.array([1, 1, 2], np.int32),
        right=np.array([2, 1, 2], np.int32),
        feature=np.array([at, 0, 0], np.int32),
        threshold=np.array([0.5, 0, 0], np.float32),
        value=np.array([0.0, -1.0, 2.0], np.float32),
        start=np.array([-0.5], np.float32),
        calibration=np.array([1.0, 0.0], np.float32),
    )
    return TakeoverModel(trees, Commonness.of([[shopper("where is it"), bot("on its way")]] * 3))


def test_what_the_desk_taught_decides_and_is_named(model):
    once = [shopper("where is it"), bot("on its way")]
    again = model.judge([*once, shopper("where is it")])
    other = model.judge([*once, shopper("and my invoice")])
    assert (again.need, other.need) == pytest.approx((0.817574, 0.182426), abs=1e-5)
    assert (again.reasons, other.reasons) == (("said_again",), ())


def test_a_wish_and_anger_count_whatever_the_past_says(model):
    assert model.judge([shopper("a human please")], Understood(CALM, wish=True)).need == 1.0
    angry = model.judge([shopper("thieves!")], Understood(Mood("angry", 4.0, 0.0)))
    assert angry.need >= REASONS["anger"].weight
    assert angry.reasons[0] == "anger"


def test_it_is_the_same_after_a_restart(model, tmp_path):
    kept = model.save(tmp_path / "takeover", {"conversations": 3})
    read = TakeoverModel.load(tmp_path / "takeover")
    said = [shopper("where is it"), bot("on its way"), shopper("where is it")]
    assert read.judge(said) == model.judge(said)
    assert read.version == kept.version != ""
    assert read.commonness == model.commonness


@pytest.mark.parametrize("file", ["trees.safetensors", "common.safetensors"])
def test_a_spoiled_file_is_refused_in_words(model, tmp_path, file):
    model.save(tmp_path / "takeover", {})
    (tmp_path / "takeover" / file).write_bytes(b"nothing")
    with pytest.raises(ModelFolderRefused):
        TakeoverModel.load(tmp_path / "takeover")


@pytest.mark.parametrize(
    "spoiled",
    [{"left": [0, 0, 2]}, {"feature": [99, 0, 0]}, {"roots": [7]}, {"value": [0, 0, np.nan]},
     {"right": [0, 1, 2]}, {"threshold": [0.5]}],
)  # fmt: skip
def test_trees_that_would_lead_nowhere_are_refused(model, spoiled):
    parts = {name: getattr(model.trees, name) for name in model.trees.__dataclass_fields__}
    for name, numbers in spoiled.items():
        parts[name] = np.array(numbers, parts[name].dtype)
    with pytest.raises(ValueError):
        Trees(**parts).check(len(FEATURES))


def test_no_word_of_a_conversation_is_kept(model, tmp_path):
    model.save(tmp_path / "takeover", {})
    kept = b"".join(path.read_bytes() for path in (tmp_path / "takeover").iterdir())
    assert b"where is it" not in kept and b"on its way" not in kept


def test_what_was_said_in_one_conversation_only_counts_as_never_heard():
    common = Commonness.of([[shopper("my name is Ada Byron")], [shopper("hello")]])
    assert common.tokens == {} and common.utterances == {}


def test_every_sign_has_words():
    assert set(GROUP_OF) == set(FEATURES)
    assert set(GROUP_OF.values()) <= set(REASONS) | set(SIGNS)


@given(UTTERANCES, UTTERANCES)
def test_nothing_older_than_what_serving_has_is_looked_at(older, said):
    common = Commonness.of([said])
    whole = [*older, *said]
    assert np.array_equal(features_of(whole, common), features_of(whole[-LOOKED_AT:], common))


@given(UTTERANCES)
def test_every_conversation_has_finite_numbers(said):
    row = features_of(said, Commonness.of([said]), Understood(CALM), inside=True)
    assert row.shape == (len(FEATURES),) and np.isfinite(row).all()


def test_the_folder_says_what_it_looks_at(model, tmp_path):
    model.save(tmp_path / "takeover", {})
    manifest = json.loads((tmp_path / "takeover" / "manifest.json").read_text("utf-8"))
    assert manifest["facts"]["features"] == list(FEATURES)
