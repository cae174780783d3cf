import csv
import io

import pytest
from typer.testing import CliRunner

from bot.cli import app
from knowledge_base.entry import Entry, EntryId
from knowledge_base.readers import read_entries
from training.commands_mine import entries_of, written_entries
from training.mine_questions import Proposal

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
