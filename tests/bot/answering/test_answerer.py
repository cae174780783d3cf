"""The order of attempts, with parts that cost nothing: hashed vectors and a one-rule judge."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from rasa_sdk import Action
from rasa_sdk.events import SlotSet

from bot.actions.action_runner import InProcessActions
from bot.actions.order_status import ActionOrderStatus
from bot.actions.orders import JsonOrderBook, Order
from bot.answering.answer import Answer, Choice, Decision, Memory, Question, Said, Source, Unwritten
from bot.answering.answerer import ShopAnswerer
from bot.answering.doubt import Judgement, Verdict
from bot.answering.intent_classifier import IntentGuess, NearestExample
from bot.answering.parts import Parts
from bot.answering.shop import Shop
from bot.answering.weighing import shipped_weigher
from bot.conversation.events import HandoffReason
from knowledge_base.entry import Entry
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher

SHOP = Shop.load(Path(__file__).parents[3] / "demo_shop")
NUMBER = "LH20261103-4821"
ENTRIES = (
    Entry("delivery.cost", ("How much is delivery?", "delivery fee"), "Delivery is 8 yuan.", "en"),
    Entry("delivery.time", ("How long does delivery take?",), "Two to four days.", "en"),
    Entry("return.window", ("Can I return a kettle?",), "Within fifteen days.", "en"),
    Entry("delivery.cost", ("运费多少",), "运费八元。", "zh"),
)


@dataclass
class OneRuleJudge:
    """Sure of a best hit by its score alone; remembers what it was asked."""

    verdict: Verdict = Verdict.ESCALATE
    answer_from: float = 0.6
    version: str = "one-rule"
    asked: list = field(default_factory=list)

    def thresholds(self, language):
        return {"answer": self.answer_from}

    def sure_of_intent(self, guess, language):
        return guess.confidence > 0.5

    def judge(self, result, guess, language):
        self.asked.append((result, guess, language))
        best = result.hits[0] if result.hits else None
        if best is not None and (best.exact or best.score >= self.answer_from):
            return Judgement(Verdict.ANSWER, 0.97, 0.99)
        return Judgement(self.verdict, 0.3, 0.6)


@dataclass
class Known:
    """A knowledge base with one version."""

    current: object


class BrokenSearcher:
    """A searcher that fails on texts with a certain word, and finds nothing otherwise."""

    version = "broken"

    def mended(self, text):
        return text

    def exact(self, text, *, k=10, language=None):
        if "boom" in text:
            raise RuntimeError("a planted fault")
        return None

    def search_batch(self, texts, *, k=10, language=None, vectors=None, meant=None):
        return [Searcher.of(ENTRIES, HashedEncoder()).search(text) for text in texts]


@dataclass
class ScriptedWriter:
    """Writes what it was given, or nothing."""

    text: str | None
    model: str = "scripted"
    asked: list = field(default_factory=list)

    def write(self, question, evidence, language, *args, **kwargs):
        self.asked.append((question, tuple(entry.id for entry in evidence), language))
        return None if self.text is None else _Reply(self.text)


@dataclass
class _Reply:
    text: str


@pytest.fixture(scope="module")
def searcher():
    return Searcher.of(ENTRIES, HashedEncoder())


def answerer(searcher, judge=None, writer=None):
    order = Order(NUMBER, "shipped", "13800000126", "mei@example.com", {"en": "In Ningbo."})
    book = JsonOrderBook({NUMBER: order}, SHOP.order_number_pattern)
    return ShopAnswerer(
        Parts(
            shop=SHOP,
            knowledge=Known(searcher),
            encoder=HashedEncoder(),
            judge=judge or OneRuleJudge(),
            actions=InProcessActions([ActionOrderStatus(book, SHOP.say)]),
            writer=writer,
        )
    )


def asked(*texts, choice=None, memory=None, history=()):
    return Question("c1", "c1.1", texts, choice, tuple(history), memory or Memory(), "en")


def test_a_published_question_is_answered_word_for_word_without_a_model(searcher):
    encoder = HashedEncoder()
    shop = answerer(searcher)
    shop.parts = replace(shop.parts, encoder=encoder)
    answer = shop.answer(asked("HOW MUCH is delivery"))
    assert (answer.decision, answer.source, answer.text) == (
        Decision.ANSWER,
        Source.KNOWN,
        "Delivery is 8 yuan.",
    )
    assert answer.entry_id == "delivery.cost"
    assert answer.trace.rule == "exact_question"
    assert encoder.asked == 0


def test_the_same_fact_is_told_in_the_shoppers_language(searcher):
    assert answerer(searcher).answer(asked("运费多少")).text == "运费八元。"


def test_a_wish_for_a_person_goes_before_everything_else(searcher):
    answer = answerer(searcher).answer(asked("How much is delivery? Let me talk to a human"))
    assert (answer.decision, answer.handoff) == (Decision.ESCALATE, HandoffReason.WISH)


def test_a_published_question_is_answered_in_its_language_however_it_is_spaced():
    entries = [
        Entry("cards", ("可以用2张卡付吗",), "可以。", "zh"),
        Entry("cards", ("Can I pay with 2 cards?",), "Yes, both.", "en"),
        Entry("pad", ("IAMA 平板怎么充电",), "用附带的线。", "zh"),
        Entry("pad", ("How is the IAMA tablet charged?",), "With its cable.", "en"),
    ]
    shop = answerer(Searcher.of(entries, HashedEncoder()))
    for typed, before, text, language in (
        ("canipaywith2cards", "zh", "Yes, both.", "en"),
        ("可以用2张卡付吗", "en", "可以。", "zh"),
        ("I A M A 平板怎么充电", "zh", "用附带的线。", "zh"),
    ):
        answer = shop.answer(asked(typed, memory=Memory(before)))
        assert (answer.text, answer.language, answer.source) == (text, language, Source.KNOWN)


def test_a_published_question_that_sounds_like_a_wish_or_anger_gets_its_own_answer(searcher):
    asked_as = {
        "Must anybody be home? I want to talk to a person about it": "Yes, or a neighbour.",
        "有人吗": "在的，请讲。",
        "NOT HAPPY, YOU SCAMMERS": "Send it back.",
    }
    languages = {"有人吗": "zh"}
    entries = [
        Entry(f"e{at}", (question,), answer, languages.get(question, "en"))
        for at, (question, answer) in enumerate(asked_as.items())
    ]
    shop = answerer(Searcher.of(entries, HashedEncoder()))
    for question, text in asked_as.items():
        answer = shop.answer(asked(question))
        assert (answer.text, answer.source) == (text, Source.KNOWN)
        assert answer.choices[-1].value == "person" or question == "有人吗"
        before = (Said("shopper", question), Said("bot", text))
        again = shop.answer(asked(question, history=before, memory=answer.memory))
        assert again.decision is Decision.ESCALATE, question


def test_who_knocks_at_the_beginning_is_greeted_and_later_gets_a_person(searcher):
    shop = answerer(searcher)
    assert shop.answer(asked("有人吗？？")).source is Source.SAID
    before = (Said("shopper", "运费多少"), Said("bot", "运费八元。"))
    assert shop.answer(asked("有人吗？？", history=before)).handoff is HandoffReason.WISH


def test_anger_brings_a_person(searcher):
    answer = answerer(searcher).answer(asked("You are scammers, how much is delivery"))
    assert answer.handoff is HandoffReason.ANGER


@pytest.mark.parametrize(
    "text", ["my Hulu password: can I return a kettle", "delete the Zorblax account kettle return"]
)
def test_an_account_with_somebody_else_is_asked_back_however_sure_the_entry_is(searcher, text):
    sure = OneRuleJudge(answer_from=0.0)
    answer = answerer(searcher, sure).answer(asked(text))
    assert answer.decision is Decision.CLARIFY
    ours = text.replace("Hulu", "old").replace("Zorblax", "Kettle")
    assert answerer(searcher, sure).answer(asked(ours)).decision is Decision.ANSWER


def test_what_was_said_before_makes_nobody_elses_account_the_shops(searcher):
    shop = answerer(searcher, OneRuleJudge(answer_from=0.0))
    first = shop.answer(asked("Can I return a kettle?"))
    before = (Said("shopper", "Can I return a kettle?"), Said("bot", first.text))
    for text in ("my Hulu password, return a kettle", "is the kettle made in Japan?"):
        answer = shop.answer(asked(text, history=before, memory=first.memory))
        assert answer.decision is not Decision.ANSWER, text
    ours = shop.answer(asked("return of the kettle?", history=before, memory=first.memory))
    assert ours.decision is Decision.ANSWER


def test_a_name_that_mending_would_spoil_still_says_that_another_is_meant():
    entries = [
        *(
            Entry(f"e{at}", (f"微波炉可以加热{thing}吗",), "可以。", "zh")
            for at, thing in enumerate("米饭 汤面 牛奶 饭盒 瓷碗".split())
        ),
        Entry("delete", ("账号怎么注销",), "点注销。", "zh"),
    ]
    searcher = Searcher.of(entries, HashedEncoder())
    assert searcher.mended("微博账号怎么注销") == "微波账号怎么注销"
    answer = answerer(searcher, OneRuleJudge(answer_from=0.0)).answer(asked("微博账号怎么注销"))
    assert answer.decision is Decision.CLARIFY


def test_who_writes_another_language_gets_english_or_a_person_as_the_shop_wants(searcher):
    text = "Wo ist meine Bestellung, ich warte seit Tagen"
    english = answerer(searcher)
    assert english.answer(asked(text)).language == "en"
    person = answerer(searcher, OneRuleJudge(answer_from=0.0))
    person.parts = replace(person.parts, shop=replace(SHOP, other_languages="person"))
    answer = person.answer(asked(text))
    assert (answer.decision, answer.language) == (Decision.ESCALATE, "en")
    assert person.answer(asked("How much is delivery?")).decision is Decision.ANSWER


def test_an_unknown_question_brings_a_person_and_says_so(searcher):
    answer = answerer(searcher).answer(asked("Do giraffes dream of the moon?"))
    assert (answer.decision, answer.handoff) == (Decision.ESCALATE, HandoffReason.LOW_CONFIDENCE)
    assert answer.text == SHOP.say("handing_over_unsure", "en")
    assert [attempt["outcome"] for attempt in answer.trace.attempts][-1] == "answered"


def test_two_close_answers_are_asked_back_and_the_choice_is_obeyed(searcher):
    shop = answerer(searcher, OneRuleJudge(Verdict.CLARIFY, answer_from=2.0))
    question = shop.answer(asked("about your deliveries please"))
    assert question.decision is Decision.CLARIFY
    values = [choice.value for choice in question.choices]
    assert "entry:delivery.cost" in values
    assert values[-1] == "none"
    chosen = shop.answer(asked("x", choice="entry:delivery.cost", memory=question.memory))
    assert chosen.text == "Delivery is 8 yuan."


def test_a_choice_is_obeyed_by_its_number_and_its_words_too(searcher):
    shop = answerer(searcher, OneRuleJudge(Verdict.CLARIFY, answer_from=2.0))
    question = shop.answer(asked("about your deliveries please"))
    labels = [choice.label for choice in question.choices]
    place = labels.index("How long does delivery take?") + 1
    for typed in (str(place), f"number {place} please", "how long does DELIVERY take"):
        assert shop.answer(asked(typed, memory=question.memory)).text == "Two to four days."
    none = shop.answer(asked("neither", memory=question.memory))
    assert none.text == SHOP.say("none_of_these", "en")
    person = shop.answer(asked("no, get me a human", memory=question.memory))
    assert person.handoff is HandoffReason.WISH


def test_a_choice_that_was_never_offered_is_not_obeyed(searcher):
    answer = answerer(searcher).answer(asked("giraffes of the moon", choice="entry:delivery.cost"))
    assert answer.decision is Decision.ESCALATE


def test_the_person_button_works_at_any_time(searcher):
    answer = answerer(searcher).answer(asked("Talk to a person", choice="person"))
    assert answer.handoff is HandoffReason.WISH


def test_an_action_keeps_asking_until_it_has_what_it_needs(searcher):
    shop = answerer(searcher)
    first = shop.answer(asked(f"what about {NUMBER}"))
    assert first.source is Source.ACTION
    assert first.memory.active_action == ("action_order_status", "order_proof")
    second = shop.answer(asked("0126", memory=first.memory))
    assert "In Ningbo." in second.text
    assert second.memory.active_action is None
    assert second.order == NUMBER


class ActionSize(Action):
    """A shop's own action with a slot of its own and buttons."""

    def name(self):
        return "action_size"

    async def run(self, dispatcher, tracker, domain):
        size = tracker.get_slot("size")
        if size in ("l", "a large one"):
            dispatcher.utter_message(text="Large it is.")
            return [SlotSet("requested_slot", None)]
        dispatcher.utter_message(text="Which?", buttons=[{"title": "Large", "payload": "l"}])
        return [SlotSet("requested_slot", "size")]


