"""Passing on, taking over, taking up again; and what a waiting shopper may choose instead."""

import pytest

from bot.conversation.commands import (
    AsksForPerson,
    BotAnswers,
    BotGivesUp,
    BotNotices,
    BotSpeech,
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
)
from bot.conversation.errors import Refused
from bot.conversation.events import ClientId, EventKind, HandoffReason, StaffId, Stage, TurnState

LI, WANG, ZHAO = StaffId("li"), StaffId("wang"), StaffId("zhao")
EMAIL = {"email": "shopper@example.com"}


def _refused(talk, command) -> Refused:
    with pytest.raises(Refused) as refused:
        talk.do(command)
    return refused.value


def test_a_transfer_gives_the_conversation_to_the_colleague_and_tells_both(talk) -> None:
    talk.do(StaffClaims(LI, "Li"))
    epoch = talk.state.claim_epoch
    outcome = talk.do(StaffTransfers(LI, "Li", WANG, "Wang"))
    assert (talk.state.stage, talk.state.holder.id) == (Stage.WITH_STAFF, WANG)
    assert talk.state.claim_epoch == epoch + 1
    (event,) = outcome.events
    assert (event.kind, event.author) == (EventKind.STAFF_TRANSFERRED, LI)
    assert dict(event.body) == {"name": "Li", "to": WANG, "to_name": "Wang"}
    (item,) = outcome.outbox
    assert (item.kind, item.payload["to"], item.payload["by"]) == ("transferred", WANG, LI)
    assert _refused(talk, StaffSays(LI, "Li", ClientId("x"), "still me")).holder == "Wang"
    talk.do(StaffSays(WANG, "Wang", ClientId("y"), "my turn"))


def test_only_the_holder_transfers_and_to_oneself_changes_nothing(talk) -> None:
    assert _refused(talk, StaffTransfers(LI, "Li", WANG, "Wang")).code == "not_claimed"
    talk.do(StaffClaims(LI, "Li"))
    assert _refused(talk, StaffTransfers(WANG, "Wang", ZHAO, "Zhao")).code == "not_holder"
    assert talk.do(StaffTransfers(LI, "Li", LI, "Li")).events == ()


def test_of_two_who_take_over_one_succeeds_and_the_other_learns_who(talk) -> None:
    talk.do(StaffClaims(LI, "Li"))
    first = talk.do(StaffTakesOver(WANG, "Wang", LI, TakeOverRight.HOLDER_AWAY))
    assert first.events[0].body["from_name"] == "Li"
    assert first.events[0].body["right"] == "holder_away"
    assert first.outbox[0].payload["from"] == LI
    late = _refused(talk, StaffTakesOver(ZHAO, "Zhao", LI, TakeOverRight.ADMIN))
    assert (late.code, late.holder) == ("already_claimed", "Wang")
    assert talk.do(StaffTakesOver(WANG, "Wang", LI, TakeOverRight.ADMIN)).events == ()


def test_a_shopper_who_waits_may_go_on_with_the_bot(talk, speech: BotSpeech) -> None:
    talk.do(AsksForPerson())
    talk.do(GoesOnWithBot())
    assert (talk.state.stage, talk.state.waiting_since) == (Stage.WITH_BOT, None)
    talk.do(BotAnswers(talk.asked(), speech))
    assert talk.kinds[-1] is EventKind.BOT_ANSWERED


def test_going_on_with_the_bot_needs_somebody_who_waits(talk) -> None:
    assert _refused(talk, GoesOnWithBot()).code == "wrong_stage"
    talk.do(StaffClaims(LI, "Li"))
    assert _refused(talk, GoesOnWithBot()).code == "wrong_stage"


@pytest.mark.parametrize("waits", [True, False])
def test_a_message_that_is_left_waits_with_its_contact_details(talk, waits: bool) -> None:
    if waits:
        talk.do(AsksForPerson())
    else:
        talk.asked()
    outcome = talk.do(LeavesMessage(ClientId("m"), "Please call me about my order", EMAIL))
    assert talk.state.stage is Stage.WAITING_FOR_STAFF
    assert talk.state.contact == EMAIL
    assert outcome.events[0].kind is EventKind.MESSAGE_LEFT
    assert outcome.events[0].client_id == "m"
    assert talk.state.last_text == "Please call me about my order"
    assert [turn.state for turn in outcome.turns] == ([] if waits else [TurnState.HANDED_OVER])
    kinds = [item.kind for item in outcome.outbox]
    assert kinds == (["message_left"] if waits else ["message_left", "waiting"])
    assert "shopper@example.com" not in str(outcome.outbox)


