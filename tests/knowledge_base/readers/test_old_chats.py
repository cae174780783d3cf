import json

import pytest

from knowledge_base.errors import ColumnsNotRecognised, FileRefused
from knowledge_base.readers import OldMessage, read_chats
from knowledge_base.readers.old_chats import read_old_chats


def table(*lines):
    return "\n".join(lines).encode()


def test_a_table_of_messages_becomes_chats_whoever_made_it():
    english = table("Conversation ID,Sender,Message,Time", "7,Customer,is it in stock,09:00",
                    "8,Customer,hello,09:01", "7,Agent,Yes it is.,09:02")  # fmt: skip
    chinese = table("会话ID,发送者,内容", "7,顾客,有货吗", "8,顾客,你好", "7,客服,有的")

    read = read_old_chats(english, "chats.csv")
    (first, second) = read.chats
    assert [one.side for one in first.messages] == ["shopper", "staff"]
    assert first.messages[1].text == "Yes it is."
    assert second.messages == (OldMessage("shopper", "hello"),)
    assert [len(one.messages) for one in read_old_chats(chinese, "聊天.csv").chats] == [2, 1]


def test_json_may_hold_a_conversation_an_object():
    lines = "\n".join(
        json.dumps({"messages": [{"role": "user", "content": text}, {"who": "staff", "text": "a"}]})
        for text in ("one", "two")
    )
    whole = json.dumps(
        [{"turns": [{"who": "买家", "text": "在吗"}, {"who": "客服", "text": "在"}]}]
    )

    assert [one.messages[0].text for one in read_chats(lines.encode(), "a.jsonl").chats] == [
        "one",
        "two",
    ]
    (chat,) = read_chats(whole.encode(), "a.json").chats
    assert [one.side for one in chat.messages] == ["shopper", "staff"]


def test_a_name_that_speaks_in_several_chats_is_the_shops():
    rows = [f"{chat},{who},words of {who}" for chat in range(3) for who in (f"guest{chat}", "Mei")]
    read = read_old_chats(table("chat,who,text", *rows), "chats.csv")

    assert read.staff == ("Mei",)
    assert [one.side for one in read.chats[2].messages] == ["shopper", "staff"]


def test_names_of_staff_can_be_given():
    content = table("chat,who,text", "1,Ann,is it in stock", "1,Mei,yes it is")

    with pytest.raises(FileRefused, match="--staff"):
        read_old_chats(content, "chats.csv")
    (chat,) = read_old_chats(content, "chats.csv", staff=["mei"]).chats
    assert chat.messages[1].side == "staff"


def test_rows_that_cannot_be_used_are_named_and_pictures_are_passed_over():
    content = table("chat,who,text", "1,customer,hello", ",customer,lost", "1,staff,",
                    f"1,staff,{'x' * 5_000}", "1,staff,hello")  # fmt: skip
    read = read_old_chats(content, "chats.csv")

    assert [(one.row, one.code) for one in read.problems] == [
        (3, "chat_row_lacks"),
        (5, "chat_message_long"),
    ]
    assert [one.text for one in read.chats[0].messages] == ["hello", "hello"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"question,answer\na,b\n", "faq.csv", "No column could be taken for chat"),
        (b"chat,who,text\n1,staff,\n", "a.csv", "no message"),
        (b"", "a.csv", "empty"),
        (b'{"messages": "none"}', "a.json", "could"),
        (b"%PDF-1.7 chats", "chats.csv", "PDF"),
    ],
)
def test_files_that_hold_no_chats_are_refused_in_words(content, name, said):
    with pytest.raises(FileRefused, match=said) as refused:
        read_chats(content, name)
    assert refused.value.zh


def test_a_table_without_its_columns_tells_which_it_has():
    with pytest.raises(ColumnsNotRecognised) as refused:
        read_chats(b"a,b,c\n1,2,3\n", "x.csv")
    assert refused.value.columns == ("a", "b", "c")
