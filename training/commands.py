"""The commands that `training` adds to the shell `shopkeeper`."""

from training.commands_models import models

__all__ = ["models"]
