import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    BotAnswers,
    BotAsks,
    BotGivesUp,
    BotNotices,
    BotSpeech,
    ClaimerGoesAway,
    HandsBack,
    ShopperCloses,
    ShopperSays,
    StaffClaims,
    StaffCloses,
    StaffNotes,
    StaffReleases,
    StaffSays,
    TakeTurn,
    Ticket,
    TurnFails,
)
from bot.conversation.conversation import apply
from bot.conversation.errors import Refused
from bot.conversation.events import (
    ClientId,
    EventKind,
    HandoffReason,
    StaffId,
    Stage,
    TurnId,
    TurnState,
)

LI, WANG = StaffId("li"), StaffId("wang")


def li_claims() -> StaffClaims:
    return StaffClaims(LI, "Li Na")


def test_a_question_is_numbered_and_asks_a_turn(talk) -> None:
    outcome = talk.shopper("Do you ship to Macau?")
    (said,) = outcome.events
    assert (said.seq, said.kind, said.text) == (1, EventKind.SHOPPER_SAID, "Do you ship to Macau?")
    (turn,) = outcome.turns
    assert (turn.id, turn.state, said.turn) == ("c1.1", TurnState.ASKED, "c1.1")
    assert outcome.state.last_text == "Do you ship to Macau?"


def test_short_messages_in_a_burst_are_one_turn(talk) -> None:
    talk.shopper("hi")
    talk.shopper("my order")
    talk.shopper("A1001")
    assert [event.turn for event in talk.events] == ["c1.1"] * 3
    assert len(talk.state.open_turns) == 1


def test_a_message_while_the_bot_answers_is_the_next_turn_and_waits_for_the_running_one(
    talk, speech
) -> None:
    first = talk.asked()
    talk.shopper("and can I still change the address?")
    talk.shopper("it moved")
    assert [turn.id for turn in talk.state.open_turns] == ["c1.1", "c1.2"]
    with pytest.raises(Refused) as refused:
        talk.do(TakeTurn(talk.state.open_turns[1].ticket))
    assert refused.value.code == "wrong_stage"
    talk.do(BotAnswers(first, speech))
    second = talk.take()
    talk.do(BotAnswers(second, speech))
    assert talk.state.open_turns == ()
    assert {turn.state for turn in talk.turns.values()} == {TurnState.ANSWERED}


def test_a_message_that_is_answered_at_once_asks_a_turn_that_is_taken_already(talk, speech) -> None:
    outcome = talk.do(ShopperSays(ClientId("m1"), "Do you ship to Macau?", take=True))
    (turn,) = outcome.turns
    assert (turn.state, turn.attempt) == (TurnState.ANSWERING, 1)
    with pytest.raises(Refused):
        talk.do(TakeTurn(replace(turn.ticket, attempt=0)))
    talk.do(BotAnswers(turn.ticket, speech))
    assert talk.state.open_turns == ()


def test_the_end_of_a_burst_takes_the_turn_of_all_of_it(talk) -> None:
    talk.shopper("hi")
    talk.do(ShopperSays(ClientId("m1"), "Where is A1001?", take=True))
    (turn,) = talk.state.open_turns
    assert (turn.id, turn.state) == ("c1.1", TurnState.ANSWERING)
    assert [event.turn for event in talk.events] == ["c1.1"] * 2


def test_a_message_never_takes_the_turn_behind_one_that_is_being_answered(talk, speech) -> None:
    first = talk.asked()
    talk.do(ShopperSays(ClientId("m1"), "and to Hong Kong?", take=True))
    assert [turn.attempt for turn in talk.state.open_turns] == [1, 0]
    talk.do(BotAnswers(first, speech))
    assert [turn.state for turn in talk.state.open_turns] == [TurnState.ASKED]


