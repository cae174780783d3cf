import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from knowledge_base.cleaning import clean_text
from knowledge_base.entry import Entry, EntryId
from knowledge_base.export import export_entries
from knowledge_base.readers.reading import open_table, read_table
from knowledge_base.readers.spreadsheet_text import guarded, unguarded

FORMATS = ["csv", "xlsx", "json", "jsonl"]
FORMULAS = [
    start + rest
    for start in ["=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%"]
    for rest in ["cmd|' /C calc'!A0", "SUM(1)", "1+1", 'HYPERLINK("https://a.test")', "", "1"]
] + ["  =1", "\u3000=1", "'=1", '"=1', "''=1", "“=1", "\t=1", "\u200b=1", "\ufeff =1", "\u202e=1"]


def read_again(content, format_):
    return read_table(open_table(content, f"again.{format_}"), source="")


def texts(min_size=1):
    return st.text(max_size=40).map(clean_text).filter(lambda text: len(text) >= min_size)


@st.composite
def entry_lists(draw):
    keys = draw(
        st.lists(
            st.tuples(
                st.from_regex(r"[a-z0-9.=+\-]{1,8}", fullmatch=True), st.sampled_from(["zh", "en"])
            ),
            unique=True,
            max_size=6,
        )
    )
    return tuple(
        Entry(
            EntryId(id_),
            tuple(draw(st.lists(texts(), min_size=1, max_size=3, unique=True))),
            draw(texts()),
            language,
            draw(texts(0)).replace("\n", " "),
            draw(texts()).replace("\n", " "),
        )
        for id_, language in keys
    )


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(entries=entry_lists())
def test_importing_an_export_gives_the_same_entries(format_, entries):
    if not entries:
        return
    read = read_again(export_entries(entries, format_), format_)
    assert read.entries == entries
    assert read.skipped_rows == 0


@pytest.mark.parametrize("format_", FORMATS)
def test_every_formula_comes_back_as_it_was(format_):
    entries = tuple(
        Entry(EntryId(f"f{n}"), (clean_text(text) or "=",), clean_text(text) or "=", "en", "", "x")
        for n, text in enumerate(FORMULAS)
    )
    assert read_again(export_entries(entries, format_), format_).entries == entries


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_starts_like_a_formula(text):
    entry = Entry(EntryId(text), (text,), text, "en", text, text)
    rows = list(csv.reader(io.StringIO(export_entries([entry], "csv").decode("utf-8-sig"))))
    for cell in rows[1]:
        assert cell == "en" or cell[0] == "'"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula(text):
    entry = Entry(EntryId("a"), (text,), text, "en", text, text)
    sheet = load_workbook(io.BytesIO(export_entries([entry], "xlsx"))).active
    for cell in sheet[2]:
        assert cell.data_type in ("s", "inlineStr")
        assert cell.value in ("a", "en") or cell.value[0] == "'"


@given(st.text(max_size=30))
def test_the_apostrophe_comes_off_again(text):
    assert unguarded(guarded(text)) == text


def test_what_is_no_formula_gets_no_apostrophe():
    assert [guarded(text) for text in ["退货", "5-7 days", "'hello'", "a=b", ""]] == [
        "退货",
        "5-7 days",
        "'hello'",
        "a=b",
        "",
    ]


def test_xlsx_escapes_in_a_text_are_kept(entry):
    (before,) = entries = (entry("a", "en", "_x000D_ and _x005F_x0041_", "_x0041_?"),)
    assert read_again(export_entries(entries, "xlsx"), "xlsx").entries[0].answer == before.answer