@pytest.mark.parametrize(
    ("said", "choice", "told"),
    [
        ("Large", "say:l", "Large it is."),
        ("a large one", None, "Large it is."),
        ("1", None, "Large it is."),
        ("hm", None, "Which?"),
        ("How long does delivery take?", None, "Two to four days."),
    ],
)
def test_an_action_of_the_shops_own_gets_what_it_asked_for(searcher, said, choice, told):
    shop = answerer(searcher)
    shop.parts = replace(shop.parts, actions=InProcessActions([ActionSize()]))
    offered = (Choice("Large", "say:l"),)
    waits = Memory(active_action=("action_size", "size"), offered=offered)
    assert shop.answer(asked(said, choice=choice, memory=waits)).text == told


def test_a_written_answer_is_a_step_of_its_own_and_keeps_its_evidence(searcher):
    writer = ScriptedWriter("Delivery costs 8 yuan.")
    shop = answerer(searcher, OneRuleJudge(Verdict.WRITE, answer_from=2.0), writer)
    first = shop.answer_batch([asked("what would you charge me for a parcel delivery")])[0]
    assert isinstance(first, Unwritten)
    assert writer.asked == []
    answer = shop.write(first)
    assert (answer.decision, answer.source, answer.text) == (
        Decision.ANSWER,
        Source.WRITTEN,
        "Delivery costs 8 yuan.",
    )
    assert answer.handoff is None
    assert writer.asked[0][1] == first.evidence


