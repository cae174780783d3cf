"""Plays a dialogue through the real conversation core, the server's mapping and the answerer.

Nothing is imitated but the network and the clock: every line becomes a command for
`bot.conversation.conversation.apply`, every turn a `Question` as the server would make it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.answering.answer import Answer, Answerer, Choice, Decision
from bot.conversation import commands
from bot.conversation.conversation import ConversationState, Outcome, Turn, apply, begin, texts_of
from bot.conversation.errors import Refused
from bot.conversation.events import (
    PRIVATE_KINDS,
    ClientId,
    ConversationId,
    Event,
    EventKind,
    StaffId,
    TurnState,
)
from bot.server.turns import command_of, question_of
from bot.transcripts.records import TurnContext
from tests.dialogues.script import (
    BotAnswers,
    BotSilent,
    BotThinks,
    Presses,
    Says,
    Script,
    ShopperCloses,
    StaffDoes,
    StageIs,
    Step,
)

BEGINS = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # the demo shop's own "today"
HISTORY = 20  # as the server reads it


class WentOtherwise(AssertionError):
    """The dialogue did not go as written; the text names the line and explains the answer."""


class Player:
    """Plays one script.

    Args:
        answerer: the brain.
        person_labels: labels of the button that calls a person, in every language.
    """

    def __init__(self, answerer: Answerer, person_labels: tuple[str, ...]) -> None:
        self._answerer = answerer
        self._person_labels = person_labels
        self._at = BEGINS
        self._events: list[Event] = []
        self._thought: tuple[Turn, Answer] | None = None
        self._shown: tuple[Choice, ...] = ()
        self._state: ConversationState

    def play(self, script: Script) -> None:
        """Play it to its end. Raises WentOtherwise at the first line that does not hold."""
        conversation = ConversationId("dialogue")
        self._state = begin(commands.Begin(conversation, script.language), self._at)
        for step in script.steps:
            try:
                self._perform(step)
            except (WentOtherwise, Refused) as error:
                raise WentOtherwise(f"{script.path.name}, line {step.line}: {error}") from error
        self._check_end(script)

    def _perform(self, step: Step) -> None:
        match step:
            case Says():
                for text in step.texts:
                    self._shopper_says(text, None)
            case Presses():
                self._shopper_says(step.label, self._value_of(step.label))
            case ShopperCloses():
                self._apply(commands.ShopperCloses())
            case BotThinks():
                self._think()
            case BotSilent():
                _expect(not self._state.open_turns, "the bot has a turn to answer")
            case BotAnswers():
                self._answer(step)
            case StaffDoes():
                self._staff(step)
            case StageIs():
                stage = self._state.stage.value
                _expect(stage == step.stage, f"the stage is {stage}, not {step.stage}")

    def _check_end(self, script: Script) -> None:
        left = [turn for turn in self._state.open_turns]
        if left:
            raise WentOtherwise(f"{script.path.name}: it ends before the bot has answered")
        for event in self._events:
            said = [text for text in script.never if text in event.text and event.author == "bot"]
            if said:
                raise WentOtherwise(f"{script.path.name}: the bot said {said[0]!r}: {event.text}")

    # -- the shopper -------------------------------------------------------------------------

    def _shopper_says(self, text: str, choice: str | None) -> None:
        client_id = ClientId(f"message-{len(self._events)}")
        self._apply(commands.ShopperSays(client_id, text, choice))

    def _value_of(self, label: str) -> str:
        for choice in self._shown:
            if choice.label == label:
                return choice.value
        shown = [choice.label for choice in self._shown]
        _expect(label in self._person_labels, f"no button {label!r}; there are {shown}")
        return "person"

    # -- the bot -----------------------------------------------------------------------------

    def _think(self) -> None:
        """Take the oldest turn and find its answer, without saying it yet."""
        turns = self._state.open_turns
        _expect(bool(turns), f"nothing is asked of the bot (stage {self._state.stage.value})")
        _expect(turns[0].state is TurnState.ASKED, "the bot is already answering")
        taken = self._apply(commands.TakeTurn(turns[0].ticket)).turns[0]
        first = next(event.seq for event in self._events if event.turn == taken.id)
        earlier = [
            event
            for event in self._events
            if event.seq < first and event.kind not in PRIVATE_KINDS and event.text
        ]
        texts = texts_of(self._events, taken.id)
        context = TurnContext(taken, texts, tuple(earlier[-HISTORY:]), self._state)
        self._thought = (taken, self._answerer.answer(question_of(context)))

    def _answer(self, expected: BotAnswers) -> None:
        if self._thought is None:
            self._think()
        assert self._thought is not None
        turn, answer = self._thought
        self._thought = None
        outcome = self._apply(command_of(answer, turn.ticket))
        drafted = outcome.events[0].kind is EventKind.BOT_DRAFTED
        how = "was kept as a draft" if drafted else "was said"
        _expect(drafted is expected.drafted, f"the answer {how}")
        if not drafted:
            self._shown = answer.choices
        wrong = _difference(expected, answer)
        _expect(not wrong, f"{wrong}\n{explained(answer)}")

    # -- the staff ---------------------------------------------------------------------------

    def _staff(self, step: StaffDoes) -> None:
        try:
            self._apply(self._staff_command(step))
        except Refused as refused:
            if step.refused is None:
                raise
            _expect(refused.code == step.refused, f"it was refused as {refused.code}")
            return
        _expect(step.refused is None, f"it was not refused as {step.refused}")

    def _staff_command(self, step: StaffDoes) -> commands.Command:
        staff, name = StaffId(step.name.casefold()), step.name
        client_id = ClientId(f"message-{len(self._events)}")
        deeds: dict[str, Callable[[], commands.Command]] = {
            "claims": lambda: commands.StaffClaims(staff, name),
            "releases": lambda: commands.StaffReleases(staff),
            "hands back": lambda: commands.HandsBack(staff),
            "closes": lambda: commands.StaffCloses(staff, name),
            "says": lambda: commands.StaffSays(staff, name, client_id, step.text),
            "notes": lambda: commands.StaffNotes(staff, name, client_id, step.text),
        }
        return deeds[step.deed]()

    def _apply(self, command: commands.Command) -> Outcome:
        self._at += timedelta(seconds=5)
        outcome = apply(self._state, command, self._at)
        self._state = outcome.state
        self._events += outcome.events
        return outcome


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WentOtherwise(otherwise)


def _difference(expected: BotAnswers, answer: Answer) -> str:
    """What is not as expected, in words; empty when everything is."""
    if answer.decision.value not in expected.decisions:
        wanted = " or ".join(expected.decisions)
        return f"expected {wanted}, and the bot chose {answer.decision.value}"
    facts = _facts(answer)
    for alternatives in expected.words:
        if not facts.intersection(alternatives):
            return f"expected {' or '.join(alternatives)}, not {', '.join(sorted(facts))}"
    shown = "\n".join((answer.text, *(choice.label for choice in answer.choices)))
    missing = [text for text in expected.quoted if text not in shown]
    return f"expected the words {missing[0]!r} in {shown!r}" if missing else ""


def _facts(answer: Answer) -> set[str]:
    """The words that a line of a dialogue may name for an answer."""
    if answer.decision is Decision.ESCALATE:
        return {answer.handoff.value} if answer.handoff else set()
    if answer.decision is Decision.CLARIFY:
        return {choice.value.removeprefix("entry:") for choice in answer.choices}
    facts = {answer.source.value} if answer.source else set()
    return facts | ({answer.entry_id} if answer.entry_id else set())


def explained(answer: Answer) -> str:
    """Why the bot did it, for whoever mends the dialogue or the bot."""
    trace = answer.trace
    hits = "; ".join(
        f"{hit['id']} {hit['score']:.2f} (similarity {hit['similarity']:.2f})" for hit in trace.hits
    )
    return (
        f"  it said: {answer.text}\n"
        f"  rule {trace.rule}, confidence {answer.confidence:.3f}, entry {answer.entry_id}, "
        f"handoff {answer.handoff}\n"
        f"  intent {trace.intent} {trace.intent_confidence or 0:.3f}, mood {trace.mood}\n"
        f"  hits {hits}\n  thresholds {dict(trace.thresholds)}"
    )
