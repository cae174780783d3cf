import numpy as np

from knowledge_base.entry import Entry, EntryId
from knowledge_base.script import language_of
from training.woven_questions import named_questions, woven_questions

ENTRIES = [
    Entry(EntryId("area"), ("do you deliver to Urumqi", "shipping to Lhasa"), "Yes.", "en"),
    Entry(
        EntryId("pan"), ("is the skillet cast iron", "what is the skillet made of"), "Yes.", "en"
    ),
    Entry(EntryId("zh"), ("乌鲁木齐能送到吗", "拉萨送货吗"), "能。", "zh"),
]


def test_each_question_holds_a_word_of_an_entry_of_its_language_and_asks_for_something_else():
    found = woven_questions(ENTRIES, 60, np.random.default_rng(1))
    assert len(found) == 60 and {language for _, language in found} == {"zh", "en"}
    english = "deliver shipping urumqi lhasa skillet cast iron what made".split()
    words = {"en": english, "zh": ["乌鲁木齐", "拉萨", "送货", "能送", "送到"]}
    assert all(any(word in text for word in words[language]) for text, language in found)
    asked = {question for entry in ENTRIES for question in entry.questions}
    assert not asked & {text for text, _ in found}
    assert all(language_of(text) == language for text, language in found)


def test_a_named_question_holds_a_word_of_an_entry_beside_a_name_that_no_entry_mentions():
    minecraft = Entry(EntryId("toy"), ("a toy of Minecraft",), "We have Barbara too.", "en")
    found = named_questions([*ENTRIES, minecraft], 200, np.random.default_rng(2))
    assert len(found) == 200 and {language for _, language in found} == {"zh", "en"}
    text = " ".join(text for text, _ in found)
    assert "Facebook" in text and "知乎" in text
    assert "Minecraft" not in text and "Barbara" not in text


def test_the_same_chance_weaves_the_same():
    for weave in (woven_questions, named_questions):
        first, again = (weave(ENTRIES, 9, np.random.default_rng(7)) for _ in range(2))
        assert first == again


def test_nothing_is_woven_of_nothing():
    chance = np.random.default_rng(1)
    wordless = [Entry(EntryId("a"), ("？", "a 1 !"), "Yes.", "en")]
    for weave in (woven_questions, named_questions):
        assert weave([], 5, chance) == weave(wordless, 5, chance) == []
