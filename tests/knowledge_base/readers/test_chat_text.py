import pytest

from knowledge_base.errors import FileRefused
from knowledge_base.readers.chat_text import lines_of
from knowledge_base.readers.old_chats import read_old_chats

WECHAT = "".join(
    f"花友{n} 2026-10-0{n} 10:00:11\n茉莉怎么剪{n}\n\n"
    f"小陆 2026-10-0{n} 10:00:40\n花后剪三分之一，\n留两对叶子。\n\n"
    for n in range(1, 5)
)


def chats_of(text, name="old.txt", **options):
    read = read_old_chats(text.encode("utf-8"), name, **options)
    return [[(one.side, one.text) for one in chat.messages] for chat in read.chats], read.staff


@pytest.mark.parametrize(
    ("text", "who", "words"),
    [
        ("小张 2026-10-01 10:00:11\n有大的吗\n要墨绿的", "小张", "有大的吗\n要墨绿的"),
        ("2026/10/1 9:05 小张\n有大一点的吗", "小张", "有大一点的吗"),
        ("小张（2026年10月1日 10:00）：\n有吗", "小张", "有吗"),
        ("[01/10/2026, 10:00:11] Anna Lee: Do you have 30 cm: the green one?", "Anna Lee",
         "Do you have 30 cm: the green one?"),
        ("01.10.2026, 10:00 PM - Anna: Hi", "Anna", "Hi"),
    ],
)  # fmt: skip
def test_a_message_is_found_by_the_line_that_says_who_and_when(text, who, words):
    (line,) = lines_of("exported by a program\n" + text)
    assert (line.number, line.who, line.words) == (2, who, words)


def test_each_shopper_of_a_text_has_a_conversation_and_who_speaks_with_all_is_staff():
    chats, staff = chats_of(WECHAT)
    assert staff == ("小陆",)
    assert len(chats) == 4
    assert chats[1] == [
        ("shopper", "茉莉怎么剪2"),
        ("staff", "花后剪三分之一，\n留两对叶子。"),
    ]


def test_shoppers_who_take_turns_keep_their_conversations():
    lines = [
        ("甲", "有货吗"),
        ("客服", "有的"),
        ("乙", "包邮吗"),
        ("甲", "要两盆"),
        ("客服", "好的"),
    ]
    text = "".join(f"{who} 2026-10-01 10:00\n{words}\n" for who, words in lines)
    chats, _ = chats_of(text)
    assert chats == [
        [("shopper", "有货吗"), ("staff", "有的"), ("shopper", "要两盆"), ("staff", "好的")],
        [("shopper", "包邮吗")],
    ]


def test_one_talk_alone_needs_to_be_told_who_is_the_shop():
    text = WECHAT.split("花友2")[0]
    with pytest.raises(FileRefused, match="花友1"):
        chats_of(text)
    chats, _ = chats_of(text, staff=["小陆"])
    assert chats[0][1][0] == "staff"


def test_a_table_with_the_ending_of_a_text_is_read_as_a_table():
    chats, _ = chats_of("chat,who,text\n1,shopper,Open?\n1,staff,Yes\n")
    assert chats == [[("shopper", "Open?"), ("staff", "Yes")]]


def test_a_line_of_blanks_without_end_costs_no_time():
    assert lines_of("2026-10-01 10:00" + " " * 1_000_000 + "x") == []
