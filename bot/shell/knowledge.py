"""`shopkeeper knowledge`: files in, versions out; a running server takes a new version over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import (
    EXIT_FAILED,
    EXIT_MISSING,
    EXIT_USAGE,
    ConfigOption,
    JsonOption,
    fail,
    progress_bar,
    refusals_told,
    say,
    show,
)

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.shell.draft import Draft
    from bot.transcripts.published import PublishedKnowledge
    from knowledge_base.entry import Language
    from knowledge_base.export import ExportFormat
    from knowledge_base.live import KnowledgeBase
    from knowledge_base.merge import Merged, MergeMode
    from knowledge_base.readers.columns import ColumnMapping
    from knowledge_base.readers.reading import ReadEntries
    from knowledge_base.versions import VersionInfo

SHOWN_PROBLEMS = 20

knowledge = typer.Typer(
    help="The knowledge base: bring files, publish versions, go back, search, check, export.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

FileArgument = Annotated[
    list[Path],
    typer.Argument(help="CSV, TSV, XLSX, JSON or JSONL; UTF-8, UTF-16 or GB18030.", exists=True),
]
PublishOption = Annotated[bool, typer.Option("--publish", help="Publish at once as a new version.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]
AddOption = Annotated[
    bool,
    typer.Option("--add", help="Keep entries of an earlier file of this name that are gone."),
]
LearnOption = Annotated[
    bool,
    typer.Option(
        "--learn",
        help="Leave entries where they are: they only learn questions that are new to them, "
        "and take the answers. For what `shopkeeper mine` wrote.",
    ),
]
KeepLearntOption = Annotated[
    bool,
    typer.Option(
        "--keep-learnt/--drop-learnt",
        help="Phrasings that an entry learnt from old chats stay with it.",
    ),
]
LanguageOption = Annotated[str | None, typer.Option(help="zh or en, when texts cannot tell.")]
EncodingOption = Annotated[str | None, typer.Option(help="When it cannot be told.")]
SheetOption = Annotated[str | None, typer.Option(help="Sheet of a workbook.")]
QuestionOption = Annotated[str | None, typer.Option(help="Name of the question column.")]
AnswerOption = Annotated[str | None, typer.Option(help="Name of the answer column.")]
IdOption = Annotated[str | None, typer.Option("--id", help="Name of the id column.")]
NoteOption = Annotated[str, typer.Option(help="What this version is about, for the list.")]


@knowledge.command("import")
def import_files(
    files: FileArgument,
    publish_now: PublishOption = False,
    dry_run: DryRunOption = False,
    add: AddOption = False,
    learn: LearnOption = False,
    keep_learnt: KeepLearntOption = True,
    language: LanguageOption = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    question: QuestionOption = None,
    answer: AnswerOption = None,
    id: IdOption = None,
    note: NoteOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files and put their entries into a draft, which `publish` publishes.

    Rows that cannot be imported are named with row and column; the others are.

    Exit codes: 0 read, 1 refused as a whole, 2 options that contradict, 3 models missing.
    """
    if dry_run and publish_now:
        fail("--dry-run changes nothing and --publish does: give one of them.", EXIT_USAGE)
    mode, mapping = _merge_mode(add, learn), _mapping(question, answer, id)
    in_language = _language(language)
    with _knowledge(config) as (settings, base):
        from bot.shell.draft import Draft
        from knowledge_base.merge import merge
        from knowledge_base.readers.reading import must_give_entries
        from knowledge_base.readers.uploads import read_entries

        draft, reports = Draft.load_or_begin(settings, base), []
        for file in files:
            read = read_entries(
                file,
                mapping=mapping,
                language=in_language,
                encoding=encoding,
                sheet=sheet,
                max_bytes=settings.upload_bytes,
            )
            merged = merge(draft.entries, read.entries, file.name, mode, keep_learnt)
            draft = draft.with_entries(merged.entries, file.name)
            reports.append(_report(file, read, merged))
            if not as_json:
                _tell_report(reports[-1])
            if not dry_run:
                must_give_entries(read)
        version = _publish(settings, base, draft, note) if publish_now else None
        stays_draft = not (dry_run or publish_now)
        if stays_draft:
            draft.save(settings)
    if as_json:
        show({"files": reports, "version": version, "draft": stays_draft})
    elif stays_draft:
        say("Kept as a draft; `shopkeeper knowledge publish` publishes it.")


