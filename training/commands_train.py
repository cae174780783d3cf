"""`shopkeeper train`: the intents and the thresholds, from the shop's files or from given ones."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.shell.output import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    fail,
    refusals_told,
    say,
    show,
)

if TYPE_CHECKING:
    from bot.answering.doubt import Doubt
    from training.metrics import Comparison
    from training.shop_training import TrainedShop


IntentsOption = Annotated[
    list[Path] | None,
    typer.Option("--intents", help="CSV text,intent. Default: intents.*.csv of the shop."),
]
EntriesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--entries",
        help="Known answers. Default: what is published, else entries.*.csv of the shop.",
    ),
]
HeldOutOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--held-out",
        help="CSV text,intent to compare with the model in place. "
        "Default: held_out/intents.*.csv of the shop.",
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Replace the model in place even by a worse one.")
]


def train(
    ctx: typer.Context,
    intents: IntentsOption = None,
    entries: EntriesOption = None,
    held_out: HeldOutOption = None,
    force: ForceOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the intent classifier and choose the thresholds; a running server takes both over.

    Encoders are fine-tuned for the intents where that gains on phrases not learnt, unless
    SHOPKEEPER_FINE_TUNING=off; this takes minutes, and goes on where it was after a kill.

    A model that is surely worse than the one in place is not put there (unless --force): on
    held-out phrases, or, where there are none, on what neither of the two had learnt. Everything
    odd about the files is listed with its row: labels that contradict each other, labels that are
    probably wrong, intents with too few phrases.

    Nodes that share PostgreSQL take over what one of them trained; `shopkeeper train versions`
    lists it, `shopkeeper train rollback` goes back.

    Exit codes: 0 trained, 1 worse than the one in place, 2 a file cannot be used, 3 models missing.
    """
    if ctx.invoked_subcommand is not None:
        return
    from training.commands_evaluate import refused_files_told, settings_and_encoder

    with refusals_told(), refused_files_told():
        from bot.clock import wall_clock
        from training.compare_models import compare_on
        from training.second_encoder import second_encoder
        from training.sharing import shared_opened, turn_at_training
        from training.shop_training import files_of, keep, train_shop
        from training.shown import steps_shown
        from training.tuned_intents import tunable_encoders

        with steps_shown(lines_elsewhere=True) as report, ExitStack() as stack:
            settings, encoder = settings_and_encoder(config, report)
            shared = stack.enter_context(shared_opened(settings))
            sets = stack.enter_context(turn_at_training(settings, shared, force))
            shop = files_of(settings, intents, entries, held_out)
            second = second_encoder(settings)
            tunable = tunable_encoders(settings, encoder, second)
            trained = train_shop(shop, encoder, progress=report, second=second, tunable=tunable)
            comparison = compare_on(shop.held_out, settings, trained.intents.classifier, encoder)
            worse = comparison is not None and comparison.is_worse
            if not worse or force:
                with sets.being_made():
                    keep(trained, shop, settings, encoder)
                    sets.share("train", wall_clock())
    _tell(trained, comparison, as_json)
    if worse and not force:
        fail(
            "The new model is worse on phrases that neither has learnt and was not kept; the one "
            "in place still serves. Look at the problems above, or add --force to replace it all "
            "the same.",
            EXIT_FAILED,
        )


def _tell(trained: TrainedShop, comparison: Comparison | None, as_json: bool) -> None:
    report: dict[str, Any] = {
        "intents": trained.intents.report,
        "thresholds": trained.doubt.facts,
        "comparison": comparison.as_json() if comparison else None,
    }
    if as_json:
        show({**report, "problems": [one.both for one in trained.problems]})
        return
    from training.shown import show_figures, show_problems

    show_problems(trained.problems)
    for pair in trained.intents.report["confusions"][:5]:
        say(f"often taken for another: {pair['intent']} for {pair['taken_for']} ({pair['times']}x)")
    for one in trained.intents.report["doubted_labels"][:5]:
        say(
            f"doubted label: {one['file']} row {one['row']}, {one['text'][:50]!r} is labelled "
            f"{one['label']}, looks like {one['probably']}"
        )
    show_figures("Intents, on phrases not seen in training", trained.intents.report["figures"])
    tell_known(trained.doubt)
    if comparison is not None:
        show_figures(
            "New model minus the one in place, on phrases that neither has learnt",
            comparison.as_json(),
        )


def tell_known(doubt: Doubt) -> None:
    """Tell how the entries found themselves; a shop with one phrasing each cannot ask them."""
    from training.shown import show_figures

    figures = doubt.facts.get("figures")
    if figures:
        show_figures("Known answers, asked by the entries themselves", figures)
        return
    say(
        "Known answers: most have one phrasing, so there is nothing to measure them by. The limits "
        "that come with the program hold, raised where this shop's own questions are alike. More "
        "phrasings of one question (rows with the same id or the same answer) make them its own."
    )