def test_when_nothing_safe_can_be_written_a_person_answers(searcher):
    shop = answerer(searcher, OneRuleJudge(Verdict.WRITE, answer_from=2.0), ScriptedWriter(None))
    answer = shop.answer(asked("what would you charge me for a parcel delivery"))
    assert answer.decision is Decision.ESCALATE


@pytest.mark.parametrize(
    "text",
    [
        "Delivery costs 9 yuan.",
        "Delivery is free.",
        "Delivery is 8 yuan, see <a href=//x>here</a>.",
        "运费八元。",
    ],
)
def test_what_the_entries_do_not_say_is_never_sent(searcher, text):
    shop = answerer(searcher, OneRuleJudge(Verdict.WRITE, answer_from=2.0), ScriptedWriter(text))
    answer = shop.answer(asked("what would you charge me for a parcel delivery"))
    assert answer.decision is Decision.ESCALATE
    assert text not in answer.text


def test_a_fault_ends_one_turn_of_a_batch_and_not_its_neighbours(searcher):
    shop = answerer(BrokenSearcher())
    broken, whole = shop.answer_batch([asked("boom"), asked("giraffes of the moon")])
    assert isinstance(broken, Answer)
    assert (broken.decision, broken.handoff) == (Decision.ESCALATE, HandoffReason.FAULT)
    assert broken.text == SHOP.say("failed", "en")
    assert whole.handoff is not HandoffReason.FAULT