@knowledge.command("publish")
def publish(
    note: NoteOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Publish the draft as a new version; a running server takes it over within seconds.

    Every imported question is then asked once, and those that lead elsewhere are listed.

    Exit codes: 0 published, 1 refused (the old version goes on), 3 nothing to publish.
    """
    with _knowledge(config) as (settings, base):
        from bot.shell.draft import Draft

        draft = Draft.load(settings)
        if draft is None:
            fail("There is no draft; `shopkeeper knowledge import FILE` makes one.", EXIT_MISSING)
        version = _publish(settings, base, draft, note)
        check = _check(base)
    if as_json:
        show({"version": version, "self_check": check})
    else:
        _tell_check(check)


@knowledge.command("rollback")
def rollback(
    version: Annotated[
        str | None, typer.Argument(help="Which version; the one before when left out.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let an earlier version serve again."""
    with _knowledge(config) as (_, base):
        from knowledge_base.entry import VersionId

        with progress_bar("load") as progress:
            info = base.rollback(VersionId(version) if version else None, progress)
    if as_json:
        show(_version(info))
    else:
        typer.echo(f"{info.id} serves now ({info.entries} entries).")


@knowledge.command("versions")
def versions(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every published version, newest first; the one that serves is marked."""
    with refusals_told():
        current, listed = _published(config)
    if as_json:
        show({"current": current, "versions": [_version(info) for info in listed]})
        return
    for info in listed:
        mark = "*" if info.id == current else " "
        made = f"{info.created_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{mark} {info.id}  {made}  {info.entries:>5} entries  {info.note}")


@knowledge.command("search")
def search(
    text: Annotated[str, typer.Argument(help="What a shopper would write.")],
    language: Annotated[str | None, typer.Option(help="zh or en; both when left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many hits.")] = 5,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the version that serves, as the bot does."""
    if not text.strip():
        fail("Write what to search for.", EXIT_USAGE)
    with _knowledge(config) as (_, base):
        from bot.server.knowledge_json import search_json

        result = base.current.search(text, k=limit, language=_language(language))
    if as_json:
        show(search_json(result))
        return
    for hit in result.hits:
        exact = "  exact" if hit.exact else ""
        typer.echo(
            f"{hit.score:.3f}  cosine {hit.similarity:.3f}  {hit.entry.language} {hit.entry.id}"
            f"  {hit.question}{exact}"
        )


@knowledge.command("check")
def check(
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 1 when a question leads elsewhere.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask every published question once, and list those that lead elsewhere."""
    with _knowledge(config) as (_, base):
        report = _check(base)
    if as_json:
        show(report)
    else:
        _tell_check(report)
    if strict and report["wrong_count"]:
        raise typer.Exit(EXIT_FAILED)


@knowledge.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="File to write: .csv, .jsonl or .xlsx.")],
    config: ConfigOption = None,
) -> None:
    """Write the entries of the version that serves; no cell runs in a spreadsheet."""
    formats: dict[str, ExportFormat] = {
        ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".xlsx": "xlsx",
    }  # fmt: skip
    if to.suffix.lower() not in formats:
        fail("Name a file that ends in .csv, .json, .jsonl or .xlsx.", EXIT_USAGE)
    with _knowledge(config) as (_, base):
        from knowledge_base.export import export_entries
        from knowledge_base.folder import write_file

        content = export_entries(base.current.entries, formats[to.suffix.lower()])
        write_file(to.resolve(), content)  # an earlier export stays whole where this one fails
        typer.echo(f"{len(base.current.entries)} entries of {base.current.version} in {to}")


@contextmanager
def _knowledge(config: Path | None) -> Iterator[tuple[Settings, KnowledgeBase]]:
    with refusals_told():
        from bot.assemble.brain import load_knowledge
        from bot.assemble.encoders import load_encoder, search_encoder
        from bot.assemble.outside import open_shared
        from bot.settings import load_settings

        settings = load_settings(config)
        encoder = search_encoder(settings, load_encoder(settings))
        with _closing(open_shared(settings)) as shared:
            base = load_knowledge(settings, encoder, shared)
            with base.turn():
                yield settings, base


@contextmanager
def _closing(shared: PublishedKnowledge | None) -> Iterator[PublishedKnowledge | None]:
    try:
        yield shared
    finally:
        if shared is not None:
            shared.close()


def _published(config: Path | None) -> tuple[str | None, list[VersionInfo]]:
    """The version that serves and all of them, without loading a model."""
    from bot.assemble.outside import open_shared
    from bot.assemble.places import knowledge_folder
    from bot.settings import load_settings
    from knowledge_base.hashed_encoder import HashedEncoder
    from knowledge_base.live import KnowledgeBase

    settings = load_settings(config)
    with _closing(open_shared(settings)) as shared:
        base = KnowledgeBase(knowledge_folder(settings), HashedEncoder(), shared)
        return base.serving(), base.versions()


def _publish(settings: Settings, base: KnowledgeBase, draft: Draft, note: str) -> str:
    from bot.clock import wall_clock

    with progress_bar("encode") as progress:
        info = base.publish(
            draft.entries,
            note=note or ", ".join(draft.sources),
            by="shell",
            now=wall_clock(),
            based_on=draft.based_on,
            progress=progress,
        )
    draft.forget(settings)
    say(f"Published {info.id}: {info.entries} entries, {info.questions} questions.")
    return info.id


def _check(base: KnowledgeBase) -> dict[str, Any]:
    from bot.server.knowledge_json import check_report

    with progress_bar("check") as progress:
        return check_report(base.current, progress)


def _merge_mode(add: bool, learn: bool) -> MergeMode:
    """What an import does to the entries that are there. Ends the command where both are asked."""
    from knowledge_base.merge import MergeMode

    if add and learn:
        fail("--add and --learn differ in what happens to entries: give one of them.", EXIT_USAGE)
    if learn:
        return MergeMode.LEARN
    return MergeMode.ADD if add else MergeMode.REPLACE_SOURCE


def _mapping(question: str | None, answer: str | None, id: str | None) -> ColumnMapping | None:
    """The columns that were named; None where headings tell. Ends the command at half a naming."""
    from knowledge_base.readers.columns import ColumnMapping

    if bool(question) != bool(answer) or (id and not question):
        fail("Name both columns, --question and --answer, or neither.", EXIT_USAGE)
    return ColumnMapping(question=question, answer=answer, id=id) if question and answer else None


def _language(language: str | None) -> Language | None:
    if language is None:
        return None
    if language == "zh":
        return "zh"
    if language != "en":
        fail("--language is zh or en.", EXIT_USAGE)
    return "en"


def _report(file: Path, read: ReadEntries, merged: Merged) -> dict[str, Any]:
    from bot.server.knowledge_json import report_json

    return {"file": file.name, **report_json(read, merged)}


def _version(info: Any) -> dict[str, Any]:
    from bot.server.knowledge_json import version_json

    return version_json(info)


def _tell_report(report: dict[str, Any]) -> None:
    typer.echo(
        f"{report['file']}: {report['rows']} {'row' if report['rows'] == 1 else 'rows'}, "
        f"{report['skipped_rows']} not imported; "
        f"{report['added']} added, {report['changed']} changed, {report['removed']} removed, "
        f"{report['unchanged']} unchanged"
    )
    if report["learnt"]:
        typer.echo(f"  phrasings learnt from old chats that stay: {report['learnt']}")
    if report["forgotten"]:
        typer.echo(f"  phrasings learnt from old chats that go: {report['forgotten']}")
    for problem in report["problems"][:SHOWN_PROBLEMS]:
        typer.echo(f"  {problem['severity']}: {problem['message']['en']}")
    if report["problem_count"] > SHOWN_PROBLEMS:
        typer.echo(f"  … {report['problem_count'] - SHOWN_PROBLEMS} more; --json lists them")


def _tell_check(report: dict[str, Any]) -> None:
    typer.echo(f"{report['right']} of {report['asked']} questions return their own answer.")
    for wrong in report["wrong"][:SHOWN_PROBLEMS]:
        typer.echo(f"  {wrong['message']['en']}")
    if report["wrong_count"] > SHOWN_PROBLEMS:
        typer.echo(f"  … {report['wrong_count'] - SHOWN_PROBLEMS} more; --json lists them")
