"""What the shell is asked for when an admin wants something learnt."""

from pathlib import Path

import pytest

from bot.server.training_wanted import Wanted, command_for, written


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "takeover",
            ["train", "takeover", "--json", "--staff=-小满", "--chats", "/t/old-chats.csv"],
        ),
        ("questions", ["mine", "--json", "--staff=-小满", "/t/old-chats.csv"]),
    ],
)
def test_names_of_staff_go_with_the_old_chats_and_are_never_taken_for_options(what, words):
    wanted = Wanted(what, "lin", "upload", staff=("-小满",))
    assert command_for(wanted, Path("/t/old-chats.csv")) == words


def test_without_old_chats_the_own_desk_is_learnt_from():
    assert command_for(Wanted("takeover", "lin"), None) == ["train", "takeover", "--json"]
    assert command_for(Wanted("questions", "lin", desk=False), None) == [
        "mine",
        "--json",
        "--no-desk",
    ]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../Chats.XLSX", "old-chats.xlsx"),
        ("talks", "old-chats.jsonl"),
        ("a.exe", "old-chats.jsonl"),
    ],
)
def test_of_the_name_of_a_file_only_a_known_ending_is_kept(tmp_path, name, kept):
    file = written(name, b"x", folder=tmp_path / "new")
    assert (file, file.read_bytes()) == (tmp_path / "new" / kept, b"x")