def test_with_a_person_a_message_takes_no_turn(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(ShopperSays(ClientId("m1"), "hello?", take=True))
    assert talk.state.open_turns == ()


def test_an_answer_leaves_its_facts_its_memory_and_its_trace(talk) -> None:
    ticket = talk.asked()
    speech = BotSpeech(
        "Which order?",
        "en",
        source="action",
        choices=(("A1001", "say:A1001"), ("None", "none")),
        memory={"slots": {"order": None}},
        failures=1,
        intent="order_status",
        trace={"rule": "action"},
    )
    outcome = talk.do(BotAsks(ticket, speech))
    assert outcome.events[0].body == {
        "language": "en",
        "source": "action",
        "confidence": None,
        "entry": None,
        "choices": [
            {"label": "A1001", "value": "say:A1001"},
            {"label": "None", "value": "none"},
        ],
    }
    assert outcome.trace == ("c1.1", {"rule": "action"})
    assert talk.state.memory == {"slots": {"order": None}}
    assert (talk.state.failures, talk.state.offered) == (1, ("say:A1001", "none"))


def test_only_a_quick_reply_that_was_offered_is_obeyed(talk, speech) -> None:
    talk.do(BotAnswers(talk.asked(), replace(speech, choices=(("Yes", "entry:7"),))))
    talk.shopper("Yes", choice="entry:999")
    assert talk.state.open_turns[0].choice is None
    talk.shopper("Yes", choice="entry:7")
    assert talk.state.open_turns[0].choice == "entry:7"


def test_the_button_for_a_person_works_without_being_offered(talk) -> None:
    talk.shopper("Talk to a person", choice="person")
    assert talk.state.open_turns[0].choice == "person"


def test_giving_up_puts_the_shopper_into_the_queue_and_tells_the_outside(talk, speech) -> None:
    ticket = talk.asked()
    angry = replace(speech, mood="angry", intent="complaint", order="A1001")
    outcome = talk.do(BotGivesUp(ticket, angry, HandoffReason.ANGER))
    assert [event.kind for event in outcome.events] == [
        EventKind.BOT_GAVE_UP,
        EventKind.HANDOFF_REQUESTED,
    ]
    assert outcome.events[1].body == {"reason": "anger", "intent": "complaint", "mood": "angry"}
    assert talk.state.stage is Stage.WAITING_FOR_STAFF
    assert talk.state.waiting_since == talk.now
    assert (talk.state.reason, talk.state.order) == (HandoffReason.ANGER, "A1001")
    assert talk.turns[TurnId("c1.1")].state is TurnState.HANDED_OVER
    (item,) = outcome.outbox
    assert (item.kind, item.key) == ("waiting", "c1:3:waiting")
    assert item.payload == {"conversation": "c1", "seq": 3, "reason": "anger", "language": "en"}


def test_while_waiting_messages_are_kept_and_make_no_turn(talk) -> None:
    talk.do(AsksForPerson())
    outcome = talk.shopper("hello?")
    assert outcome.turns == () and outcome.events[0].turn is None
    assert talk.state.stage is Stage.WAITING_FOR_STAFF


def test_asking_twice_for_a_person_is_one_place_in_the_queue(talk) -> None:
    talk.do(AsksForPerson())
    since = talk.state.waiting_since
    outcome = talk.do(AsksForPerson())
    assert outcome.events == () and talk.state.waiting_since == since


def test_two_people_claim_and_the_second_hears_who_has_it(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(li_claims())
    with pytest.raises(Refused) as refused:
        talk.do(StaffClaims(WANG, "Wang Wei"))
    assert (refused.value.code, refused.value.holder) == ("already_claimed", "Li Na")
    assert talk.do(li_claims()).events == ()


def test_an_answer_that_comes_after_a_person_took_over_is_kept_as_a_draft(talk, speech) -> None:
    ticket = talk.asked()
    talk.do(li_claims())
    assert talk.turns[TurnId("c1.1")].state is TurnState.HANDED_OVER
    outcome = talk.do(BotAnswers(ticket, replace(speech, trace={"rule": "known"})))
    (draft,) = outcome.events
    assert (draft.kind, draft.text) == (EventKind.BOT_DRAFTED, "It is on its way.")
    assert draft.body["would_be"] == "bot_answers"
    assert outcome.trace == ("c1.1", {"rule": "known"})
    assert talk.state.last_text == "where is my parcel?"


def test_a_late_answer_stays_a_draft_when_the_conversation_is_back_with_the_bot(
    talk, speech
) -> None:
    ticket = talk.asked()
    talk.do(li_claims())
    talk.do(HandsBack(LI))
    assert talk.state.stage is Stage.WITH_BOT
    assert talk.do(BotAnswers(ticket, speech)).events[0].kind is EventKind.BOT_DRAFTED


def test_an_answer_given_twice_is_refused_the_second_time(talk, speech) -> None:
    ticket = talk.asked()
    talk.do(BotAnswers(ticket, speech))
    with pytest.raises(Refused) as refused:
        talk.do(BotAnswers(ticket, speech))
    assert refused.value.code == "wrong_stage"


def test_a_turn_is_resumed_by_another_try_and_the_dead_one_cannot_answer(talk, speech) -> None:
    dead = talk.asked()
    alive = talk.take()
    assert (dead.attempt, alive.attempt) == (1, 2)
    with pytest.raises(Refused):
        talk.do(BotAnswers(dead, speech))
    with pytest.raises(Refused):
        talk.do(TakeTurn(dead))
    talk.do(BotAnswers(alive, speech))
    assert talk.kinds.count(EventKind.BOT_ANSWERED) == 1


def test_a_ticket_of_another_conversation_opens_nothing(talk, speech) -> None:
    talk.asked()
    talk.do(li_claims())
    with pytest.raises(Refused) as refused:
        talk.do(BotAnswers(Ticket(TurnId("c2.1"), 1, 0), speech))
    assert refused.value.code == "not_yours"
    with pytest.raises(Refused):
        talk.do(BotAnswers(Ticket(TurnId("c1.9"), 1, 0), speech))


def test_a_turn_that_fails_ends_with_a_notice(talk) -> None:
    ticket = talk.asked()
    talk.do(TurnFails(ticket, "Something went wrong. Please ask again."))
    assert talk.turns[TurnId("c1.1")].state is TurnState.FAILED
    assert (talk.kinds[-1], talk.events[-1].body) == (EventKind.BOT_NOTICE, {"notice": "failed"})
    assert talk.state.failures == 1


def test_only_the_holder_speaks_releases_hands_back_and_closes(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(li_claims())
    for command in (
        StaffSays(WANG, "Wang Wei", ClientId("w1"), "Hello"),
        StaffReleases(WANG),
        HandsBack(WANG),
        StaffCloses(WANG),
        ClaimerGoesAway(WANG),
    ):
        with pytest.raises(Refused) as refused:
            talk.do(command)
        assert (refused.value.code, refused.value.holder) == ("not_holder", "Li Na")
    talk.do(StaffNotes(WANG, "Wang Wei", ClientId("w2"), "She called yesterday too."))
    assert talk.kinds[-1] is EventKind.STAFF_NOTED


def test_the_wait_is_counted_from_the_first_word_that_no_person_answered(talk) -> None:
    talk.do(AsksForPerson())
    asked_at = talk.now
    talk.do(li_claims())
    assert talk.state.waiting_since == asked_at
    talk.do(StaffReleases(LI))
    assert talk.state.waiting_since == asked_at
    talk.do(li_claims())
    talk.do(StaffSays(LI, "Li Na", ClientId("l1"), "One moment"))
    assert talk.state.waiting_since is None
    talk.shopper("thanks")
    thanked_at = talk.now
    talk.do(ClaimerGoesAway(LI))
    assert talk.state.waiting_since == thanked_at
    assert talk.events[-1].body == {"name": "Li Na", "away": True}


def test_handed_back_the_bot_begins_afresh(talk, speech) -> None:
    ticket = talk.asked()
    talk.do(BotGivesUp(ticket, replace(speech, failures=2), HandoffReason.REPEATED_FAILURE))
    talk.do(li_claims())
    talk.do(HandsBack(LI))
    state = talk.state
    assert (state.stage, state.holder, state.failures) == (Stage.WITH_BOT, None, 0)
    assert (state.reason, state.waiting_since) == (None, None)
    talk.shopper("another thing")
    assert len(talk.state.open_turns) == 1


def test_a_closed_conversation_opens_again_with_the_bot_when_the_shopper_returns(talk) -> None:
    talk.asked()
    talk.do(ShopperCloses())
    assert talk.turns[TurnId("c1.1")].state is TurnState.FAILED
    assert talk.do(ShopperCloses()).events == ()
    outcome = talk.shopper("one more thing")
    assert [event.kind for event in outcome.events] == [
        EventKind.REOPENED,
        EventKind.SHOPPER_SAID,
    ]
    assert [event.seq for event in outcome.events] == [3, 4]
    assert talk.state.stage is Stage.WITH_BOT and talk.state.closed_at is None
    assert [turn.id for turn in talk.state.open_turns] == ["c1.2"]


def test_a_notice_reaches_a_waiting_shopper_and_not_one_with_a_person(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(BotNotices("Nobody is here now; your message is kept.", "nobody_here"))
    assert talk.events[-1].body == {"notice": "nobody_here"}
    talk.do(li_claims())
    with pytest.raises(Refused):
        talk.do(BotNotices("You are number 1.", "place"))


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "text_empty"), (" \n\t", "text_empty"), ("a\x00b", "bad_frame"), ("\ud83d", "bad_frame")],
)
def test_text_that_no_store_can_hold_is_refused(talk, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        talk.do(ShopperSays(ClientId("x"), text))
    assert refused.value.code == code
    assert talk.state.last_seq == 0


def test_a_wait_begins_now_though_a_clock_that_ran_ahead_dated_what_was_said_before(talk) -> None:
    right = talk.now
    talk.now += timedelta(days=1)
    talk.shopper("hello")
    ahead, talk.now = talk.now, right
    asked = talk.do(AsksForPerson())
    assert talk.state.waiting_since == talk.now  # and not behind all who come on this day
    assert {event.at for event in asked.events} == {talk.state.last_at} == {ahead}
    assert asked.turns[0].ended_at == ahead
    talk.do(li_claims())
    talk.do(StaffSays(LI, "Li Na", ClientId("l1"), "One moment"))
    talk.shopper("thanks")
    assert talk.state.waiting_since == talk.now


def test_a_clock_that_is_set_back_does_not_turn_the_order_of_times(talk) -> None:
    talk.shopper("first")
    later = talk.now
    outcome = apply(talk.state, ShopperSays(ClientId("x"), "second"), later - timedelta(days=1))
    assert outcome.events[0].at == later
    assert outcome.state.last_at == later


def test_the_core_loads_no_library_at_all() -> None:
    code = (
        "import sys; before = set(sys.modules); import bot.conversation.conversation;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['bot']"
