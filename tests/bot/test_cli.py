import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import app
from bot.shell.output import refusals_told

ROOT = Path(__file__).parents[2]
FAQ = "id,question,answer\nmars,Do you ship to Mars?,Not yet.\ngift,Do you wrap gifts?,Yes.\n"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Runs a command with a state folder of its own and an encoder that needs no weights."""
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "var"))
    monkeypatch.setenv("SHOPKEEPER_SHOP_FOLDER", str(ROOT / "demo_shop"))
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    monkeypatch.setenv("SHOPKEEPER_GENERATOR", "off")
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == code, (done.exit_code, done.output, done.exception)
        return done

    return run


def answer_of(done):
    return json.loads(done.stdout)


def test_every_command_has_help_and_tells_its_exit_codes_or_options(shell):
    for command in ("serve", "ask", "chat", "backup", "restore", "bench", "move-database"):
        assert "Exit codes" in shell(command, "--help").output, command
    for command in ("knowledge", "staff"):
        assert "Commands" in shell(command, "--help").output


def test_an_unknown_command_is_wrong_usage(shell):
    assert "knowledge" in shell("knowlege", code=2).output


def test_a_file_becomes_a_version_and_the_version_an_answer(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)

    dry = answer_of(shell("knowledge", "import", "faq.csv", "--dry-run", "--json"))
    assert dry["files"][0]["added"] == 2
    assert answer_of(shell("knowledge", "versions", "--json"))["versions"] == []

    shell("knowledge", "import", "faq.csv")
    published = answer_of(shell("knowledge", "publish", "--note", "first", "--json"))
    assert published["self_check"]["right"] == 2

    hit = answer_of(shell("knowledge", "search", "do you ship to mars", "--json"))["hits"][0]
    assert (hit["id"], hit["exact"]) == ("mars", True)

    answer = answer_of(shell("ask", "Do you ship to Mars?", "--json"))
    assert (answer["decision"], answer["source"], answer["id"]) == ("answer", "known", "mars")
    assert answer["reply"] == "Not yet."
    assert answer["trace"]["versions"]["knowledge"] == published["version"]


def test_several_files_gather_in_a_draft(shell, tmp_path):
    (tmp_path / "one.csv").write_text(FAQ)
    (tmp_path / "two.csv").write_text("question,answer\nIs tea fresh?,Very.\n")

    shell("knowledge", "import", "one.csv")
    shell("knowledge", "import", "two.csv")
    shell("knowledge", "publish")

    newest = answer_of(shell("knowledge", "versions", "--json"))["versions"][0]
    assert newest["sources"] == {"one.csv": 2, "two.csv": 1}
    assert newest["note"] == "one.csv, two.csv"
    assert "no draft" in shell("knowledge", "publish", code=3).output


def test_what_an_entry_learns_stays_when_its_file_is_imported_again(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)
    (tmp_path / "chats.csv").write_text("id,question,answer\nmars,Is Mars too far?,Not yet.\n")
    shell("knowledge", "import", "faq.csv", "--publish")
    shell("knowledge", "import", "chats.csv", "--learn", "--publish")
    (tmp_path / "faq.csv").write_text(FAQ.replace("Not yet.", "Tomorrow."))

    told = shell("knowledge", "import", "faq.csv", "--publish")
    assert "learnt from old chats that stay: 1" in told.output
    hit = answer_of(shell("knowledge", "search", "is mars too far", "--json"))["hits"][0]
    assert (hit["answer"], hit["source"], hit["exact"]) == ("Tomorrow.", "faq.csv", True)

    dry = shell("knowledge", "import", "faq.csv", "--drop-learnt", "--dry-run", "--json")
    assert (answer_of(dry)["files"][0]["learnt"], answer_of(dry)["files"][0]["forgotten"]) == (0, 1)
    shell("knowledge", "import", "chats.csv", "--learn", "--add", code=2)


def test_going_back_and_checking_and_exporting(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)
    shell("knowledge", "import", "faq.csv", "--publish")
    (tmp_path / "faq.csv").write_text(FAQ.replace("Not yet.", "Tomorrow."))
    shell("knowledge", "import", "faq.csv", "--publish")
    shell("knowledge", "rollback")

    assert answer_of(shell("knowledge", "check", "--json", "--strict"))["wrong_count"] == 0
    shell("knowledge", "export", "out.csv")
    assert "Not yet." in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    shell("knowledge", "export", "out.pdf", code=2)
    shell("knowledge", "rollback", "000009-00000000", code=1)


def test_a_row_that_cannot_be_imported_is_named(shell, tmp_path):
    (tmp_path / "faq.csv").write_text("question,answer\n,No question here.\nTea?,Yes.\n")

    done = shell("knowledge", "import", "faq.csv")

    assert "2 rows, 1 not imported" in done.output
    assert "Row 2" in done.output


def test_a_file_without_one_good_row_empties_nothing(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)
    shell("knowledge", "import", "faq.csv", "--publish")

    (tmp_path / "faq.csv").write_text("question,answer\n,No question.\nTea?,#REF!\n")
    told = shell("knowledge", "import", "faq.csv", "--publish", code=1).output
    assert "Row 2" in told
    assert "Row 3" in told
    assert "No row" in told
    (tmp_path / "faq.csv").write_text("question,answer\n")
    assert "no rows below" in shell("knowledge", "import", "faq.csv", "--publish", code=1).output

    assert answer_of(shell("knowledge", "versions", "--json"))["versions"][0]["entries"] == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"\x89PNG\r\n\x1a\n", "picture"), (b"a,b\n1,2\n", "column")],
)
def test_a_file_of_the_wrong_kind_is_refused(shell, tmp_path, content, says):
    (tmp_path / "faq.csv").write_bytes(content)

    assert says in shell("knowledge", "import", "faq.csv", code=1).output


def test_a_missing_model_ends_with_three_and_the_repairing_command(shell, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "multilingual-e5-small")

    for words in (("ask", "hello"), ("knowledge", "check")):
        assert "shopkeeper models fetch" in shell(*words, code=3).output
    served = subprocess.run(
        [sys.executable, "-m", "bot", "serve", "--port", "0"],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert served.returncode == 3
    assert "shopkeeper models fetch" in served.stderr


def test_a_missing_generator_tells_how_to_do_without(shell, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_GENERATOR", "gemma-3-270m")

    assert "SHOPKEEPER_GENERATOR=off" in shell("ask", "hello", code=3).output


def test_a_missing_shop_is_said(shell, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPKEEPER_SHOP_FOLDER", str(tmp_path / "nothing"))

    assert "shop.toml" in shell("ask", "hello", code=3).output


def test_a_wrong_setting_is_wrong_usage(shell, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_PORT", "99999")

    assert "port" in shell("ask", "hello", code=2).output
    shell("ask", "  ", code=2)
    shell("knowledge", "search", "  ", code=2)
    shell("ask", "hello", "--language", "fr", code=2)


def test_without_an_encoder_that_knows_meanings_nothing_is_prepared(shell, monkeypatch):
    monkeypatch.setenv("SHOPKEEPER_ENCODER", "hashed")
    said = shell("prepare", code=2).output
    assert "nothing is trained with it" in said.replace("\n", " ")


def test_nothing_is_looked_for_in_a_database_that_is_not_there(shell, tmp_path):
    for words in (("list",), ("reset", "mei"), ("disable", "mei")):
        said = shell("staff", *words, code=1).output
        assert str(tmp_path / "var" / "shopkeeper.sqlite3") in said.replace("\n", "")
    assert not (tmp_path / "var" / "shopkeeper.sqlite3").exists()


def test_accounts_are_made_and_their_passwords_shown_once(shell):
    added = answer_of(shell("staff", "add", "mei", "--name", "Mei", "--json"))
    reset = answer_of(shell("staff", "reset", "mei", "--json"))
    shell("staff", "add", "boss", "--role", "admin")
    shell("staff", "disable", "mei")
    listed = shell("staff", "list", "--json")

    assert added["password"] != reset["password"]
    assert reset["password"] not in listed.stdout
    assert [(one["login"], one["roles"], one["disabled"]) for one in answer_of(listed)] == [
        ("boss", ["admin"], False),
        ("mei", ["staff"], True),
    ]
    shell("staff", "add", "mei", code=1)
    shell("staff", "reset", "nobody", code=1)
    shell("staff", "add", "li", "--role", "owner", code=2)


@pytest.mark.parametrize("login", [" ", "x", "two words", "小美"])
def test_a_login_that_nobody_could_sign_in_with_is_wrong_usage(shell, login):
    assert "letters" in shell("staff", "add", login, code=2).output
    assert "no database" in shell("staff", "list", code=1).output, "it did not get so far"


def test_options_that_contradict_change_nothing(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)

    shell("knowledge", "import", "faq.csv", "--dry-run", "--publish", code=2)
    shell("knowledge", "import", "faq.csv", "--question", "question", code=2)
    shell("knowledge", "import", "faq.csv", "--id", "id", code=2)

    assert answer_of(shell("knowledge", "versions", "--json"))["versions"] == []
    shell("knowledge", "publish", code=3)


def test_a_name_that_the_system_refuses_is_told_by_its_name(shell, tmp_path, monkeypatch):
    (tmp_path / "faq.csv").write_text(FAQ)
    shell("knowledge", "import", "faq.csv", "--publish")

    assert "missing" in shell("knowledge", "export", "missing/out.csv", code=1).output
    assert "Is a directory" in shell("knowledge", "versions", "--config", tmp_path, code=1).output
    monkeypatch.setenv("SHOPKEEPER_STATE_FOLDER", str(tmp_path / "faq.csv"))
    for words in (("knowledge", "versions"), ("staff", "list")):
        assert "faq.csv" in shell(*words, code=1).output


def test_an_export_that_does_not_fit_leaves_the_earlier_one_whole(shell, tmp_path, no_room_beyond):
    (tmp_path / "faq.csv").write_text(FAQ)
    shell("knowledge", "import", "faq.csv", "--publish")
    shell("knowledge", "export", "out.csv")
    earlier = (tmp_path / "out.csv").read_bytes()

    with no_room_beyond(len(earlier) // 2):
        assert "and the disk" in shell("knowledge", "export", "out.csv", code=1).output

    assert (tmp_path / "out.csv").read_bytes() == earlier
    assert sorted(path.name for path in tmp_path.glob("*")) == ["faq.csv", "out.csv", "var"]


def test_there_is_no_backup_of_what_was_never_begun(shell):
    assert "no database" in shell("backup", "copy.sqlite3", code=1).output


def test_a_backup_is_sound_and_can_be_put_back(shell, tmp_path):
    shell("staff", "add", "mei")
    shell("backup", "copy.sqlite3")
    shell("staff", "add", "li")
    shell("backup", "copy.sqlite3", code=1)
    shell("restore", "copy.sqlite3")

    assert [one["login"] for one in answer_of(shell("staff", "list", "--json"))] == ["mei"]


def test_the_list_of_commands_loads_no_library_that_takes_long():
    told = (
        "import runpy, sys; sys.argv = ['bot', '--help']\n"
        "try: runpy.run_module('bot', run_name='__main__')\n"
        "finally: print('loaded', *sorted({name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, check=True, capture_output=True, text=True
    )
    (loaded,) = [line for line in done.stdout.splitlines() if line.startswith("loaded ")]
    slow = {"numpy", "torch", "onnxruntime", "sqlalchemy", "fastapi", "faiss", "pydantic", "scipy"}
    assert "Commands:" in done.stdout
    assert slow.isdisjoint(loaded.split())


@contextmanager
def serving(tmp_path):
    """A real `shopkeeper serve` on a free port; gives its process, its address and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--port", "0"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if "admin console" in line:
                break
        port = re.search(r"127\.0\.0\.1:(\d+)/console", "".join(said))
        assert port, "".join(said)
        yield process, int(port.group(1)), said
    finally:
        process.send_signal(signal.SIGTERM)
        said.extend(process.stderr)
        process.stderr.close()
        assert process.wait(40) == 0


