"""The commands that `training` adds to the shell `shopkeeper`."""

from training.commands_evaluate import evaluate
from training.commands_models import models
from training.commands_mood import mood, takeover
from training.commands_prepare import prepare
from training.commands_train import train

evaluate.command()(mood)
evaluate.command()(takeover)

__all__ = ["evaluate", "models", "prepare", "train"]
