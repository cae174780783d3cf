"""What was trained, as a running program holds it: one current set, swapped in one step.

A set that another process made, here or on another node, is noticed by `refresh`, opened and asked
a question a language beside the one that answers, and takes its place only then. One that cannot
be used leaves everything as it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from bot.answering.answer import Answer, Question, Unwritten
from bot.answering.answerer import ShopAnswerer
from bot.answering.parts import Intents, Judge, Moods, Parts, Takeover
from bot.answering.shared_sets import SharedSets
from bot.answering.trained_sets import Own, TrainedSets
from bot.conversation.events import ConversationId, HandoffReason, TurnId
from bot.errors import PartMissing

AGAIN_SECONDS = 60.0
"""After which a shared set that could not be used is tried again; fetching it costs megabytes."""

WARM_UP = ("请问你们什么时候发货，可以开发票吗？", "When will my things arrive, and how?")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Trained:
    """What was trained, open and ready; all but the judge may be absent."""

    judge: Judge
    intents: Intents | None = None
    moods: Moods | None = None
    takeover: Takeover | None = None

    def into(self, parts: Parts) -> Parts:
        """Give the same parts with these."""
        return replace(
            parts,
            judge=self.judge,
            intents=self.intents,
            moods=self.moods,
            takeover=self.takeover,
        )

    def versions(self) -> dict[str, str]:
        """What of it answers, by name, for the overview."""
        return {
            "intents": self.intents.version if self.intents else "none",
            "thresholds": self.judge.version,
            "moods": self.moods.version if self.moods else "by words",
        }

    def of_parts(self) -> dict[str, str | None]:
        """The version of each part of a set; None for one that is not there."""
        return {
            "intents": self.intents.version if self.intents else None,
            "doubt": self.judge.version,
            "moods": self.moods.version if self.moods else None,
            "takeover": self.takeover.version if self.takeover else None,
        }


class LiveTraining:
    """The set that answers. Safe in several threads; `load` comes first.

    Attributes:
        take_over: has a set answer; raises PartMissing when it cannot.
        also: told, then, of the folder that the set was opened in, before it is `current`.
    """

    def __init__(
        self,
        sets: TrainedSets,
        open: Callable[[Path], Trained],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Cheap; nothing is read.

        Args:
            open: opens the folders of a set that lie in a folder, with this machine's encoders;
                raises PartMissing.
        """
        self.sets = sets
        self.take_over: Callable[[Trained], None] = lambda trained: None
        self.also: Callable[[Path], None] = lambda folder: None
        self.current: Trained
        self.open = open
        self._clock = clock
        self._own: Own = {}
        self._set: str | None = None
        self._refused: tuple[object, float] | None = None
        self._changing = threading.Lock()

    def load(self, now: datetime) -> Trained:
        """Open the shared set, or this machine's where none is shared or it cannot be used.

        This machine's becomes the first that is shared, where there is none yet.

        Args:
            now: UTC, of the first set.

        Raises:
            PartMissing: neither can be used.
        """
        if not self.sets.is_shared:
            self._load_own()
            return self.current
        try:
            if self.sets.serving() is None:
                self._load_own()
                self._offer(now)
            else:
                self.refresh()
        except PartMissing as error:
            if not self.sets.own():
                raise
            log.error("training.not_taken_over", why=str(error))
            self._load_own()
        return self.current

    def refresh(self) -> bool:
        """Take over a set that was made meanwhile; True when there was one.

        Costs one small read when nothing changed, so it may be called every second.

        Raises:
            PartMissing: it cannot be used, or be had; what answered goes on answering.
        """
        with self._changing:
            if isinstance(self.sets, SharedSets):
                return self._refresh_shared(self.sets)
            return self._refresh_own()

    def lend(self, tell: Callable[[Path], None]) -> None:
        """Tell the folder of the set that answers to who was not there when it began to.

        Args:
            tell: opens it; the set is not exchanged, and the folder lasts, until it comes back.

        Raises:
            PartMissing: there is no such folder just now.
        """
        with self._changing:
            if isinstance(self.sets, SharedSets) and self._set is not None:
                self._lend_shared(self.sets, self._set, tell)
                return
            tell(self.sets.folder)
            if self.sets.own() != self._own:
                raise PartMissing("Another set is just being made.")

    def versions(self) -> dict[str, str]:
        """What answers, by name, for the overview."""
        told = self.current.versions()
        return told if self._set is None else {**told, "trained_set": self._set}

    def _load_own(self) -> None:
        self.sets.mend()
        self._own = self.sets.own()
        self.current = self.open(self.sets.folder)

    def _offer(self, now: datetime) -> None:
        with suppress(PartMissing):  # out of reach, nothing trained, or another node was quicker
            if self.sets.own():
                self._set = self.sets.share("serve", now)
        if self._set is None:
            self.refresh()

    def _refresh_own(self) -> bool:
        """Look at the folders of this machine; what vanished there is not taken away.

        Unless somebody went back to a set that had no such part.
        """
        self.sets.mend()
        found = self.sets.own()
        if found == self._own or self._was_refused(found):
            return False
        if self._own.keys() - found.keys() and self.sets.serving() is None:
            return False
        with self.sets.at_rest() as at_rest:
            if not at_rest or self.sets.own() != found:
                return False  # it is just being made: the next look will find it whole
            self._swap(found, self.sets.folder)
        self._own = found
        return True

    def _refresh_shared(self, sets: SharedSets) -> bool:
        serving = sets.serving()
        if serving in (None, self._set) or self._was_refused(serving):
            return False  # a database that was made anew takes nothing away
        assert serving is not None
        try:
            sets.refuse_foreign(serving)
            with sets.at_rest() as at_rest:
                self._take(sets, serving, at_rest)
        except PartMissing:
            self._refused = (serving, self._clock())
            raise
        self._set = serving
        return True

    def _take(self, sets: SharedSets, serving: str, at_rest: bool) -> None:
        """Open a shared set: from the folders of this machine, or fetched."""
        with suppress(OSError, PartMissing):  # what is spoiled here is fetched anew
            if at_rest and sets.is_here(serving):
                self._swap(serving, sets.folder)
                return
        with sets.fetched(serving) as folder:
            self._swap(serving, folder)
            if at_rest:  # else somebody trains here, and will leave what is newer
                try:
                    sets.put_in_place(folder)
                except OSError as error:
                    log.warning("training.not_kept", trained_set=serving, why=str(error))

    def _lend_shared(self, sets: SharedSets, which: str, tell: Callable[[Path], None]) -> None:
        with sets.at_rest() as at_rest:
            if at_rest and sets.is_here(which):
                tell(sets.folder)
                return
        with sets.fetched(which) as folder:
            tell(folder)

    def _swap(self, which: object, folder: Path) -> None:
        try:
            trained = self.open(folder)
            self.take_over(trained)
        except PartMissing:
            self._refused = (which, self._clock())
            raise
        self.also(folder)  # first: who sees a set here is answered with it everywhere
        self.current, self._refused = trained, None

    def _was_refused(self, which: object) -> bool:
        """Whether this very one could not be used a moment ago."""
        if self._refused is None:
            return False
        refused, at = self._refused
        return refused == which and self._clock() - at < AGAIN_SECONDS


