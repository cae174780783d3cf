from dataclasses import replace

import pytest

import knowledge_base.search
from bot.answering.doubt import INPUTS, Doubt, Verdict
from knowledge_base.entry import Entry, EntryId
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.search import Searcher
from training.choose_thresholds import choose_thresholds
from training.far_questions import general_questions
from training.self_questions import MOST_ROUNDS, DoubtSettings

TOPICS = {
    "cost": ["what does delivery cost", "delivery cost please", "cost of a delivery"],
    "time": ["how long does delivery take", "delivery time in days", "days until delivery"],
    "refund": ["how do i get a refund", "refund my order", "refund for an order"],
    "cancel": ["cancel my order", "how can i cancel an order", "cancelling the order"],
    "gift": ["do you wrap gifts", "gift wrapping possible", "wrap it as a gift"],
}
COLOURS = ["red", "blue", "green", "black", "white", "yellow", "pink", "grey"]


class AlwaysTold:
    """A network that finds that every entry tells what is asked."""

    ODDS = 1.5

    def log_odds(self, _of):
        return self.ODDS


def entries(phrasings=3):
    return [
        Entry(
            EntryId(f"{topic}.{colour}"),
            tuple(f"{question} {colour}" for question in questions[:phrasings]),
            f"Answer about {topic} {colour}",
            "en",
        )
        for topic, questions in TOPICS.items()
        for colour in COLOURS
    ]


@pytest.fixture(scope="module")
def encoder():
    return HashedEncoder()


@pytest.fixture(scope="module")
def fitted(encoder):
    return choose_thresholds(entries(), encoder, outside=general_questions()[:60])


def test_a_new_phrasing_is_answered_and_another_world_is_not(fitted, encoder):
    searcher = Searcher.of(entries(), encoder)
    known = fitted.judge(searcher.search("the cost of delivery, red"), None, "en")
    strange = fitted.judge(searcher.search("how many moons has jupiter"), None, "en")
    assert known.confidence > 0.8 > 0.4 > strange.confidence
    assert strange.verdict is Verdict.ESCALATE


def test_every_kind_of_question_was_asked_and_reported(fitted):
    figures = fitted.facts["figures"]["all"]
    assert set(figures["asked"]) == {"phrasing", "light", "entry", "outside", "woven", "named"}
    # Each far question once, the shop's own in three rounds.
    assert 55 <= figures["asked"]["outside"] <= 60
    assert figures["asked"]["phrasing"] > 2 * len(entries())
    assert figures["answer"]["wrong"] <= 0.05
    assert fitted.facts["fitted_on"] == "this corpus"


@pytest.mark.parametrize(("phrasings", "seen"), [(3, True), (7, False)])
def test_what_is_not_seen_of_the_whole_is_not_learnt_from_its_parts(monkeypatch, phrasings, seen):
    # Seven phrasings are many; what a fold leaves of them, 5.6 on average, would be few.
    encoder = HashedEncoder()
    monkeypatch.setattr(knowledge_base.search, "told_network", lambda _encoder: AlwaysTold())
    many = [
        replace(entry, questions=(*entry.questions, *(f"{entry.id} {at}" for at in range(4))))
        for entry in entries()
    ]
    doubt = choose_thresholds(many if phrasings == 7 else entries(), encoder)
    at = INPUTS.index("told")
    assert doubt.calibrations["all"].centre[at] == (AlwaysTold.ODDS if seen else 0.0)


def test_the_same_corpus_and_seed_give_the_same_numbers(fitted, encoder):
    again = choose_thresholds(entries(), encoder, outside=general_questions()[:60])
    assert again.as_json() == fitted.as_json()


def test_one_phrasing_an_entry_keeps_the_shipped_slopes_in_its_own_distances(encoder):
    doubt = choose_thresholds(entries(phrasings=1), encoder)
    shipped = Doubt.shipped()
    assert doubt.calibrations.keys() == shipped.calibrations.keys()
    assert doubt.surroundings["all"] != shipped.surroundings["all"]
    for language, limits in doubt.chosen.items():
        assert limits.answer >= shipped.chosen[language].answer
    assert "demo shop" in doubt.facts["fitted_on"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_corpus_of_one_or_two_entries_is_no_accident(encoder, count):
    doubt = choose_thresholds(entries()[:count], encoder)
    searcher = Searcher.of(entries()[:count], encoder)
    exact = doubt.judge(searcher.search("what does delivery cost red"), None, "en")
    assert exact.verdict is Verdict.ANSWER


def test_a_corpus_in_which_every_answer_is_the_same_is_no_accident(encoder):
    same = [Entry(EntryId(str(n)), ("hello there",), "the same", "en") for n in range(30)]
    doubt = choose_thresholds(same, encoder)
    assert doubt.judge(Searcher.of(same, encoder).search("hello"), None, "en").confidence <= 1


def test_a_large_corpus_is_sampled(encoder):
    settings = DoubtSettings(most_entries=20, most_asked=50)
    figures = choose_thresholds(entries(), encoder, settings=settings).facts
    assert "figures" not in figures or sum(figures["figures"]["all"]["asked"].values()) <= 50


def test_a_small_corpus_asks_itself_several_times_over(encoder, fitted):
    asked = fitted.facts["figures"]["all"]["asked"]
    taken_out = 0.9 * sum(len(entry.questions) for entry in entries())  # a tenth is away whole
    assert asked["phrasing"] == pytest.approx(MOST_ROUNDS * taken_out, abs=9)
