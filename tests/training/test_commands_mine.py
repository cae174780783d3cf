import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from knowledge_base.entry import Entry, EntryId
from knowledge_base.problem_texts import row_problem
from knowledge_base.readers import read_entries
from training.commands_mine import entries_of, tell, told_of, written_entries
from training.proposals import Proposal

MUG = Entry(EntryId("care.mug"), ("is the mug dishwasher safe",), "Up to 60 degrees.", "en", "care")


def proposal(kind, *questions, entry=None, id="chats-1"):
    return Proposal(id, kind, "en", 2, questions, "Staff said so.", (), entry)


def test_new_entries_and_phrasings_are_written_and_what_differs_is_not():
    new = proposal("new", "do you repair lamps", "can you mend a lamp")
    phrased = proposal("phrasings", "mug in dishwasher?", entry=MUG, id="chats-2")
    differs = proposal("differs", "how hot may it be", entry=MUG, id="chats-3")

    first, second = entries_of([new, phrased, differs])
    assert (first.id, first.questions, first.answer) == (
        "chats-1",
        ("do you repair lamps", "can you mend a lamp"),
        "Staff said so.",
    )
    assert (second.id, second.answer, second.category) == ("care.mug", "Up to 60 degrees.", "care")
    assert second.questions == ("is the mug dishwasher safe", "mug in dishwasher?")


def test_what_nobody_answered_is_told_with_its_counts_and_not_written(capsys):
    asked = ("can it be engraved", "do you engrave")
    wanting = Proposal("chats-4", "unanswered", "en", 3, asked, "", (), MUG, {"nobody": 3})
    assert entries_of([wanting]) == []

    found = {"chats": 9, "exchanges": 4, "known": 0, "staff": [], "problems": []}
    tell({**found, "proposals": [wanting]}, None, as_json=False)
    said = capsys.readouterr().err
    assert "can it be engraved / do you engrave" in said
    assert "[nobody replied 3x]" in said
    tell({**found, "proposals": [wanting]}, None, as_json=True)
    (told,) = json.loads(capsys.readouterr().out)["proposals"]
    assert (told["kind"], told["open"], told["answer"]) == ("unanswered", {"nobody": 3}, "")
    assert told["entry"]["id"] == "care.mug"


def test_what_is_odd_about_a_row_is_told_in_both_languages():
    problem = row_problem("chat_row_lacks", 3, severity="warning")
    both = told_of(Path("chats/old.csv"), problem)
    assert both["en"].startswith("old.csv: Row 3 does not tell its conversation")
    assert both["zh"] == "old.csv: 第 3 行：没有写明属于哪个会话或由谁发送，未采用。"


def test_two_proposals_for_one_entry_are_one_entry_of_the_file():
    proposals = [
        proposal("phrasings", asked, entry=MUG, id=id) for id, asked in (("a", "one"), ("b", "two"))
    ]
    content = written_entries(proposals, "csv")
    (entry,) = read_entries(content, "found.csv").entries

    assert entry.questions == ("is the mug dishwasher safe", "one", "two")
    assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) == 4


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--no-desk"], "name files of old chats", 2),
        (["chats.csv", "--out", "found.pdf"], "must end with", 2),
        ([], "has seen nothing yet", 2),
        (["missing.csv", "--no-desk"], "cannot be read", 1),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, monkeypatch, arguments, said, code):
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, ["mine", *arguments])

    assert ran.exit_code == code
    assert said in " ".join(ran.output.split())
