"""What training really refuses is told on the page in its own two languages."""

from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from bot.server.training_refusals import in_both_languages
from knowledge_base.hashed_encoder import HashedEncoder
from knowledge_base.problem_texts import FILE_TEXTS, file_text
from training.labelled_text import LabelledText, LabelledTextRefused, read_labelled
from training.shop_training import shop_files
from training.takeover_conversations import read_files
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
        "Line 1 of the old chats",
        "第 1 行不是一段对话",
    ),
    "other bytes": (
        lambda folder: read_files([written(folder, b"\xff\xfe")]),
        "not UTF-8",
        "不是 UTF-8",
    ),
    "no intents": (
        lambda folder: train_intents(LabelledText((), ()), HashedEncoder()),
        "At least two intents",
        "至少需要两个",
    ),
    "no columns": (
        labels("快递到哪了,查物流\n"),
        "no column 'text'",
        "没有 'text' and 'intent' 列",
    ),
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
def test_a_refusal_is_told_in_both_languages(tmp_path, what):
    refuse, english, chinese = REFUSED[what]
    with pytest.raises(LabelledTextRefused) as refused:
        refuse(tmp_path)
    en, zh = in_both_languages(f"warning: something else\n{refused.value}")
    assert english in en
    assert chinese in zh
    assert "--" not in en


def test_other_words_are_shown_as_they_were_said():
    en, zh = in_both_languages("a warning\nThe disk is full.")
    assert en == "The disk is full."
    assert zh == "原有内容没有改变。程序的说明：The disk is full."


def test_parts_of_another_encoder_are_told_without_the_path_of_the_machine():
    said = (
        "/srv/state/doubt was made with the encoder 'a-onnx1', but 'a-onnx2' is in use and its "
        "vectors mean something else. Please train it again with: shopkeeper train"
    )
    en, zh = in_both_languages(said)
    assert en.startswith("What was learnt (doubt)") and "/srv" not in en + zh
    assert "请先重新学习" in zh


def test_what_is_wrong_with_a_file_of_old_chats_is_told_in_both_languages():
    columns = file_text("no_chat_columns", lacking="chat", listed="'name', 'price'")
    assert in_both_languages(f"warning: x\n{columns.en}") == (columns.en, columns.zh)
    nobody = file_text("no_staff_in_chats", some="'小满', 'Oscar'")
    en, zh = in_both_languages(nobody.en)
    assert "('小满', 'Oscar' …). Bring the file again with the names of your people" in en
    assert "请重新导入并填写客服的名字" in zh
    assert "--staff" not in en + zh
    own = "This shop's own desk has seen nothing yet. Name files of old chats: shopkeeper mine FILE"
    assert in_both_languages(own)[1] == "自家客服还没有对话，请导入聊天记录文件。"


@pytest.mark.parametrize("name", FILE_TEXTS)
def test_every_text_about_a_file_is_known_by_its_english_words(name):
    fields = {field for _, field, _, _ in Formatter().parse(FILE_TEXTS[name].en) if field}
    zh_fields = {field for _, field, _, _ in Formatter().parse(FILE_TEXTS[name].zh) if field}
    if not zh_fields <= fields or name == "no_staff_in_chats":
        return
    both = FILE_TEXTS[name].filled(**dict.fromkeys(fields, 7))
    assert in_both_languages(both.en) == (both.en, both.zh)
