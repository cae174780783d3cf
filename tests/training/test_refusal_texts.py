"""What training really refuses is told on the console in its own two languages."""

import io
from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from bot.told_steps import refusal_in, step_in, tell_refusal, tell_to
from knowledge_base.errors import FileRefused
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.readers.old_chats import read_old_chats
from training.labelled_text import LabelledText, read_labelled
from training.refusal_texts import REFUSAL_TEXTS, LabelledTextRefused
from training.shop_training import shop_files
from training.takeover_files import read_files
from training.train_intent_classifier import train_intents
from training.train_takeover import train_takeover


def written(folder: Path, content: bytes) -> Path:
    file = folder / "old-chats.jsonl"
    file.write_bytes(content)
    return file


def labels(content: str | bytes) -> Callable[[Path], object]:
    """Reads a file of phrases with this content."""

    def read(folder: Path) -> object:
        file = folder / "intents.zh.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_labelled([file])

    return read


REFUSED = {
    "too little": (lambda folder: train_takeover([]), "0 conversations", "共 0 段对话"),
    "no conversation": (
        lambda folder: read_files([written(folder, b"{}\n[]")]),
        "old-chats.jsonl, line 1: needs a list",
        "old-chats.jsonl 第 1 行不是一段对话",
    ),
    "other bytes": (
        lambda folder: read_files([written(folder, b"\xff\xfe")]),
        "UTF-8",
        "不是 UTF-8",
    ),
    "no intents": (
        lambda folder: train_intents(LabelledText((), ()), HashedEncoder()),
        "At least two intents",
        "现在只有 0 个",
    ),
    "no columns": (labels("快递到哪了,查物流\n"), "no column 'text'", "没有 'text'、'intent' 列"),
    "no text": (labels("\0" * 400), "intents.zh.csv: The file holds zero bytes", "文件里有空字节"),
    "two encodings": (
        labels(b"text,intent\n" + "快递到哪里了,查询\n".encode() + "退货\n".encode("gb18030")),
        "intents.zh.csv: The file is UTF-8 but for 1",
        "intents.zh.csv：文件是 UTF-8，但有 1 行不是（第 3 行）",
    ),
    "nothing": (labels(""), "intents.zh.csv: The file is empty", "intents.zh.csv：文件是空的"),
    "quotes": (
        labels('text,intent\n"到哪了" 啊,查物流\n'),
        "Check the quotation marks",
        "第 2 行附近无法读取",
    ),
    "no files": (shop_files, "no intents.zh.csv", "没有 intents.zh.csv"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refusal_is_told_in_both_languages_and_to_the_shell_in_full(tmp_path, what):
    refuse, english, chinese = REFUSED[what]
    with pytest.raises(LabelledTextRefused) as refused:
        refuse(tmp_path)
    both = refused.value.both
    assert english in both.en
    assert chinese in both.zh
    assert str(refused.value).startswith(both.en)
    assert "--" not in both.en and str(tmp_path) not in both.en + both.zh


@pytest.mark.parametrize("why", REFUSAL_TEXTS)
def test_the_chinese_of_a_refusal_tells_no_less_than_the_english(why):
    en, zh = (
        {field.removesuffix("_zh") for _, field, _, _ in Formatter().parse(text) if field}
        for text in REFUSAL_TEXTS[why].both
    )
    assert {field.replace("found", "count") for field in en} == zh


def test_who_is_the_shop_is_asked_of_the_shell_by_its_option_and_of_a_page_without(tmp_path):
    rows = "conversation,who,text\n1,小满,您好\n1,Oscar,你好\n"
    with pytest.raises(FileRefused) as refused:
        read_old_chats(rows.encode(), "chats.csv")
    both = refused.value.both
    assert "--staff NAME" in str(refused.value)
    assert "Bring the file again with the names of your staff" in both.en
    assert "请重新导入并填写客服的名字" in both.zh
    assert "--staff" not in both.en + both.zh


def test_a_refusal_crosses_to_who_began_the_command():
    out = io.StringIO()
    tell_to(out)("encode", 1, 2)
    tell_refusal(out, "A “row”\nis missing.", "少了一行")
    step, refusal = out.getvalue().rstrip("\n").split("\n")
    assert (step_in(step), refusal_in(step)) == (("encode", 1, 2), None)
    assert (step_in(refusal), refusal_in(refusal)) == (None, ("A “row”\nis missing.", "少了一行"))
    assert [refusal_in(line) for line in ("words", "\x1e{", '\x1e{"en": "a"}', "\x1e[1]")] == [
        None
    ] * 4
