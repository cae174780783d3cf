import pytest

from training.labelled_text import (
    MAX_USED_CHARACTERS,
    LabelledTextRefused,
    empty_classes,
    label_shares,
    read_labelled,
    without_repeats,
)


@pytest.fixture
def file(tmp_path):
    def write(content, name="intents.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def codes(labelled):
    return [(problem.code, problem.row, problem.severity) for problem in labelled.problems]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_phrases_are_read_with_and_without_a_byte_order_mark(file, mark):
    read = read_labelled([file(mark + "text,intent\n运费多少,delivery_cost\n".encode())])
    assert (read.texts, read.intents) == (["运费多少"], ["delivery_cost"])


def test_quoted_commas_line_ends_and_further_columns_are_understood(file):
    read = read_labelled([file('note,intent,text\r\nx,hello,"hi, there\r\nyou"\r\n')])
    assert read.texts == ["hi, there\r\nyou"]


def test_a_missing_column_is_named_with_what_there_is(file):
    with pytest.raises(LabelledTextRefused, match=r"no column 'intent'.*text, label"):
        read_labelled([file("text,label\na,b\n")])


def test_a_file_that_is_not_utf_8_says_how_to_save_it(file):
    with pytest.raises(LabelledTextRefused, match="CSV UTF-8"):
        read_labelled([file("text,intent\n运费,a\n".encode("gb18030"))])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LabelledTextRefused, match=r"none\.csv cannot be read"):
        read_labelled([tmp_path / "none.csv"])


def test_an_open_quotation_mark_is_told_with_its_line(file):
    with pytest.raises(LabelledTextRefused, match="near line 3"):
        read_labelled([file('text,intent\na,b\n"never closed,b\n')])


def test_rows_without_text_or_intent_are_errors_with_their_rows(file):
    read = read_labelled([file("text,intent\na,x\n,x\nb,\n\u200b,x\n")])
    assert read.texts == ["a"]
    assert [one for one in codes(read) if one[2] == "error"] == [
        ("empty_text", 3, "error"),
        ("empty_intent", 4, "error"),
        ("empty_text", 5, "error"),
    ]


def test_one_phrase_with_two_intents_is_told_with_both_rows(file):
    read = read_labelled([file("text,intent\nwhere is it,a\nWhere is it?,b\nc,a\nd,b\n")])
    (problem,) = (one for one in read.problems if one.code == "two_labels")
    assert "row 2" in problem.message and "row 3" in problem.message and "a, b" in problem.message
    assert len(without_repeats(read).phrases) == 4  # neither is dropped
    assert label_shares(read, without_repeats(read)) == [1.0] * 4


def test_repeats_are_told_and_without_repeats(file):
    read = read_labelled([file("text,intent\nhello,a\nHELLO!,a\nbye,b\nsee you,b\n")])
    assert ("repeated", 2, "warning") in codes(read)
    assert without_repeats(read).texts == ["hello", "bye", "see you"]


def test_a_text_counts_for_each_intent_as_often_as_it_stands_there(file):
    often = "ok,confirmed\nOK!,confirmed\n" * 2 + "ok,ordered\nok,thanked\nok,thanked\n"
    read = read_labelled([file(f"text,intent\n{often}two pizzas,ordered\nbye,thanked\n")])
    once = without_repeats(read)
    assert dict(zip(once.intents[:3], label_shares(read, once), strict=False)) == {
        "confirmed": 1.0,
        "ordered": 0.25,
        "thanked": 0.5,
    }
    assert label_shares(read, once)[3:] == [1.0, 1.0]
    (problem,) = (one for one in read.problems if one.code == "two_labels")
    assert "(confirmed 4, ordered 1, thanked 2)" in problem.message
    assert problem.message.endswith("It counts for each as often as it stands there.")


def test_an_intent_with_one_phrase_is_told(file):
    read = read_labelled([file("text,intent\na,x\nb,x\nc,y\n")])
    assert codes(read) == [("one_example", 4, "warning")]


def test_a_very_long_phrase_is_used_from_its_beginning_and_told(file):
    read = read_labelled([file(f"text,intent\n{'长' * 100_000},x\na,x\n")])
    assert len(read.texts[0]) == MAX_USED_CHARACTERS
    assert ("too_long", 2, "warning") in codes(read)


def test_emoji_and_invisible_characters_are_told_and_used(file):
    read = read_labelled([file("text,intent\n😀👍,x\nwh\u200bere\u202e,x\n")])
    assert read.texts == ["😀👍", "where"]
    assert [code for code, *_ in codes(read)] == ["no_letters", "invisible"]


def test_an_intent_that_is_declared_without_phrases_is_told(file):
    read = read_labelled([file("text,intent\na,x\nb,x\n")])
    (problem,) = empty_classes(read, ["x", "refund"])
    assert problem.code == "empty_class" and "'refund'" in problem.message
