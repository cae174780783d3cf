"""What a shop's own files become. Read in this process: the limits have tests of their own."""

import json
import re

import pytest

from knowledge_base.errors import ColumnsNotRecognised, FileRefused, FileTooLarge
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.limits import MAX_CELL_CHARACTERS
from knowledge_base.readers.reading import inspect_table, open_table, read_table


def read(text, name="shop.csv", **options):
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    return read_table(open_table(content, name), source="shop", **options)


def inspect(text, name="shop.csv"):
    return inspect_table(open_table(text.encode("utf-8"), name), name, len(text))


def codes(result):
    return [(problem.row, problem.column, problem.code) for problem in result.problems]


def test_rows_with_one_id_are_phrasings_of_one_entry():
    result = read(
        "id,question,answer,category\nr,怎么退货,七天内可退,售后\nr,能退吗,七天内可退,售后\n"
    )
    (entry,) = result.entries
    assert entry.questions == ("怎么退货", "能退吗")
    assert (entry.id, entry.answer, entry.language) == ("r", "七天内可退", "zh")
    assert (entry.category, entry.source) == ("售后", "shop")
    assert (result.rows, result.skipped_rows, result.problems) == (2, 0, ())


@pytest.mark.parametrize(
    "header",
    [
        "编号,标准问,答案,分类",
        "ID,Question,Answer,Category",
        " 序号 ,问题,回复 ,类别",
        "faq_id,Q,A,topic",
        "\ufeffid,提问,回答,标签",
    ],
)
def test_columns_are_recognised_in_both_languages(header):
    (entry,) = read(f"{header}\nr,怎么退货,可以退,售后\n").entries
    assert (entry.id, entry.questions, entry.answer, entry.category) == (
        "r",
        ("怎么退货",),
        "可以退",
        "售后",
    )


def test_similar_questions_are_phrasings_too():
    text = '问题,相似问1,相似问2,答案\n怎么退货,能退吗|可以退不,"想退\n要退",可以\n'
    assert read(text).entries[0].questions == ("怎么退货", "能退吗", "可以退不", "想退", "要退")


def test_rows_without_ids_get_the_same_id_at_every_import_and_share_an_answer():
    one = read("question,answer\nCan I return it?,Yes.\nMay I send it back?,Yes.\nOpen?,No.\n")
    two = read("question,answer\ncan i return it,Certainly.\n")
    assert [e.questions for e in one.entries] == [
        ("Can I return it?", "May I send it back?"),
        ("Open?",),
    ]
    assert one.entries[0].id == two.entries[0].id != one.entries[1].id


def test_the_language_is_told_from_the_text_or_the_column_or_the_caller():
    text = "question,answer\n怎么退货,可以退\nReturns?,Yes you may\niPhone,有货\n？,100\n"
    result = read(text)
    assert [entry.language for entry in result.entries] == ["zh", "en", "zh", "en"]
    assert codes(result) == [(5, "answer", "language_guessed"), (5, "question", "no_letters")]
    column = read("question,answer,语言\n怎么退货,OK,中文\nReturns?,Yes,en-US\nx,y,Klingon\n")
    assert [entry.language for entry in column.entries] == ["zh", "en"]
    assert codes(column) == [(4, "语言", "unknown_language")]
    assert read(text, language="zh").entries[1].language == "zh"


def test_every_faulty_row_is_named_with_its_row_and_column():
    long = "x" * (MAX_CELL_CHARACTERS + 1)
    result = read(
        "id,question,answer\n"
        "a,,Yes\n"
        "b,Return?,\n"
        f"c,{long},Yes\n"
        "d,Open?,Yes\n"
        "d,Closed?,No\n"
        "e,Open,Maybe\n"
        "d,Open?,Yes\n"
        "f,too,many,cells\n"
        f"{'g' * 200},Q?,A\n"
        "\n"
        "h,ok,fine\n"
    )
    assert codes(result) == [
        (2, "question", "empty_question"),
        (3, "answer", "empty_answer"),
        (4, "question", "cell_too_long"),
        (6, "answer", "different_answers"),
        (7, "question", "question_in_two_entries"),
        (8, "question", "repeated_question"),
        (9, "", "too_many_cells"),
        (10, "id", "bad_id"),
    ]
    assert [entry.id for entry in result.entries] == ["d", "e", "h"]
    assert (result.rows, result.skipped_rows) == (10, 6)
    assert "Row 6, column 'answer', gives d another answer than row 5 does" in (
        result.problems[3].message
    )
    assert {p.severity for p in result.problems if p.row in (7, 8)} == {"warning"}


