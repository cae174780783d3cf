"""What the knowledge base tells, as JSON values: for the console and for the shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.server.requests import ImportOptions
from knowledge_base.entry import Entry, Hit, RowProblem, SearchResult
from knowledge_base.errors import ColumnsNotRecognised
from knowledge_base.merge import Merged
from knowledge_base.phrasings import Progress
from knowledge_base.problem_texts import file_text, rows_lost_first
from knowledge_base.readers.columns import ColumnMapping, of_another_kind
from knowledge_base.readers.reading import FileInspection, ReadEntries
from knowledge_base.search import Searcher
from knowledge_base.self_check import SelfCheckProblem, self_check
from knowledge_base.versions import VersionInfo

MOST_LISTED = 500
"""Problems listed in a report; their whole number is told beside."""

SHOWN_CHARACTERS = 500
"""Characters of a cell that a preview shows."""

MOST_ASKED = 20
"""Questions listed of one changed entry."""


def check_report(searcher: Searcher, progress: Progress | None = None) -> dict[str, Any]:
    """Ask a version every question of its own, and give what came of it."""
    problems = self_check(searcher, progress=progress)
    asked = len(searcher.phrasings)
    return {
        "asked": asked,
        "right": asked - len(problems),
        "wrong": [_wrong(problem) for problem in problems[:MOST_LISTED]],
        "wrong_count": len(problems),
        "version": searcher.version,
    }


def version_json(info: VersionInfo) -> dict[str, Any]:
    """Give what is known of a version."""
    return {
        "version": info.id,
        "number": info.number,
        "made_at": info.created_at.isoformat(),
        "by": info.by,
        "note": info.note,
        "entries": info.entries,
        "questions": info.questions,
        "languages": dict(info.languages),
        "sources": dict(info.sources),
        "previous": info.previous,
    }


def search_json(result: SearchResult) -> dict[str, Any]:
    """Give what a search found."""
    return {
        "hits": [hit_json(hit) for hit in result.hits],
        "version": result.version,
        "encoder": result.encoder,
        "seconds": dict(result.seconds),
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Give one hit."""
    entry = hit.entry
    return {
        "id": entry.id,
        "question": hit.question,
        "answer": entry.answer,
        "category": entry.category,
        "language": entry.language,
        "source": entry.source,
        "score": round(hit.score, 6),
        "similarity": round(hit.similarity, 6),
        "lexical": round(hit.lexical, 6),
        "exact": hit.exact,
    }


def problem_json(problem: RowProblem) -> dict[str, Any]:
    """Give one problem of a file, in both languages."""
    return {
        "row": problem.row,
        "column": problem.column,
        "code": problem.code,
        "message": problem.both,
        "severity": problem.severity,
    }


def preview_json(inspection: FileInspection, options: ImportOptions) -> dict[str, Any]:
    """Give what a file looks like, and which columns are taken for what."""
    given = mapping_of(options)
    mapping = given or inspection.mapping
    problems = []
    if mapping is None:
        code = ColumnsNotRecognised.code
        text = of_another_kind(inspection.columns) or file_text(code)
        problem = RowProblem(inspection.header_row, "", code, text.en, message_zh=text.zh)
        problems.append(problem_json(problem))
    return {
        "format": inspection.format,
        "encoding": inspection.encoding,
        "sheets": list(inspection.sheets),
        "sheet": inspection.sheet,
        "columns": list(inspection.columns),
        "header_row": inspection.header_row,
        "mapping": {} if mapping is None else _mapping_json(mapping),
        "rows": rows_json(inspection),
        "problems": problems,
    }


def rows_json(inspection: FileInspection) -> list[dict[str, str]]:
    """Give the first rows of a file, by the names of their columns; long texts are cut."""
    return [
        dict(zip(inspection.columns, map(_shown, row), strict=False)) for row in inspection.preview
    ]


def _shown(cell: str) -> str:
    """Give what a person needs to see of a cell: a file may hold one of many megabytes."""
    return cell if len(cell) <= SHOWN_CHARACTERS else cell[:SHOWN_CHARACTERS] + "…"


def _mapping_json(mapping: ColumnMapping) -> dict[str, Any]:
    named = asdict(mapping)
    named["similar"] = list(mapping.similar)
    return {name: value for name, value in named.items() if value is not None}


def mapping_of(options: ImportOptions) -> ColumnMapping | None:
    """Give the columns that an admin has named; None where those are still to be recognised."""
    columns = options.columns
    if columns is None or columns.question is None or columns.answer is None:
        return None
    return ColumnMapping(
        question=columns.question,
        answer=columns.answer,
        similar=tuple(columns.similar),
        id=columns.id,
        category=columns.category,
        language=columns.language,
        source=columns.source,
        has_header=columns.has_header,
    )


def report_json(read: ReadEntries, merged: Merged) -> dict[str, Any]:
    """Give what a file held and what it changes."""
    problems = rows_lost_first((*merged.problems, *read.problems))
    return {
        "rows": read.rows,
        "skipped_rows": read.skipped_rows,
        "entries": len(merged.entries),
        "questions": sum(len(entry.questions) for entry in merged.entries),
        "added": len(merged.added),
        "changed": len(merged.changed),
        "removed": len(merged.removed),
        "unchanged": merged.unchanged,
        "learnt": merged.learnt,
        "forgotten": merged.forgotten,
        "languages": _languages(merged.entries),
        "changes": _changes(merged),
        "shared_questions": [asdict(shared) for shared in merged.shared_questions[:MOST_LISTED]],
        "problems": [problem_json(problem) for problem in problems[:MOST_LISTED]],
        "problem_count": len(problems),
    }


def _changes(merged: Merged) -> list[dict[str, Any]]:
    """List what would change, for the eye: added, changed with what it was before, removed."""
    changes: list[dict[str, Any]] = []
    for entry in merged.added:
        changes.append(_change("added", entry))
    for change in merged.changed:
        facts: dict[str, str | list[str]] = {
            "before": change.before.answer,
            "asked_more": _asked_only_by(change.after, change.before),
            "asked_no_more": _asked_only_by(change.before, change.after),
        }
        changes.append(_change("changed", change.after, **facts))
    for entry in merged.removed:
        changes.append(_change("removed", entry))
    return changes[:MOST_LISTED]


def _asked_only_by(one: Entry, other: Entry) -> list[str]:
    return [question for question in one.questions if question not in other.questions][:MOST_ASKED]


def _change(what: str, entry: Entry, **facts: str | list[str]) -> dict[str, Any]:
    return {
        "what": what,
        "id": entry.id,
        "language": entry.language,
        "question": entry.questions[0],
        "answer": entry.answer,
        **facts,
    }


def _languages(entries: Sequence[Entry]) -> dict[str, int]:
    counts = {"zh": 0, "en": 0}
    for entry in entries:
        counts[entry.language] += 1
    return counts


def _wrong(problem: SelfCheckProblem) -> dict[str, Any]:
    told = {
        "id": problem.entry.id,
        "question": problem.question,
        "reason": problem.reason.value,
        "message": problem.message._asdict(),
    }
    if problem.found is not None:
        told["got"] = problem.found.entry.id
    return told