@pytest.mark.parametrize(
    "contact",
    [{}, {"name": "Anna"}, {"email": " "}, {"fax": "1"}, {"phone": "1" * 201}, {"phone": "\x00"}],
)
def test_a_message_without_a_way_to_answer_is_not_taken(talk, contact) -> None:
    assert _refused(talk, LeavesMessage(ClientId("m"), "call me", contact)).code == "bad_frame"
    assert talk.state.last_seq == 0


def test_a_shopper_says_how_satisfied_they_are_even_when_only_the_bot_took_part(
    talk, speech
) -> None:
    talk.do(BotAnswers(talk.asked(), speech))
    talk.do(ShopperRates(4, "quick"))
    talk.do(ShopperCloses())
    talk.do(ShopperRates(2))
    assert (talk.state.stage, talk.state.score) == (Stage.CLOSED, 2)
    rated = [event for event in talk.events if event.kind is EventKind.RATED]
    assert [(event.body["score"], event.text) for event in rated] == [(4, "quick"), (2, "")]


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_outside_one_to_five_is_refused(talk, score: int) -> None:
    assert _refused(talk, ShopperRates(score)).code == "bad_frame"


def test_tags_are_private_sorted_and_only_changes_make_events(talk) -> None:
    talk.do(StaffTags(LI, "Li", add=("vip", " late ")))
    assert talk.state.tags == ("late", "vip")
    assert talk.do(StaffTags(WANG, "Wang", add=("vip",))).events == ()
    talk.do(StaffTags(WANG, "Wang", remove=("late",)))
    assert talk.events[-1].body == {"name": "Wang", "added": [], "removed": ["late"]}
    assert _refused(talk, StaffTags(LI, "Li", add=("x" * 41,))).code == "bad_frame"
    many = tuple(f"t{number}" for number in range(25))
    assert _refused(talk, StaffTags(LI, "Li", add=many)).code == "bad_frame"


def test_a_colleague_who_is_mentioned_in_a_note_is_told_once(talk) -> None:
    note = StaffNotes(LI, "Li", ClientId("n"), "@Wang @Zhao please look", (WANG, ZHAO, WANG))
    outcome = talk.do(note)
    assert outcome.events[0].body["mentions"] == [WANG, ZHAO]
    assert [item.payload["to"] for item in outcome.outbox] == [WANG, ZHAO]
    assert len({item.key for item in outcome.outbox}) == 2


def test_a_person_takes_up_what_had_ended(talk) -> None:
    assert _refused(talk, StaffReopens(LI, "Li")).code == "wrong_stage"
    talk.do(ShopperCloses())
    talk.do(StaffReopens(LI, "Li"))
    assert (talk.state.stage, talk.state.holder.name) == (Stage.WITH_STAFF, "Li")
    assert talk.state.closed_at is None
    assert talk.kinds[-2:] == [EventKind.REOPENED, EventKind.STAFF_CLAIMED]


def test_staff_are_late_once_for_each_wait_and_the_outside_is_told(talk) -> None:
    talk.do(AsksForPerson())
    since = talk.state.waiting_since
    late = talk.do(ReplyIsLate(since, "first_reply"))
    assert [(event.kind, event.body["late"]) for event in late.events] == [
        (EventKind.REPLY_LATE, "first_reply")
    ]
    assert [(item.kind, item.payload["deadline"]) for item in late.outbox] == [
        ("reply_late", "first_reply")
    ]
    assert talk.do(ReplyIsLate(since, "first_reply")).events == ()
    talk.do(StaffClaims(LI, "Li"))
    talk.do(StaffSays(LI, "Li", ClientId("a"), "here I am"))
    assert _refused(talk, ReplyIsLate(since, "first_reply")).code == "wrong_stage"
    talk.do(ShopperSays(ClientId("b"), "and now?"))
    again = talk.do(ReplyIsLate(talk.state.waiting_since, "next_reply"))
    assert again.outbox[0].payload["holder"] == LI


