"""A program that forks, as the server does: python -m tests.bot.answering.forked_answers PLAY

It is a program of its own because a process may only be forked while it has one thread, and that
of the tests has had others. It prints one line of JSON.
"""

import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path

from bot.answering import answering_process, answering_stem
from bot.answering.answer import (
    Answer,
    Choice,
    Decision,
    Memory,
    Question,
    Said,
    Source,
    Trace,
    Unwritten,
)
from bot.answering.answering_branch import can_fork
from bot.answering.answering_demand import NEED_SECONDS, QUIET_SECONDS
from bot.answering.answering_process import AnsweringProcess
from bot.answering.answering_processes import AnsweringProcesses
from bot.answering.answering_stem import Stem
from bot.conversation.events import ConversationId, HandoffReason, TurnId
from bot.errors import PartMissing
from knowledge_base.entry import Entry, EntryId, VersionId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.head_start import BEHIND
from knowledge_base.live import KnowledgeBase

PATIENCE = 30.0
NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Echo:
    """Says who answered (a process), with which knowledge, and all that it was asked."""

    def __init__(self, knowledge: KnowledgeBase | None = None) -> None:
        self.knowledge = knowledge
        self.trained = "as it came"
        self.foreseen: list[str] = []
        self.behind = 0

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        here = os.getpid() == SERVER
        for question in questions:
            if question.text == "die" and not here:
                os._exit(9)
            if question.text == "hang" and not here:
                signal.pause()
            if question.text in GATES:
                Path(PLACE, question.text).read_text()  # until the other end is opened and closed
            if question.text == "break" and not here:
                raise RuntimeError("broken")
        return [self._echo(question) for question in questions]

    def _echo(self, question: Question) -> Answer | Unwritten:
        version = self.knowledge.current.version if self.knowledge else ""
        answer = Answer(
            decision=Decision.ESCALATE,
            text=question.text,
            confidence=1 / 3,
            language="zh",
            trace=Trace(
                "zh",
                intent="returns",
                examples=({"text": "退货", "similarity": 0.1, "weight": None},),
                attempts=({"attempt": "give_up", "outcome": "answered", "seconds": 1e-06},),
                thresholds={"answer": 0.9},
                versions={"knowledge": version, "trained": self.trained},
                seconds={
                    "pid": float(os.getpid()),
                    "foreseen": float(len(self.foreseen)),
                    "behind": float(self.behind),
                },
            ),
            memory=replace(question.memory, failures=question.memory.failures + 1),
            source=Source.SAID,
            entry_id="e1",
            choices=(Choice("是", "entry:e1"),),
            handoff=HandoffReason.FAULT,
            order="LH1",
        )
        if question.choice == "write":
            return Unwritten(question, "zh", ("e1", "e2"), answer)
        return answer

    def foresee(self, text: str) -> Callable[[], None]:
        def rest() -> None:
            self.foreseen.append(text)
            self.behind = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

        return rest

    def write(self, unwritten: Unwritten) -> Answer:
        return unwritten.otherwise

    def answer(self, question: Question) -> Answer:
        [answer] = self.answer_batch([question])
        assert isinstance(answer, Answer)
        return answer


class Following:
    """Does there what a brain would."""

    def __init__(self, echo: Echo) -> None:
        self.echo = echo

    def begin(self) -> None:
        assert os.getpid() != SERVER

    def serve_knowledge(self, version: str) -> None:
        assert self.echo.knowledge is not None
        self.echo.knowledge.follow(VersionId(version))

    def take_training(self, folder: Path) -> None:
        self.echo.trained = (folder / "name").read_text()


def asked(text: str, choice: str | None = None) -> Question:
    return Question(
        ConversationId("c"),
        TurnId("c.1"),
        (text, "第二行"),
        choice,
        (Said("shopper", "你好 \u2028 \x00"), Said("bot", "您好")),
        Memory(
            "zh",
            {"order": "LH1", "tries": 2, "proof": None},
            ("action_order_status", "proof"),
            1,
            (Choice("a", "person"),),
            3,
            ("e1",),
        ),
        "en",
    )


def one(text: str) -> Question:
    return Question(ConversationId("c"), TurnId("c.1"), (text,))