def test_invisible_characters_and_markup_are_pointed_out():
    result = read("question,answer\nRe\u200bturn?,<p>Yes\u202e</p>\n")
    assert codes(result) == [
        (2, "question", "invisible_characters"),
        (2, "answer", "invisible_characters"),
        (2, "answer", "markup"),
    ]
    assert result.entries[0].questions == ("Return?",)
    assert result.entries[0].answer == "<p>Yes</p>"


@pytest.mark.parametrize("nothing", ["\u200b\u200c\u200d", "\u200d", "\ufeff\u200e", " \u200c\n"])
def test_a_question_of_nothing_but_invisible_marks_is_none(nothing):
    result = read(f'question,answer\n"{nothing}",Yes\nOpen?,"{nothing}"\n')
    assert result.entries == () and result.skipped_rows == 2
    errors = [one for one in result.problems if one.severity == "error"]
    assert [(one.row, one.code) for one in errors] == [(2, "empty_question"), (3, "empty_answer")]


def test_marks_that_join_an_emoji_or_letters_stay():
    (entry,) = read("question,answer\n👩\u200d🍳 می\u200cخواهم?,Yes\n").entries
    assert entry.questions == ("👩\u200d🍳 می\u200cخواهم?",)


def test_a_question_without_letters_is_pointed_out():
    result = read("question,answer\n😀😀,Smile\n??,What is it?\nOpen?,Yes\n")
    assert codes(result) == [(2, "question", "no_letters"), (3, "question", "no_letters")]
    assert len(result.entries) == 3 and "没有文字" in result.problems[0].message_zh


def test_a_file_in_which_every_answer_is_the_same_is_told_with_its_rows():
    rows = "".join(f"Question {n}?,Please ask us.\n" for n in range(9))
    result = read("question,answer\n" + rows)
    assert codes(result) == [(0, "", "one_answer")]
    assert "All 9 questions (from row 2 to row 10)" in result.problems[0].message
    assert "9 个问法（第 2 行到第 10 行）" in result.problems[0].message_zh
    named = "id,question,answer\n" + "".join(f"r,Question {n}?,Ask.\n" for n in range(9))
    assert codes(read(named)) == [], "one id says that one answer is meant"
    assert codes(read("question,answer\nOpen?,Yes\nAre you open?,Yes\n")) == []


def test_titles_above_the_header_are_passed_over_by_name():
    result = read("Our FAQ,,\nversion 3,,\nid,question,answer\na,Open?,Yes\n")
    assert codes(result) == [(1, "", "above_header"), (2, "", "above_header")]
    assert result.entries[0].id == "a" and result.skipped_rows == 0


def test_unknown_columns_are_offered_for_mapping():
    text = "kol1,kol2,kol3\na,Open?,Yes\n"
    seen = inspect(text)
    assert seen.mapping is None and seen.columns == ("kol1", "kol2", "kol3")
    with pytest.raises(ColumnsNotRecognised) as caught:
        read(text)
    assert caught.value.columns == ("kol1", "kol2", "kol3")
    mapping = ColumnMapping(question="kol2", answer="kol3", id="kol1")
    assert read(text, mapping=mapping).entries[0].id == "a"
    with pytest.raises(ColumnsNotRecognised, match="'kol9' is not in the file"):
        read(text, mapping=ColumnMapping(question="kol2", answer="kol9"))


def test_two_answer_columns_are_asked_about():
    with pytest.raises(ColumnsNotRecognised):
        read("question,answer,回答\nOpen?,Yes,是\n")
    twice = ColumnMapping(question="q", answer="answer")
    with pytest.raises(ColumnsNotRecognised, match="stands 2 times"):
        read("q,answer,answer\nOpen?,Yes,No\n", mapping=twice)


def test_a_file_without_a_header_is_mapped_by_numbers():
    mapping = ColumnMapping(question="1", answer="2", has_header=False)
    result = read("Open?,Yes\nClosed?,No\n", mapping=mapping)
    assert [entry.questions[0] for entry in result.entries] == ["Open?", "Closed?"]