def test_a_follow_up_is_searched_with_what_was_asked_before(searcher):
    judge = OneRuleJudge()
    history = (Said("shopper", "How much is delivery to you"), Said("bot", "…"))
    answerer(searcher, judge).answer(asked("and returns?", history=history))
    assert len(judge.asked) >= 2


def told(*texts, entry=None):
    """A talk in which the bot said the last text, from an entry if one is named."""
    history = tuple(Said(("bot", "shopper")[(len(texts) - at) % 2], text) for at, text in
                    enumerate(texts, start=1))  # fmt: skip
    return {"history": history, "memory": Memory(last_entries=(entry,) if entry else ())}


@pytest.mark.parametrize("text", ["what do you mean?", "huh??", "??", "Sorry, I don't understand"])
def test_who_does_not_understand_an_answer_is_asked_which_part_and_then_gets_a_person(
    searcher, text
):
    shop = answerer(searcher)
    before = told("delivery fee?", "Delivery is 8 yuan.")
    first = shop.answer(asked(text, **before))
    assert (first.decision, first.text) == (Decision.CLARIFY, SHOP.say("unclear", "en"))
    assert [choice.value for choice in first.choices] == ["person"]
    history = (*before["history"], Said("shopper", text), Said("bot", first.text))
    again = shop.answer(asked(text, memory=first.memory, history=history))
    assert again.handoff is HandoffReason.REPEATED_FAILURE


