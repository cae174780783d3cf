"""Which files of a shop's folder hold what, by their names.

intents.zh.csv intents.xlsx      phrases with their intents
entries.en.csv entries.jsonl     questions and answers
held_out/intents.*, held_out/questions.*   kept apart, to measure by
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge_base.counted_ids import told_apart
from knowledge_base.entry import Entry, RowProblem
from knowledge_base.errors import NothingBelowHeader
from knowledge_base.readers import read_entries

FORMS = frozenset({".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".ndjson"})
HELD_OUT = "held_out"


def phrase_files(shop_folder: Path) -> list[Path]:
    """The files of labelled phrases, by name."""
    return _files(shop_folder, "intents")


def entry_files(shop_folder: Path) -> list[Path]:
    """The files of known answers, by name."""
    return _files(shop_folder, "entries")


def held_out_phrases(shop_folder: Path) -> list[Path]:
    """The files of labelled phrases that are never trained on, by name."""
    return _files(shop_folder / HELD_OUT, "intents")


def held_out_questions(shop_folder: Path) -> list[Path]:
    """The files of questions with the ids of their entries, by name."""
    return _files(shop_folder / HELD_OUT, "questions")


def read_shop_entries(paths: Sequence[Path]) -> tuple[list[Entry], list[RowProblem]]:
    """The known answers of files, and the rows that gave none."""
    entries: list[Entry] = []
    problems: list[RowProblem] = []
    for path in paths:
        try:
            found = read_entries(path)
        except NothingBelowHeader as error:  # a new shop's, laid out and not filled in yet
            words, zh = f"{path.name}: {error}", f"{path.name}：{error.zh}"
            problems.append(RowProblem(0, "", error.code, words, "warning", zh))
            continue
        apart, told = told_apart(entries, found.entries, path.name)
        entries += apart
        for one in (*told, *found.problems):
            zh = f"{path.name}：{one.message_zh}" if one.message_zh else ""
            problems.append(replace(one, message=f"{path.name}: {one.message}", message_zh=zh))
    return entries, problems


def _files(folder: Path, begins: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{begins}*.*") if path.suffix.lower() in FORMS)
