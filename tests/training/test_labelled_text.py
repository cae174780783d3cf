import io

import pytest
from openpyxl import Workbook

from training.labelled_rows import read_rows
from training.labelled_text import (
    MAX_USED_CHARACTERS,
    empty_classes,
    label_shares,
    read_labelled,
    without_repeats,
)
from training.refusal_texts import LabelledTextRefused


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
    with pytest.raises(LabelledTextRefused, match=r"no column 'intent'.*text, mark.*label, cat"):
        read_labelled([file("text,mark\na,b\n")])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,label\n运费多少,cost\n发货了吗,status\n"),
        ("a.csv", "label,label_text,utterance\n3,cost,运费多少\n4,status,发货了吗\n"),
        ("a.tsv", "sentence\tcategory\n运费多少\tcost\n发货了吗\tstatus\n"),
        ("a.csv", "用户问题;意图\n运费多少;cost\n发货了吗;status\n"),
        ("a.csv", "店里的说法,\n\n文本,意图\n运费多少,cost\n发货了吗,status\n"),
        ("a.csv", ("说法,意图\n运费多少,cost\n发货了吗,status\n" * 1).encode("utf-16")),
        (
            "a.jsonl",
            '{"text": "运费多少", "intent": "cost"}\n{"intent": "status", "text": "发货了吗"}',
        ),
        (
            "a.json",
            '[{"intent": "cost", "examples": 1, "text": ["运费多少"]},'
            ' {"intent": "status", "text": "发货了吗"}]',
        ),
    ],
)
def test_files_of_others_are_read_with_their_own_columns_and_forms(file, name, content):
    read = read_labelled([file(content, name)])
    assert (read.texts, read.intents) == (["运费多少", "发货了吗"], ["cost", "status"])
    assert not read.errors


def test_a_workbook_is_read_and_a_list_of_examples_is_a_phrase_each(file):
    book = Workbook()
    book.active.append(["Phrases of the shop"])
    book.active.append(["Phrase", "Intent"])
    book.active.append(["where is it", "status"])
    written = io.BytesIO()
    book.save(written)
    read = read_labelled([file(written.getvalue(), "phrases.xlsx")])
    assert (read.texts, read.intents) == (["where is it"], ["status"])
    assert {"above_header", "column_taken"} <= {problem.code for problem in read.problems}
    listed = read_labelled([file('[{"intent": "a", "text": ["one", "two"]}]', "b.json")])
    assert (listed.texts, listed.intents) == (["one", "two"], ["a", "a"])


def test_a_chinese_file_in_another_encoding_is_read(file):
    rows = "".join(f"这个订单的快递什么时候能送到我家{at},快递\n" for at in range(20))
    read = read_labelled([file(f"文本,意图\n{rows}".encode("gb18030"))])
    assert len(read.texts) == 20 and set(read.intents) == {"快递"}


def test_an_encoding_that_cannot_be_told_says_how_to_save_the_file(file):
    with pytest.raises(LabelledTextRefused, match="Save it as UTF-8"):
        read_labelled([file("text,intent\n运费,a\n".encode("gb18030"))])


def test_a_row_with_a_comma_too_many_is_an_error_and_not_cut(file):
    read = read_labelled([file("text,intent\nhello, there,greeting\nbye,bye\nb,bye,,\n")])
    assert read.texts == ["bye", "b"]
    (problem,) = read.errors
    assert (problem.row, problem.code) == (2, "too_many_cells")
    with pytest.raises(LabelledTextRefused, match="row 2: more cells"):
        list(read_rows(file("text,intent\nhello, there,greeting\n"), ("text", "intent")))


def test_what_public_sets_call_out_of_scope_is_out_of_scope(file):
    read = read_labelled([file("text,intent\na,x\nb,x\nc,oos\nd,Out-of-Scope\ne,other\n")])
    assert read.intents[2:] == ["out_of_scope", "out_of_scope", "other"]


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
    (problem,) = (one for one in read.problems if one.code == "uneven_labels")
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


def test_of_questions_with_ids_of_their_own_the_entry_that_is_wanted_is_taken(file):
    lines = '{"id": "q0", "query": "how much", "relevant": ["fee"]}\n'
    lines += '{"id": "q1", "query": "any cats", "relevant": []}\n'
    rows = list(read_rows(file(lines, "q.jsonl"), ("text", "id")))
    assert rows == [
        (1, {"text": "how much", "id": "fee"}),
        (2, {"text": "any cats", "id": ""}),
    ]


def test_json_of_another_form_is_refused_with_an_example_of_the_columns_asked_for(file):
    with pytest.raises(LabelledTextRefused, match="objects such as") as refused:
        read_labelled([file('{"track": ["where is it"], "cancel": ["stop it"]}', "a.json")])
    assert '{"text": "…", "intent": "…"}' in str(refused.value)
    assert "question" not in str(refused.value)
