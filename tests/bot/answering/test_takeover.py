import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.mood import Mood
from bot.answering.takeover import CALMING, REASONS, SIGNS, Understood, Utterance, takeover_need

CALM = Mood("neutral", 0.0, 0.0)


def shopper(text):
    return Utterance.of(text, by_shopper=True)


def bot(text):
    return Utterance.of(text, by_shopper=False)


def test_a_first_plain_question_needs_nobody():
    opinion = takeover_need([shopper("Do you have this kettle in green?")], Understood(CALM))
    assert opinion.need < 0.1
    assert opinion.reasons == ()


def test_who_asks_the_same_again_needs_a_person_more():
    once = [shopper("退款什么时候到账"), bot("一般三到五天到账。")]
    again = takeover_need([*once, shopper("退款什么时候到账？")])
    other = takeover_need([*once, shopper("好的，那发票在哪里下载")])
    assert again.need > other.need + 0.3
    assert again.reasons[0] == "shopper_repeats"


def test_a_bot_that_says_the_same_again_needs_to_be_relieved():
    said = [shopper("my lid is cracked"), bot("Please see our returns page."), shopper("no help")]
    repeated = takeover_need([*said, bot("Please see our returns page.")])
    fresh = takeover_need([*said, bot("I am sorry. Shall I order a new lid for you?")])
    assert repeated.need > fresh.need + 0.2
    assert "bot_repeats" in repeated.reasons


def test_a_repetition_wears_off():
    said = [shopper("where is it"), bot("on its way"), shopper("where is it")]
    later = [*said, bot("It left Bristol today."), shopper("great, and the invoice?")]
    assert takeover_need(later).need < takeover_need(said).need


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        (Understood(Mood("angry", 4.0, 0.0, "very_negative")), "anger"),
        (Understood(CALM, wish=True), "wish"),
        (Understood(CALM, failures=2), "failures"),
        (Understood(CALM, confidence=0.2), "doubt"),
        (Understood(Mood("neutral", 0.0, 1.0)), "urgency"),
        (Understood(Mood("negative", 1.0, 0.0, "negative")), "displeasure"),
    ],
)
def test_each_thing_that_goes_wrong_speaks_for_a_person(worse, reason):
    said = [shopper("where is my order 88123")]
    calm, bad = takeover_need(said, Understood(CALM)), takeover_need(said, worse)
    assert bad.need > calm.need
    assert reason in bad.reasons


def test_a_wish_is_enough_alone():
    opinion = takeover_need([shopper("a human please")], Understood(CALM, wish=True))
    assert opinion.need == 1.0
    assert opinion.reasons[0] == "wish"


def test_every_reason_is_explained():
    every = [*REASONS.values(), *CALMING.values()]
    assert all(reason.because and 0 < reason.weight <= 1 for reason in every)
    assert all(SIGNS.values())


def test_a_talk_that_has_only_begun_needs_nobody_yet():
    asked = "I bought a lamp last week and it hums when it is dimmed, what can I do about it?"
    begun = [shopper("hello"), shopper(asked)]
    later = [shopper("hello"), bot("Hi!"), shopper("a question"), bot("Yes?"), shopper(asked)]
    assert takeover_need(begun).need < 0.1 <= takeover_need(later).need


def test_a_bot_that_goes_on_or_is_only_courteous_is_not_doubted_yet():
    said = [shopper("do you ship to Oslo"), bot("We ship to most of Europe from our warehouse.")]
    goes_on = takeover_need([*said, bot("It takes about four days and costs nine euros there.")])
    courteous = takeover_need([*said, shopper("thank you"), bot("You are welcome!")])
    assert goes_on.need < takeover_need(said).need
    assert courteous.need < takeover_need(said).need


TALK = st.lists(
    st.builds(Utterance, st.booleans(), st.lists(st.integers(0, 5), max_size=9).map(tuple)),
    min_size=1,
    max_size=12,
)


@given(TALK, st.floats(0, 1), st.integers(0, 9), st.booleans())
def test_the_need_is_a_share_and_more_trouble_never_lowers_it(said, confidence, failures, wish):
    mild = takeover_need(said, Understood(CALM, wish, failures, confidence)).need
    worse = takeover_need(said, Understood(CALM, wish, failures + 1, confidence / 2)).need
    assert 0 <= mild <= worse <= 1


def test_a_pasted_page_is_cut_and_emoji_do_no_harm():
    assert len(shopper("word " * 100_000).tokens) <= 400
    assert takeover_need([shopper("🙂🙂"), bot(""), shopper("")]).need < 1
