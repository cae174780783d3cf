"""Processes that answer beside the server: what crosses, what they follow, how they come and go."""

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.bot.answering.forked_answers import gone_in_time

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")

ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def play(name: str, ends: int = 0) -> Any:
    """Run a play in a program of its own; gives what it told."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bot.answering.forked_answers", name],
        env={**os.environ, **ALONE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == ends, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])  # behind what was logged


def test_all_of_a_question_and_an_answer_crosses_between_the_processes() -> None:
    assert play("all_crosses") == {
        "beside": True,
        "equal": True,
        "kinds": ["Answer", "Unwritten", "Answer"],
        "handoff": "HandoffReason",
    }


def test_half_a_character_that_cannot_cross_is_answered_by_the_server() -> None:
    assert play("half_characters") == [False, True]


def test_what_was_foreseen_is_where_it_is_asked_for() -> None:
    assert play("foresight") == [1, 0, True]


def test_a_foresight_that_comes_too_soon_or_too_late_is_left_alone() -> None:
    assert play("foresight_nobody_waits_for") == [1, False]


def test_of_several_the_one_that_has_foreseen_a_question_answers_it() -> None:
    assert play("foresight_of_two") == 1


def test_a_second_process_that_dies_is_done_without_and_no_turn_is_lost() -> None:
    first, dying, later = play("death")
    assert (first["said"], first["beside"], first["up"]) == ("hello", True, True)
    assert (dying["said"], dying["beside"], dying["up"]) == ("die", False, False)
    assert (later["said"], later["beside"], later["up"]) == ("hello", False, False)


def test_a_second_process_that_hangs_is_done_without() -> None:
    hanging, later = play("hanging")
    assert (hanging["said"], hanging["beside"], hanging["up"]) == ("hang", False, False)
    assert (later["said"], later["beside"]) == ("hello", False)


def test_a_batch_that_breaks_there_is_answered_here_and_the_next_there() -> None:
    broken, later = play("breaking")
    assert (broken["said"], broken["beside"]) == ("break", False)
    assert (later["said"], later["beside"], later["up"]) == ("hello", True, True)


def test_a_version_answers_there_as_soon_as_publishing_it_is_done() -> None:
    none, first, second, back = play("following")
    assert all(one["beside"] for one in (none, first, second, back))
    assert none["knowledge"] == "none"
    assert len({none["knowledge"], first["knowledge"], second["knowledge"]}) == 3
    assert back["knowledge"] == first["knowledge"]


def test_a_second_process_that_cannot_follow_answers_nothing_any_more() -> None:
    seen = play("not_following")
    assert (seen["beside"], seen["up"]) == (False, False)


def test_a_trained_set_answers_there_when_it_was_taken_over() -> None:
    seen = play("training")
    assert (seen["beside"], seen["trained"]) == (True, "afresh")


def test_a_server_that_ends_ends_its_second_process() -> None:
    assert play("closing") | {"knowledge": ""} == {
        "said": "hello",
        "beside": False,
        "up": False,
        "gone": True,
        "knowledge": "",
        "trained": "as it came",
    }


def test_of_several_the_one_with_least_to_do_answers_and_one_that_dies_is_done_without() -> None:
    seen = play("several")
    assert seen.pop("up") == [2, 1, 0]
    assert all(seen.values()), seen


def test_a_second_comes_while_batches_keep_waiting_and_goes_when_it_is_quiet() -> None:
    seen = play("coming_and_going")
    assert seen.pop("up") == [1, 1, 2, 2, 1, 2]
    assert all(seen.values()), seen


@pytest.mark.parametrize("when", ["all_follow", "late_comers", "comers_meanwhile"])
def test_all_of_several_follow_what_is_published_and_trained(when) -> None:
    seen, now, *missed = play(when)
    assert seen == [now, now]
    assert missed in ([], [0])


def test_one_that_dies_is_replaced_and_the_server_answers_until_then() -> None:
    first, second, waiting, waited, beside = play("replacing")
    assert first == [True, 1, 1, 0.0]
    assert second == [True, 0, 2, 4.0]
    assert waiting == [True, 0, 2, 1.0]
    assert waited == [True, 1, 2, 0.0]
    assert beside


def test_one_that_cannot_be_as_the_others_are_answers_nothing_until_it_can() -> None:
    up, lost, children, later, as_the_others = play("not_taken_in")
    assert (up, lost) == (1, 1)
    assert children == 6  # two stems, their heirs, one that was there, one that answers
    assert (later, as_the_others) == (2, True)


def test_a_stem_that_is_killed_is_replaced_by_its_heir_each_time() -> None:
    goes_on, up, took_over, lives = True, 2, True, False
    assert play("stem_killed") == [[goes_on, up, took_over, lives]] * 2


def test_a_stem_that_hangs_is_replaced_by_its_heir() -> None:
    up, took_over, lives = play("stem_hangs")
    assert (up, took_over, lives) == (2, True, False)


def test_an_heir_that_is_killed_is_made_up_for() -> None:
    the_same_stem, another_heir, lives = play("heir_killed")
    assert (the_same_stem, another_heir, lives) == (True, True, False)


def test_without_the_stem_and_its_heir_what_answers_goes_on_and_then_the_server() -> None:
    goes_on, up, stem, later, server = play("without_stem")
    assert (goes_on, up, stem) == (True, 1, None)
    assert (later, server) == (0, True)


def test_what_stops_the_server_does_not_stop_the_other_processes_first() -> None:
    beside, up, ended = play("stopping")
    assert (beside, up, ended) == (True, 0, 4)  # the stem, its heir and two that answered


def test_a_killed_server_leaves_no_other_process_and_its_port_is_free() -> None:
    left = play("orphans", ends=-9)
    assert len(left["children"]) == 3  # the stem, its heir and one that answers
    assert all(gone_in_time(child) for child in left["children"])
    socket.create_server(("127.0.0.1", left["port"])).close()
