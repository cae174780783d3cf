"""One seed a run: chosen anew each time, said in every failure, and played again on request."""

import os
import random


def run_seed() -> int:
    """Give this run's seed; the environment's SHOPKEEPER_SEED plays one again."""
    return int(os.environ.get("SHOPKEEPER_SEED") or random.SystemRandom().randrange(10**6))