def told(process: AnsweringProcess, echo: Echo, text: str = "hello") -> dict[str, object]:
    """Ask; tells which process answered, and what."""
    [answer] = process.answer_batch([one(text)])
    assert isinstance(answer, Answer)
    return {
        "said": answer.text,
        "beside": answer.trace.seconds["pid"] != os.getpid(),
        "up": process.is_up,
        **answer.trace.versions,
    }


def all_crosses(process: AnsweringProcess, echo: Echo) -> object:
    questions = [asked("怎么退货？"), asked("hi", "write"), one("x" * 3_000_000)]
    there, here = process.answer_batch(questions), echo.answer_batch(questions)
    pids = {_pid(answer) for answer in there}
    return {
        "beside": os.getpid() not in pids,
        "equal": [asdict(_anonymous(one)) for one in there]
        == [asdict(_anonymous(one)) for one in here],
        "kinds": [type(one).__name__ for one in there],
        "handoff": type(_answer(there[0]).handoff).__name__,
    }


def half_characters(process: AnsweringProcess, echo: Echo) -> object:
    process.foresee("\ud83d")()
    return [told(process, echo, "\ud83d")["beside"], told(process, echo)["beside"]]


def foresight(process: AnsweringProcess, echo: Echo) -> object:
    process.foresee("soon")()
    [answer] = process.answer_batch([one("soon")])
    seen = _answer(answer).trace.seconds
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    return [seen["foreseen"], len(echo.foreseen), min(19 - ours, BEHIND) == seen["behind"] - ours]


def foresight_nobody_waits_for(process: AnsweringProcess, echo: Echo) -> object:
    """A second message while one is read is left alone, and so is one when the process has died."""
    rests = [process.foresee("soon"), process.foresee("too soon")]
    for rest in rests:
        rest()
    [answer] = process.answer_batch([one("soon")])
    assert process.process is not None
    os.kill(process.process, signal.SIGKILL)
    process.foresee("late")()
    return [_answer(answer).trace.seconds["foreseen"], told(process, echo)["beside"]]


def death(process: AnsweringProcess, echo: Echo) -> object:
    return [told(process, echo), told(process, echo, "die"), told(process, echo)]


def hanging(process: AnsweringProcess, echo: Echo) -> object:
    return [told(process, echo, "hang"), told(process, echo)]


def breaking(process: AnsweringProcess, echo: Echo) -> object:
    return [told(process, echo, "break"), told(process, echo)]


def following(process: AnsweringProcess, echo: Echo) -> object:
    assert echo.knowledge is not None
    echo.knowledge.also = process.follow_knowledge
    seen = [told(process, echo)]
    for answer in ("In a week.", "In two weeks."):
        _publish(echo.knowledge, answer)
        seen.append(told(process, echo))
    echo.knowledge.rollback()
    return [*seen, told(process, echo)]


def not_following(process: AnsweringProcess, echo: Echo) -> object:
    process.follow_knowledge("20260101T000000Z-000000000000")
    return told(process, echo)


def training(process: AnsweringProcess, echo: Echo) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "name").write_text("afresh")
        process.follow_training(Path(folder))
    return told(process, echo)


def closing(process: AnsweringProcess, echo: Echo) -> object:
    child = process.process
    process.close()
    process.close()
    return {**told(process, echo), "gone": child is not None and not _lives(child)}


def orphans(process: AnsweringProcess, echo: Echo) -> object:
    """Tell all processes and the port, then end without a word, as a killed server does.

    Processes that are stopped do not see that their channels end; the kernel ends them anyway.
    """
    process.get_ready()
    for child in _children():
        os.kill(child, signal.SIGSTOP)
    return {"children": _children(), "port": LISTENING.getsockname()[1]}


# -- several, that come and go ----------------------------------------------------------------