def test_the_first_start_prints_passwords_once_and_sigterm_ends_it_in_order(shell, tmp_path):
    (tmp_path / "faq.csv").write_text(FAQ)
    shell("knowledge", "import", tmp_path / "faq.csv", "--publish")

    with serving(tmp_path) as (_, port, first):
        chat = [
            sys.executable, "-m", "bot", "chat", "--url", f"ws://127.0.0.1:{port}",
            "--language", "en", "--memory", str(tmp_path / "memory"),
        ]  # fmt: skip
        one = subprocess.run(chat, cwd=ROOT, input="Do you ship to Mars?\n",
                             capture_output=True, text=True, timeout=60)  # fmt: skip
        two = subprocess.run(chat, cwd=ROOT, input="Do you wrap gifts?\n",
                             capture_output=True, text=True, timeout=60)  # fmt: skip
    with serving(tmp_path) as (_, _, second):
        pass

    passwords = re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", "".join(first))
    assert len(set(passwords)) == 2
    assert not re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", "".join(second))
    assert "bot: Not yet." in one.stdout
    assert "bot: Yes." in two.stdout
    assert "Not yet." not in two.stdout  # it resumed, and had seen that
    assert "Mars" not in "".join(first)


def test_chat_tells_what_is_wrong_with_an_address_and_a_language(shell):
    told = shell("chat", "--url", "http://127.0.0.1", code=2).output
    assert "begins with ws:// or wss://" in told
    told = shell("chat", "--language", "fr", code=2).output
    assert "zh or en" in told


@pytest.mark.services
def test_a_shop_moves_to_postgresql_and_its_accounts_with_it(shell, postgres_url, monkeypatch):
    shell("staff", "add", "mei", "--role", "staff")
    moved = answer_of(shell("move-database", "--to", postgres_url, "--json"))
    assert moved["rows"]["staff"] == 1
    assert "not empty" in shell("move-database", "--to", postgres_url, code=1).output

    monkeypatch.setenv("SHOPKEEPER_DATABASE_URL", postgres_url)
    assert "mei" in shell("staff", "list").output


def test_a_full_disk_is_told_as_one(capsys):
    with pytest.raises(typer.Exit) as ended, refusals_told():
        Path("/dev/full").write_text("does not fit")

    assert ended.value.exit_code == 1
    assert "No room is left on the disk" in capsys.readouterr().err
