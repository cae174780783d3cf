"""Turns the rows of a table into entries, and names every row that cannot become one.

Rows with one id (and language) are phrasings of one entry and share its answer. Rows without an id
are phrasings of one entry when they have the very same answer.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.cleaning import clean_text, has_invisible, has_lone_surrogate, has_markup
from knowledge_base.entry import Entry, EntryId, Language, RowProblem
from knowledge_base.errors import FileRefused
from knowledge_base.problem_texts import file_problem, file_text, row_problem
from knowledge_base.question_key import question_key
from knowledge_base.readers.columns import ColumnMapping
from knowledge_base.readers.limits import MAX_CELL_CHARACTERS, MAX_ID_CHARACTERS, MAX_PROBLEMS
from knowledge_base.readers.spreadsheet_text import is_formula, unguarded
from knowledge_base.readers.table import Cell, Row
from knowledge_base.script import language_of

_LANGUAGES: Mapping[str, Language] = {
    "zh": "zh", "zhcn": "zh", "zhhans": "zh", "zhtw": "zh", "zhhk": "zh", "zhhant": "zh",
    "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "简体": "zh", "简体中文": "zh",
    "繁体": "zh", "繁体中文": "zh",
    "en": "en", "enus": "en", "engb": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip

# What people leave in a sheet until they know the answer; a shopper would be told it.
_TO_COME = frozenset(
    map(
        question_key,
        "n/a|na|tbc|tbd|tba|todo|to do|null|pending|#n/a|xxx|?|??|-|--|/|...|待定|待补充|待完善|"
        "待更新|待确认|暂无答案|暂缺|空".split("|"),
    )
)

_FEWEST_ALIKE = 5  # questions; a few phrasings of one answer are a small file, not a wrong column
_SHOWN_CHARACTERS = 60


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
        self._last_used = 0
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

    @property
    def _is_exported(self) -> bool:
        """Whether the file tells what only an export does; all that it holds was published."""
        mapping = self._mapping
        return None not in (mapping.id, mapping.language, mapping.source)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry so far, in the order of their first rows."""
        return tuple(
            Entry(d.id, tuple(d.questions), d.answer, d.language, d.category, d.source)
            for d in self._drafts.values()
        )

    def problems(self) -> tuple[RowProblem, ...]:
        """What is wrong so far, in the order of the rows; at most `MAX_PROBLEMS` with warnings."""
        alike = self._one_answer()
        if not self._unlisted:
            return (*alike, *self._problems)
        return (*alike, *self._problems, file_problem("more_warnings", count=self._unlisted))

    def _one_answer(self) -> tuple[RowProblem, ...]:
        """What to tell of a file in which every question has the very same answer."""
        drafts = list(self._drafts.values())
        count = sum(len(draft.questions) for draft in drafts)
        meant = len(drafts) == 1 and self._mapping.id is not None  # its id says so
        if meant or count < _FEWEST_ALIKE or len({draft.answer for draft in drafts}) > 1:
            return ()
        shown = textwrap.shorten(drafts[0].answer, _SHOWN_CHARACTERS, placeholder="…")
        facts = {"count": count, "first": drafts[0].row, "last": self._last_used}
        return (file_problem("one_answer", answer=shown, **facts),)

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
            return row_problem("empty_question", row.number, mapping.question)
        if not answer:
            return row_problem("empty_answer", row.number, mapping.answer)
        if question_key(answer) in _TO_COME and not self._is_exported:
            return row_problem("answer_to_come", row.number, mapping.answer, shown=answer)
        id_ = self._single(row, mapping.id)
        if len(id_) > MAX_ID_CHARACTERS or "\n" in id_ or "\t" in id_:
            return row_problem("bad_id", row.number, mapping.id or "", most=MAX_ID_CHARACTERS)
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
            return row_problem(
                "different_answers",
                row.number,
                self._mapping.answer,
                entry=draft.id,
                first=draft.row,
            )
        if draft is None:
            draft = self._new_draft(row, id_, language, questions[0], answer)
        for question in questions:
            self._ask(row, draft, question)
        self._last_used = row.number
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
                "repeated_question",
                row,
                self._mapping.question,
                question=question[:60],
                entry=draft.id,
            )
            return
        draft.questions[question] = question
        if not any(map(str.isalnum, question)):
            self._warn("no_letters", row, self._mapping.question, question=question[:60])
        key = (question_key(question), draft.language)
        other, at = self._asked.setdefault(key, (draft, row.number))
        if other is not draft:
            self._warn(
                "question_in_two_entries",
                row,
                self._mapping.question,
                question=question[:60],
                entry=draft.id,
                first=at,
                other=other.id,
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
                column = self._mapping.language or ""
                return row_problem("unknown_language", row.number, column, named=named[:40])
            return known
        if self._language:
            return self._language
        told = language_of(answer) or language_of(" ".join(questions))
        if told is None:
            self._warn("language_guessed", row, self._mapping.answer)
        return told or "en"

    def _shape_problem(self, row: Row) -> RowProblem | None:
        """What makes a row unfit before its meaning is looked at."""
        extra = [cell for cell in row.cells[len(self._columns) :] if any(cell)]
        if extra:
            cells, columns = len(row.cells), len(self._columns)
            return row_problem("too_many_cells", row.number, cells=cells, columns=columns)
        for name in self._mapping.columns():
            for text in self._cell(row, name):
                if len(text) > MAX_CELL_CHARACTERS:
                    length, most = len(text), MAX_CELL_CHARACTERS
                    return row_problem("cell_too_long", row.number, name, length=length, most=most)
                if has_lone_surrogate(text):
                    return row_problem("broken_character", row.number, name)
                if self._guarded and is_formula(text.strip()):
                    return row_problem("formula", row.number, name, shown=text.strip()[:40])
                self._warn_of_text(row, name, text)
        return None

    def _warn_of_text(self, row: Row, column: str, text: str) -> None:
        if has_invisible(text):
            self._warn("invisible_characters", row, column)
        if column == self._mapping.answer and has_markup(text):
            self._warn("markup", row, column)

    def _cell(self, row: Row, column: str | None) -> Cell:
        position = self._at[column] if column is not None else len(row.cells)
        return row.cells[position] if position < len(row.cells) else ("",)

    def _single(self, row: Row, column: str | None) -> str:
        return self._cleaned("\n".join(self._cell(row, column)))

    def _cleaned(self, text: str) -> str:
        cleaned = clean_text(text)
        return unguarded(cleaned) if self._guarded else cleaned

    def _warn(self, code: str, row: Row, column: str, **facts: object) -> None:
        self._note(row_problem(code, row.number, column, "warning", **facts))

    def _note(self, problem: RowProblem) -> None:
        if problem.severity == "warning" and len(self._problems) >= MAX_PROBLEMS:
            self._unlisted += 1
            return
        self._problems.append(problem)
        if problem.severity == "error":
            self.skipped.add(problem.row)
        if len(self.skipped) > MAX_PROBLEMS:
            first = self._problems[0]
            raise FileRefused(
                *file_text(
                    "too_many_problems",
                    most=MAX_PROBLEMS,
                    first=first.message,
                    first_zh=first.message_zh,
                )
            )


def _made_id(question: str, language: Language) -> str:
    """An id for an entry without one, the same at every import as long as its first question is."""
    key = f"{language}\n{question_key(question)}"
    return f"q-{hashlib.sha256(key.encode('utf-8')).hexdigest()[:12]}"
