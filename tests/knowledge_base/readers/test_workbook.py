import io
import struct
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from knowledge_base.errors import (
    ColumnsNotRecognised,
    FileRefused,
    FileTooLarge,
    NothingBelowHeader,
)
from knowledge_base.readers.archive import check_archive
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.reading import inspect_table, open_table, read_table


def workbook(*sheets):
    """An XLSX file of (title, rows) pairs."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(content, **options):
    return read_table(
        open_table(content, "shop.xlsx", sheet=options.pop("sheet", None)), source="shop", **options
    )


FAQ = [["id", "question", "answer"], ["a", "怎么退货", "可以退"], ["b", "Open?", "Yes"]]


def rewritten(content, changes=(), added=()):
    """The archive with parts changed by functions and new parts added."""
    changes = dict(changes)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda b: b)(old.read(name)))
        for name, part in added:
            new.writestr(name, part)
    return out.getvalue()


def test_a_workbook_is_read_like_a_csv():
    result = read(workbook(("FAQ", FAQ)))
    assert [(e.id, e.questions, e.answer, e.language) for e in result.entries] == [
        ("a", ("怎么退货",), "可以退", "zh"),
        ("b", ("Open?",), "Yes", "en"),
    ]
    assert result.problems == () and result.rows == 2


def test_the_sheet_with_questions_is_found_and_the_others_are_named():
    content = workbook(("notes", [["hello"]]), ("FAQ", FAQ), ("more", FAQ))
    result = read(content)
    assert len(result.entries) == 2
    assert [p.message.split("'")[1] for p in result.problems] == ["notes", "more"]
    seen = inspect_table(open_table(content, "x.xlsx"), "x.xlsx", len(content))
    assert (seen.sheet, seen.sheets) == ("FAQ", ("notes", "FAQ", "more"))
    with pytest.raises(FileRefused, match="no sheet 'other'"):
        read(content, sheet="other")


def test_numbers_dates_and_truths_read_as_a_person_sees_them():
    rows = [["question", "answer"]] + [
        [f"q{n}", value]
        for n, value in enumerate(
            [1.0, 2.5, 12345678901, True, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30)]
        )
    ]
    assert [entry.answer for entry in read(workbook(("s", rows))).entries] == [
        "1",
        "2.5",
        "12345678901",
        "TRUE",
        "2026-03-01",
        "2026-03-01 09:30:00",
    ]


def test_an_answer_that_is_a_number_keeps_its_percent_sign_its_currency_and_its_unit():
    book = openpyxl.Workbook()
    book.active.append(["question", "answer"])
    for row, (value, form) in enumerate([(0.1, "0%"), (45, '"¥"#,##0.00'), (3, '0"天"')], start=2):
        book.active.append([f"q{row}", value])
        book.active.cell(row, 2).number_format = form
    content = io.BytesIO()
    book.save(content)
    answers = [entry.answer for entry in read(content.getvalue()).entries]
    assert answers == ["10%", "¥45.00", "3天"]


def test_a_formula_gives_its_last_value_and_without_one_is_named():
    content = workbook(("s", [["question", "answer"], ["q1", "=1+1"], ["q2", "=2+2"]]))
    with_value = rewritten(
        content,
        {
            "xl/worksheets/sheet1.xml": lambda xml: (
                xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
                .replace(b"<f>1+1</f><v/>", b"<f>1+1</f><v>2</v>")
                .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
            )
        },
    )
    result = read(with_value)
    assert [entry.answer for entry in result.entries] == ["2"]
    errors = [(p.row, p.code) for p in result.problems if p.severity == "error"]
    assert errors == [(3, "formula")]


@pytest.mark.parametrize("fault", ["#REF!", "#N/A", "#DIV/0!"])
def test_the_fault_of_a_formula_never_becomes_an_answer(fault):
    result = read(workbook(("s", [["question", "answer"], ["q1", fault], ["q2", "#1 of all"]])))
    assert [entry.answer for entry in result.entries] == ["#1 of all"]
    assert [(p.row, p.code) for p in result.problems] == [(2, "formula")]


def test_a_cell_merged_downwards_stands_for_each_row_beside_it():
    book = openpyxl.Workbook()
    rows = [
        ["常见问题", None],
        ["问题", "答案"],
        ["有茶吗", "有"],
        ["卖茶吗", None],
        ["咖啡呢", "也有"],
    ]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("B3:B4")
    content = io.BytesIO()
    book.save(content)
    result = read(content.getvalue())
    assert [(entry.questions, entry.answer) for entry in result.entries] == [
        (("有茶吗", "卖茶吗"), "有"),
        (("咖啡呢",), "也有"),
    ]
    assert [(p.row, p.code) for p in result.problems] == [(1, "above_header")]


def test_rows_keep_their_numbers_across_empty_ones():
    rows = [["question", "answer"], [], ["q", None], [None, None], ["r", "fine"]]
    result = read(workbook(("s", rows)))
    assert [(p.row, p.code) for p in result.problems] == [(3, "empty_answer")]
    assert result.rows == 2


def test_a_workbook_that_lies_about_its_size_costs_nothing():
    content = rewritten(
        workbook(("s", FAQ)),
        {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(b"A1:C3", b"A1:XFD1048576")},
    )
    assert len(read(content).entries) == 2


@pytest.mark.parametrize("cut", [10, 200, 1000, -30, -1])
def test_a_cut_off_workbook_is_refused(cut):
    with pytest.raises(FileRefused, match="broken or cut off"):
        read(workbook(("s", FAQ))[:cut])


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
EXCEL_PARTS = {
    "[Content_Types].xml": f'''<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{KINDS}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KINDS}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{KINDS}.sharedStrings+xml"/></Types>''',
    "_rels/.rels": f'''<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"
Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>''',
    "xl/workbook.xml": f'''<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>
<sheet name="FAQ" sheetId="1" r:id="rId1"/></sheets></workbook>''',
    "xl/_rels/workbook.xml.rels": f'''<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>
</Relationships>''',
    "xl/sharedStrings.xml": f"""<sst {MAIN}><si><t>question</t></si><si><t>answer</t></si>
