"""What goes into the answerer and what comes out of it.

Pure records; no model is imported here. `bot.server` hands a `Question` to an `Answerer` in a
worker and records the `Answer` it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.conversation.events import ConversationId, HandoffReason, TurnId

Language = Literal["zh", "en"]


class Decision(StrEnum):
    """What a turn comes to; the words of docs/evaluation.md."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ESCALATE = "escalate"


class Source(StrEnum):
    """Where the words of an answer come from."""

    KNOWN = "known"  # an entry, verbatim
    WRITTEN = "written"  # the generator, checked against entries
    ACTION = "action"  # a rasa-sdk action
    SAID = "said"  # a fixed text of the shop (greeting, thanks, handing over)


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier message, as the answerer may see it."""

    who: Literal["shopper", "bot", "staff"]
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A quick reply: what the button shows, and what choosing it means.

    Attributes:
        label: text on the button, also the text that is sent.
        value: "entry:<id>", "intent:<name>" (does what that intent leads to), "person", "none", or
            "say:<text>"; only values that were offered in the last bot message are obeyed.
    """

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Memory:
    """What the answerer keeps between the turns of one conversation. JSON values only.

    Attributes:
        language: language of the last turn that had one, None at the start.
        slots: rasa-sdk tracker slots.
        active_action: action that waits for a slot, with the slot's name; None otherwise.
        waited: turns about something else that it has waited since it asked.
        offered: quick replies of the last bot message.
        failures: turns in a row that were not answered.
        last_entries: ids of the entries last answered from, newest first (for follow-ups).
    """

    language: Language | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)
    active_action: tuple[str, str] | None = None
    waited: int = 0
    offered: tuple[Choice, ...] = ()
    failures: int = 0
    last_entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One turn as asked: one or more messages that came in a burst.

    Attributes:
        texts: the messages, oldest first, at least one.
        choice: value of the quick reply that was pressed, None when the text was typed.
        history: earlier messages, oldest first, at most 20.
        interface_language: language of the widget.
    """

    conversation: ConversationId
    turn: TurnId
    texts: tuple[str, ...]
    choice: str | None = None
    history: tuple[Said, ...] = ()
    memory: Memory = field(default_factory=Memory)
    interface_language: Language | None = None

    @property
    def text(self) -> str:
        """The whole turn as one text."""
        return "\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class Trace:
    """Why this answer: everything that staff and `shopkeeper ask --json` show. JSON values only.

    Attributes:
        language: language found, "zh" or "en".
        intent, intent_confidence: best in-scope intent and its calibrated probability.
        runner_up, runner_up_confidence: the second intent.
        mood: "angry", "negative", "neutral", "positive"; urgency in [0, 1].
        level: sentiment, "very_negative" to "very_positive".
        takeover: {"need": how much speaks for a person in [0, 1], "reasons": names, strongest
            first}; see `bot.answering.takeover`.
        examples: the training phrases most like the turn, nearest first, each {"text", "intent",
            "similarity", "weight": share of what speaks for this intent and against the runner-up}.
        hits: at most five, each {"id", "question", "score", "similarity", "lexical", "exact"}.
        rule: name of the attempt that decided (see `bot.answering.answerer`).
        attempts: every attempt in order, {"attempt", "outcome", "seconds", …}.
        thresholds: the thresholds in force, by name.
        versions: {"knowledge": …, "encoder": …, "intents": …, "generator": …}.
        seconds: wall seconds per step.
    """

    language: str
    intent: str | None = None
    intent_confidence: float | None = None
    runner_up: str | None = None
    runner_up_confidence: float | None = None
    mood: str = "neutral"
    urgency: float = 0.0
    level: str = "neutral"
    takeover: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()
    hits: tuple[Mapping[str, Any], ...] = ()
    rule: str = ""
    attempts: tuple[Mapping[str, Any], ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot does with a turn.

    Attributes:
        text: what is said, never empty.
        confidence: calibrated probability that this is right, in [0, 1].
        source: where the words come from; None only when escalating without an attempt.
        entry_id: the entry answered from, None when none was.
        choices: quick replies shown under the message.
        handoff: set exactly when decision is ESCALATE.
        order: order number at stake, for the packet.
        memory: what to keep for the next turn.
    """

    decision: Decision
    text: str
    confidence: float
    language: Language
    trace: Trace
    memory: Memory
    source: Source | None = None
    entry_id: str | None = None
    choices: tuple[Choice, ...] = ()
    handoff: HandoffReason | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A turn that only the generator may still answer; `Answerer.write` finishes it.

    Writing takes seconds where everything else takes milliseconds, so it is a step of its own:
    the server runs it apart and no quick answer waits behind a slow one.

    Attributes:
        evidence: ids of the entries to write from, best first.
        otherwise: what is answered when nothing safe can be written.
    """

    question: Question
    language: Language
    evidence: tuple[str, ...]
    otherwise: Answer


class Answerer(Protocol):
    """Answers turns. Synchronous; called in a worker, never on the event loop."""

    def answer_batch(self, questions: Sequence[Question]) -> list[Answer | Unwritten]:
        """Answer several turns at once, in the order given; texts are encoded together.

        Raises nothing for any text; a fault becomes ESCALATE with reason FAULT.
        """
        ...

    def foresee(self, text: str) -> Callable[[], None]:
        """Begin with a message that is being stored and will be asked about next; never waits.

        Only a head start: nothing is kept that an answer depends on.

        Returns:
            What is left, to be called in a worker: all of it, or to wait until another process has
            done it.
        """
        ...

    def write(self, unwritten: Unwritten) -> Answer:
        """Let the generator try; returns a checked written answer or `unwritten.otherwise`."""
        ...

    def answer(self, question: Question) -> Answer:
        """Answer one turn, writing included."""
        ...
