"""The commands that `training` adds to the shell `shopkeeper`."""

import typer

from training.commands_evaluate import evaluate
from training.commands_mine import mine
from training.commands_models import models
from training.commands_mood import mood
from training.commands_mood import takeover as measured_takeover
from training.commands_prepare import prepare
from training.commands_sets import rollback, versions
from training.commands_takeover import takeover
from training.commands_train import train as train_shop

evaluate.command()(mood)
evaluate.command("takeover")(measured_takeover)

# Alone it trains the shop; with a word behind it, that part.
train = typer.Typer(add_completion=False, rich_markup_mode=None)
train.callback(invoke_without_command=True)(train_shop)
train.command()(takeover)
train.command()(versions)
train.command()(rollback)

__all__ = ["evaluate", "mine", "models", "prepare", "train"]
