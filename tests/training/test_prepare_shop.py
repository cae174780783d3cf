import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering.shop import Shop
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.versions import VersionFolder
from training.prepare_shop import ShopNotReady, acting_intents, prepare_shop

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "demo_shop"
ENTRIES = """id,question,answer,category
fee,How much is delivery?,Ten yuan.,delivery
fee,What does shipping cost?,Ten yuan.,delivery
hours,When are you open?,From nine to nine.,contact
"""
PHRASES = """text,intent
hello there,greeting
hi shop,greeting
good morning,greeting
where is my parcel,order_status
track my order please,order_status
has my order left yet,order_status
what does delivery cost,delivery_cost
how much is the shipping,delivery_cost
delivery fee to Beijing,delivery_cost
"""


class NeedsNoWeights:
    """What `EncoderOnDemand` is, for the encoder that needs no weights; counts its loading."""

    def __init__(self):
        self.digest = HashedEncoder().digest
        self.loaded = 0

    def load(self):
        self.loaded += 1
        return HashedEncoder()


@pytest.fixture
def shop_folder(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    for name in ("shop.toml", "intents.toml"):
        shutil.copy(DEMO / name, folder)
    (folder / "entries.en.csv").write_text(ENTRIES, "utf-8")
    (folder / "intents.en.csv").write_text(PHRASES, "utf-8")
    return folder


@pytest.fixture
def prepare(shop_folder, tmp_path):
    def run(**options):
        encoder = NeedsNoWeights()
        done = prepare_shop(shop_folder, tmp_path / "state", encoder, now=NOW, **options)
        return done, encoder

    return run


def test_a_first_run_publishes_trains_and_chooses(prepare, tmp_path):
    done, _ = prepare()
    assert (done.published, done.trained, done.chosen) == (True, True, True)
    assert (done.entries, done.questions, done.differing) == (2, 3, ())
    assert VersionFolder(tmp_path / "state" / "knowledge").current() == done.knowledge


def test_a_second_run_leaves_everything_and_loads_no_model(prepare):
    first, _ = prepare()
    second, encoder = prepare()
    assert (second.published, second.trained, second.chosen) == (False, False, False)
    assert encoder.loaded == 0
    names = ("knowledge", "intents", "thresholds")
    assert [getattr(first, name) for name in names] == [getattr(second, name) for name in names]


def test_what_another_encoder_indexed_is_indexed_anew_before_a_server_needs_it(prepare, tmp_path):
    first, _ = prepare()
    versions = VersionFolder(tmp_path / "state" / "knowledge")
    digest = HashedEncoder().digest
    (indexes,) = (versions.folder / "versions" / first.knowledge).glob("index-*")
    indexes.rename(indexes.with_name("index-of-another-encoder"))
    assert not versions.is_indexed(first.knowledge, digest)
    second, _ = prepare()
    assert (second.published, second.knowledge) == (False, first.knowledge)
    assert versions.is_indexed(first.knowledge, digest)


def test_entries_that_differ_are_named_and_only_published_when_asked(prepare, shop_folder):
    first, _ = prepare()
    (shop_folder / "entries.en.csv").write_text(ENTRIES.replace("Ten", "Twelve"), "utf-8")
    told, _ = prepare()
    assert (told.published, told.differing, told.knowledge) == (
        False,
        ("entries.en.csv",),
        first.knowledge,
    )
    taken, _ = prepare(republish=True)
    assert (taken.published, taken.differing, taken.chosen) == (True, (), True)
    assert taken.knowledge != first.knowledge


def test_a_corpus_that_was_never_published_is_added(prepare, shop_folder):
    prepare()
    (shop_folder / "entries.zh.csv").write_text(
        "id,question,answer,category\nfee,邮费多少钱,十元。,delivery\n", "utf-8"
    )
    done, _ = prepare()
    assert (done.published, done.entries) == (True, 3)


def test_new_phrases_are_trained_on_and_thresholds_chosen_anew(prepare, shop_folder):
    prepare()
    (shop_folder / "intents.en.csv").write_text(PHRASES + "morning all,greeting\n", "utf-8")
    done, _ = prepare()
    assert (done.published, done.trained, done.chosen) == (False, True, True)


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(prepare, tmp_path):
    prepare()
    shutil.rmtree(tmp_path / "state" / "doubt")
    (tmp_path / "state" / ".doubt.0000.new").mkdir()
    done, _ = prepare()
    assert (done.published, done.trained, done.chosen) == (False, False, True)


def test_an_altered_model_is_made_again(prepare, tmp_path):
    prepare()
    with (tmp_path / "state" / "intents" / "model.json").open("a") as file:
        file.write(" ")
    done, _ = prepare()
    assert (done.trained, done.chosen) == (True, True)


def test_a_shop_without_phrases_is_told_what_to_do(prepare, shop_folder):
    (shop_folder / "intents.en.csv").unlink()
    with pytest.raises(ShopNotReady, match="text,intent"):
        prepare()


def test_a_new_shop_is_ready_before_its_first_entry(prepare, shop_folder):
    (shop_folder / "entries.en.csv").write_text("id,question,answer,category\n", "utf-8")
    done, _ = prepare()
    assert (done.knowledge, done.entries, done.thresholds) == (None, 0, None)
    assert (done.trained, done.published, done.chosen) == (True, False, False)
    (shop_folder / "entries.en.csv").unlink()
    again, _ = prepare()
    assert not (again.trained or again.chosen)
    (shop_folder / "entries.csv").write_text(ENTRIES, "utf-8")
    filled, _ = prepare()
    assert (filled.entries, filled.published, filled.chosen) == (2, True, True)


def test_rows_of_which_none_can_be_used_are_refused_with_the_first(prepare, shop_folder):
    (shop_folder / "entries.en.csv").write_text("question,answer\nHow?,n/a\n", "utf-8")
    with pytest.raises(ShopNotReady, match="'n/a' where its answer should be"):
        prepare()


def test_the_phrases_of_both_languages_may_stand_in_one_file(prepare, shop_folder):
    (shop_folder / "intents.en.csv").rename(shop_folder / "intents.csv")
    done, _ = prepare()
    assert done.trained


def test_the_intents_that_act_are_those_that_lead_somewhere():
    acting = acting_intents(Shop.load(DEMO))
    assert {"greeting", "order_status", "complaint"} <= set(acting)
    assert "delivery_cost" not in acting
