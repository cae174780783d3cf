"""The commands that `training` adds to the shell `shopkeeper`."""

from training.commands_models import models
from training.commands_prepare import prepare

__all__ = ["models", "prepare"]
