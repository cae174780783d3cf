"""Any interleaving of shopper, bot, workers and staff keeps one owner, and ends every turn.

The rules are checked from the events alone, by a second reading that knows nothing of the core.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.conversation import ownership
from bot.conversation.commands import (
    AsksForPerson,
    Begin,
    BotAnswers,
    BotAsks,
    BotGivesUp,
    BotNotices,
    BotSpeech,
    ClaimerGoesAway,
    Command,
    CommandKind,
    GoesOnWithBot,
    HandsBack,
    LeavesMessage,
    ReplyIsLate,
    ShopperCloses,
    ShopperRates,
    ShopperSays,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffReopens,
    StaffSays,
    StaffTags,
    StaffTakesOver,
    StaffTransfers,
    TakeOverRight,
    TakeTurn,
    Ticket,
    TurnFails,
)
from bot.conversation.conversation import apply, begin
from bot.conversation.errors import Refused
from bot.conversation.events import (
    ClientId,
    ConversationId,
    Event,
    EventKind,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)
from bot.conversation.stages import TABLE, Move

START = datetime(2026, 3, 1, tzinfo=UTC)
BOT_WORDS = {EventKind.BOT_ANSWERED, EventKind.BOT_ASKED, EventKind.BOT_GAVE_UP}
ENDED = {TurnState.ANSWERED, TurnState.HANDED_OVER, TurnState.FAILED}
SPEECH = BotSpeech("words of the bot", "en")

STEPS = 100

people = st.sampled_from([StaffId("li"), StaffId("wang"), StaffId("zhao")])


class OwnerFromEvents:
    """A second reading: who owns the conversation, told by its events alone."""

    def __init__(self) -> None:
        self.owner = "bot"
        self.seq = 0
        self.at = START

    def read(self, event: Event) -> None:
        assert event.seq == self.seq + 1, "a hole or a double in the numbering"
        assert event.at >= self.at, "time ran back"
        self.seq, self.at = event.seq, event.at
        kind = event.kind
        if kind in BOT_WORDS:
            assert self.owner == "bot", f"the bot spoke while {self.owner} had it"
        if kind is EventKind.BOT_NOTICE:
            assert self.owner in ("bot", "queue"), f"a notice while {self.owner} had it"
        if kind is EventKind.STAFF_SAID:
            assert self.owner == event.author, f"{event.author} spoke while {self.owner} had it"
        if kind is EventKind.STAFF_CLAIMED:
            assert self.owner in ("bot", "queue"), f"taken away from {self.owner}"
        if kind in (EventKind.STAFF_RELEASED, EventKind.HANDED_BACK, EventKind.STAFF_TRANSFERRED):
            assert self.owner == event.author
        if kind is EventKind.STAFF_TOOK_OVER:
            assert self.owner == event.body["from"] != event.author
        if kind is EventKind.WENT_ON_WITH_BOT:
            assert self.owner == "queue"
        self.owner = {
            EventKind.HANDOFF_REQUESTED: "queue",
            EventKind.STAFF_CLAIMED: event.author,
            EventKind.STAFF_RELEASED: "queue",
            EventKind.HANDED_BACK: "bot",
            EventKind.CLOSED: "nobody",
            EventKind.REOPENED: "bot",
            EventKind.STAFF_TRANSFERRED: event.body.get("to"),
            EventKind.STAFF_TOOK_OVER: event.author,
            EventKind.WENT_ON_WITH_BOT: "bot",
        }.get(kind, self.owner)


class UnansweredFromEvents:
    """A second reading: which words of the shopper nobody has answered."""

    def __init__(self) -> None:
        self.words: list[tuple[int, TurnId | None]] = []
        self.taken_up = False

    def read(self, event: Event) -> None:
        kind, self.taken_up = event.kind, False
        if kind is EventKind.SHOPPER_SAID:
            self.words.append((event.seq, event.turn))
        elif kind in BOT_WORDS or (kind is EventKind.BOT_NOTICE and event.turn is not None):
            self.words = [word for word in self.words if not self._was_answered(word, event)]
        elif kind in (EventKind.STAFF_SAID, EventKind.CLOSED):
            self.words = []
        elif kind in (EventKind.HANDED_BACK, EventKind.WENT_ON_WITH_BOT):
            self.taken_up = True

    @staticmethod
    def _was_answered(word: tuple[int, TurnId | None], event: Event) -> bool:
        """Turns are answered in their order, so everything up to this turn is."""
        return word[1] is None or _number(word[1]) <= _number(event.turn or TurnId("c.0"))

    @property
    def oldest(self) -> int | None:
        return self.words[0][0] if self.words else None


def _number(turn: TurnId) -> int:
    return int(turn.rpartition(".")[2])


class Conversation(RuleBasedStateMachine):
    """Everybody at once. Tickets are kept for ever, so old ones are used at any later moment."""

    def __init__(self) -> None:
        super().__init__()
        self.state = begin(Begin(ConversationId("c")), START)
        self.now = START
        self.truth = OwnerFromEvents()
        self.unanswered = UnansweredFromEvents()
        self.tickets: list[Ticket] = [Ticket(TurnId("c.1"), 0, 0)]
        self.turns: dict[TurnId, TurnState] = {}
        self.number = 0

    def do(self, command: Command) -> None:
        before = self.state
        try:
            outcome = apply(self.state, command, self.now)
        except Refused:
            assert self.state is before
            return
        for event in outcome.events:
            self.truth.read(event)
            self.unanswered.read(event)
            if self.unanswered.taken_up:
                asked = [turn.first_seq for turn in outcome.turns]
                owed = self.unanswered.oldest
                assert asked == ([] if owed is None else [owed]), "not what the bot is to take up"
        for turn in outcome.turns:
            assert self.turns.get(turn.id) not in ENDED, "a turn ended twice"
            self.turns[turn.id] = turn.state
            self.tickets.append(turn.ticket)
        assert outcome.state.claim_epoch >= before.claim_epoch
        if outcome.state.stage is not before.stage:
            assert outcome.state.claim_epoch > before.claim_epoch, "an owner without a new epoch"
        if outcome.state.holder != before.holder:
            assert outcome.state.claim_epoch > before.claim_epoch, "a holder without a new epoch"
        came_to_wait = outcome.state.stage is Stage.WAITING_FOR_STAFF is not before.stage
        if came_to_wait:
            assert "waiting" in {item.kind for item in outcome.outbox}, "nobody is told who waits"
        self.state = outcome.state

    def fresh(self) -> ClientId:
        self.number += 1
        return ClientId(f"m{self.number}")

    def ticket(self, pick: int) -> Ticket:
        """Mostly a recent ticket, now and then a very old one."""
        return self.tickets[-1 - pick % len(self.tickets)]

    @rule(
        choice=st.sampled_from([None, "person", "entry:1"]),
        seconds=st.integers(-90, 90),
        take=st.booleans(),
    )
    def shopper_says(self, choice: str | None, seconds: int, take: bool) -> None:
        self.now += timedelta(seconds=seconds)
        self.do(ShopperSays(self.fresh(), "words of the shopper", choice, take))

    @rule()
    def shopper_asks_for_person(self) -> None:
        self.do(AsksForPerson())

    @rule()
    def shopper_closes(self) -> None:
        self.do(ShopperCloses())

    @rule(pick=st.integers(0, 3))
    def worker_takes(self, pick: int) -> None:
        self.do(TakeTurn(self.ticket(pick)))

    @rule(pick=st.integers(0, 30))
    def worker_answers(self, pick: int) -> None:
        self.do(BotAnswers(self.ticket(pick), SPEECH))

    @rule(pick=st.integers(0, 3))
    def worker_asks(self, pick: int) -> None:
        self.do(BotAsks(self.ticket(pick), SPEECH))

    @rule(pick=st.integers(0, 3))
    def worker_gives_up(self, pick: int) -> None:
        self.do(BotGivesUp(self.ticket(pick), SPEECH, HandoffReason.LOW_CONFIDENCE))

    @rule(pick=st.integers(0, 3))
    def worker_fails(self, pick: int) -> None:
        self.do(TurnFails(self.ticket(pick), "something failed"))

    @rule()
    def bot_notices(self) -> None:
        self.do(BotNotices("you are number one"))

    @rule(seconds=st.sampled_from([0, 0, 0, 1]))
    def staff_are_late(self, seconds: int) -> None:
        since = self.state.owed_since or START
        self.do(ReplyIsLate(since + timedelta(seconds=seconds), "first_reply"))

    @rule(who=people)
    def staff_claims(self, who: StaffId) -> None:
        self.do(StaffClaims(who, who.title()))

    @rule(who=people, to=people)
    def staff_transfers(self, who: StaffId, to: StaffId) -> None:
        self.do(StaffTransfers(who, who.title(), to, to.title()))

    @rule(who=people, held_by=people, right=st.sampled_from(list(TakeOverRight)))
    def staff_takes_over(self, who: StaffId, held_by: StaffId, right: TakeOverRight) -> None:
        self.do(StaffTakesOver(who, who.title(), held_by, right))

    @rule(who=people)
    def staff_reopens(self, who: StaffId) -> None:
        self.do(StaffReopens(who, who.title()))

    @rule(who=people, tag=st.sampled_from(["late", "vip"]), on=st.booleans())
    def staff_tags(self, who: StaffId, tag: str, on: bool) -> None:
        add, remove = ((tag,), ()) if on else ((), (tag,))
        self.do(StaffTags(who, who.title(), add, remove))

    @rule()
    def shopper_goes_on_with_bot(self) -> None:
        self.do(GoesOnWithBot())

    @rule()
    def shopper_leaves_message(self) -> None:
        contact = {"email": "shopper@example.com"}
        self.do(LeavesMessage(self.fresh(), "words for later", contact))

    @rule(score=st.integers(0, 6))
    def shopper_rates(self, score: int) -> None:
        self.do(ShopperRates(score))

    @rule(who=people, private=st.booleans())
    def staff_writes(self, who: StaffId, private: bool) -> None:
        words = StaffNotes if private else StaffSays
        self.do(words(who, who.title(), self.fresh(), "words of a person"))

    @rule(who=people, how=st.sampled_from([StaffReleases, HandsBack, StaffCloses, ClaimerGoesAway]))
    def staff_lets_go(self, who: StaffId, how: type[StaffReleases]) -> None:
        self.do(how(who))

    @invariant()
    def one_owner(self) -> None:
        stage, owner = self.state.stage, self.truth.owner
        holder = self.state.holder.id if self.state.holder else None
        expected = {
            Stage.WITH_BOT: "bot",
            Stage.WAITING_FOR_STAFF: "queue",
            Stage.WITH_STAFF: holder,
            Stage.CLOSED: "nobody",
        }[stage]
        assert owner == expected
        assert (holder is not None) == (stage is Stage.WITH_STAFF)
        assert self.state.last_seq == self.truth.seq
        if stage is Stage.WAITING_FOR_STAFF:
            assert self.state.waiting_since is not None, (
                "somebody waits and nobody knows since when"
            )

    @invariant()
    def turns_are_open_only_with_the_bot(self) -> None:
        open_turns = self.state.open_turns
        if self.state.stage is not Stage.WITH_BOT:
            assert open_turns == ()
        answering = [turn for turn in open_turns if turn.state is TurnState.ANSWERING]
        assert len(answering) <= 1 and len(open_turns) <= 2
        still_open = {id for id, state in self.turns.items() if state not in ENDED}
        assert still_open == {turn.id for turn in open_turns}

    def teardown(self) -> None:
        """Whatever happened, workers that go on can end every turn."""
        while self.state.open_turns:
            self.do(TakeTurn(self.state.open_turns[0].ticket))
            self.do(BotAnswers(self.state.open_turns[0].ticket, SPEECH))
        assert all(state in ENDED for state in self.turns.values())


def _explore(examples: int, *, shrink: bool = True) -> None:
    run_state_machine_as_test(
        Conversation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            report_multiple_bugs=False,
            phases=tuple(Phase) if shrink else (Phase.generate,),
            print_blob=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_row_31_and_32_ten_thousand_steps_never_show_two_owners_or_a_late_bot_word(
    record_property,
) -> None:
    record_property("steps", 100 * STEPS)
    _explore(examples=100)


@pytest.mark.long
def test_row_31_and_32_a_hundred_thousand_steps_never_show_two_owners_or_a_late_bot_word(
    record_property,
) -> None:
    record_property("steps", 1_000 * STEPS)
    _explore(examples=1_000)


def test_row_31_the_check_notices_a_table_that_lets_the_bot_speak_beside_a_person(
    monkeypatch,
) -> None:
    loud = {**TABLE[Stage.WITH_STAFF]}
    loud[CommandKind.BOT_NOTICES] = Move(Stage.WITH_STAFF, (EventKind.BOT_NOTICE,))
    monkeypatch.setitem(TABLE, Stage.WITH_STAFF, loud)
    with pytest.raises(AssertionError, match="a notice while"):
        _explore(examples=200, shrink=False)


def test_row_32_the_check_notices_words_of_somebody_who_does_not_hold_it(monkeypatch) -> None:
    monkeypatch.setattr(ownership, "must_hold", lambda state, staff: None)
    with pytest.raises(AssertionError):
        _explore(examples=200, shrink=False)
