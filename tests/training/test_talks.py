from dataclasses import replace

import pytest

from bot.answering.answer import Answer, Choice, Decision, Memory, Source, Trace
from bot.conversation.events import HandoffReason
from training.measured_talks import Grade, grade_of, measure_talks, reply_of
from training.refusal_texts import LabelledTextRefused
from training.talks import Said, Talk, read_talks

ANSWERS = {"fee": "It costs 10.", "time": "It takes 2 days."}
KNOWN = Answer(
    Decision.ANSWER, "It costs 10.", 0.9, "en", Trace("en", rule="known_answer"), Memory(),
    source=Source.KNOWN, entry_id="fee",
)  # fmt: skip
ASKED = replace(
    KNOWN, decision=Decision.CLARIFY, text="Which?", source=None, entry_id=None,
    choices=(Choice("the fee", "entry:fee"),), trace=Trace("en", rule="clarification"),
)  # fmt: skip
CALLED = replace(
    ASKED, decision=Decision.ESCALATE, choices=(), handoff=HandoffReason.LOW_CONFIDENCE
)
THANKED = replace(KNOWN, source=Source.SAID, entry_id=None, text="Welcome.")


class Scripted:
    """Answers in turn what it was given, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.left = list(answers)
        self.asked = []

    def answer(self, question):
        self.asked.append(question)
        return self.left.pop(0)


def grade(wanted: str, answer: Answer, *, together: bool = False) -> Grade:
    said = Said("…", tuple(wanted.split()), together, 1)
    return grade_of(said, reply_of(said, answer, ANSWERS))


def test_talks_are_read_with_what_is_right_for_each_message(tmp_path):
    file = tmp_path / "talks.txt"
    file.write_text("# note\n[a talk]\nhi | say\nfee | or time? | both fee, time\n", "utf-8")

    (talk,) = read_talks(file, ANSWERS)

    assert talk.name == "a talk"
    assert [one.text for one in talk.said] == ["hi", "fee | or time?"]
    assert talk.said[1].wanted == ("fee", "time")
    assert talk.said[1].together
    assert talk.said[0].entries == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hi | say", r"line 1: begin with \[a name\]"),
        ("[a]\nhi", "line 2: write"),
        ("[a]\nhi |", "line 2: write"),
        ("[a]\nhi | nosuch", "nosuch is no entry"),
        ("# only a note", "holds no talk"),
    ],
)
def test_a_line_that_is_not_understood_is_told(tmp_path, text, told):
    file = tmp_path / "talks.txt"
    file.write_text(text, "utf-8")

    with pytest.raises(LabelledTextRefused, match=told):
        read_talks(file, ANSWERS)


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path):
    with pytest.raises(LabelledTextRefused, match="cannot be read"):
        read_talks(tmp_path / "none.txt", ANSWERS)
    (tmp_path / "spoiled.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelledTextRefused, match="not UTF-8"):
        read_talks(tmp_path / "spoiled.txt", ANSWERS)


def test_an_answer_is_right_or_wrong_and_a_question_back_or_a_person_is_less():
    assert grade("fee", KNOWN) is Grade.RIGHT
    assert grade("time", KNOWN) is Grade.WRONG
    assert grade("none", KNOWN) is Grade.WRONG
    assert grade("fee", ASKED) is Grade.WEAK
    assert grade("fee", CALLED) is Grade.WEAK
    assert grade("none", CALLED) is Grade.RIGHT
    assert grade("person", CALLED) is Grade.RIGHT
    assert grade("say", THANKED) is Grade.RIGHT
    assert grade("fee", THANKED) is Grade.WRONG


def test_of_two_answers_that_are_wanted_one_is_half():
    both = replace(KNOWN, text="It costs 10.\n\nIt takes 2 days.")

    assert grade("fee time", both, together=True) is Grade.RIGHT
    assert grade("fee time", KNOWN, together=True) is Grade.WEAK


def test_a_talk_is_asked_with_what_was_said_before_and_counted():
    talk = Talk("a", (Said("fee?", ("fee",), False, 1), Said("thanks", ("say",), False, 2)))
    answerer = Scripted(KNOWN, CALLED)

    measured = measure_talks(answerer, [talk], "en", ANSWERS)

    assert [one.text for one in answerer.asked[1].history] == ["fee?", "It costs 10."]
    assert [row[3] for row in measured.rows] == ["right", "weak"]
    assert measured.summary["right"] == 1
    assert measured.summary["wrong"] == 0
    assert measured.summary["messages"] == 2
