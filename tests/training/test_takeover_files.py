import json

import pytest

from knowledge_base.errors import FileRefused
from training.refusal_texts import LabelledTextRefused
from training.takeover_files import read_conversations, read_files


def written(tmp_path, *lines):
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


MARKED = {"utterances": [{"role": "customer", "handoff": 1, "text": "where is it"},
                         {"role": "agent", "handoff": 0, "text": "on its way"}]}  # fmt: skip


def test_texts_are_taken_as_well_as_token_ids(tmp_path):
    (read,) = read_conversations([written(tmp_path, MARKED)])
    assert read.said[0].by_shopper and len(read.said[0].tokens) == 3
    assert read.person == (True, False)
    ids = {"utterances": [{"role": "agent", "handoff": 0, "token_ids": [4, 5]}]}
    assert read_files([written(tmp_path, ids)])[0].said[0].tokens == (4, 5)


def test_flags_of_transfer_and_other_names_of_the_list_are_understood(tmp_path):
    raw = {"turns": [{"role": "customer", "text": "转人工", "transfer": 1},
                     {"role": "agent", "text": "好的", "transfer": 0}]}  # fmt: skip
    assert read_conversations([written(tmp_path, raw)])[0].person == (True, False)


def test_without_flags_the_words_before_a_colleague_speaks_are_marked(tmp_path):
    raw = {"messages": [{"who": "shopper", "text": "hi"}, {"who": "bot", "text": "Hello!"},
                        {"who": "shopper", "text": "it is broken"}, {"who": "staff", "text": "Oh."},
                        {"who": "shopper", "text": "thanks"}]}  # fmt: skip
    alone = {"messages": raw["messages"][:2]}
    helped, plain = read_conversations([written(tmp_path, raw, alone)])
    assert helped.person == (False, True, True)
    assert plain.person == (False, False)


@pytest.mark.parametrize(
    "line", ["{", "[]", "3", "null", '{"utterances": [{"role": "customer"}]}', '{"turns": [7]}',
             '{"turns": 3}', '{"turns": [{"role": "customer", "token_ids": ["x"], "handoff": 0}]}']
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named(tmp_path, line):
    path = written(tmp_path, MARKED)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + line, encoding="utf-8")
    with pytest.raises(LabelledTextRefused, match="line 2"):
        read_conversations([path])


def test_conversations_without_any_handoff_are_refused(tmp_path):
    raw = {"messages": [{"who": "shopper", "text": "hi"}]}
    with pytest.raises(LabelledTextRefused, match="both kinds"):
        read_conversations([written(tmp_path, raw)])


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "talks.jsonl"
    path.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(LabelledTextRefused, match="UTF-8"):
        read_files([path])


ROWS = (
    ("1", "顾客", "水壶漏水"), ("1", "机器人", "请描述一下。"), ("1", "顾客", "转人工"),
    ("1", "客服", "您好，我来看看。"), ("1", "顾客", "谢谢"), ("2", "顾客", "几点发货"),
    ("2", "机器人", "当天下午。"),
)  # fmt: skip


def as_csv() -> bytes:
    return "\n".join(map(",".join, [("会话", "发送者", "内容"), *ROWS])).encode("gb18030")


OBJECTS = [dict(zip(("chat", "who", "text"), row, strict=True)) for row in ROWS]


def as_json() -> bytes:
    return json.dumps(OBJECTS).encode()


def as_lines() -> bytes:
    return "\n".join(map(json.dumps, OBJECTS)).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [("chats.csv", as_csv()), ("chats.json", as_json()), ("chats.jsonl", as_lines())],
)
def test_old_chats_of_any_form_are_marked_before_the_first_words_of_staff(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    taken_over, plain = read_conversations([tmp_path / name])
    assert [one.by_shopper for one in taken_over.said] == [True, False, True]
    assert taken_over.person == (False, True, True)
    assert plain.person == (False, False)


def test_names_of_staff_can_be_given_for_files_without_roles(tmp_path):
    file = tmp_path / "chats.csv"
    file.write_text("chat,who,text\n1,Ann,it leaks\n1,Mei,let me look\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="Nobody in the file"):
        read_files([file])
    (read,) = read_files([file], staff=["Mei"])
    assert read.person == (True,)


def test_marked_lines_are_known_whatever_their_file_is_called(tmp_path):
    path = written(tmp_path, MARKED).rename(tmp_path / "talks.txt")
    assert read_conversations([path])[0].person == (True, False)


def test_rows_that_are_left_out_are_told_with_their_file(tmp_path):
    file = tmp_path / "chats.csv"
    file.write_bytes(as_csv() + "\n3,,谁说的".encode("gb18030"))
    odd = []
    read_files([file], odd=lambda path, problem: odd.append((path, problem.row, problem.code)))
    assert odd == [(file, 9, "chat_row_lacks")]


def test_a_file_that_is_not_there_is_not_called_one_of_another_encoding(tmp_path):
    with pytest.raises(LabelledTextRefused, match="No such file"):
        read_files([tmp_path / "chats.jsonl"])
    with pytest.raises(LabelledTextRefused, match="Is a directory"):
        read_files([tmp_path])
