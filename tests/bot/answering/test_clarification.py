from pathlib import Path

from bot.answering.clarification import clarifying_choices
from bot.answering.shop import Shop
from knowledge_base.entry import Entry, EntryId, Hit

SHOP = Shop.load(Path(__file__).parents[3] / "demo_shop")


def offered(*entries):
    hits = [
        Hit(
            Entry(EntryId(id_), (question,), answer, "en", "", "faq"),
            question,
            0.5,
            0.5,
            1.0,
            False,
        )
        for id_, question, answer in entries
    ]
    return {one.value: one.label for one in clarifying_choices(SHOP, hits, "en")}


def test_entries_are_offered_by_their_own_questions():
    labels = offered(
        ("a", "How much is shipping?", "£3"), ("b", "How much is shipping abroad?", "£9")
    )
    assert (labels["entry:a"], labels["entry:b"]) == (
        "How much is shipping?",
        "How much is shipping abroad?",
    )


def test_two_entries_asked_in_the_same_words_are_told_apart_by_their_answers():
    labels = offered(
        (
            "a",
            "How much is shipping?",
            "Standard shipping within the UK is £3.95, and free over £60.",
        ),
        ("b", "how much is shipping", "£2.95."),
    )
    assert labels["entry:a"] == "Standard shipping within the UK is £3.95, and free over £60."
    assert labels["entry:b"] == "£2.95."
    long = offered(("a", "Shipping", "word " * 40), ("b", "shipping?", "£2.95."))["entry:a"]
    assert len(long) == 60 and long.endswith("…")