def test_who_does_not_understand_a_question_of_the_bot_still_has_its_choices(searcher):
    memory = Memory(offered=(Choice("a", "entry:delivery.cost"), Choice("None", "none")))
    history = (Said("shopper", "delivery"), Said("bot", "Did you mean one of these?"))
    answer = answerer(searcher).answer(asked("what?", memory=memory, history=history))
    values = [choice.value for choice in answer.choices]
    assert values == ["entry:delivery.cost", "none", "person"]


def test_a_form_goes_on_waiting_while_its_question_is_not_understood(searcher):
    waits = Memory(active_action=("action_order_status", "order_number"))
    history = (Said("shopper", "where is it"), Said("bot", "What's your order number?"))
    answer = answerer(searcher).answer(asked("what do you mean", memory=waits, history=history))
    assert answer.memory.active_action == ("action_order_status", "order_number")


def test_a_mere_why_is_no_question_that_an_entry_answers(searcher):
    before = told("can I return it", "Within fifteen days.", entry="return.window")
    answer = answerer(searcher, OneRuleJudge(answer_from=0.0)).answer(asked("but why?", **before))
    assert (answer.decision, answer.text) == (Decision.CLARIFY, SHOP.say("no_more", "en"))


@pytest.mark.parametrize("text", ["yes please", "ok", "please do", "要的", "好的，谢谢"])
def test_a_yes_to_the_offer_of_a_person_calls_one(searcher, text):
    history = (Said("shopper", "why?"), Said("bot", SHOP.say("no_more", "en")))
    memory = Memory(language="en", offered=(Choice("Talk to a person", "person"),))
    answer = answerer(searcher).answer(asked(text, history=history, memory=memory))
    assert answer.handoff is HandoffReason.WISH


@pytest.mark.parametrize("text", ["no thanks", "never mind", "不用了"])
def test_a_no_to_the_offer_of_a_person_is_heeded(searcher, text):
    history = (Said("shopper", "why?"), Said("bot", SHOP.say("no_more", "en")))
    memory = Memory(language="en", offered=(Choice("Talk to a person", "person"),))
    answer = answerer(searcher).answer(asked(text, history=history, memory=memory))
    assert answer.text == SHOP.say("acknowledged", answer.language)


def test_half_a_question_that_is_not_understood_is_asked_for_in_other_words_once(searcher):
    shop = answerer(searcher, OneRuleJudge(answer_from=2.0))
    before = told("how much is delivery", "Delivery is 8 yuan.")
    first = shop.answer(asked("and the giraffes?", **before))
    assert (first.decision, first.trace.rule) == (Decision.CLARIFY, "give_up")
    history = (*before["history"], Said("shopper", "and the giraffes?"), Said("bot", first.text))
    again = shop.answer(asked("and their necks?", memory=first.memory, history=history))
    assert again.handoff is HandoffReason.REPEATED_FAILURE


def test_who_did_what_was_advised_in_vain_is_offered_a_person(searcher):
    before = told("can I return it", "Within fifteen days.", entry="return.window")
    answer = answerer(searcher).answer(asked("tried that already", **before))
    assert (answer.decision, answer.text) == (Decision.CLARIFY, SHOP.say("no_more", "en"))


def test_digits_alone_choose_nothing_that_is_on_offer_by_their_meaning(searcher):
    shop = answerer(searcher, OneRuleJudge(Verdict.CLARIFY, answer_from=2.0))
    offered = tuple(Choice(one.questions[0], f"entry:{one.id}") for one in ENTRIES[:3])
    answer = shop.answer(asked("7782", memory=Memory(offered=offered)))
    assert answer.decision is not Decision.ANSWER


def test_at_the_start_of_a_talk_nothing_was_unclear(searcher):
    assert answerer(searcher).answer(asked("??")).text == SHOP.say("not_understood", "en")


@pytest.mark.parametrize("text", ["never mind", "ok", "got it", "no thanks", "hmm"])
def test_who_wants_nothing_more_is_not_told_that_they_are_welcome(searcher, text):
    answer = answerer(searcher).answer(asked(text, **told("x", "Delivery is 8 yuan.")))
    assert (answer.source, answer.text) == (Source.SAID, SHOP.say("acknowledged", "en"))