def test_the_preview_shows_five_rows_as_they_stand():
    rows = "".join(f"{n},Q{n},A{n}\n" for n in range(9))
    seen = inspect("id,question,answer\n" + rows)
    assert seen.preview == tuple((str(n), f"Q{n}", f"A{n}") for n in range(5))
    assert (seen.format, seen.encoding, seen.header_row) == ("csv", "utf-8", 1)
    assert seen.mapping == ColumnMapping(question="question", answer="answer", id="id")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_read(delimiter, line_end):
    lines = [["id", "question", "answer"], ["a", '"Open, or\nnot?"', "Yes"], ["b", "Sure?", "No"]]
    result = read(line_end.join(delimiter.join(line) for line in lines))
    assert [entry.questions[0] for entry in result.entries] == ["Open, or\nnot?", "Sure?"]


def test_an_unclosed_quote_is_named_with_the_lines_it_swallowed():
    result = read('question,answer\nOpen?,Yes\nBad?,"No\nOther?,Maybe\n')
    assert codes(result) == [(3, "", "unclosed_quotes")]
    assert (
        "lines 3-4" in result.problems[0].message and "never closed" in result.problems[0].message
    )
    assert len(result.entries) == 1


def test_a_quote_inside_quotes_spoils_its_row_only():
    result = read('question,answer\n"Say "hi"?",Yes\nOpen?,Yes\n')
    assert codes(result) == [(2, "", "broken_quotes")]
    assert result.entries[0].questions == ("Open?",)


@pytest.mark.parametrize("name", ["x.tsv", "x.tab", "x.txt", "x", "evil/../x.csv\0"])
def test_any_name_is_taken_as_text_only(name):
    assert len(read("question\tanswer\nOpen?\tYes\n", name).entries) == 1


JSON_FORMS = {
    "a list": [{"id": "a", "question": "Open?", "answer": "Yes"}],
    "phrasings": [{"id": "a", "question": ["Open?"], "answer": "Yes"}],
    "under a name": {"version": 3, "faq": [{"id": "a", "question": "Open?", "answer": "Yes"}]},
    "one object": {"id": "a", "question": ["Open?"], "answer": "Yes"},
    "chinese": [{"编号": "a", "问题": "Open?", "答案": "Yes"}],
}


@pytest.mark.parametrize("form", JSON_FORMS)
def test_json_is_read_in_every_form(form):
    (entry,) = read(json.dumps(JSON_FORMS[form]), "shop.json").entries
    assert (entry.id, entry.questions, entry.answer) == ("a", ("Open?",), "Yes")


def test_a_json_object_of_questions_and_answers_is_read():
    result = read('{"Open?": "Yes", "怎么退货": "可以"}', "shop.json")
    assert [(e.questions[0], e.answer) for e in result.entries] == [
        ("Open?", "Yes"),
        ("怎么退货", "可以"),
    ]


def test_json_problems_name_the_entry_and_the_field():
    result = read(
        '[{"question":"a","answer":1e400},{"question":"b","answer":{"x":1}},3,'
        '{"question":"\\ud800","answer":"x"},{"question":["c","d"],"answer":null},'
        '{"question":"e","answer":' + "9" * 300 + "}]",
        "shop.json",
    )
    assert codes(result) == [
        (2, "answer", "not_text"),
        (3, "", "not_an_object"),
        (4, "question", "broken_character"),
        (5, "answer", "empty_answer"),
        (1, "answer", "language_guessed"),
    ] or set(codes(result)) >= {
        (2, "answer", "not_text"),
        (3, "", "not_an_object"),
        (4, "question", "broken_character"),
        (5, "answer", "empty_answer"),
    }
    assert [entry.answer for entry in result.entries] == ["1e400", "9" * 300]


