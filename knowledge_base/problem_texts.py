"""What is said about files, rows and self-checks, in both languages: the one table.

A text about a row is the end of a sentence that begins with the place; `row_problem` puts the two
together. Knows neither files nor rows; whoever finds a problem names it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from knowledge_base.entry import RowProblem

EXAMPLE_ENTRY = '{"question": "…", "answer": "…"}'
"""In the texts about JSON; who reads other fields puts these in its place."""
_PLACE_CHARACTERS = 40  # of a column's name; the rest says nothing more


class Both(NamedTuple):
    """One text in both languages; what stands in braces is filled in."""

    en: str
    zh: str

    def filled(self, **facts: Any) -> Both:
        """The texts with their facts. Raises KeyError when one is missing."""
        return Both(self.en.format_map(facts), self.zh.format_map(facts))


ROW_TEXTS: Mapping[str, Both] = {
    "empty_question": Both("has no question", "没有问题"),
    "empty_answer": Both("has no answer", "没有答案"),
    "answer_to_come": Both(
        "has {shown!r} where its answer should be", "在答案的位置写着 {shown!r}，还没有答案"
    ),
    "bad_id": Both(
        "has an id of more than {most} characters or several lines",
        "编号超过 {most} 个字符，或者有换行",
    ),
    "different_answers": Both(
        "gives {entry} another answer than row {first} does; one id has one answer",
        "{entry} 的答案与第 {first} 行不同；一个编号只能有一个答案",
    ),
    "repeated_question": Both(
        "repeats {question!r}, which {entry} asks already",
        "{entry} 里已经有“{question}”这个问法",
    ),
    "question_in_two_entries": Both(
        "asks {question!r} for {entry}, as row {first} does for {other}; "
        "the shopper will be asked which is meant",
        "{entry} 的问法“{question}”与第 {first} 行 {other} 的相同；助手会反问顾客指的是哪一个",
    ),
    "unknown_language": Both(
        "names the language {named!r}; write zh or en",
        "语言“{named}”无法识别，请写 zh 或 en",
    ),
    "no_letters": Both(
        "asks {question!r}, which has no letters: only who sends these very signs gets its answer",
        "的问法“{question}”没有文字，只有发来同样符号的顾客才会得到答案",
    ),
    "language_guessed": Both(
        "has no letters to tell its language from and is taken for English",
        "没有文字可以判断语言，按英文处理",
    ),
    "chat_row_lacks": Both(
        "does not tell its conversation, or who speaks, and is left out",
        "没有写明属于哪个会话或由谁发送，未采用",
    ),
    "chat_message_long": Both(
        "has a message of more than {most} characters and is left out",
        "消息超过 {most} 个字符，未采用",
    ),
    "too_many_cells": Both(
        "has {cells} cells, but the header has {columns}; "
        "put cells that contain a delimiter in quotation marks",
        "有 {cells} 个单元格，而表头只有 {columns} 个；内容里有分隔符的单元格请用引号括起来",
    ),
    "cell_too_long": Both(
        "has {length} characters; at most {most} are taken",
        "有 {length} 个字符，最多只能有 {most} 个",
    ),
    "formula": Both(
        "holds a formula or its fault ({shown}) instead of a text; open the file in a spreadsheet "
        "program and save it with the values",
        "里面是公式或公式的报错（{shown}），不是文字；请用表格软件打开，保存为数值后再导入",
    ),
    "broken_character": Both("holds half a character; type it again", "含有残缺的字符，请重新输入"),
    "invisible_characters": Both(
        "holds invisible characters, which are left out", "含有不可见字符，导入时会去掉"
    ),
    "markup": Both(
        "looks like HTML; shoppers see it exactly as it stands",
        "看起来像 HTML；顾客看到的就是这段原文",
    ),
    "above_header": Both("stands above the header and is not imported", "在表头上方，不会导入"),
    "broken_quotes": Both(
        "({lines}) cannot be read: {reason}. Double each quotation mark inside a quoted cell "
        '(""), or save the file as XLSX',
        "（{lines_zh}）无法读取：引号用法有误（{reason}）。"
        '引号内的引号请写成两个（""），或者把文件另存为 XLSX',
    ),
    "unclosed_quotes": Both(
        "({lines}) cannot be read: a quotation mark is opened and never closed. Double each "
        'quotation mark inside a quoted cell (""), or save the file as XLSX',
        "（{lines_zh}）无法读取：引号只有开头，没有结尾。"
        '引号内的引号请写成两个（""），或者把文件另存为 XLSX',
    ),
    "not_json": Both("is not valid JSON: {reason}", "不是有效的 JSON（{reason}）"),
    "not_an_object": Both("is not a JSON object", "不是 JSON 对象"),
    "not_text": Both("is neither text nor a list of texts", "既不是文字，也不是由文字组成的列表"),
}
"""Code of a `RowProblem` about one row -> the end of its sentence."""

FILE_TEXTS: Mapping[str, Both] = {
    # Old chats
    "no_chats": Both(
        "There is no message in the file that could be used.{first}",
        "文件里没有可以使用的消息。{first_zh}",
    ),
    "no_chat_columns": Both(
        "No column could be taken for {lacking} (a row for each message needs the columns chat, "
        "who and text). The file has: {listed}. Rename its columns, or bring JSON lines with a "
        "list of messages, each with role and text.",
        "没有找到“{lacking}”列（每行一条消息，需要会话、发送者、内容三列：chat、who、text）。"
        "文件里的列：{listed}。请改列名，或提供 JSON Lines，每行一个会话，"
        "messages 里逐条写 role 和 text。",
    ),
    "no_staff_in_chats": Both(
        "Nobody in the file could be told to be the shop's ({some} …). Bring the file again with "
        "the names of your staff, or write staff or customer into the column of who speaks.",
        "没有认出谁是店家一方（{some} …）。请重新导入并填写客服的名字，"
        "或者在发送者一列写“客服”或“顾客”。",
    ),
    # Problems of a file that is taken all the same
    "more_warnings": Both(
        "{count} more warnings of the same kinds are not listed.",
        "另有 {count} 条同类提示没有列出。",
    ),
    "one_answer": Both(
        "All {count} questions (from row {first} to row {last}) have the very same answer: "
        "{answer!r}. Shoppers can only ever get this one; look whether the right column is taken "
        "for the answers.",
        "{count} 个问法（第 {first} 行到第 {last} 行）的答案完全相同：“{answer}”。"
        "顾客只会得到这一个答案，请检查答案列是否选对。",
    ),
    "counted_ids": Both(
        "{count} ids ({some}) are numbers that another file uses for other questions; these "
        "entries are called {first} and so on. Give entries ids of their own, such as "
        "refund.time, if they belong together.",
        "有 {count} 个编号（{some}）在别的文件里用于其他问题，这些条目改称 {first} 等。"
        "如果它们本是同一条，请使用自己的编号，例如 refund.time。",
    ),
    "other_sheet": Both(
        "The sheet {sheet!r} is not read; name it to import it.",
        "工作表“{sheet}”没有读取；需要导入时请选择它。",
    ),
    "columns_not_recognised": Both(
        "No column could be taken for the question and the answer: say which is which, and whether "
        "the first row is a heading at all.",
        "认不出哪一列是问题、哪一列是答案，请指定，并确认第一行是不是表头。",
    ),
    # Files that are refused
    "empty": Both("The file is empty.", "文件是空的。"),
    "no_rows": Both("The file has no rows that can be read.", "文件里没有可以读取的行。"),
    "no_entries": Both(
        "No row of the file can be imported; the first problem: {first}",
        "文件里没有一行可以导入，第一个问题是：{first_zh}",
    ),
    "header_only": Both(
        "The file has a header ({listed}) and no rows below it.",
        "文件只有表头（{listed}），下面没有内容。",
    ),
    "sheet_header_only": Both(
        "The sheet {sheet!r} has a header ({listed}) and no rows below it. Choose another sheet: "
        "{others}.",
        "工作表 {sheet!r} 只有表头（{listed}），下面没有内容。请选择别的工作表：{others}。",
    ),
    "unreadable": Both("{file} cannot be read: {reason}.", "{file} 无法读取：{reason}。"),
    "too_large": Both(
        "The file has {size:.1f} MB; at most {most} are taken. Bring it in parts.",
        "文件有 {size:.1f} MB，最多 {most} MB。请分成几个文件导入。",
    ),
    "over_the_setting": Both(
        "The file has {size:.1f} MB; at most {most:.0f} are taken (setting upload_bytes). "
        "Bring it in parts.",
        "文件有 {size:.1f} MB，最多 {most:.0f} MB（设置项 upload_bytes）。请分成几个文件导入。",
    ),
    "takes_too_much": Both(
        "Reading the file takes too much memory or time. Bring it in parts, or save it as CSV.",
        "读取这个文件占用的内存或时间太多。请分成几个文件导入，或者另存为 CSV。",
    ),
    "broken_off": Both(
        "Reading the file broke off. Save it as CSV (UTF-8) and bring it again.",
        "读取文件时中断了。请另存为 CSV（UTF-8）后再导入。",
    ),
    "too_many_rows": Both(
        "The file has more than {most} rows. Bring it in parts.",
        "文件超过 {most} 行，请分成几个文件导入。",
    ),
    "too_many_columns": Both(
        "The file has {width} columns; at most {most} are read. "
        "Copy the questions and answers into a new file.",
        "文件有 {width} 列，最多读取 {most} 列。请把问题和答案复制到新文件里。",
    ),
    "too_many_problems": Both(
        "More than {most} rows of the file cannot be imported; the first problem: {first} "
        "Look whether the columns and the encoding are right.",
        "有超过 {most} 行无法导入，第一个问题是：{first_zh}请检查列的对应和编码是否正确。",
    ),
    "old_excel": Both(
        "The file is an old Excel file (.xls). Save it as .xlsx or CSV.",
        "这是旧版 Excel 文件（.xls），请另存为 .xlsx 或 CSV。",
    ),
    "pdf": Both(
        "The file is a PDF. Copy the questions and answers into a spreadsheet.",
        "这是 PDF 文件，请把问题和答案复制到表格里。",
    ),
    "compressed": Both(
        "The file is a compressed file. Unpack it first.", "这是压缩文件，请先解压。"
    ),
    "web_page": Both(
        "The file is a web page (HTML), even if its name ends in .xls. Open it in a spreadsheet "
        "program and save it as XLSX or CSV.",
        "这是网页（HTML）文件，即使名字是 .xls。请用表格软件打开，另存为 XLSX 或 CSV。",
    ),
    "picture": Both("The file is a picture.", "这是图片文件。"),
    "no_xlsx": Both(
        "The file is called XLSX but is none. Open it and save it again as XLSX.",
        "文件名是 XLSX，内容却不是。请打开后另存为 XLSX。",
    ),
    # Encodings
    "foreign_encoding": Both(
        "{named!r} is not an encoding that is read here. Choose one of: {known}.",
        "不支持编码“{named}”，请从这些里选择：{known}。",
    ),
    "nul_characters": Both(
        "The file is not text in {encoding}: it holds NUL characters.",
        "文件不是 {encoding} 编码的文字：里面有 NUL 字符。",
    ),
    "not_in_encoding": Both(
        "The file is not {encoding}: the bytes at {at} (about line {line}) are no "
        "character in it. It may have been cut off; save it again as UTF-8.",
        "文件不是 {encoding} 编码：第 {at} 字节（约第 {line} 行）不是其中的字符。"
        "文件可能不完整，请重新保存为 UTF-8。",
    ),
    "zero_bytes": Both(
        "The file holds zero bytes, so it is not a text file. Save it as CSV (UTF-8) or XLSX.",
        "文件里有空字节，不是文本文件。请保存为 CSV（UTF-8）或 XLSX。",
    ),
    "unknown_encoding": Both(
        "The encoding of the file cannot be told. It is not UTF-8 (byte {at}, line {line}). "
        "Save it as UTF-8.",
        "无法判断文件的编码：不是 UTF-8（第 {at} 字节，第 {line} 行）。请保存为 UTF-8。",
    ),
    "mixed_encodings": Both(
        "The file is UTF-8 but for {count} of its lines ({lines}): it was put together from files "
        "in different encodings, or cut off. Save each of them as UTF-8 and join them again.",
        "文件是 UTF-8，但有 {count} 行不是（第 {lines} 行）：可能由编码不同的文件拼成，或者不完整。"
        "请分别保存为 UTF-8，再合并。",
    ),
    "uncertain_encoding": Both(
        "The encoding of the file cannot be told. It is not UTF-8 (byte {at}, line {line}). "
        "Save it as UTF-8, or name the encoding it has: {candidates}.",
        "无法判断文件的编码：不是 UTF-8（第 {at} 字节，第 {line} 行）。"
        "请保存为 UTF-8，或者选择它的编码：{candidates}。",
    ),
    # Columns
    "column_missing": Both(
        "The column {column!r} is not in the file. Columns: {listed}.",
        "文件里没有“{column}”列。现有的列：{listed}。",
    ),
    "column_repeated": Both(
        "The column {column!r} stands {count} times in the header. Columns: {listed}.",
        "表头里有 {count} 个“{column}”列。现有的列：{listed}。",
    ),
    "no_columns_taken": Both(
        "No column could be taken for the question, or none (or more than one) for the answer. "
        "Columns: {listed}. Name them question and answer (问题 and 答案), or say which "
        "column holds what. If the first row is a question already, put these names above it.",
        "认不出问题列，或者答案列没有或不止一个。现有的列：{listed}。"
        "请把列名改成“问题”和“答案”（question 和 answer），或者指定各列的含义。"
        "如果第一行就是问答，请在上面加一行表头。",
    ),
    "chats": Both(
        "The file holds conversations ({listed}), not questions and answers. Bring it as old chats "
        "(`shopkeeper mine`, or Learning in the console): the answers are found in them.",
        "文件里是聊天记录（{listed}），不是问答。请作为旧聊天导入"
        "（shopkeeper mine，或管理后台的“学习”页），程序会从中找出问答。",
    ),
    "labelled_phrases": Both(
        "The file holds phrases and their intents ({listed}), not questions and answers. Put it "
        "into the shop's folder as intents.en.csv or intents.zh.csv and let the assistant learn "
        "again (`shopkeeper train`, or Learning in the console).",
        "文件里是各种意图的说法（{listed}），不是问答。请放进店铺的文件夹，"
        "命名为 intents.zh.csv 或 intents.en.csv，再让助手重新学习"
        "（shopkeeper train，或管理后台的“学习”页）。",
    ),
    # JSON
    "file_not_json": Both(
        "The file is not valid JSON: {reason}.", "文件不是有效的 JSON（{reason}）。"
    ),
    "json_of_another_form": Both(
        "The JSON holds neither a list nor an object. "
        'Write a list of objects such as {{"question": "…", "answer": "…"}}.',
        "JSON 里既不是列表也不是对象。"
        '请写成由对象组成的列表，例如 {{"question": "…", "answer": "…"}}。',
    ),
    "json_without_entries": Both(
        "The JSON object has no list of entries. "
        'Write a list of objects such as {{"question": "…", "answer": "…"}}.',
        "JSON 对象里没有问答列表。"
        '请写成由对象组成的列表，例如 {{"question": "…", "answer": "…"}}。',
    ),
    "json_without_objects": Both(
        "None of what the JSON lists is an object. "
        'Write a list of objects such as {{"question": "…", "answer": "…"}}.',
        "JSON 列出的内容里没有一个是对象。"
        '请写成由对象组成的列表，例如 {{"question": "…", "answer": "…"}}。',
    ),
    "too_many_fields": Both(
        "The objects have more than {most} different fields.", "对象里的字段超过 {most} 种。"
    ),
    # Workbooks
    "workbook_broken": Both(
        "The XLSX file is broken or cut off. Open it in a spreadsheet program and save it again.",
        "XLSX 文件已损坏或不完整，请用表格软件打开后重新保存。",
    ),
    "workbook_fault": Both(
        "The XLSX file is broken or cut off. Open it in a spreadsheet program and save it "
        "again. ({fault})",
        "XLSX 文件已损坏或不完整，请用表格软件打开后重新保存。（{fault}）",
    ),
    "workbook_encrypted": Both(
        "The XLSX file is encrypted. Save it without a password.",
        "XLSX 文件已加密，请去掉密码后保存。",
    ),
    "workbook_parts": Both(
        "The XLSX file has {parts} parts; at most {most} are read. "
        "Copy the questions and answers into a new workbook.",
        "XLSX 文件有 {parts} 个部分，最多读取 {most} 个。请把问题和答案复制到新的工作簿里。",
    ),
    "workbook_ratio": Both(
        "The XLSX file unpacks to more than {most} times its size. "
        "Copy the questions and answers into a new workbook, or save them as CSV.",
        "XLSX 文件解压后超过原来的 {most} 倍。请把问题和答案复制到新的工作簿里，或另存为 CSV。",
    ),
    "workbook_overlaps": Both(
        "The parts of the XLSX file overlap; no spreadsheet writes such a file.",
        "XLSX 文件的各部分相互重叠，表格软件不会写出这样的文件。",
    ),
    "workbook_nested": Both(
        "The XLSX file holds another archive. Save it as a plain workbook.",
        "XLSX 文件里还有压缩包，请保存为普通工作簿。",
    ),
    "workbook_doctype": Both(
        "The XLSX file holds a DOCTYPE; no spreadsheet writes one.",
        "XLSX 文件里有 DOCTYPE，表格软件不会写出这样的文件。",
    ),
    "workbook_too_large": Both(
        "The XLSX file unpacks to more than {most} MB. "
        "Bring the questions and answers in several files.",
        "XLSX 文件解压后超过 {most} MB，请分成几个文件导入。",
    ),
    "word_document": Both(
        "The file is a Word document. Copy the questions and answers into a spreadsheet.",
        "这是 Word 文档，请把问题和答案复制到表格里。",
    ),
    "no_workbook": Both(
        "The file is an archive, but not an XLSX workbook.",
        "这是压缩包，但不是 XLSX 工作簿。",
    ),
    "no_such_sheet": Both(
        "There is no sheet {sheet!r}. Sheets: {sheets}.",
        "没有工作表“{sheet}”。现有的工作表：{sheets}。",
    ),
    "no_filled_sheet": Both(
        "The workbook has no sheet with cells.", "工作簿里没有带内容的工作表。"
    ),
}
"""Name of a text about a whole file -> the text."""

CHECK_TEXTS: Mapping[str, Both] = {
    "not_found": Both(
        "{question!r} finds nothing at all. Publish the knowledge base again.",
        "“{question}”什么也找不到，请重新发布知识库。",
    ),
    "shared_question": Both(
        "{question!r} is asked by {entry} and by {other}, whose answers differ: "
        "the shopper is asked which is meant. Keep it in one of them.",
        "{entry} 和 {other} 都有“{question}”这个问法，答案却不同：助手会反问顾客指的是哪一个。"
        "请只保留一处。",
    ),
    "nearer_entry": Both(
        "{question!r} of {entry} finds {other} ({nearer!r}) first. "
        "Word the two further apart, or join them.",
        "{entry} 的“{question}”先找到了 {other}（“{nearer}”）。"
        "请把两者的问法写得更有区别，或者合并。",
    ),
}
"""`SelfCheckReason` -> what is wrong with a published question, and what to do."""


def file_text(name: str, **facts: Any) -> Both:
    """A text about a whole file. Raises KeyError for an unknown name or a missing fact."""
    return FILE_TEXTS[name].filled(**facts)


def check_text(reason: str, **facts: Any) -> Both:
    """What a self-check says about one question."""
    return CHECK_TEXTS[reason].filled(**facts)


def file_problem(code: str, **facts: Any) -> RowProblem:
    """A hint about a whole file that is taken all the same."""
    text = file_text(code, **facts)
    return RowProblem(0, "", code, text.en, "warning", text.zh)


def rows_lost_first(problems: Iterable[RowProblem]) -> list[RowProblem]:
    """The problems of rows that are not used before those that are only odd; else as they came.

    A list is cut somewhere, and what is lost must not be behind the cut.
    """
    return sorted(problems, key=lambda one: one.severity != "error")


def row_problem(
    code: str,
    row: int,
    column: str = "",
    severity: Literal["error", "warning"] = "error",
    **facts: Any,
) -> RowProblem:
    """A problem of one row, with its place in words.

    Args:
        code: a key of `ROW_TEXTS`.
        column: its name, empty when the whole row is meant.
        facts: what stands in the braces of the text.
    """
    text = ROW_TEXTS[code].filled(**facts)
    named = column[:_PLACE_CHARACTERS]
    place = f"Row {row}, column {named!r}," if column else f"Row {row}"
    place_zh = f"第 {row} 行“{named}”列" if column else f"第 {row} 行"
    # What already begins with a bracket reads on without a colon.
    joint = "" if text.zh.startswith("（") else "："
    return RowProblem(
        row, column, code, f"{place} {text.en}.", severity, f"{place_zh}{joint}{text.zh}。"
    )
