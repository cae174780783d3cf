"""Reads `text,intent` files, and says in words what is wrong with them, row by row.

Nothing is silently dropped: a row that cannot be used is an error with its row number, a row
that is odd but used is a warning. Knows nothing of models.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge_base.entry import RowProblem
from knowledge_base.question_key import question_key
from training.labelled_rows import ROWS_NAMED, FileTable, read_file
from training.row_texts import odd_row, odd_set

OUT_OF_SCOPE = "out_of_scope"
MAX_USED_CHARACTERS = 2_000  # of one phrase; the rest says nothing more about the intent
# What public sets call questions that are none of the intents.
_OUTSIDE = frozenset(map(question_key, (OUT_OF_SCOPE, "oos", "ood", "out of domain")))


@dataclass(frozen=True, slots=True)
class Phrase:
    """One labelled phrase.

    Attributes:
        text: as used: no invisible characters, at most `MAX_USED_CHARACTERS`.
        written: as it stands in the file.
        row: row in the file, counted from 1 as a spreadsheet does (the heading is row 1).
        source: name of the file.
    """

    text: str
    intent: str
    row: int
    source: str
    written: str = ""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """The usable phrases of one or more files, and everything that is odd about them."""

    phrases: tuple[Phrase, ...]
    problems: tuple[RowProblem, ...]

    @property
    def texts(self) -> list[str]:
        """The texts, in the order of the phrases."""
        return [phrase.text for phrase in self.phrases]

    @property
    def intents(self) -> list[str]:
        """The intent of each phrase."""
        return [phrase.intent for phrase in self.phrases]

    @property
    def errors(self) -> tuple[RowProblem, ...]:
        """Problems that kept a row from being used."""
        return tuple(one for one in self.problems if one.severity == "error")


def read_labelled(paths: Sequence[Path]) -> LabelledText:
    """Read files with the columns `text` and `intent`; further columns are ignored.

    Raises:
        LabelledTextRefused: a file is missing, cannot be read, or lacks a column.
    """
    phrases: list[Phrase] = []
    problems: list[RowProblem] = []
    for path in paths:
        table = read_file(path, ("text", "intent"))
        problems += _about_the_file(path.name, table)
        for row in table.rows:
            if row.beyond:
                problems.append(odd_row("too_many_cells", path.name, row.number, severity="error"))
                continue
            found, phrase = _phrase(path.name, row.number, row.cells["text"], row.cells["intent"])
            problems += found
            phrases += [phrase] if phrase else []
    return LabelledText(tuple(phrases), tuple(problems + _problems_of_set(phrases)))


def intent_named(name: str) -> str:
    """An intent by the name a file gives it; what is none of them has one name alone."""
    return OUT_OF_SCOPE if question_key(name) in _OUTSIDE else name


def _about_the_file(source: str, table: FileTable) -> list[RowProblem]:
    """What to tell of a file as a whole: other headings, rows above them, rows in pieces."""
    found = [
        odd_set("column_taken", name, file=source, heading=heading)
        for name, heading in table.taken.items()
    ]
    found += [odd_row("above_header", source, row) for row in table.above]
    for one in table.unread:
        zh = f"{source}：{one.message_zh}" if one.message_zh else ""
        found.append(replace(one, message=f"{source}: {one.message}", message_zh=zh))
    return found


def visible(text: str) -> str:
    """The text without characters that nobody sees (zero width, direction marks, control)."""
    return "".join(
        c
        for c in text
        if c in "\n\t\r" or c == "\u200d" or unicodedata.category(c) not in ("Cf", "Cc", "Cs")
    )


def _phrase(
    source: str, row: int, written: str, intent: str
) -> tuple[list[RowProblem], Phrase | None]:
    """A phrase as it will be used, and what is odd about its row."""
    text, name = visible(written).strip(" \t\r\n\u200d"), intent_named(visible(intent).strip())
    if not name:
        return [odd_row("empty_intent", source, row, "intent", "error")], None
    if not text:
        return [odd_row("empty_text", source, row, "text", "error", intent=name)], None
    problems: list[RowProblem] = []
    if len(text) < len(written.strip()):
        problems.append(odd_row("invisible", source, row, "text"))
    if not any(character.isalnum() for character in text):
        problems.append(odd_row("no_letters", source, row, "text", text=text[:20]))
    if len(text) > MAX_USED_CHARACTERS:
        used = MAX_USED_CHARACTERS
        problems.append(odd_row("too_long", source, row, "text", length=len(text), most=used))
        text = text[:MAX_USED_CHARACTERS]
    return problems, Phrase(text, name, row, source, written)


def _problems_of_set(phrases: Sequence[Phrase]) -> list[RowProblem]:
    """What only shows when all rows are seen together."""
    found: list[RowProblem] = []
    alike: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        alike[text_key(phrase.text)].append(phrase)
    for group in alike.values():
        if len(group) > 1:
            found.append(_about_repeats(group))
    counts = Counter(phrase.intent for phrase in phrases)
    found += [
        odd_row("one_example", one.source, one.row, "intent", intent=one.intent)
        for one in phrases
        if counts[one.intent] == 1 and one.intent != OUT_OF_SCOPE
    ]
    return found


def _about_repeats(group: Sequence[Phrase]) -> RowProblem:
    """What to tell of one text that stands several times."""
    times = Counter(phrase.intent for phrase in group)
    first, named, more = group[0], group[:ROWS_NAMED], len(group) - ROWS_NAMED
    facts = {
        "text": first.text[:60],
        "rows": ", ".join(f"{one.source} row {one.row}" for one in named)
        + (f" and {more} more" if more > 0 else ""),
        "rows_zh": "、".join(f"{one.source} 第 {one.row} 行" for one in named)
        + (f" 等，另有 {more} 处" if more > 0 else ""),
    }
    if len(times) == 1:
        facts["intent"] = first.intent
        return odd_set("repeated", "text", first.row, count=len(group), **facts)
    code = "two_labels" if len(set(times.values())) == 1 else "uneven_labels"
    facts["intents"] = _with_times(times)
    return odd_set(code, "intent", first.row, count=len(times), **facts)


def _with_times(times: Counter[str]) -> str:
    """The intents by name, and how often each where one is there more than once."""
    told = max(times.values()) > 1
    return ", ".join(f"{one} {times[one]}" if told else one for one in sorted(times))


def text_key(text: str) -> str:
    """What two texts have in common that are the same phrase."""
    return question_key(text) or text


def without_repeats(labelled: LabelledText) -> LabelledText:
    """Each phrase once for each intent (the problems already name those that go)."""
    seen: set[tuple[str, str]] = set()
    kept: list[Phrase] = []
    for phrase in labelled.phrases:
        key = (text_key(phrase.text), phrase.intent)
        if key not in seen:
            seen.add(key)
            kept.append(phrase)
    return LabelledText(tuple(kept), labelled.problems)


def label_shares(labelled: LabelledText, once: LabelledText) -> list[float]:
    """How often the text of each phrase stands for its intent, beside the one it has most often.

    In logs of chats "ok" stands hundreds of times for one intent and a few times for others that
    only what was said before explains. All of these are 1 where no text stands for one intent more
    often than for another.

    Args:
        once: `without_repeats(labelled)`.
    """
    times = Counter((text_key(phrase.text), phrase.intent) for phrase in labelled.phrases)
    most: dict[str, int] = defaultdict(int)
    for (key, _), count in times.items():
        most[key] = max(most[key], count)
    keys = [text_key(phrase.text) for phrase in once.phrases]
    return [
        times[key, phrase.intent] / most[key]
        for key, phrase in zip(keys, once.phrases, strict=True)
    ]


def empty_classes(labelled: LabelledText, declared: Iterable[str]) -> list[RowProblem]:
    """Intents that the shop declares but for which no usable phrase stands anywhere."""
    present = set(labelled.intents)
    return [
        odd_set("empty_class", "intent", intent=intent)
        for intent in declared
        if intent not in present
    ]