def test_a_shop_may_leave_out_the_newer_texts(searcher):
    left_out = ("acknowledged", "here", "unclear", "no_more", "sorry", "none_of_these")
    shop = answerer(searcher)
    texts = {key: text for key, text in SHOP.texts.items() if key not in left_out}
    shop.parts = replace(shop.parts, shop=replace(SHOP, texts=texts))
    before = told("x", "Delivery is 8 yuan.")
    assert shop.answer(asked("ok", **before)).text == SHOP.say("thanks", "en")
    assert shop.answer(asked("huh?", **before)).text == SHOP.say("not_understood", "en")
    assert shop.answer(asked("that's a pity", **before)).decision is Decision.ESCALATE


GIFTS = Entry(
    "gifts",
    ("What gift can I get?",),
    "Well liked are: the mug (¥79), the bowl (¥128) and the pot (¥168).",
    "en",
)


@pytest.fixture(scope="module")
def gift_shop():
    return Searcher.of((*ENTRIES, GIFTS), HashedEncoder())


def test_the_price_of_a_thing_is_told_by_its_place_in_the_last_answer(gift_shop):
    before = told("gifts?", GIFTS.answer, entry="gifts")
    answer = answerer(gift_shop).answer(asked("how much is the second one", **before))
    assert (answer.source, answer.text) == (Source.KNOWN, "The bowl (¥128).")
    assert answer.entry_id == "gifts"


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        (GIFTS.answer, None),
        ("Well liked are: the mug (¥1) and the bowl (¥2).", "gifts"),
    ],
)
def test_a_price_that_the_shop_does_not_publish_is_not_told(gift_shop, said, entry):
    before = told("gifts?", said, entry=entry)
    answer = answerer(gift_shop).answer(asked("how much is the second one", **before))
    assert answer.trace.rule != "price_of_listed"


def test_what_is_asked_of_a_thing_in_the_last_answer_is_searched_by_its_name(gift_shop):
    judge = OneRuleJudge()
    before = told("gifts?", GIFTS.answer, entry="gifts")
    shop = answerer(gift_shop, judge)
    turn = shop._begin(asked("can I return the third one", **before))
    assert turn.asked == "can I return the pot"


def test_choices_hold_for_one_turn_only(searcher):
    memory = Memory(offered=(Choice("a", "entry:delivery.cost"),))
    answer = answerer(searcher).answer(asked("How much is delivery?", memory=memory))
    assert answer.memory.offered == ()


@pytest.mark.parametrize("text", ["", " ", "?", "👍👍", "\u200b\u200f", "a" * 100_000, "\ud83d"])
def test_odd_texts_are_answered_somehow_and_break_nothing(searcher, text):
    answer = answerer(searcher).answer(asked(text))
    assert answer.text
    assert answer.handoff is not HandoffReason.FAULT


@dataclass
class SureOfOneIntent:
    """An intent classifier that takes everything for the same."""

    intent: str
    version: str = "one-intent"

    def classify(self, texts, vectors, languages, words=None):
        return [IntentGuess(self.intent, 0.9, None, 0.0, 0.05) for _ in texts]


def test_an_order_number_with_its_proof_is_looked_up_whatever_the_words_sound_like(searcher):
    bot = answerer(searcher)
    bot.parts = replace(bot.parts, intents=SureOfOneIntent("talk_to_person"))
    assert bot.answer(asked("can I have somebody")).handoff is HandoffReason.WISH
    upset = bot.answer(asked(f"I want to complain about {NUMBER}, my phone is 13800000126"))
    assert upset.decision is Decision.ESCALATE
    answer = bot.answer(asked(f"{NUMBER}, phone 13800000126"))
    assert (answer.decision, answer.source) == (Decision.ANSWER, Source.ACTION)


@dataclass
class SureOfOrders:
    """Takes everything for asking where an order is, and knows one phrase for that."""

    version: str = "orders"

    def classify(self, texts, vectors, languages, words=None):
        nearest = (NearestExample("where is my parcel", "order_status", 0.4),)
        return [IntentGuess("order_status", 0.9, None, 0.0, 0.05, nearest) for _ in texts]


