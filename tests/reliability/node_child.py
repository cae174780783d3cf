"""One node in a process of its own, with the real store and sockets and an answerer that echoes.

    python node_child.py FOLDER JSON_SETTINGS

Standard output: "ready PORT" when shoppers may come. Standard input, one command a line, each
answered by one line: "clock SECONDS" moves the wall clock from the true one, "reads" tells how many
statements were sent to the database so far, "tasks" how many tasks its event loop has. SIGTERM ends
it in order.

The wall clock is moved for everything in this process: whoever asks for the time of day through
Python gets the moved one, and a monotonic clock goes on as always, as in a machine whose clock is
set. Beside what the answerer's words ask for (`floor.ScriptedAnswerer`), a batch with "slow" in it
takes `SLOW_SECONDS`, one with "ponder" `PONDER_SECONDS`, and one with "work" `WORK_SECONDS`. With
"real_answers" in the settings the real answerer answers, from what is trained in FOLDER.
"""

import asyncio
import datetime
import json
import os
import sys
import threading
import time
from pathlib import Path

SLOW_SECONDS = 0.5
PONDER_SECONDS = 3.0
WORK_SECONDS = 0.1

_true_time = time.time
_TrueDatetime = datetime.datetime
_moved = [0.0]


class _MovedDatetime(_TrueDatetime):
    """A datetime whose `now` is that of the moved clock; everything else is the real one's."""

    @classmethod
    def now(cls, tz=None):
        true = _TrueDatetime.now(tz)
        return true + datetime.timedelta(seconds=_moved[0])


def _move_clock() -> None:
    """Put the moved clock in the place of the true one, before anybody imports it."""
    time.time = lambda: _true_time() + _moved[0]
    datetime.datetime = _MovedDatetime  # type: ignore[misc]


def _statements() -> list[int]:
    """Count what is sent to the database from now on."""
    from sqlalchemy import Engine, event

    count = [0]

    @event.listens_for(Engine, "before_cursor_execute")
    def counted(*_: object) -> None:
        count[0] += 1

    return count


def _obey(count: list[int], loops: list[asyncio.AbstractEventLoop]) -> None:
    for line in sys.stdin:
        match line.split():
            case ["clock", seconds]:
                _moved[0] = float(seconds)
                _tell("moved")
            case ["reads"]:
                _tell(str(count[0]))
            case ["tasks"]:
                _tell(str(len(asyncio.all_tasks(loops[0]))))


def _tell(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def main(folder: Path, overrides: dict[str, object]) -> None:
    from bot.cli import ONE_THREAD

    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    if overrides.pop("moved_clock", False):
        _move_clock()
    real_answers = overrides.pop("real_answers", False)
    from datetime import UTC

    from bot.answering.live_training import warm_up
    from bot.assemble.answering_beside import answer_beside
    from bot.assemble.brain import assemble_brain
    from bot.bus.in_process import InProcessBus
    from bot.bus.redis_bus import RedisBus
    from bot.server.listening import open_socket
    from bot.server.logs import set_up_logs
    from bot.server.passwords import PasswordChecks
    from bot.server.serve import Node, run_node
    from bot.server.service import Parts
    from bot.settings import load_settings
    from bot.transcripts.open import open_transcripts
    from tests.bot.server.floor import CHEAP, SHOP, ScriptedAnswerer, add_accounts

    class Answerer(ScriptedAnswerer):
        """Keeps no history, and takes its time where the words ask for it."""

        def answer_batch(self, questions):
            if any("slow" in question.text for question in questions):
                time.sleep(SLOW_SECONDS)
            if any("ponder" in question.text for question in questions):
                time.sleep(PONDER_SECONDS)
            if any("work" in question.text for question in questions):
                time.sleep(WORK_SECONDS)
            return [self._answer(question) for question in questions]

    count = _statements()
    settings = load_settings(None, {}, state_folder=folder, **overrides)
    set_up_logs(settings)
    database = settings.database_url or f"sqlite:///{folder}/shopkeeper.sqlite3"
    answerer: object = Answerer()
    if real_answers:
        brain = assemble_brain(settings, SHOP, writes=False)
        warm_up(brain.answerer)
        answerer = answer_beside(settings, brain) or brain.answerer
    with open_socket(settings) as listening:
        parts = Parts(
            settings=settings,
            shop=SHOP,
            transcripts=open_transcripts(database, now=lambda: datetime.datetime.now(UTC)),
            bus=RedisBus(settings.redis_url) if settings.redis_url else InProcessBus(),
            answerer=answerer,
            checks=PasswordChecks(2, CHEAP),
            now=lambda: datetime.datetime.now(UTC),
        )
        add_accounts(parts)
        loops: list[asyncio.AbstractEventLoop] = []

        def started(node: Node) -> None:
            loops.append(asyncio.get_running_loop())
            threading.Thread(target=_obey, args=(count, loops), daemon=True).start()
            _tell(f"ready {node.port}")

        run_node(parts, listening, started)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