def test_json_lines_name_the_line():
    good = '{"question":"a","answer":"Yes"}\n\n'
    text = good + '{"question":"b","answer":\n{"question":"c","answer":"No"}'
    for name in ["shop.jsonl", "shop.ndjson"]:
        result = read(text, name)
        assert codes(result) == [(3, "", "not_json")]
        assert [entry.questions[0] for entry in result.entries] == ["a", "c"]
    lines = '{"question":"a","answer":"Yes"}\n{"question":"b","answer":"No"}\n'
    assert len(read(lines, "called.json").entries) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 10_000 + "]" * 10_000, "nested more than 32 deep"),
        ('[{"question":"a","answer":NaN}]', "NaN is not a JSON value"),
        ('[{"question":"a","answer":-Infinity}]', "not a JSON value"),
        ('{"question":"a","answer":"b","answer":"c"}', "one field twice"),
        ('{"question":"a"', "not valid JSON"),
        ("3", "neither a list nor an object"),
        ('{"a":{"b":1}}', "no list of entries"),
        ("[]", "question"),
    ],
)
def test_json_that_is_none_is_refused_in_words(text, said):
    with pytest.raises(FileRefused, match=said):
        read(text, "shop.json")


def test_brackets_within_texts_are_not_depth():
    text = json.dumps([{"question": "[" * 100 + '"\\', "answer": "{" * 100}])
    assert read(text, "shop.json").entries[0].answer == "{" * 100


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"\x89PNG\r\n", "picture"),
        (b"PK\x03\x04garbage", "broken or cut off"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_in_words(content, said):
    with pytest.raises(FileRefused, match=said):
        read(content)


def test_a_text_file_called_xlsx_is_refused():
    with pytest.raises(FileRefused, match="called XLSX but is none"):
        read("question,answer\na,b\n", "shop.xlsx")


def test_a_hundred_thousand_columns_are_refused():
    with pytest.raises(FileTooLarge, match="100000 columns"):
        read(",".join(["x"] * 100_000) + "\n1,2\n")


def test_many_warnings_are_summed_up_and_refuse_nothing():
    rows = "".join(f"e{n},Open?,answer {n}\n" for n in range(10_005))
    result = read("id,question,answer\n" + rows)
    assert len(result.entries) == 10_005 and result.skipped_rows == 0
    assert len(result.problems) == 10_001
    assert result.problems[-1].message == "4 more warnings of the same kinds are not listed."


def test_a_file_of_another_kind_than_it_says_is_refused_after_many_problems():
    with pytest.raises(FileRefused, match="More than 10000 rows"):
        read("question,answer\n" + "only a question,\n" * 10_001)


def test_a_title_above_columns_that_nobody_knows_is_no_header():
    with pytest.raises(ColumnsNotRecognised) as refused:
        read("Our FAQ,,\n,,\nNo.,Asked,Told\n1,Open?,Yes\n")
    assert refused.value.columns == ("No.", "Asked", "Told")


@pytest.mark.parametrize("answer", ["None.", "Nil", "暂无。"])
def test_a_short_answer_is_an_answer(answer):
    assert [one.answer for one in read(f"question,answer\nDuties?,{answer}\n").entries] == [answer]


@pytest.mark.parametrize("answer", ["n/a", "TBC", " - ", "待补充", "…"])
def test_what_stands_in_the_place_of_an_answer_is_never_told_to_a_shopper(answer):
    result = read(f"question,answer\nOpen?,{answer}\nClosed?,No\n")
    assert [one.answer for one in result.entries] == ["No"]
    assert codes(result) == [(2, "answer", "answer_to_come")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "instruction,intent,response\nhow do i return it,return,Use the page.\n"),
        ("a.jsonl", '{"prompt": "how do i return it", "completion": "Use the page."}'),
        ("a.csv", "问题描述,解决方案\nhow do i return it,Use the page.\n"),
    ],
)
def test_files_of_others_are_read_by_what_they_call_their_columns(name, content):
    (entry,) = read(content, name).entries
    assert (entry.questions, entry.answer) == (("how do i return it",), "Use the page.")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xls", "<html><body><table><tr><td>问题</td></tr></table>", "web page (HTML)"),
        ("a.csv", "\n <!DOCTYPE html>\n<p>,x", "web page (HTML)"),
        ("a.jsonl", '{"messages": "hello"}', "Bring it as old chats"),
        ("a.csv", "怎么退货,七天内可以退\n", "put these names above it"),
        ("a.csv", "text,intent\nwhere is it,order_status\n", "intents.en.csv"),
        ("a.csv", "问法,意图\n到哪了,查物流\n", "let the assistant learn again"),
    ],
)
def test_what_is_no_table_of_questions_is_told_for_what_it_is(name, content, told):
    with pytest.raises(FileRefused, match=re.escape(told)) as refused:
        read(content, name)
    assert re.search("[一-鿿]", refused.value.zh)