def test_in_the_middle_of_a_talk_an_order_is_looked_up_for_who_speaks_of_one(searcher):
    bot = answerer(searcher)
    bot.parts = replace(bot.parts, intents=SureOfOrders())
    talk = (Said("shopper", "I need an invoice"), Said("bot", "It comes by e-mail."))
    assert bot.answer(asked("is it posted")).source is Source.ACTION
    assert bot.answer(asked("is it posted", history=talk)).source is not Source.ACTION
    assert bot.answer(asked(f"is it posted {NUMBER}", history=talk)).source is Source.ACTION
    assert bot.answer(asked("and my parcel, where", history=talk)).source is Source.ACTION


@dataclass
class AsSureOfOrders:
    """Takes everything for asking where an order is, as surely as it is told."""

    confidence: float
    version: str = "orders"

    def classify(self, texts, vectors, languages, words=None):
        return [IntentGuess("order_status", self.confidence, None, 0.0, 0.01) for _ in texts]


def test_what_an_entry_is_far_surer_to_tell_is_told_with_a_button_that_does_it(searcher):
    bot = answerer(searcher)  # sure of entries by 0.97
    bot.parts = replace(bot.parts, intents=AsSureOfOrders(0.9))
    told = bot.answer(asked("the delivery fee"))
    assert (told.source, told.entry_id) == (Source.KNOWN, "delivery.cost")
    assert [one.value for one in told.choices] == ["intent:order_status"]
    pressed = bot.answer(
        asked(told.choices[0].label, choice=told.choices[0].value, memory=told.memory)
    )
    assert pressed.source is Source.ACTION


@pytest.mark.parametrize("text", ["the delivery fee", f"the delivery fee {NUMBER}"])
def test_an_order_is_looked_up_where_no_entry_is_far_surer_or_its_number_is_told(searcher, text):
    bot = answerer(searcher)
    bot.parts = replace(bot.parts, intents=AsSureOfOrders(0.9 if NUMBER in text else 0.96))
    assert bot.answer(asked(text)).source is Source.ACTION


@pytest.mark.parametrize("text", ["and if it isn't a kettle?", "oh wait, that was my mistake"])
def test_who_turns_away_from_what_was_answered_does_not_hear_it_again(searcher, text):
    bot = answerer(searcher, OneRuleJudge(answer_from=0.0))
    before = told("Can I return a kettle?", "Within fifteen days.", entry="return.window")
    assert bot.answer(asked("and is it long?", **before)).entry_id is not None
    answer = bot.answer(asked(text, **before))
    assert answer.entry_id != "return.window"


def test_who_mends_a_question_is_asked_by_the_other_thing(searcher):
    bot = answerer(searcher)
    before = told("Can I return a kettle?", "Within fifteen days.", entry="return.window")
    turn = bot._begin(asked("it's the lid, not the kettle", **before))
    assert (turn.asked, turn.is_spelt_out) == ("can i return a lid?", True)
    assert not bot._begin(asked("it's the lid, not the pot", **before)).is_spelt_out


@dataclass
class WatchingWeigher:
    """Finds everything unlikely, and remembers what it was asked to weigh."""

    answer_from: float = 0.7
    weighed: list = field(default_factory=list)

    def enough_alone(self, words, *, leaning):
        return shipped_weigher().enough_alone(words, leaning=leaning)

    def chances(self, turn, candidates):
        self.weighed.append(turn.text)
        return [0.01] * len(candidates)


@pytest.mark.parametrize(
    ("text", "sure", "weighed"),
    [
        ("and how long is it", True, True),
        ("how long does it take to get delivery", True, False),
        ("how long does it take to get delivery", False, True),
        ("delivery time for kettles", True, False),
        ("delivery time", False, True),
        ("how long does the usual delivery take", False, False),
    ],
)
def test_a_message_in_a_talk_is_weighed_unless_it_is_sure_or_whole(searcher, text, sure, weighed):
    weigher = WatchingWeigher()
    shop = answerer(searcher, OneRuleJudge(answer_from=0.0 if sure else 2.0))
    shop.parts = replace(shop.parts, weigher=weigher)
    history = (Said("shopper", "Can I return a kettle?"), Said("bot", "Within fifteen days."))
    memory = Memory(language="en", last_entries=("return.window",))
    shop.answer(asked(text, history=history, memory=memory))
    assert weigher.weighed == ([text] if weighed else [])
