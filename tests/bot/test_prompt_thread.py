"""Asking for short time slices changes nothing else of a thread, and does no harm anywhere."""

import os
import platform
import sys
import threading

import pytest

from bot import prompt_thread
from bot.prompt_thread import be_prompt

linux = pytest.mark.skipif(sys.platform != "linux", reason="time slices are Linux's own")


def in_a_thread(work):
    """What some work gives in a thread of its own, which ends with what it changed."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@linux
def test_a_prompt_thread_keeps_its_policy_and_its_share_of_the_processor() -> None:
    def look() -> tuple[int, int]:
        me = threading.get_native_id()
        return os.sched_getscheduler(me), os.getpriority(os.PRIO_PROCESS, me)

    def before_and_after():
        before = look()
        be_prompt()
        return before, look()

    before, after = in_a_thread(before_and_after)
    assert (after[0] & ~os.SCHED_RESET_ON_FORK, after[1]) == before


@linux
def test_what_a_prompt_thread_starts_is_a_usual_thread() -> None:
    def child():
        be_prompt()
        return in_a_thread(lambda: os.sched_getscheduler(threading.get_native_id()))

    assert in_a_thread(child) == os.SCHED_OTHER


def test_a_machine_whose_calls_are_not_known_is_left_alone(monkeypatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    assert prompt_thread.be_prompt() is False
