"""`shopkeeper ask`: one question, answered as the server would, with the reasons for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import EXIT_USAGE, ConfigOption, JsonOption, fail, refusals_told, show

if TYPE_CHECKING:
    from bot.answering.answer import Answer


def ask(
    text: Annotated[str, typer.Argument(help="What a shopper would write.")],
    config: ConfigOption = None,
    language: Annotated[
        str | None, typer.Option(help="Language of the widget: zh or en. Default: told by text.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask one question in one fresh conversation, and see the answer with its whole trace.

    The same answerer, models and knowledge base as `serve` uses; nothing is stored.

    Exit codes: 0 answered (or handed over), 2 usage, 3 models or knowledge missing.
    """
    if not text.strip():
        fail("Write a question.", EXIT_USAGE)
    if language not in (None, "zh", "en"):
        fail("--language is zh or en.", EXIT_USAGE)
    with refusals_told():
        from bot.answering.answer import Question
        from bot.assemble.brain import assemble_brain
        from bot.conversation.events import ConversationId, TurnId
        from bot.server.turns import language_from
        from bot.settings import load_settings

        brain = assemble_brain(load_settings(config))
        try:
            answer = brain.answerer.answer(
                Question(
                    ConversationId("shell"),
                    TurnId("shell.1"),
                    (text,),
                    interface_language=language_from(language),
                )
            )
        finally:
            brain.close()
    if as_json:
        show(answer_json(text, answer))
    else:
        _tell(answer)


def answer_json(text: str, answer: Answer) -> dict[str, Any]:
    """Give an answer with everything that explains it."""
    return {
        "text": text,
        "decision": answer.decision.value,
        "source": None if answer.source is None else answer.source.value,
        "id": answer.entry_id,
        "confidence": round(answer.confidence, 6),
        "language": answer.language,
        "reply": answer.text,
        "choices": [asdict(choice) for choice in answer.choices],
        "handoff": None if answer.handoff is None else answer.handoff.value,
        "order": answer.order,
        "trace": asdict(answer.trace),
    }


def _tell(answer: Answer) -> None:
    typer.echo(answer.text)
    for choice in answer.choices:
        typer.echo(f"  [{choice.label}]")
    source = "" if answer.source is None else f", {answer.source.value}"
    entry = "" if answer.entry_id is None else f" {answer.entry_id}"
    typer.echo("")
    typer.echo(f"{answer.decision.value}{source}{entry}, confidence {answer.confidence:.3f}")
    trace = answer.trace
    if trace.intent is not None:
        typer.echo(f"intent {trace.intent} ({trace.intent_confidence or 0:.3f}), mood {trace.mood}")
    for near in trace.examples:
        typer.echo(f"  like {near['text']!r} ({near['intent']}, weight {near['weight']:+.3f})")
    for hit in trace.hits:
        typer.echo(f"  {hit.get('score', 0):.3f}  {hit.get('id')}  {hit.get('question')}")
    steps = "  ".join(f"{name} {1000 * value:.1f} ms" for name, value in trace.seconds.items())
    typer.echo(f"rule {trace.rule}; {steps}")
