"""Tuning the shared encoder on small shops."""

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from knowledge_base.encoder import FLOAT_FOLDER
from knowledge_base.entry import Entry, EntryId
from tests.training.small_encoder import write_small_encoder
from training.adapter_files import AdapterFile
from training.talks import Said, Talk
from training.tune_shop_encoder import (
    COMPARED,
    NEAR,
    TOLD,
    ShopLoss,
    ShopTexts,
    ShopTuning,
    behind_others,
    drawn,
    said_in_talks,
)
from training.upper_layers import UpperLayers
from training.written_shops import SmallShop, WrittenEntry

THINGS = ("lamp", "bowl", "parcel", "refund", "price", "money", "order", "track")


def written(thing):
    phrasings = (f"where is my {thing}", f"my {thing}", f"the {thing} now", f"{thing} please")
    entry = Entry(EntryId(thing), phrasings, f"the {thing} is back", "en")
    return WrittenEntry(entry, (f"how is the {thing}", f"a {thing}"), (f"{thing} cost",))


def talk(name, *messages):
    return Talk(name, tuple(Said(text, (wanted,), False, 1) for text, wanted in messages))


TALKS = (
    talk("1", ("is the lamp there", "lamp"), ("and the bowl", "bowl"), ("how much", "none")),
    talk("2", ("my parcel", "parcel"), ("please", "refund")),
    talk("3", ("the money now", "money"), ("thanks", "say"), ("my order", "order")),
)
SHOP = SmallShop("things", "en", tuple(map(written, THINGS)), ("how much does it cost",), TALKS)
OTHERS = ("我要退款", "please", "how")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "small"
    return write_small_encoder(folder), folder / FLOAT_FOLDER


@pytest.fixture
def tuning(encoder):
    texts = ShopTexts([SHOP], OTHERS)
    return ShopTuning(texts, texts.tokens(encoder[0]), encoder[1])


def test_a_message_stands_behind_the_one_before_and_behind_what_answered_that():
    assert dict(behind_others(SHOP)) == {
        "is the lamp there and the bowl": "bowl",
        "where is my lamp and the bowl": "bowl",
        "and the bowl how much": None,
        "where is my bowl how much": None,
        "thanks my order": "order",
    }
    shop = ShopTexts([SHOP]).shops[0]
    assert [shop.entries[entry].answer for _, entry in shop.behind] == [
        shop.entries[THINGS.index(thing)].answer for thing in ("bowl", "bowl", "order")
    ]


def test_messages_of_talks_stay_as_they_are_alone_and_behind_the_one_before():
    assert said_in_talks(TALKS[1:2]) == ["my parcel", "please", "my parcel please"]


def test_every_text_has_one_row_and_answers_stand_behind_questions(encoder):
    texts = ShopTexts([SHOP, SHOP], OTHERS)
    assert len(texts.questions) == len(THINGS) * 7 + 1 + len(behind_others(SHOP)) + len(OTHERS)
    assert len(texts.answers) == len(THINGS)
    assert len(texts.tokens(encoder[0])) == len(texts.questions) + len(texts.answers)
    assert [texts.questions[row] for row in texts.others[0]] == list(OTHERS)
    (shop, again) = texts.shops
    assert shop == again
    assert texts.answers[shop.entries[2].answer - len(texts.questions)] == "the parcel is back"


def test_a_step_asks_each_entry_and_publishes_what_it_does_not_ask():
    texts = ShopTexts([SHOP], OTHERS)
    everything = range(len(texts.questions) + len(texts.answers))
    for seed in range(20):
        step = drawn(texts.shops[0], [everything, *texts.others], np.random.default_rng(seed))
        assert not set(step.phrasings) & set(step.asked)
        assert set(step.owners) == set(step.wanted) == set(range(len(THINGS)))
        assert len(step.answers) == len(step.untold) == len(THINGS)
        least = len(THINGS) * TOLD + len(texts.shops[0].behind)
        assert least <= len(step.asked) <= least + len(THINGS)
        assert len(step.near) <= NEAR and len(step.others) == COMPARED // 2 + len(OTHERS)
        for row, number in zip(step.asked, step.wanted, strict=True):
            thing = texts.answers[step.answers[number] - len(texts.questions)].split()[1]
            assert thing in texts.questions[row]


def test_the_loss_is_less_where_questions_are_near_their_entries_alone():
    texts = ShopTexts([SHOP])
    everything = range(len(texts.questions) + len(texts.answers))
    step = drawn(texts.shops[0], [everything], np.random.default_rng(1))
    own = torch.eye(len(THINGS) + 1)
    elsewhere = own[[len(THINGS)]]
    owners, wanted = torch.tensor(step.owners), torch.tensor(step.wanted)
    apart = elsewhere.expand(len(step.untold), -1)
    others = torch.nn.functional.normalize(torch.randn(len(step.others), 9), dim=1)
    near = elsewhere.expand(len(step.near), -1)
    good = [own[owners], own[: len(THINGS)], own[wanted], apart, near, others]
    told = [*good[:3], own[: len(THINGS)], *good[4:]]
    shuffled = [*good[:2], own[(wanted + 1) % len(THINGS)], *good[3:]]
    moved = [*good[:5], others.flip(0) * torch.tensor([1.0] * 8 + [-1.0])]
    best = ShopLoss().of(step, good, others)
    for worse in (told, shuffled, moved):
        assert ShopLoss().of(step, worse, others) > best + 0.01


def test_what_is_learnt_can_be_merged_and_makes_the_loss_less(tuning, encoder, tmp_path):
    lost = [tuning.step(number, 60) for number in range(60)]
    assert np.mean(lost[-10:]) < np.mean(lost[:10])
    path = tmp_path / "new" / "adapter.safetensors"
    tuning.save(path)
    weights = load_file(encoder[1] / "model.safetensors")
    changes = dict(AdapterFile(path, 1.0).changes())
    # one layer of two, the six products of each
    assert len(changes) == 6 and all(name.startswith("encoder.layer.1.") for name in changes)
    assert all(change.shape == weights[name].shape for name, change in changes.items())
    assert all(np.abs(change).max() > 0 for change in changes.values())
    halved = dict(AdapterFile(path, 0.5).changes())
    for name, change in changes.items():
        np.testing.assert_allclose(halved[name] * 2, change, rtol=1e-6)


def test_the_changes_give_the_vectors_that_were_learnt(tuning, encoder, tmp_path):
    for number in range(5):
        tuning.step(number, 5)
    tuning.save(tmp_path / "adapter.safetensors")
    texts = ShopTexts([SHOP], OTHERS)
    plain = UpperLayers.of(texts.tokens(encoder[0]), encoder[1], 1, 0.0)
    weights = dict(plain.top.named_parameters())
    before = plain.all_vectors()
    for name, change in AdapterFile(tmp_path / "adapter.safetensors", 1.0).changes():
        weights[name.replace("encoder.layer.1.", "0.")].data += torch.from_numpy(change)
    learnt = tuning.layers.all_vectors()
    assert (learnt - before).abs().max() > 1e-3
    torch.testing.assert_close(plain.all_vectors(), learnt, atol=1e-3, rtol=0)
