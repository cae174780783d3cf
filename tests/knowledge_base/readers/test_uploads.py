"""The limited child process: the same answers as in this process, and none of the harm."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base.errors import ColumnsNotRecognised, FileRefused, FileTooLarge, UnknownEncoding
from knowledge_base.readers import ColumnMapping, inspect_file, read_entries
from knowledge_base.readers.reading import inspect_table, open_table, read_table

TEXT = "编号,问题,答案\na,怎么退货,可以退\nb,\u200b开门吗,\nc,Open?,Yes\n"


@pytest.mark.parametrize("name", ["shop.csv", "shop.jsonl"])
def test_the_child_says_what_reading_in_this_process_says(name):
    text = TEXT if name.endswith("csv") else '{"question":["a","b"],"answer":"ok"}\nbad\n'
    content = text.encode("utf-8")
    expected = read_table(open_table(content, name), source=name)
    assert read_entries(content, name) == expected
    assert expected.entries and expected.problems
    seen = inspect_file(content, name)
    assert seen == inspect_table(open_table(content, name), name, len(content))


def test_a_path_is_read_and_gives_its_name_to_the_corpus(tmp_path):
    path = tmp_path / "退货.csv"
    path.write_text(TEXT, encoding="gb18030")
    result = read_entries(path, mapping=ColumnMapping(question="问题", answer="答案"))
    assert {entry.source for entry in result.entries} == {"退货.csv"}
    assert inspect_file(path).encoding == "gb18030"
    with pytest.raises(FileRefused, match="cannot be read"):
        read_entries(tmp_path / "missing.csv")


def test_every_refusal_comes_back_as_what_it_is():
    with pytest.raises(ColumnsNotRecognised) as columns:
        read_entries(b"x,y\n1,2\n", "a.csv")
    assert columns.value.columns == ("x", "y")
    with pytest.raises(UnknownEncoding) as encoding:
        read_entries("質問,答え\n返品できますか,はい\n".encode("shift_jis"), "a.csv")
    assert "shift_jis" in encoding.value.candidates
    with pytest.raises(FileTooLarge, match="upload_bytes"):
        read_entries(b"x" * 101, "a.csv", max_bytes=100)
    with pytest.raises(FileRefused, match="empty"):
        inspect_file(b"", "a.csv")


@pytest.mark.parametrize("text", ["[1,2,3]", "[]", '[["question","answer"],["a","b"]]'])
def test_a_list_that_holds_no_object_is_told_what_to_write_instead(text):
    with pytest.raises(FileRefused, match="None of what the JSON lists is an object"):
        inspect_file(text.encode(), "a.json")


def test_a_device_that_never_ends_is_read_up_to_the_limit():
    with pytest.raises(FileTooLarge, match="upload_bytes"):
        inspect_file(Path("/dev/zero"), max_bytes=1_000)


def test_half_a_character_never_reaches_the_parent():
    result = read_entries(b'[{"question":"\\ud800","answer":"x"},{"q\\udfff":1}]', "a.json")
    assert result.problems
    for problem in result.problems:
        (problem.message + problem.column).encode("utf-8")


def test_37_a_file_that_takes_too_much_ends_the_child_only():
    # Ten million empty lists are 20 MB of JSON and over 500 MB of objects.
    started = time.monotonic()
    with pytest.raises(FileTooLarge, match="too much memory or time"):
        read_entries(b"[" + b"[]," * 6_900_000 + b"[]]", "a.json")
    assert time.monotonic() - started < 100


def test_37_a_bomb_in_an_upload_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", 8) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    with pytest.raises(FileTooLarge, match="100 times"):
        read_entries(out.getvalue(), "a.xlsx")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.json", "a.jsonl", "a"]))
def test_37_random_bytes_are_refused_in_words_or_read(content, name):
    try:
        result = read_table(open_table(content, name), source=name)
    except FileRefused as error:
        assert str(error)
    else:
        assert result.rows >= result.skipped_rows >= 0


SPLICED = st.lists(
    st.sampled_from(
        [
            '"',
            ",",
            "\n",
            "\r",
            "question",
            "answer",
            "问题",
            "答案",
            "{",
            "}",
            "[",
            "]",
            ":",
            '"question":',
            '"answer":',
            '"a"',
            "=1",
            "'",
            "\\",
            "\\ud800",
            "\t",
            "x",
            "\u202e",
            "1e999",
            "null",
            "id",
            "|",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=SPLICED, name=st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl"]))
def test_37_near_misses_are_refused_in_words_or_read(text, name):
    try:
        result = read_table(open_table(text.encode("utf-8"), name), source=name)
    except FileRefused as error:
        assert str(error)
    else:
        for entry in result.entries:
            assert entry.id and entry.answer and all(entry.questions)
