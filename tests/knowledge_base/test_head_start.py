import os
import sys
import threading

import pytest

from knowledge_base.head_start import BEHIND, head_start_thread


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's own")
def test_a_head_start_stands_back_and_everybody_else_stays_as_they_are():
    def priority():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    with head_start_thread("ahead") as thread:
        behind = thread.submit(priority).result()

    assert behind == min(19, before + BEHIND)
    assert priority() == before
