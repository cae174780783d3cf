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
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.answering import answering_process
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
from bot.answering.answering_process import AnsweringProcess, can_fork
from bot.answering.answering_processes import AnsweringProcesses
from bot.conversation.events import ConversationId, HandoffReason, TurnId
from knowledge_base.entry import Entry, EntryId, VersionId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.live import KnowledgeBase

PATIENCE = 30.0
NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Echo:
    """Says who answered (a process), with which knowledge, and all that it was asked."""

    def __init__(self, knowledge: KnowledgeBase | None = None) -> None:
        self.knowledge = knowledge
        self.trained = "as it came"
        self.foreseen: list[str] = []

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        here = os.getpid() == SERVER
        for question in questions:
            if question.text == "die" and not here:
                os._exit(9)
            if question.text == "hang" and not here:
                signal.pause()
            if question.text == "wait":
                Path(GATE).read_text()  # until somebody has opened and closed the other end
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
                seconds={"pid": float(os.getpid()), "foreseen": float(len(self.foreseen))},
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

    def foresee(self, text: str) -> None:
        self.foreseen.append(text)

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
    process.foresee("\ud83d")
    return [told(process, echo, "\ud83d")["beside"], told(process, echo)["beside"]]


def foresight(process: AnsweringProcess, echo: Echo) -> object:
    process.foresee("soon")
    [answer] = process.answer_batch([one("soon")])
    return [_answer(answer).trace.seconds["foreseen"], len(echo.foreseen)]


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
    child = process._child
    process.close()
    process.close()
    return {**told(process, echo), "gone": child is not None and not _lives(child)}


def stopping(process: AnsweringProcess, echo: Echo) -> object:
    """What an init system or Ctrl+C sends to all processes must not end it before the server."""
    assert process._child is not None
    for told_to_stop in (signal.SIGTERM, signal.SIGINT):
        os.kill(process._child, told_to_stop)
    return told(process, echo)


def orphan(process: AnsweringProcess, echo: Echo) -> object:
    """Tell the second process and the port, then end without a word, as a killed server does."""
    return {"child": process._child, "port": LISTENING.getsockname()[1]}


def several(_process: AnsweringProcess, echo: Echo) -> object:
    """Ask while one of two is at work; then the one that died is no more asked."""
    both = AnsweringProcesses(2, echo, Following(echo), 2, PATIENCE)
    both.foresee("soon")
    [soon] = both.answer_batch([one("soon")])
    waited, beside = _at_once(both, echo)
    before = both.up
    [died] = both.answer_batch([one("die")])
    [rest] = both.answer_batch([one("hello")])
    after = both.up
    both.close()
    [alone] = both.answer_batch([one("hello")])
    server = os.getpid()
    return {
        "the one that foresaw answers": _answer(soon).trace.seconds["foreseen"] == 1,
        "the first answers where none is at work": _pid(soon) == _pid(waited) != server,
        "the other answers meanwhile": _pid(beside) not in (_pid(waited), server),
        "up": [before, after, both.up],
        "the server answers for the dead": _pid(died) == server,
        "the other goes on": _pid(rest) == _pid(beside),
        "and the server in the end": _pid(alone) == server,
    }


def all_follow(_process: AnsweringProcess, echo: Echo) -> object:
    """Both answer from what is published, and with what was trained."""
    assert echo.knowledge is not None
    both = AnsweringProcesses(2, echo, Following(echo), 2, PATIENCE)
    echo.knowledge.also = both.follow_knowledge
    _publish(echo.knowledge, "In a week.")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "name").write_text("afresh")
        both.follow_training(Path(folder))
    answers = _at_once(both, echo)
    both.close()
    assert len({os.getpid(), *map(_pid, answers)}) == 3
    now = {"knowledge": echo.knowledge.current.version, "trained": "afresh"}
    return [[_answer(one).trace.versions for one in answers], now]


def _at_once(both: AnsweringProcesses, echo: Echo) -> tuple[Answer | Unwritten, Answer | Unwritten]:
    """What the one answers that was kept waiting, and what the other answered meanwhile."""
    waited: list[Answer | Unwritten] = []
    waiting = threading.Thread(target=lambda: waited.extend(both.answer_batch([one("wait")])))
    waiting.start()
    with open(GATE, "w"):  # opens once the other end is
        [meanwhile] = both.answer_batch([one("hello")])
    waiting.join()
    return waited[0], meanwhile


def _publish(knowledge: KnowledgeBase, answer: str) -> None:
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
        all_crosses, half_characters, foresight, death, hanging, breaking, following,
        not_following, training, closing, stopping, orphan, several, all_follow,
    )
}  # fmt: skip


def main(play: str) -> None:
    assert can_fork()
    with tempfile.TemporaryDirectory() as folder:
        knowledge = KnowledgeBase(Path(folder) / "knowledge", HashedEncoder())
        echo = Echo(knowledge)
        hurried = play == "hanging"
        if hurried:
            answering_process.GRACE_SECONDS = 0.0
        process = AnsweringProcess(echo, Following(echo), 2, 0.2 if hurried else PATIENCE)
        sys.stdout.write(json.dumps(PLAYS[play](process, echo)) + "\n")
        sys.stdout.flush()
        if play == "orphan":
            os.kill(os.getpid(), signal.SIGKILL)
        process.close()


if __name__ == "__main__":
    SERVER = os.getpid()
    LISTENING = socket.create_server(("127.0.0.1", 0))
    with tempfile.TemporaryDirectory() as place:
        GATE = os.path.join(place, "gate")
        os.mkfifo(GATE)
        main(sys.argv[1])
