"""A running server takes over what was trained meanwhile, and keeps what it has when it cannot."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answering.answer import Question
from bot.answering.live_training import AGAIN_SECONDS, LiveAnswerer, Trained
from bot.answering.parts import Parts
from bot.answering.trained_sets import TrainedSets
from bot.conversation.events import ConversationId, TurnId
from bot.errors import PartMissing
from knowledge_base.search import Searcher
from tests.bot.answering.test_answerer import ENTRIES, SHOP, Known, OneRuleJudge
from tests.bot.answering.trained_shop import (
    ENCODER,
    MADE_WITH,
    OtherEncoder,
    intent_of,
    open_trained,
    sets_in,
    train,
    training_in,
)
from tests.knowledge_base.test_shared import Shelf

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TEXT = "warranty please"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def machine(tmp_path):
    """Makes the state folder of a machine, with intents trained in it where some are named."""

    def machine(name, *intents):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        if intents:
            train(folder, *intents)
        return folder

    return machine


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


def share(folder, shelf, *intents, by="train"):
    """Train and share, as the shell's command does."""
    sets = sets_in(folder, shelf)
    with sets.training():
        with sets.being_made():
            train(folder, *intents)
            return sets.share(by, NOW)


# -- one machine ---------------------------------------------------------------------------------