<si><r><t>怎么</t></r><r><t>退货</t></r></si><si><t>可以_x000D_退</t></si></sst>""",
    "xl/worksheets/sheet1.xml": f"""<worksheet {MAIN}><sheetData>
<row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2" t="s"><v>1</v></c></row>
<row r="5"><c r="B5" t="s"><v>2</v></c><c r="D5" t="s"><v>3</v></c></row>
<row r="6"><c r="B6" t="s"><v>2</v></c></row></sheetData></worksheet>""",
}


def excel_workbook(**changed):
    """A workbook as Excel writes it: texts in one shared part, gaps in rows and columns."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", 8) as archive:
        for name, text in EXCEL_PARTS.items():
            archive.writestr(name, changed.get(name, text))
    return out.getvalue()


def test_a_workbook_with_shared_texts_and_gaps_keeps_its_row_numbers():
    result = read(excel_workbook())
    assert [(e.questions, e.answer) for e in result.entries] == [(("怎么退货",), "可以\n退")]
    assert [(p.row, p.code) for p in result.problems] == [(6, "empty_answer")]


@pytest.mark.parametrize("part", [name for name in EXCEL_PARTS if "_rels" not in name])
@pytest.mark.parametrize("spoiled", [b"", b"<a>", b"\xff\xfe\x00", b"not xml at all", b"<a/>"])
def test_a_workbook_with_a_spoiled_part_is_refused(part, spoiled):
    with pytest.raises(FileRefused):
        read(excel_workbook(**{part: spoiled}))


