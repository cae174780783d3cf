"""`shopkeeper prepare`: publish and train what the shop's folder holds, unless that was done."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.shell.output import (
    EXIT_MISSING,
    ConfigOption,
    JsonOption,
    fail,
    refusals_told,
    say,
    show,
)

if TYPE_CHECKING:
    from training.prepare_shop import Prepared

PROBLEMS_SHOWN = 20  # the rest is counted


def prepare(
    config: ConfigOption = None,
    republish: Annotated[
        bool,
        typer.Option("--republish", help="Publish changed files over what is published."),
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Train even if nothing changed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Publish the shop's entries, train its intents and choose its thresholds, where needed.

    What is there already and was made from the same files is left alone, so calling it again costs
    a second or two; nodes that share PostgreSQL share what one of them trained. A running server
    takes everything over within seconds. A published knowledge base that differs from the files is
    reported and kept, because somebody may have changed it in the console; --republish publishes
    the files.

    Exit codes: 0 ready to serve, 1 a file was refused, 2 wrong settings, 3 models missing.
    """
    began = time.monotonic()
    with refusals_told(), _told_as_text():
        prepared, moods, felt = _prepared(config, republish, again)
    if as_json:
        show({**asdict(prepared), "moods": moods})
        return
    say(f"{'made' if felt else 'kept'}  moods {moods}")
    _tell(prepared, time.monotonic() - began)


def _prepared(config: Path | None, republish: bool, again: bool) -> tuple[Prepared, str, bool]:
    """Prepare shop and moods in one turn at training, and share what was made.

    Returns:
        What became of the shop; the version of the moods, and whether they were made just now.
    """
    from bot.assemble.shop import load_shop
    from bot.assemble.whose_state import claim_state
    from bot.clock import wall_clock
    from bot.errors import SettingsRefused
    from bot.settings import load_settings
    from knowledge_base.model_catalogue import model_folder
    from training.encoder_on_demand import EncoderOnDemand
    from training.prepare_moods import prepare_moods
    from training.prepare_shop import prepare_shop
    from training.second_encoder import second_on_demand
    from training.sharing import shared_opened, turn_at_training
    from training.shown import steps_shown

    settings = load_settings(config)
    if settings.encoder == "hashed":
        raise SettingsRefused(
            "The encoder `hashed` is to look at the program: nothing is trained with it. "
            "`shopkeeper knowledge import FILE --publish` publishes entries without it, or "
            "name an encoder of `shopkeeper models list`."
        )
    claim_state(settings, load_shop(settings))
    encoder = EncoderOnDemand(model_folder(settings.state_folder, settings.encoder))
    second = second_on_demand(settings)
    with steps_shown(lines_elsewhere=True) as report, ExitStack() as stack:
        shared = stack.enter_context(shared_opened(settings))
        sets = stack.enter_context(turn_at_training(settings, shared, again))
        if shared is not None:
            stack.enter_context(shared.turn(time.sleep))
        stack.enter_context(sets.being_made())
        prepared = prepare_shop(
            settings.shop_folder,
            settings.state_folder,
            encoder,
            now=wall_clock(),
            republish=republish,
            retrain=again,
            report=report,
            second=second,
            shared=shared,
        )
        moods, felt = prepare_moods(
            settings.shop_folder, settings.state_folder, encoder, again=again, report=report
        )
        sets.share("prepare", wall_clock())
    return prepared, moods, felt


def _tell(prepared: Prepared, seconds: float) -> None:
    if prepared.problems:
        say("Noticed in the shop's files, rows that are not used first:")
    for problem in prepared.problems[:PROBLEMS_SHOWN]:
        say(f"  {problem}")
    if len(prepared.problems) > PROBLEMS_SHOWN:
        say(f"  … and {len(prepared.problems) - PROBLEMS_SHOWN} more (all of them with --json)")
    for file in prepared.differing:
        say(f"{file} differs from what is published; `shopkeeper prepare --republish` takes it.")
    known = f"knowledge base {prepared.knowledge}: {prepared.entries} entries"
    made = {f"intents {prepared.intents}": prepared.trained}
    if prepared.knowledge is None:
        say(
            "No answers yet, so people get every question: import a FAQ in the console "
            "(Knowledge), or put an entries.csv with question,answer into the shop's folder."
        )
    else:
        made = {known: prepared.published, **made}
        made[f"thresholds {prepared.thresholds}"] = prepared.chosen
    for what, fresh in made.items():
        say(f"{'made' if fresh else 'kept'}  {what}")
    say(f"Ready after {seconds:.0f} s: shopkeeper serve")


@contextmanager
def _told_as_text() -> Iterator[None]:
    """Tell what the shop's own files are refused for."""
    from bot.answering.shop import ShopRefused
    from training.refusal_texts import LabelledTextRefused

    try:
        yield
    except ShopRefused as error:
        fail(f"The shop cannot be read: {error}", EXIT_MISSING)
    except LabelledTextRefused as error:
        fail(str(error), both=error.both)