@pytest.mark.parametrize("then", [GoesOnWithBot(), ShopperCloses()])
def test_staff_are_late_with_a_message_that_was_left_wherever_the_shopper_is_now(
    talk, then
) -> None:
    talk.shopper("hello")
    talk.do(AsksForPerson())
    talk.do(LeavesMessage(ClientId("a"), "call me", EMAIL))
    talk.do(then)
    late = ReplyIsLate(talk.state.message_left_at, "first_reply")
    assert [item.kind for item in talk.do(late).outbox] == ["reply_late"]
    assert talk.do(late).outbox == ()
    talk.do(StaffReopens(LI, "Li") if talk.state.closed_at else StaffClaims(LI, "Li"))
    talk.do(StaffSays(LI, "Li", ClientId("b"), "I called you"))
    assert _refused(talk, late).code == "wrong_stage"


def test_nobody_is_late_where_nobody_waits(talk) -> None:
    talk.shopper("hello")
    assert _refused(talk, ReplyIsLate(talk.now, "first_reply")).code == "wrong_stage"


def test_a_person_has_spoken_until_the_conversation_is_handed_over_anew(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(StaffClaims(LI, "Li"))
    assert not talk.state.staff_spoke
    talk.do(StaffSays(LI, "Li", ClientId("a"), "here I am"))
    assert talk.state.staff_spoke
    talk.do(HandsBack(LI))
    talk.do(AsksForPerson())
    assert not talk.state.staff_spoke


def test_whoever_takes_a_conversation_from_the_bot_owes_what_it_has_not_answered(talk) -> None:
    asked_at = talk.shopper("where is my parcel?").state.last_at
    talk.take()
    talk.shopper("and when will it come?")
    talk.do(StaffClaims(LI, "Li"))
    assert talk.state.waiting_since == asked_at
    assert talk.do(ReplyIsLate(asked_at, "first_reply")).outbox[0].payload["holder"] == LI
    talk.do(StaffSays(LI, "Li", ClientId("a"), "tomorrow"))
    assert talk.state.waiting_since is None


def test_whoever_looks_into_an_answered_conversation_owes_nothing(talk, speech) -> None:
    talk.do(BotAnswers(talk.asked(), speech))
    talk.do(StaffClaims(LI, "Li"))
    assert talk.state.waiting_since is None


def test_what_the_shopper_said_as_it_was_given_back_is_asked_of_the_bot(talk) -> None:
    talk.do(AsksForPerson())
    talk.do(StaffClaims(LI, "Li"))
    talk.do(StaffSays(LI, "Li", ClientId("a"), "all settled, bye"))
    talk.shopper("one more thing: do you ship to Macau?")
    given_back = talk.do(HandsBack(LI))
    assert [turn.state for turn in given_back.turns] == [TurnState.ASKED]
    assert talk.state.open_turns == given_back.turns
    assert talk.state.open_turns[0].claim_epoch == talk.state.claim_epoch


@pytest.mark.parametrize("then", ["nothing", "released and claimed by another"])
def test_what_a_person_has_answered_is_not_asked_of_the_bot(talk, then) -> None:
    talk.do(AsksForPerson())
    talk.do(StaffClaims(LI, "Li"))
    talk.shopper("hello?")
    talk.do(StaffSays(LI, "Li", ClientId("a"), "all settled, bye"))
    holder = LI
    if then != "nothing":
        talk.do(StaffReleases(LI))
        talk.do(StaffClaims(WANG, "Wang"))
        holder = WANG
    assert talk.do(HandsBack(holder)).turns == ()


def _first_asked(outcome) -> list[int | None]:
    """Where the turns that an outcome asks begin."""
    return [turn.first_seq for turn in outcome.turns if turn.state is TurnState.ASKED]


def test_what_a_shopper_wrote_while_waiting_is_asked_of_the_bot_once_they_go_on_with_it(
    talk,
) -> None:
    talk.do(BotGivesUp(talk.asked(), BotSpeech("One moment.", "en"), HandoffReason.WISH))
    talk.shopper("do you ship to Macau?")
    talk.do(BotNotices("Nobody is here just now.", "nobody_here"))
    talk.shopper("and how long does it take?")
    gone_on = talk.do(GoesOnWithBot())
    assert _first_asked(gone_on) == [4]  # after the question, the giving up and the request
    assert talk.events[3].text == "do you ship to Macau?"
    assert talk.state.unanswered_from is None
    assert _refused(talk, GoesOnWithBot()).code == "wrong_stage"
    assert talk.state.open_turns == gone_on.turns


def test_nothing_is_asked_of_the_bot_where_nothing_was_written_while_waiting(talk) -> None:
    talk.do(BotGivesUp(talk.asked(), BotSpeech("One moment.", "en"), HandoffReason.WISH))
    talk.do(LeavesMessage(ClientId("a"), "call me", EMAIL))  # for people, not for the bot
    assert talk.do(GoesOnWithBot()).turns == ()


def test_what_a_person_answered_before_the_shopper_went_on_is_not_asked_again(talk) -> None:
    talk.do(AsksForPerson())
    talk.shopper("do you ship to Macau?")
    talk.do(StaffClaims(LI, "Li"))
    talk.do(StaffSays(LI, "Li", ClientId("a"), "yes"))
    talk.do(StaffReleases(LI))
    assert talk.do(GoesOnWithBot()).turns == ()


def test_what_was_asked_as_the_desk_was_called_is_asked_again_by_who_goes_on(talk) -> None:
    talk.asked()  # too many waited, say: it was sent to people unanswered
    talk.shopper("and how long does it take?")
    talk.do(AsksForPerson(HandoffReason.FAULT))
    assert _first_asked(talk.do(GoesOnWithBot())) == [1]


def test_of_two_turns_the_bot_takes_up_the_one_that_it_did_not_give_up_itself(talk) -> None:
    ticket = talk.asked()
    talk.shopper("and how long does it take?")
    talk.do(BotGivesUp(ticket, BotSpeech("One moment.", "en"), HandoffReason.LOW_CONFIDENCE))
    assert _first_asked(talk.do(GoesOnWithBot())) == [2]


@pytest.mark.parametrize("from_whom", ["the queue", "the bot"])
def test_whoever_gives_back_without_a_word_gives_back_what_they_owe(talk, from_whom) -> None:
    if from_whom == "the queue":
        talk.do(AsksForPerson())
    talk.asked() if from_whom == "the bot" else talk.shopper("where is my parcel?")
    asked = talk.state.last_seq
    talk.do(StaffClaims(LI, "Li"))
    talk.do(StaffTransfers(LI, "Li", WANG, "Wang"))
    assert _first_asked(talk.do(HandsBack(WANG))) == [asked]


@pytest.mark.parametrize("closes", [ShopperCloses(), StaffCloses(LI, "Li")])
def test_what_was_not_answered_before_the_end_is_not_taken_up_after_it(talk, closes) -> None:
    talk.do(AsksForPerson())
    talk.shopper("where is my parcel?")
    talk.do(StaffClaims(LI, "Li"))
    talk.do(closes)
    assert talk.state.unanswered_from is None
    again = talk.shopper("hello again")
    assert _first_asked(again) == [again.state.last_seq]


def test_a_claim_tells_whether_the_desk_gave_it(talk) -> None:
    talk.do(AsksForPerson())
    assert talk.do(StaffClaims(LI, "Li", routed=True)).events[0].body["routed"] is True


@pytest.mark.parametrize("then", [GoesOnWithBot(), ShopperCloses(), AsksForPerson()])
def test_a_message_that_was_left_waits_whatever_the_shopper_does_then(talk, then) -> None:
    talk.do(LeavesMessage(ClientId("a"), "call me", EMAIL))
    since = talk.state.message_left_at
    assert since == talk.now
    talk.do(then)
    talk.shopper("one more thing")
    assert talk.state.message_left_at == since


@pytest.mark.parametrize("answer", ["says", "hands back", "closes", "closes what has ended"])
def test_a_message_that_was_left_waits_until_a_person_has_dealt_with_it(talk, answer) -> None:
    talk.do(LeavesMessage(ClientId("a"), "call me", EMAIL))
    if answer == "closes what has ended":
        talk.do(ShopperCloses())
    else:
        talk.do(StaffClaims(LI, "Li"))
    assert talk.state.message_left_at is not None
    deals = {
        "says": StaffSays(LI, "Li", ClientId("b"), "I called."),
        "hands back": HandsBack(LI),
    }
    talk.do(deals.get(answer, StaffCloses(LI, "Li")))
    assert talk.state.message_left_at is None
    assert talk.state.contact == EMAIL
