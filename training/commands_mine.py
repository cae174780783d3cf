"""`shopkeeper mine`: what old chats hold that the bot does not answer yet, as proposals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import EXIT_USAGE, ConfigOption, JsonOption, fail, refusals_told, say, show
from training.commands_evaluate import refused_files_told

if TYPE_CHECKING:
    from bot.answering.answer import Answer
    from bot.assemble.brain import Brain
    from bot.settings import Settings
    from knowledge_base.entry import Entry, RowProblem
    from knowledge_base.export import ExportFormat
    from knowledge_base.readers import OldChat
    from training.progress import Progress
    from training.proposals import Proposal

SOURCE = "old-chats"
"""The corpus that proposals become when they are imported."""

FORMATS: dict[str, ExportFormat] = {
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".json": "json",
    ".jsonl": "jsonl",
}
SHOWN = 20
SHOWN_PHRASINGS = 4
WORDS = {"new": "new", "phrasings": "phrasings of", "differs": "answered otherwise:"}
WHY = {"nobody": "nobody replied", "put_off": "only put off", "bot": "the bot did not know"}
MOST_PROBLEMS = 100
MOST_TOLD = 400
"""Proposals that `--json` tells, those of the most chats; the console shows fewer."""


def mine(
    chats: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files of old chats: a table with the columns chat, who and text, or JSON lines "
            "with a conversation each.",
            show_default=False,
        ),
    ] = None,
    desk: Annotated[
        bool, typer.Option(help="Look at the conversations of this shop's own desk too.")
    ] = True,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", help="A name in the files that is the shop's. May be repeated."),
    ] = None,
    least: Annotated[
        int, typer.Option(min=1, help="In how many chats something must have been asked.")
    ] = 2,
    out: Annotated[
        Path | None,
        typer.Option(help="Write new entries and phrasings to this file, to be read and imported."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find in old chats what shoppers ask again and again and the bot does not answer yet.

    Each proposal is a new entry, further phrasings of an entry, an entry that staff answer
    otherwise, or a question that nobody has answered yet. Nothing is published: look through --out
    FILE, then `shopkeeper knowledge import FILE --learn`, or decide about each in the console. What
    holds somebody's number or address is left out.

    Exit codes: 0 looked through, 1 a file cannot be used, 2 nothing to look at, 3 models missing.
    """
    with refusals_told(), refused_files_told():
        from bot.settings import load_settings
        from training.shown import steps_shown

        if not chats and not desk:
            fail("There is nothing to look at: name files of old chats.", EXIT_USAGE)
        if out is not None and out.suffix.lower() not in FORMATS:
            fail(f"{out}: the name must end with one of {', '.join(FORMATS)}.", EXIT_USAGE)
        settings = _without_writer(load_settings(config))
        with steps_shown() as report:
            found = _mined(settings, chats or [], desk, staff or [], least, report)
        if out is not None:
            _write(found["proposals"], out)
    tell(found, out, as_json)


def _without_writer(settings: Settings) -> Settings:
    """The same settings without a writer: what it makes up is no known answer."""
    return settings.model_copy(update={"generator": "off"})


def _mined(
    settings: Settings,
    files: Sequence[Path],
    desk: bool,
    staff: Sequence[str],
    least: int,
    report: Progress,
) -> dict[str, Any]:
    from bot.assemble.brain import assemble_brain
    from bot.assemble.outside import open_shared
    from knowledge_base.readers import read_chats
    from training.chat_pairs import pairs_of
    from training.mine_questions import mine as mine_questions
    from training.open_questions import open_questions

    chats: list[OldChat] = []
    names: list[str] = []
    problems: list[dict[str, str]] = []
    for file in files:
        read = read_chats(file, staff=staff, max_bytes=settings.upload_bytes)
        chats += read.chats
        names += read.staff
        problems += [told_of(file, one) for one in read.problems]
    own = _own_chats(settings, bool(files), report) if desk else []
    every = [*chats, *reversed(own)]  # the newest last: of very many, those are taken
    pairs, unanswered = pairs_of(every), open_questions(every)
    with ExitStack() as opened:
        shared = open_shared(settings)
        if shared is not None:
            opened.callback(shared.close)
        brain = assemble_brain(settings, shared=shared)
        opened.callback(brain.close)
        published = brain.knowledge.current
        mined = mine_questions(
            pairs.found,
            brain.knowledge.encoder,
            _asking(brain),
            {(one.id, one.language): one for one in published.entries},
            centres=published.indexes.centres if published.entries else None,
            unanswered=unanswered,
            least_chats=least,
            progress=report,
        )
    return {
        "chats": len(every),
        "from_desk": len(own),
        "exchanges": len(pairs.found),
        "unanswered": len(unanswered),
        "left_out": pairs.left_out,
        "known": mined.known,
        "talk": mined.talk,
        "staff": list(dict.fromkeys(names)),
        "problems": problems,
        "proposals": mined.proposals,
    }


