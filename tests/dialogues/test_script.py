import pytest

from tests.dialogues.script import (
    BotAnswers,
    BotSilent,
    BotThinks,
    Presses,
    Says,
    ScriptRefused,
    ShopperCloses,
    StaffDoes,
    StageIs,
    read_script,
)

HEAD = "title: A talk\nlanguage: en\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "talk.txt"
        path.write_text(text, "utf-8")
        return read_script(path)

    return read_text


def test_lines_of_the_shopper_in_a_row_are_one_burst(read):
    script = read(HEAD + "shopper> hi\nshopper> where is it\nbot> silent\nshopper> hm")
    assert script.steps == (Says(3, ("hi", "where is it")), BotSilent(5), Says(6, ("hm",)))


def test_what_the_bot_must_do_is_read_with_alternatives_and_texts(read):
    (step,) = read(HEAD + 'bot> answer known a.b|a.c "¥10" "a ""b"" c"').steps
    assert step == BotAnswers(3, ("answer",), (("known",), ("a.b", "a.c")), ("¥10", 'a "b" c'))


def test_an_answer_or_a_clarification_may_both_be_right(read):
    (step,) = read(HEAD + "bot> answer|clarify a.b").steps
    assert step == BotAnswers(3, ("answer", "clarify"), (("a.b",),))


def test_buttons_closing_thinking_drafts_and_stages_are_read(read):
    script = read(
        HEAD + 'shopper> [presses "Talk to a person"]\nshopper> [closes]\nbot> thinks\n'
        "bot> drafts escalate wish\nstage> with_staff"
    )
    assert script.steps == (
        Presses(3, "Talk to a person"),
        ShopperCloses(4),
        BotThinks(5),
        BotAnswers(6, ("escalate",), (("wish",),), drafted=True),
        StageIs(7, "with_staff"),
    )


def test_staff_have_names_and_may_be_refused(read):
    script = read(
        HEAD + "staff> says Hello there\nstaff Bo> hands back\nrefused> not_holder\nstaff> claims"
    )
    assert script.steps == (
        StaffDoes(3, "Mei", "says", "Hello there"),
        StaffDoes(4, "Bo", "hands back", refused="not_holder"),
        StaffDoes(6, "Mei", "claims"),
    )


def test_comments_and_empty_lines_are_left_out_and_headings_are_kept(read):
    script = read("# for all\n" + HEAD + "never: refund\nnever: paid\n\nwriter: W\n\nstage> closed")
    assert (script.title, script.language) == ("A talk", "en")
    assert script.never == ("refund", "paid") and script.writer == "W"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language: en\nshopper> hi", "one title"),
        ("title: A\nlanguage: fr\nshopper> hi", "zh or en"),
        ("title: A\nlanguage: en\n", "nothing happens"),
        (HEAD + "visitor> hi", "line 3: 'visitor> hi' is no line of a dialogue"),
        (HEAD + "shopper>", "line 3: the shopper says nothing"),
        (HEAD + "bot> replies", "line 3: after bot> stands one of"),
        (HEAD + "bot> answer maybe", "line 3: after answer stands one of"),
        (HEAD + "staff> shouts", "line 3: after staff> stands one of"),
        (HEAD + "stage> asleep", "line 3: after stage> stands one of"),
        (HEAD + "shopper> hi\nrefused> wrong_stage", "line 4: refused> stands below"),
    ],
)
def test_a_line_that_cannot_be_played_is_named(read, text, message):
    with pytest.raises(ScriptRefused, match=r"talk\.txt") as refused:
        read(text)
    assert message in str(refused.value)