class Clock:
    """A clock that stands until it is set."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Served:
    """What may be two processes, a clock, and the trained set that answers."""

    def __init__(self, echo: Echo) -> None:
        self.echo, self.clock = echo, Clock()
        self.trained = Path(PLACE) / "trained"
        self.trained.mkdir()
        self.lent: Callable[[], None] = lambda: None
        self.beside = AnsweringProcesses(
            2, echo, Following(echo), 2, PATIENCE, lend=self._lend, clock=self.clock
        )
        assert echo.knowledge is not None
        echo.knowledge.also = self.beside.follow_knowledge

    def _lend(self, tell: Callable[[Path], None]) -> None:
        tell(self.trained)
        self.lent()

    def train(self, name: str) -> None:
        """Have another trained set answer."""
        (self.trained / "name").write_text(name)
        self.beside.follow_training(self.trained)

    def pass_seconds(self, seconds: float) -> float | None:
        """Let time pass, and do what is due then; gives when to look again."""
        self.clock.now += seconds
        return self.beside.tend()

    @contextmanager
    def two_under_way(self) -> Iterator[None]:
        """Two batches are at work at once for as long as this lasts."""
        asking = [
            threading.Thread(target=self.beside.answer_batch, args=([one(gate)],)) for gate in GATES
        ]
        with ExitStack() as gates:
            for thread, gate in zip(asking, GATES, strict=True):
                thread.start()
                gates.enter_context(open(os.path.join(PLACE, gate), "w"))  # waits for a reader
            yield
        for thread in asking:
            thread.join()

    def grow(self) -> None:
        """Have a second process forked."""
        with self.two_under_way():
            self.pass_seconds(2 * NEED_SECONDS)

    def said(self, text: str = "hello") -> tuple[int, dict[str, str]]:
        """Who answers a question now, and from which versions."""
        [answer] = self.beside.answer_batch([one(text)])
        return _pid(answer), dict(_answer(answer).trace.versions)

    def newest(self) -> dict[str, str]:
        assert self.echo.knowledge is not None
        trained = (self.trained / "name").read_text()
        return {"knowledge": self.echo.knowledge.current.version, "trained": trained}


def coming_and_going(_process: AnsweringProcess, echo: Echo) -> object:
    """A second comes while batches keep waiting, and goes when it was not needed for long."""
    served = Served(echo)
    up = [served.beside.up]
    with served.two_under_way():
        for _ in range(2):
            served.pass_seconds(0.6 * NEED_SECONDS)
            up.append(served.beside.up)
    first, second = served.said()[0], _meanwhile(served)[1]
    for seconds in (QUIET_SECONDS - 1, 2):
        served.pass_seconds(seconds)
        up.append(served.beside.up)
    gone, left = not _lives(second), served.said()[0] == first
    served.grow()
    return {"up": [*up, served.beside.up], "gone": gone, "the first goes on": left}


def several(_process: AnsweringProcess, echo: Echo) -> object:
    """Ask while one of two is at work; then the one that died is no more asked."""
    served = Served(echo)
    served.grow()
    both = served.beside
    both.foresee("soon")()
    [soon] = both.answer_batch([one("soon")])
    waited, beside = _meanwhile(served)
    before = both.up
    died, _ = served.said("die")
    rest, _ = served.said()
    after = both.up
    both.close()
    alone, _ = served.said()
    server = os.getpid()
    return {
        "the one that foresaw answers": _answer(soon).trace.seconds["foreseen"] == 1,
        "the first answers where none is at work": _pid(soon) == waited != server,
        "the other answers meanwhile": beside not in (waited, server),
        "up": [before, after, both.up],
        "the server answers for the dead": died == server,
        "the other goes on": rest == beside,
        "and the server in the end": alone == server,
    }


def foresight_of_two(_process: AnsweringProcess, echo: Echo) -> object:
    """What the second has foreseen, as the first was at work, the second answers."""
    served = Served(echo)
    served.grow()
    gate = GATES[0]
    waiting = threading.Thread(target=served.said, args=(gate,))
    waiting.start()
    with open(os.path.join(PLACE, gate), "w"):  # opens once the other end is
        served.beside.foresee("soon")()
    waiting.join()
    [answer] = served.beside.answer_batch([one("soon")])
    return _answer(answer).trace.seconds["foreseen"]


def all_follow(_process: AnsweringProcess, echo: Echo) -> object:
    """Both answer from what is published, and with what was trained."""
    served = Served(echo)
    served.grow()
    _publish(echo.knowledge, "In a week.")
    served.train("afresh")
    return [_versions_of_both(served), served.newest()]


def late_comers(_process: AnsweringProcess, echo: Echo) -> object:
    """What is forked after a change follows it before it answers."""
    served = Served(echo)
    _publish(echo.knowledge, "In a week.")
    served.train("afresh")
    served.grow()
    return [_versions_of_both(served), served.newest()]


def comers_meanwhile(_process: AnsweringProcess, echo: Echo) -> object:
    """A change that comes while a process is told of those before is not missed."""
    served = Served(echo)
    served.train("afresh")
    changes: list[Callable[[], None]] = [
        lambda: _publish(echo.knowledge, "In a week."),
        lambda: served.train("once more"),
    ]
    served.lent = lambda: changes.pop(0)() if changes else None
    served.grow()
    return [_versions_of_both(served), served.newest(), len(changes)]


def replacing(_process: AnsweringProcess, echo: Echo) -> object:
    """One that dies is replaced at once, the next after a while; the server answers meanwhile."""
    served = Served(echo)
    server, seen = os.getpid(), []
    for seconds in (0, 0, 3, 1):
        by = served.said("die" if seconds == 0 else "hello")[0]
        again = served.pass_seconds(seconds)
        seen.append([by == server, served.beside.up, served.beside.lost, again])
    return [*seen, served.said()[0] != server]


def not_taken_in(_process: AnsweringProcess, echo: Echo) -> object:
    """One that cannot be as the others are answers nothing, and leaves no process behind."""
    served = Served(echo)
    served.train("afresh")

    def missing() -> None:
        raise PartMissing("Another set is just being made.")

    served.lent = missing
    served.grow()
    seen = [served.beside.up, served.beside.lost, len(_children())]
    served.lent = lambda: None
    served.pass_seconds(0)
    return [*seen, served.beside.up, _versions_of_both(served)[1] == served.newest()]


def stem_killed(_process: AnsweringProcess, echo: Echo) -> object:
    """A stem that is killed ends no process that answers, and its heir forks the next."""
    served = Served(echo)
    seen = []
    for _ in range(2):
        stem, heir = served.beside.stem, served.beside.heir
        assert stem is not None
        os.kill(stem, signal.SIGKILL)
        goes_on = served.said()[0] != os.getpid()
        served.grow()
        took_over = served.beside.stem == heir and served.beside.heir not in (None, stem, heir)
        seen.append([goes_on, served.beside.up, took_over, _lives(stem)])
        served.said("die")
    return seen


def stem_hangs(_process: AnsweringProcess, echo: Echo) -> object:
    """A stem that does not answer is ended, and its heir forks what it was asked for."""
    answering_stem.BRANCH_SECONDS = answering_stem.GRACE_SECONDS = 0.2
    served = Served(echo)
    stem, heir = served.beside.stem, served.beside.heir
    assert stem is not None
    os.kill(stem, signal.SIGSTOP)
    answering_stem.BRANCH_SECONDS = 0.05
    served.grow()
    return [served.beside.up, served.beside.stem == heir, _lives(stem)]


def heir_killed(_process: AnsweringProcess, echo: Echo) -> object:
    """An heir that is killed while nothing happens has a successor at the next look."""
    served = Served(echo)
    stem, heir = served.beside.stem, served.beside.heir
    assert heir is not None
    os.kill(heir, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while served.beside.heir == heir and time.monotonic() < until:
        served.pass_seconds(0)
    return [served.beside.stem == stem, served.beside.heir not in (None, heir), _lives(heir)]


def without_stem(_process: AnsweringProcess, echo: Echo) -> object:
    """Both killed at once end no process that answers; then there comes no other."""
    served = Served(echo)
    for waiting in (served.beside.stem, served.beside.heir):
        assert waiting is not None
        os.kill(waiting, signal.SIGKILL)
    goes_on = served.said()[0] != os.getpid()
    served.grow()
    seen = [goes_on, served.beside.up, served.beside.stem]
    served.said("die")
    served.pass_seconds(1_000)
    return [*seen, served.beside.up, served.said()[0] == os.getpid()]


def stopping(_process: AnsweringProcess, echo: Echo) -> object:
    """What an init system or Ctrl+C sends to all processes must not end them before the server."""
    served = Served(echo)
    for child in _children():
        for told_to_stop in (signal.SIGTERM, signal.SIGINT):
            os.kill(child, told_to_stop)
    served.grow()
    by = served.said()[0]
    left = _children()
    served.beside.close()
    return [by != os.getpid(), served.beside.up, len(left) - len(_children())]


def _meanwhile(served: Served) -> tuple[int, int]:
    """Who answers a batch that is kept waiting, and who another one meanwhile."""
    waited: list[int] = []
    waiting = threading.Thread(target=lambda: waited.append(served.said(GATES[0])[0]))
    waiting.start()
    with open(os.path.join(PLACE, GATES[0]), "w"):  # opens once the other end is
        meanwhile, _ = served.said()
    waiting.join()
    return waited[0], meanwhile


def _versions_of_both(served: Served) -> list[dict[str, str]]:
    """What both answer from."""
    waited: list[tuple[int, dict[str, str]]] = []
    waiting = threading.Thread(target=lambda: waited.append(served.said(GATES[0])))
    waiting.start()
    with open(os.path.join(PLACE, GATES[0]), "w"):
        waited.append(served.said())
    waiting.join()
    assert len({os.getpid(), *(pid for pid, _ in waited)}) == 3
    return [versions for _, versions in waited]


def _children() -> list[int]:
    """Processes that this one is the parent of; all that are below it are."""
    own = os.getpid()
    return [int(one) for one in Path(f"/proc/{own}/task/{own}/children").read_text().split()]


def _publish(knowledge: KnowledgeBase | None, answer: str) -> None:
    assert knowledge is not None
    entry = Entry(EntryId("arrival"), ("When does it arrive?",), answer, "en")
    knowledge.publish([entry], note="", by="test", now=NOW)


def _answer(one: Answer | Unwritten) -> Answer:
    return one.otherwise if isinstance(one, Unwritten) else one


def _pid(one: Answer | Unwritten) -> int:
    return int(_answer(one).trace.seconds["pid"])


def _anonymous(one: Answer | Unwritten) -> Answer | Unwritten:
    answer = _answer(one)
    answer = replace(answer, trace=replace(answer.trace, seconds={}))
    return replace(one, otherwise=answer) if isinstance(one, Unwritten) else answer


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def gone_in_time(process: int) -> bool:
    """Wait for the end of a process."""
    until = time.monotonic() + PATIENCE
    while _lives(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not _lives(process)


PLAYS = {
    play.__name__: play
    for play in (
        all_crosses, half_characters, foresight, foresight_nobody_waits_for, death, hanging,
        breaking, following,
        not_following, training, closing, orphans, coming_and_going, several, foresight_of_two,
        all_follow,
        late_comers, comers_meanwhile, replacing, not_taken_in, stem_killed, stem_hangs,
        heir_killed, without_stem, stopping,
    )
}  # fmt: skip


def _forked(echo: Echo, turn_seconds: float) -> tuple[Stem, AnsweringProcess]:
    stem = Stem(echo, Following(echo))
    pairs = [Pipe() for _ in range(4)]
    number = stem.branch([there for _, there in pairs])
    for _, there in pairs:
        there.close()
    here = [here for here, _ in pairs]
    return stem, AnsweringProcess(number, here, echo, turn_seconds, lambda: None)


def main(play: str) -> None:
    assert can_fork()
    with tempfile.TemporaryDirectory() as folder:
        knowledge = KnowledgeBase(Path(folder) / "knowledge", HashedEncoder())
        echo = Echo(knowledge)
        hurried = play == "hanging"
        if hurried:
            answering_process.GRACE_SECONDS = 0.0
        stem, process = _forked(echo, 0.2 if hurried else PATIENCE)
        sys.stdout.write(json.dumps(PLAYS[play](process, echo)) + "\n")
        sys.stdout.flush()
        if play == "orphans":
            os.kill(os.getpid(), signal.SIGKILL)
        process.close()
        stem.close()


if __name__ == "__main__":
    SERVER = os.getpid()
    LISTENING = socket.create_server(("127.0.0.1", 0))
    GATES = ("wait", "wait too")
    with tempfile.TemporaryDirectory() as PLACE:
        for gate in GATES:
            os.mkfifo(os.path.join(PLACE, gate))
        main(sys.argv[1])