def told_of(file: Path, problem: RowProblem) -> dict[str, str]:
    """What is wrong with a row of one of several files, as a page gets it."""
    return {language: f"{file.name}: {words}" for language, words in problem.both.items()}


def _own_chats(settings: Settings, may_lack: bool, report: Progress) -> list[OldChat]:
    from training.desk_lessons import desk_chats
    from training.refusal_texts import LabelledTextRefused, refused

    try:
        return desk_chats(settings, report)
    except LabelledTextRefused as error:
        if may_lack:
            return []
        raise refused("empty_desk") from error


def _asking(brain: Brain) -> Callable[[Sequence[str]], list[Answer]]:
    from bot.answering.answer import Unwritten
    from training.measured_answers import question_for

    def ask(texts: Sequence[str]) -> list[Answer]:
        questions = [question_for(at, text) for at, text in enumerate(texts)]
        answers = brain.answerer.answer_batch(questions)
        return [one.otherwise if isinstance(one, Unwritten) else one for one in answers]

    return ask


def entries_of(proposals: Sequence[Proposal]) -> list[Entry]:
    """The entries that an import would bring; those that staff only answer otherwise are not."""
    from knowledge_base.entry import Entry, EntryId

    found: list[Entry] = []
    for one in proposals:
        if one.kind == "new":
            found.append(
                Entry(EntryId(one.id), one.questions, one.answer, one.language, "", SOURCE)
            )
        elif one.kind == "phrasings" and one.entry is not None:
            asked = (*one.entry.questions, *one.questions)
            found.append(replace(one.entry, questions=tuple(dict.fromkeys(asked))))
    return found


def _write(proposals: Sequence[Proposal], out: Path) -> None:
    out.write_bytes(written_entries(proposals, FORMATS[out.suffix.lower()]))


def written_entries(proposals: Sequence[Proposal], format: ExportFormat) -> bytes:
    """A file of what an import would bring, to be looked through before."""
    from knowledge_base.export import export_entries

    return export_entries(_joined(entries_of(proposals)), format)


def _joined(entries: Sequence[Entry]) -> list[Entry]:
    """Several proposals for one entry as one, since a file may hold an entry once."""
    found: dict[tuple[str, str], Entry] = {}
    for one in entries:
        key = (one.id, one.language)
        before = found.get(key)
        asked = (*before.questions, *one.questions) if before else one.questions
        found[key] = replace(one, questions=tuple(dict.fromkeys(asked)))
    return list(found.values())


def as_json_values(one: Proposal) -> dict[str, Any]:
    """A proposal as the console gets it."""
    entry = one.entry
    return {
        "id": one.id,
        "kind": one.kind,
        "language": one.language,
        "chats": one.chats,
        "questions": list(one.questions),
        "answer": one.answer,
        "wordings": list(one.wordings),
        "open": dict(one.open),
        "entry": None
        if entry is None
        else {
            "id": entry.id,
            "language": entry.language,
            "questions": list(entry.questions),
            "answer": entry.answer,
            "category": entry.category,
            "source": entry.source,
        },
    }


def tell(found: dict[str, Any], out: Path | None, as_json: bool) -> None:
    """Tell what the chats gave, as lines or as JSON."""
    proposals: Sequence[Proposal] = found["proposals"]
    if as_json:
        problems = found["problems"]
        show(
            {
                **found,
                "problems": problems[:MOST_PROBLEMS],
                "problem_count": len(problems),
                "proposals": [as_json_values(one) for one in proposals[:MOST_TOLD]],
                "proposal_count": len(proposals),
            }
        )
        return
    for problem in found["problems"][:SHOWN]:
        say(problem["en"])
    if found["staff"]:
        say(f"Taken for staff, since they speak in many chats: {', '.join(found['staff'][:20])}.")
    say(
        f"{found['chats']} chats, {found['exchanges']} questions with a reply; of what was asked "
        f"again and again the bot answers {found['known']} already."
    )
    answered = [one for one in proposals if one.kind != "unanswered"]
    for one in answered[:SHOWN]:
        about = f" {one.entry.id}" if one.entry is not None else ""
        say(f"{one.chats:4} chats  {WORDS[one.kind]}{about}  {one.questions[0]}")
    if len(answered) > SHOWN:
        say(f"… and {len(answered) - SHOWN} more")
    _tell_unanswered([one for one in proposals if one.kind == "unanswered"])
    if out is not None:
        say(f"Written to {out}. Read it, then: shopkeeper knowledge import {out} --learn")


def _tell_unanswered(proposals: Sequence[Proposal]) -> None:
    """What still wants an answer, and how else it was asked."""
    if not proposals:
        return
    say("Asked again and again, and answered by nobody; the console has a place for the answers:")
    for one in proposals[:SHOWN]:
        why = ", ".join(f"{WHY[why]} {count}x" for why, count in one.open.items())
        asked = " / ".join(one.questions[:SHOWN_PHRASINGS])
        say(f"{one.chats:4} chats  {asked}  [{why}]")
    if len(proposals) > SHOWN:
        say(f"… and {len(proposals) - SHOWN} more")
