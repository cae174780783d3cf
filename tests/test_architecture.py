"""Who may import whom (DESIGN: one direction, and one door to each big library)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "knowledge_base", "training")

DOORS = {
    "faiss": ("knowledge_base/faiss_index.py",),
    "sentence_transformers": ("knowledge_base/encoder.py", "training/", "bot/shell/bench"),
    "transformers": ("bot/answering/", "training/"),
    "peft": ("bot/answering/", "training/"),
    "torch": ("bot/answering/", "training/"),
    "onnxruntime": ("knowledge_base/encoder.py", "training/"),
    "rasa_sdk": ("bot/actions/",),
    "fastapi": ("bot/server/",),
    "starlette": ("bot/server/",),
    "uvicorn": ("bot/server/", "bot/shell/bench"),
    "websockets": ("bot/server/", "bot/shell/chat_client.py", "bot/shell/bench"),
    "sqlalchemy": ("bot/transcripts/",),
    "alembic": ("bot/transcripts/",),
    "psycopg": ("bot/transcripts/",),
    "redis": ("bot/bus/",),
    "argon2": ("bot/server/passwords.py",),
    "prometheus_client": ("bot/server/metrics.py",),
    "openpyxl": ("knowledge_base/",),
}
"""Library -> the only places that may import it."""

FORBIDDEN = {
    "bot": ("training",),
    "knowledge_base": ("bot", "training"),
    "training": (),
    "bot/conversation": ("bot.server", "bot.answering", "bot.transcripts", "bot.actions",
                         "bot.bus", "bot.handoff", "bot.settings", "knowledge_base"),
    "bot/handoff": ("bot.server", "bot.answering", "bot.transcripts", "bot.bus", "knowledge_base"),
    "bot/answering": ("bot.server", "bot.transcripts", "bot.bus", "bot.handoff", "bot.shell"),
    "bot/actions": ("bot.server", "bot.transcripts", "bot.bus", "bot.handoff", "bot.shell"),
    "bot/transcripts": ("bot.server", "bot.answering", "bot.actions", "bot.bus", "bot.shell",
                        "knowledge_base"),
    "bot/bus": ("bot.server", "bot.answering", "bot.actions", "bot.transcripts", "knowledge_base"),
    "bot/server": ("bot.shell", "bot.cli", "bot.assemble"),
}  # fmt: skip
"""Folder -> what nothing in it may import."""

NEVER = ("pickle", "marshal", "shelve", "joblib", "dill")
"""A model or a file never runs code: what could is imported nowhere."""

CORE_LOADS_NONE_OF = ("torch", "transformers", "sentence_transformers", "faiss", "rasa_sdk",
                      "fastapi", "starlette", "uvicorn", "websockets", "sqlalchemy", "redis",
                      "numpy", "pydantic", "onnxruntime")  # fmt: skip


MAPPED = ("bot/answering", "bot/server", "bot/transcripts", "knowledge_base", "training")
"""Folders of very many modules: their docstring says which are about what."""


def sources():
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def imports_of(path):
    """Every module that a file imports, with the line; those under TYPE_CHECKING are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _without_type_checking(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _without_type_checking(tree):
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            waiting.append(child)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def under(module, root):
    return module == root or module.startswith(f"{root}.")


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_one_door(library):
    strangers = [
        f"{name_of(path)}:{line}"
        for path in sources()
        for module, line in imports_of(path)
        if under(module, library) and not name_of(path).startswith(DOORS[library])
    ]

    assert strangers == []


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_nobody_imports_against_the_arrows(folder):
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources()
        if name_of(path).startswith(f"{folder}/")
        for module, line in imports_of(path)
        for forbidden in FORBIDDEN[folder]
        if under(module, forbidden)
    ]

    assert wrong == []


def test_nothing_that_can_run_code_from_a_file_is_imported():
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in sources()
        for module, line in imports_of(path)
        if module.split(".")[0] in NEVER
    ]

    assert wrong == []


def test_the_conversation_core_loads_none_of_the_big_libraries():
    code = (
        "import sys, bot.conversation.conversation, bot.conversation.stages, bot.handoff.queue;"
        f"print([name for name in {CORE_LOADS_NONE_OF!r} if name in sys.modules])"
    )

    assert _printed(code) == "[]"


def test_the_help_of_the_shell_loads_no_model_library():
    names = ("torch", "transformers", "sentence_transformers", "onnxruntime", "faiss", "fastapi")
    code = (
        "import sys\nfrom bot.cli import app\n"
        "sys.argv = ['shopkeeper', '--help']\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {names!r} if name in sys.modules])"
    )

    assert _printed(code) == "[]"


def _printed(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return done.stdout.strip().splitlines()[-1]


def test_secrets_come_from_secrets_alone():
    """`random` is for spreading and sampling; the files that use it are named here."""
    allowed = (
        "training/",
        "bot/outbox/worker.py",
        "bot/server/come_again.py",
        "bot/shell/chat_client.py",
        "bot/shell/bench",
        "bot/transcripts/measure",
    )
    users = [
        name_of(path)
        for path in sources()
        for module, _ in imports_of(path)
        if module.split(".")[0] == "random" and not name_of(path).startswith(allowed)
    ]

    assert users == []


def test_no_file_is_named_after_a_pattern():
    bad = {"util", "utils", "helper", "helpers", "common", "manager", "handler", "misc", "base"}
    names = [name_of(path) for path in sources() if bad & set(path.stem.split("_"))]

    assert names == []


@pytest.mark.parametrize("folder", MAPPED)
def test_the_map_of_a_large_folder_names_each_of_its_modules_once(folder):
    read_me = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text("utf-8")))
    rows = [line for line in read_me.splitlines() if line.startswith("    ")]
    named = [module for row in rows for module in row.rpartition(":")[2].split()]
    assert sorted(named) == sorted(
        path.stem for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"
    )