@pytest.mark.parametrize("number", ["99", "x", "1e9", ""])
def test_a_cell_that_names_no_shared_text_is_never_taken_for_another(number):
    sheet = EXCEL_PARTS["xl/worksheets/sheet1.xml"].replace("<v>3</v>", f"<v>{number}</v>")
    try:
        result = read(excel_workbook(**{"xl/worksheets/sheet1.xml": sheet}))
    except FileRefused:
        return
    assert result.entries == () and result.skipped_rows == 2


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize("start", [DOCTYPE, DOCTYPE.lower(), b" " * 65_530 + DOCTYPE])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_37_a_doctype_is_refused(start, part):
    content = rewritten(workbook(("s", FAQ)), {part: lambda xml: start + xml})
    with pytest.raises(FileRefused, match="DOCTYPE"):
        read(content)


def test_37_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked():
    bomb = rewritten(workbook(("s", FAQ)), added=[("xl/media/a.bin", b"\0" * 50_000_000)])
    assert len(bomb) < 100_000
    with pytest.raises(FileTooLarge, match="100 times its size"):
        read(bomb)


def test_37_a_bomb_that_declares_too_little_is_refused_while_counting():
    content = rewritten(workbook(("s", FAQ)), added=[("xl/media/a.bin", b"\0" * 3_000_000)])
    declared = struct.pack("<I", 3_000_000)
    assert content.count(declared) == 2
    with pytest.raises(FileRefused):
        read(content.replace(declared, struct.pack("<I", 1_000)))


def test_37_parts_that_overlap_are_refused():
    content = workbook(("s", FAQ))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        first, second = archive.infolist()[:2]
    # Let the second part of the directory point at the bytes of the first.
    at = content.index(struct.pack("<I", second.header_offset) + second.filename.encode())
    overlapping = content[:at] + struct.pack("<I", first.header_offset) + content[at + 4 :]
    with pytest.raises(FileRefused):
        check_archive(overlapping)


def test_37_a_nested_archive_and_too_many_parts_are_refused():
    inner = workbook(("s", FAQ))
    with pytest.raises(FileRefused, match="another archive"):
        read(rewritten(inner, added=[("xl/media/inner.bin", inner)]))
    with pytest.raises(FileTooLarge, match="at most 200"):
        read(rewritten(inner, added=[(f"xl/media/{n}.bin", b"x") for n in range(200)]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_37_two_parts_of_one_name_are_refused():
    with pytest.raises(FileRefused):
        read(rewritten(workbook(("s", FAQ)), added=[("xl/workbook.xml", b"<x/>")]))


def test_37_an_encrypted_part_is_refused():
    content = bytearray(workbook(("s", FAQ)))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(magic)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(magic, start + 1)
    with pytest.raises(FileRefused, match="encrypted"):
        read(bytes(content))


def test_an_archive_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    with pytest.raises(FileRefused, match="not an XLSX workbook"):
        read(out.getvalue())


def test_a_word_document_is_told_to_be_one():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    with pytest.raises(FileRefused, match="Word document"):
        read(out.getvalue())


def test_sixteen_thousand_columns_are_refused():
    with pytest.raises(FileTooLarge, match="columns"):
        read(workbook(("s", [["question", "answer"] + ["x"] * 16_000, ["a", "b"]])))


def test_a_sheet_that_is_only_laid_out_is_passed_over_for_one_that_holds_something():
    export = [["Our FAQ, 2026"], [], ["No.", "Asked", "Told"], [1, "Open?", "Yes"]]
    content = workbook(("export", export), ("old", [["Question", "Answer"]]))
    mapping = ColumnMapping(question="Asked", answer="Told")
    assert [one.answer for one in read(content, mapping=mapping).entries] == ["Yes"]
    with pytest.raises(ColumnsNotRecognised, match=r"'No\.', 'Asked', 'Told'"):
        read(content)


def test_a_sheet_without_rows_is_named_with_those_to_choose_from():
    content = workbook(("FAQ", FAQ[:1]), ("notes", []))
    with pytest.raises(NothingBelowHeader, match=r"'FAQ' has a header .*another sheet: 'notes'"):
        read(content)