class LiveAnswerer:
    """An `Answerer` whose trained parts are exchanged while it answers.

    A batch that is under way ends with the parts that it began with.
    """

    def __init__(self, parts: Parts) -> None:
        self._answerer = ShopAnswerer(parts)

    @property
    def parts(self) -> Parts:
        """What answers now."""
        return self._answerer.parts

    def take_over(self, trained: Trained) -> None:
        """Answer with these from now on.

        Raises:
            PartMissing: they cannot even be asked; the others go on.
        """
        fresh = ShopAnswerer(trained.into(self.parts))
        if not warm_up(fresh):
            raise PartMissing("The trained parts cannot be asked; the log says why. Train again.")
        self._answerer = fresh

    def answer(self, question: Question) -> Answer:
        """See Answerer."""
        return self._answerer.answer(question)

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """See Answerer."""
        return self._answerer.answer_batch(questions)

    def foresee(self, text: str) -> Callable[[], None]:
        """See Answerer."""
        return self._answerer.foresee(text)

    def write(self, unwritten: Unwritten) -> Answer:
        """See Answerer."""
        return self._answerer.write(unwritten)


def warm_up(answerer: ShopAnswerer | LiveAnswerer) -> bool:
    """Answer one question a language, so that no shopper waits for what is loaded at first use.

    Returns:
        Whether it could be asked at all.
    """
    said = answerer.answer_batch(
        [
            Question(ConversationId("warm-up"), TurnId(f"warm-up.{text}"), (text,))
            for text in WARM_UP
        ]
    )
    return not any(isinstance(one, Answer) and one.handoff is HandoffReason.FAULT for one in said)