def test_what_is_trained_while_the_server_runs_answers_without_a_restart(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    training.load(NOW)
    assert not training.refresh(), "nothing was trained meanwhile"
    train(folder, "cost", "status", "warranty")
    assert training.refresh()
    assert intent_of(training, TEXT) == "warranty"
    assert not training.refresh()


def test_half_a_training_is_not_taken_over(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    training.load(NOW)
    with sets_in(folder).being_made():
        train(folder, "cost", "status", "warranty")
        assert not training.refresh()
    assert training.refresh()


def test_a_spoiled_training_leaves_what_answers(machine):
    folder = machine("shop", "cost", "status")
    seconds = [0.0]
    training = training_in(folder, clock=lambda: seconds[0])
    before = training.load(NOW)
    train(folder, "cost", "status", "warranty")
    whole = (folder / "intents" / "model.json").read_bytes()
    (folder / "intents" / "model.json").write_bytes(whole.replace(b"warranty", b"warrant!"))
    with pytest.raises(PartMissing, match="altered"):
        training.refresh()
    assert training.current is before
    assert not training.refresh(), "the same one is not read again and again"
    (folder / "intents" / "model.json").write_bytes(whole)
    seconds[0] = AGAIN_SECONDS
    assert training.refresh()
    assert intent_of(training, TEXT) == "warranty"


def test_folders_that_vanish_take_nothing_away(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    before = training.load(NOW)
    (folder / "intents").rename(folder / "elsewhere")
    assert not training.refresh()
    assert training.current is before


def test_the_second_process_is_told_of_the_folder_that_a_set_was_opened_in(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    told = []
    training.also = lambda folder: told.append((folder, training.current))
    before = training.load(NOW)
    train(folder, "cost", "status", "warranty")
    assert training.refresh()
    assert told == [(folder, before)], "it is told before anybody sees the new set"


def test_who_comes_later_is_lent_the_folder_of_the_set_that_answers(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    training.load(NOW)
    lent = []
    training.lend(lent.append)
    train(folder, "cost", "status", "warranty")
    with pytest.raises(PartMissing, match="just being made"):
        training.lend(lambda folder: None)  # what lies there now does not answer yet
    assert training.refresh()
    training.lend(lent.append)
    assert lent == [folder, folder]


def test_what_cannot_be_asked_leaves_what_answers(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    told = []
    training.also = told.append
    before = training.load(NOW)

    def breaks(trained):
        raise PartMissing("it cannot be asked")

    training.take_over = breaks
    train(folder, "cost", "status", "warranty")
    with pytest.raises(PartMissing):
        training.refresh()
    assert training.current is before
    assert told == []


# -- a machine alone goes back -------------------------------------------------------------------


def keep(folder, *intents, by="train"):
    """Train on a machine alone, as the shell's command does."""
    sets = sets_in(folder)
    with sets.being_made():
        train(folder, *intents)
        return sets.share(by, NOW)


def test_a_machine_alone_keeps_what_it_trained_and_goes_back_without_a_restart(machine):
    folder = machine("shop", "cost", "status")
    training = training_in(folder)
    training.load(NOW)
    sets = sets_in(folder)
    assert sets.serving() is None, "what was there before sets were kept"
    newest = keep(folder, "cost", "status", "warranty")
    assert training.refresh()
    before, *_ = [one.id for one in sets.listed() if one.id != newest]
    assert (sets.serving(), [one.by for one in sets.listed()]) == (newest, ["train", ""])
    assert sets.roll_back() == before
    assert training.refresh()
    assert training.current.intents.intents == ("cost", "status")
    assert sets.roll_back(newest) == newest
    assert training.refresh()
    assert intent_of(training, TEXT) == "warranty"
    assert sets.share("prepare", NOW) == newest, "the very same is not kept twice"
    for id in ("000009-00000000", "../../etc", ""):
        with pytest.raises(PartMissing, match="no trained set"):
            sets.roll_back(id)


def test_going_back_to_before_a_part_was_learnt_takes_that_part_away(machine):
    folder = machine("shop")
    sets = sets_in(folder)
    with sets.being_made():
        train(folder, "cost", "status")
        shutil.rmtree(folder / "intents")
        first = sets.share("prepare", NOW)
    keep(folder, "cost", "status")
    training = training_in(folder)
    assert training.load(NOW).intents is not None
    sets.roll_back(first)
    assert training.refresh()
    assert training.current.intents is None
    assert not (folder / "intents").exists()


@pytest.mark.parametrize("looks", ["a server that runs", "a server that starts", "a training"])
def test_a_training_killed_between_two_folders_leaves_the_set_before(machine, looks):
    folder = machine("shop", "cost", "status")
    running = training_in(folder)
    running.load(NOW)
    whole = sets_in(folder).own()
    killed = """
import os, sys
from pathlib import Path
from tests.bot.answering.trained_shop import sets_in, train
folder = Path(sys.argv[1])
with sets_in(folder).being_made():
    os.rename(folder / "doubt", folder / "elsewhere")
    train(folder, "cost", "status", "warranty")
    os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", killed, str(folder)], cwd=ROOT, check=False)
    assert done.returncode == 9
    assert sets_in(folder).own() != whole
    if looks == "a server that runs":
        assert not running.refresh()
    if looks == "a server that starts":
        training_in(folder).load(NOW)
    if looks == "a training":
        with sets_in(folder).being_made():
            assert sets_in(folder).own() == whole
    assert sets_in(folder).own() == whole


def test_a_training_that_fails_while_it_is_put_in_place_leaves_the_set_before(machine):
    folder = machine("shop", "cost", "status")
    whole = sets_in(folder).own()
    with pytest.raises(OSError, match="full"), sets_in(folder).being_made():
        train(folder, "cost", "status", "warranty")
        raise OSError("the disk is full")
    assert sets_in(folder).own() == whole


def test_the_newest_sets_stay_and_the_oldest_go(machine):
    folder = machine("shop")
    sets = TrainedSets(folder, MADE_WITH, most_kept=3)
    kept = []
    for intent in ("a", "b", "c", "d", "e"):
        with sets.being_made():
            train(folder, "cost", intent)
            kept.append(sets.share("train", NOW))
    assert [one.id for one in sets.listed()] == kept[:1:-1]


def test_a_kept_set_that_is_spoiled_or_of_other_weights_does_not_come_back(machine):
    folder = machine("shop")
    first = keep(folder, "cost", "status")
    second = keep(folder, "cost", "status", "warranty")
    whole = sets_in(folder).own()
    with pytest.raises(PartMissing, match="not in use"):
        sets_in(folder, encoder=OtherEncoder()).roll_back(first)
    file = folder / "trained" / "kept" / first / "intents" / "model.json"
    text = file.read_bytes()
    file.unlink()
    file.write_bytes(b"X" + text[1:])
    with pytest.raises(PartMissing, match="damaged"):
        sets_in(folder).roll_back(first)
    assert sets_in(folder).own() == whole
    assert sets_in(folder).serving() == second


def test_a_set_of_an_earlier_version_of_the_program_does_not_come_back(machine):
    folder = machine("shop")
    first = keep(folder, "cost", "status")
    keep(folder, "cost", "status", "warranty")
    manifest = folder / "trained" / "kept" / first / "doubt" / "manifest.json"
    text = manifest.read_text("utf-8")
    manifest.unlink()
    manifest.write_text(text.replace('"doubt-', '"doubt-before-'), "utf-8")
    whole = sets_in(folder).own()
    with pytest.raises(PartMissing, match="another version of the program"):
        sets_in(folder).roll_back(first)
    assert sets_in(folder).own() == whole


# -- the answerer --------------------------------------------------------------------------------


class BrokenJudge(OneRuleJudge):
    def judge(self, result, guess, language):
        raise RuntimeError("a planted fault")


def question(text):
    return Question(ConversationId("c"), TurnId("t"), (text,))


def test_shoppers_are_answered_by_the_new_parts_and_never_by_broken_ones(machine):
    parts = Parts(
        shop=SHOP,
        knowledge=Known(Searcher.of(ENTRIES, ENCODER)),
        encoder=ENCODER,
        judge=OneRuleJudge(),
    )
    answerer = LiveAnswerer(parts)
    fresh = open_trained(ENCODER, machine("shop", "cost", "status"))
    answerer.take_over(fresh)
    assert answerer.parts.intents is fresh.intents
    assert answerer.parts.knowledge is parts.knowledge
    assert answerer.answer(question("cost please")).trace.intent == "cost"
    answerer.foresee("status please")()
    (said,) = answerer.answer_batch([question("status please")])
    assert getattr(said, "otherwise", said).trace.intent == "status"
    with pytest.raises(PartMissing, match="cannot be asked"):
        answerer.take_over(Trained(judge=BrokenJudge()))
    assert answerer.parts.intents is fresh.intents


# -- several machines ----------------------------------------------------------------------------


def test_what_one_machine_trains_the_others_answer_by(machine, shelf):
    here, there = machine("here", "cost", "status"), machine("there")
    first = training_in(here, shelf)
    first.load(NOW)
    second = training_in(there, shelf)
    second.load(NOW)
    assert intent_of(second, "cost please") == "cost", "what the first one had became shared"
    id = share(here, shelf, "cost", "status", "warranty")
    for training in (first, second):
        assert training.refresh()
        assert training.versions()["trained_set"] == id
        assert intent_of(training, TEXT) == "warranty"
        assert not training.refresh()
    assert first.versions() == second.versions()
    assert sets_in(here).own() == sets_in(there).own()


def test_a_machine_that_starts_takes_the_newest_set_in_place_of_its_own(machine, shelf):
    id = share(machine("here", "cost", "status"), shelf, "cost", "status", "warranty")
    there = machine("there", "cost", "old")
    training = training_in(there, shelf)
    training.load(NOW)
    assert training.versions()["trained_set"] == id
    assert intent_of(training, TEXT) == "warranty"
    again = training_in(there, shelf)
    read = len(shelf.read)
    again.load(NOW)
    assert len(shelf.read) == read, "what is here already is not fetched again"


def test_training_begins_with_what_the_others_trained(machine, shelf):
    share(machine("here"), shelf, "cost", "status", "warranty")
    there = machine("there")
    sets = sets_in(there, shelf)
    with sets.training():
        assert open_trained(ENCODER, there).intents.intents == ("cost", "status", "warranty")
        assert sets.share("prepare", NOW) == shelf.serves, "the very same is not shared twice"
    assert len(shelf.known) == 1


def test_of_two_that_train_at_once_the_second_is_told(machine, shelf):
    here, there = machine("here", "cost", "status"), machine("there", "cost", "other")
    sets = sets_in(there, shelf)
    with sets.training():
        pass
    share(here, shelf, "cost", "status")
    with pytest.raises(PartMissing, match="meanwhile"):
        sets.share("train", NOW)


def test_going_back_reaches_every_machine(machine, shelf):
    here = machine("here")
    first = share(here, shelf, "cost", "status")
    second = share(here, shelf, "cost", "status", "warranty")
    training = training_in(machine("there"), shelf)
    training.load(NOW)
    sets = sets_in(here, shelf)
    assert [one.id for one in sets.listed()] == [second, first]
    assert sets.roll_back() == first
    assert training.refresh()
    assert training.versions()["trained_set"] == first
    assert training.current.intents.intents == ("cost", "status")
    assert sets.roll_back(second) == second
    with pytest.raises(PartMissing, match="no trained set"):
        sets.roll_back("../../etc")
    with pytest.raises(PartMissing, match="no earlier"):
        sets.roll_back(first) and sets.roll_back()


def test_a_machine_with_other_weights_says_so_and_goes_on_with_its_own(machine, shelf):
    share(machine("here"), shelf, "cost", "status", "warranty")
    there = machine("there")
    with pytest.raises(PartMissing, match="same weights"):
        training_in(there, shelf, OtherEncoder()).load(NOW)
    sets = sets_in(there, shelf, OtherEncoder())
    with pytest.raises(PartMissing, match="same weights"), sets.training():
        pass
    with sets.training(again=True):
        assert sets.own() == {}, "what fits nothing here is not brought"
    train(there, "cost", "own", encoder=OtherEncoder())
    training = training_in(there, shelf, OtherEncoder())
    training.load(NOW)
    assert intent_of(training, "own please") == "own"
    with pytest.raises(PartMissing, match="same weights"):
        sets_in(there, shelf, OtherEncoder()).roll_back(shelf.serves)


def test_what_was_made_with_other_weights_is_not_shared(machine, shelf):
    there = machine("there")
    train(there, "cost", "own", encoder=OtherEncoder())
    sets = sets_in(there, shelf)
    with sets.training(), pytest.raises(PartMissing, match="not shared"):
        sets.share("train", NOW)
    assert shelf.known == {}


@pytest.mark.parametrize("damage", ["a byte", "a file less", "a name", "a size", "a word"])
def test_a_damaged_set_leaves_what_answers(machine, shelf, damage):
    here = machine("here")
    share(here, shelf, "cost", "status")
    seconds = [0.0]
    there = machine("there")
    training = training_in(there, shelf, clock=lambda: seconds[0])
    before = training.load(NOW)
    kept = sets_in(there).own()
    id = share(here, shelf, "cost", "status", "warranty")
    number, about, files = shelf.known[id]
    file = shelf.folder / id / "intents" / "model.json"
    if damage == "a byte":
        file.write_bytes(b"X" + file.read_bytes()[1:])
    if damage == "a file less":
        file.write_bytes(b"")
    if damage == "a name":
        shelf.known[id] = number, about, {**files, "../../evil": (1, "0" * 64)}
    if damage == "a size":
        shelf.known[id] = number, about, {**files, "intents/x": (1 << 40, "0" * 64)}
    if damage == "a word":
        shelf.known[id] = number, {**about, "made_at": "yesterday"}, files
    with pytest.raises(PartMissing):
        training.refresh()
    assert training.current is before
    assert sets_in(there).own() == kept, "not even the folders have changed"
    assert not training.refresh(), "it is not fetched again at once"
    seconds[0] = AGAIN_SECONDS
    with pytest.raises(PartMissing):
        training.refresh()
    assert list((there / "trained").glob(".fetched-*")) == []


def test_while_the_place_is_out_of_reach_everything_answers_on(machine, shelf):
    here = machine("here")
    share(here, shelf, "cost", "status")
    training = training_in(here, shelf)
    training.load(NOW)
    shelf.away = True
    with pytest.raises(PartMissing, match="database"):
        training.refresh()
    assert intent_of(training, "cost please") == "cost"
    fresh = training_in(here, shelf)
    fresh.load(NOW)
    assert intent_of(fresh, "cost please") == "cost", "also over a restart"


def test_a_set_is_taken_over_while_somebody_trains_on_this_machine(machine, shelf):
    share(machine("here"), shelf, "cost", "status")
    there = machine("there", "cost", "own")
    training = training_in(there, shelf)
    with sets_in(there).being_made():
        own = sets_in(there).own()
        training.load(NOW)
        assert intent_of(training, "status please") == "status"
        assert sets_in(there).own() == own, "what is being made is not replaced"


def test_a_shared_set_is_lent_from_this_machine_or_fetched_while_somebody_trains_here(
    machine, shelf
):
    share(machine("here"), shelf, "cost", "status")
    there = machine("there", "cost", "own")
    training = training_in(there, shelf)
    with sets_in(there).being_made():
        training.load(NOW)
        lent = []
        training.lend(lambda folder: lent.append((folder, open_trained(ENCODER, folder))))
    [(fetched, trained)] = lent
    assert trained.of_parts() == training.current.of_parts()
    assert fetched != there
    assert not fetched.exists()
    restarted = training_in(there, shelf)
    restarted.load(NOW)
    restarted.lend(lambda folder: lent.append((folder, open_trained(ENCODER, folder))))
    assert lent[1][0] == there
    assert lent[1][1].of_parts() == restarted.current.of_parts()
