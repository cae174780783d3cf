"""Turns the rows of a table into entries, and names every row that cannot become one.

Rows with one id (and language) are phrasings of one entry and share its answer. Rows without an id
are phrasings of one entry when they have the very same answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.cleaning import clean_text, has_invisible, has_lone_surrogate, has_markup
from knowledge_base.entry import Entry, EntryId, Language, RowProblem
from knowledge_base.errors import FileRefused
from knowledge_base.question_key import question_key
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.limits import MAX_CELL_CHARACTERS, MAX_ID_CHARACTERS, MAX_PROBLEMS
from knowledge_base.readers.spreadsheet_text import unguarded
from knowledge_base.readers.table import Cell, Row
from knowledge_base.script import language_of

_LANGUAGES: Mapping[str, Language] = {
    "zh": "zh", "zhcn": "zh", "zhhans": "zh", "zhtw": "zh", "zhhk": "zh", "zhhant": "zh",
    "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "简体": "zh", "简体中文": "zh",
    "繁体": "zh", "繁体中文": "zh",
    "en": "en", "enus": "en", "engb": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """An entry whose rows are still coming in."""

    id: EntryId
    language: Language
    answer: str
    category: str
    source: str
    row: int
    questions: dict[str, str] = field(default_factory=dict)  # exact text, in order


class EntryCollector:
    """Takes rows one by one; `entries` and `problems` are complete when the last was taken.

    Attributes:
        rows: how many rows were taken.
        skipped: numbers of the rows that are not imported.
    """

    def __init__(
        self,
        columns: tuple[str, ...],
        mapping: ColumnMapping,
        *,
        source: str,
        language: Language | None = None,
        guarded_cells: bool = True,
    ) -> None:
        """Start with no entries.

        Args:
            source: name of the corpus, for entries without a source of their own.
            language: language of every entry; None to take the column's or tell it from the text.
            guarded_cells: cells may carry an apostrophe against formulas (spreadsheets, not JSON).
        """
        self._problems: list[RowProblem] = []
        self._unlisted = 0
        self.rows = 0
        self.skipped: set[int] = set()
        self._columns = columns
        self._mapping = mapping
        self._at = {name: position for position, name in enumerate(columns)}
        self._source = source
        self._language = language
        self._guarded = guarded_cells
        self._drafts: dict[tuple[str, Language], _Draft] = {}
        self._by_answer: dict[tuple[str, Language], _Draft] = {}
        self._asked: dict[tuple[str, Language], tuple[_Draft, int]] = {}

    def entries(self) -> tuple[Entry, ...]:
        """Every entry so far, in the order of their first rows."""
        return tuple(
            Entry(d.id, tuple(d.questions), d.answer, d.language, d.category, d.source)
            for d in self._drafts.values()
        )

    def problems(self) -> tuple[RowProblem, ...]:
        """What is wrong so far, in the order of the rows; at most `MAX_PROBLEMS` with warnings."""
        if not self._unlisted:
            return tuple(self._problems)
        more = f"{self._unlisted} more warnings of the same kinds are not listed."
        return (*self._problems, RowProblem(0, "", "more_warnings", more, "warning"))

    def skip(self, problem: RowProblem) -> None:
        """Note a row that could not even be read."""
        self._note(problem)

    def take(self, row: Row) -> None:
        """Add a row to the entries, or note why it is not added."""
        self.rows += 1
        problem = self._shape_problem(row)
        if problem is None:
            problem = self._add(row)
        if problem is not None:
            self._note(problem)

    def _add(self, row: Row) -> RowProblem | None:
        mapping = self._mapping
        questions = self._questions(row)
        answer = self._single(row, mapping.answer)
        if not questions:
            return _problem(row, mapping.question, "empty_question", "has no question")
        if not answer:
            return _problem(row, mapping.answer, "empty_answer", "has no answer")
        id_ = self._single(row, mapping.id)
        if len(id_) > MAX_ID_CHARACTERS or "\n" in id_ or "\t" in id_:
            return _problem(
                row,
                mapping.id or "",
                "bad_id",
                f"has an id of more than {MAX_ID_CHARACTERS} characters or several lines",
            )
        language = self._language_of(row, answer, questions)
        if isinstance(language, RowProblem):
            return language
        return self._join(row, id_, language, questions, answer)

    def _join(
        self, row: Row, id_: str, language: Language, questions: list[str], answer: str
    ) -> RowProblem | None:
        """Put the row's phrasings into its entry, which may be a new one."""
        draft = self._draft_of(id_, language, answer)
        if draft is not None and draft.answer != answer:
            return _problem(
                row,
                self._mapping.answer,
                "different_answers",
                f"gives {draft.id} another answer than row {draft.row} does; one id has one answer",
            )
        if draft is None:
            draft = self._new_draft(row, id_, language, questions[0], answer)
        for question in questions:
            self._ask(row, draft, question)
        return None

    def _draft_of(self, id_: str, language: Language, answer: str) -> _Draft | None:
        if id_:
            return self._drafts.get((id_, language))
        return self._by_answer.get((answer, language))

    def _new_draft(
        self, row: Row, id_: str, language: Language, question: str, answer: str
    ) -> _Draft:
        made = id_ or _made_id(question, language)
        while not id_ and (made, language) in self._drafts:
            made += "-2"  # one question without an id asked twice, with two answers
        draft = _Draft(
            EntryId(made),
            language,
            answer,
            self._single(row, self._mapping.category),
            self._single(row, self._mapping.source) or self._source,
            row.number,
        )
        self._drafts[(made, language)] = draft
        if not id_:
            self._by_answer[(answer, language)] = draft
        return draft

    def _ask(self, row: Row, draft: _Draft, question: str) -> None:
        """Add one phrasing, and warn where it is known already."""
        if question in draft.questions:
            self._warn(
                row,
                self._mapping.question,
                "repeated_question",
                f"repeats {question[:60]!r}, which {draft.id} asks already",
            )
            return
        draft.questions[question] = question
        key = (question_key(question), draft.language)
        other, at = self._asked.setdefault(key, (draft, row.number))
        if other is not draft:
            self._warn(
                row,
                self._mapping.question,
                "question_in_two_entries",
                f"asks {question[:60]!r} for {draft.id}, as row {at} does for {other.id}; "
                "the shopper will be asked which is meant",
            )

    def _questions(self, row: Row) -> list[str]:
        """The phrasings of a row, cleaned, each once."""
        found = [self._cleaned(text) for text in self._cell(row, self._mapping.question)]
        for column in self._mapping.similar:
            for text in self._cell(row, column):
                pieces = text.replace("｜", "|").replace("\n", "|").replace("\r", "|").split("|")
                found.extend(self._cleaned(piece) for piece in pieces)
        return list(dict.fromkeys(text for text in found if text))

    def _language_of(self, row: Row, answer: str, questions: list[str]) -> Language | RowProblem:
        named = self._single(row, self._mapping.language)
        if named:
            known = _LANGUAGES.get(question_key(named))
            if known is None:
                return _problem(
                    row,
                    self._mapping.language or "",
                    "unknown_language",
                    f"names the language {named[:40]!r}; write zh or en",
                )
            return known
        if self._language:
            return self._language
        told = language_of(answer) or language_of(" ".join(questions))
        if told is None:
            self._warn(
                row,
                self._mapping.answer,
                "language_guessed",
                "has no letters to tell its language from and is taken for English",
            )
        return told or "en"

    def _shape_problem(self, row: Row) -> RowProblem | None:
        """What makes a row unfit before its meaning is looked at."""
        extra = [cell for cell in row.cells[len(self._columns) :] if any(cell)]
        if extra:
            return _problem(
                row,
                "",
                "too_many_cells",
                f"has {len(row.cells)} cells, but the header has {len(self._columns)}; "
                "put cells that contain a delimiter in quotation marks",
            )
        for name in self._mapping.columns():
            for text in self._cell(row, name):
                if len(text) > MAX_CELL_CHARACTERS:
                    return _problem(
                        row,
                        name,
                        "cell_too_long",
                        f"has {len(text)} characters; at most {MAX_CELL_CHARACTERS} are taken",
                    )
                if has_lone_surrogate(text):
                    return _problem(
                        row, name, "broken_character", "holds half a character; type it again"
                    )
                self._warn_of_text(row, name, text)
        return None

    def _warn_of_text(self, row: Row, column: str, text: str) -> None:
        if has_invisible(text):
            self._warn(
                row,
                column,
                "invisible_characters",
                "holds invisible characters, which are left out",
            )
        if column == self._mapping.answer and has_markup(text):
            self._warn(
                row, column, "markup", "looks like HTML; shoppers see it exactly as it stands"
            )

    def _cell(self, row: Row, column: str | None) -> Cell:
        position = self._at[column] if column is not None else len(row.cells)
        return row.cells[position] if position < len(row.cells) else ("",)

    def _single(self, row: Row, column: str | None) -> str:
        return self._cleaned("\n".join(self._cell(row, column)))

    def _cleaned(self, text: str) -> str:
        cleaned = clean_text(text)
        return unguarded(cleaned) if self._guarded else cleaned

    def _warn(self, row: Row, column: str, code: str, what: str) -> None:
        self._note(_problem(row, column, code, what, severity="warning"))

    def _note(self, problem: RowProblem) -> None:
        if problem.severity == "warning" and len(self._problems) >= MAX_PROBLEMS:
            self._unlisted += 1
            return
        self._problems.append(problem)
        if problem.severity == "error":
            self.skipped.add(problem.row)
        if len(self.skipped) > MAX_PROBLEMS:
            raise FileRefused(
                f"More than {MAX_PROBLEMS} rows of the file cannot be imported; the first problem: "
                f"{self._problems[0].message} Look whether the columns and the encoding are right."
            )


def _problem(row: Row, column: str, code: str, what: str, severity: str = "error") -> RowProblem:
    where = f"Row {row.number}, column {column[:40]!r}," if column else f"Row {row.number}"
    return RowProblem(
        row.number,
        column,
        code,
        f"{where} {what}.",
        "error" if severity == "error" else "warning",
    )


def _made_id(question: str, language: Language) -> str:
    """An id for an entry without one, the same at every import as long as its first question is."""
    key = f"{language}\n{question_key(question)}"
    return f"q-{hashlib.sha256(key.encode('utf-8')).hexdigest()[:12]}"
