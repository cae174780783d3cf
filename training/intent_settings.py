"""What can be chosen about training intents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntentSettings:
    """The choices. The defaults were measured: docs/measurements/intents.md.

    Attributes:
        seed: of folds and of the solver.
        folds: how often the head is fitted for calibration.
        left_out: share of the intents that a fold leaves out.
        expected_outside: share of questions that are none of the intents, as expected in use.
        promised_wrong: share of wrong ones among the intents that are acted on.
        acting: the intents that lead somewhere by themselves (an action, a person, a fixed text),
            among which that share counts; empty for all.
    """

    seed: int = 1
    folds: int = 5
    left_out: float = 0.1
    expected_outside: float = 0.1
    promised_wrong: float = 0.05
    acting: tuple[str, ...] = ()


USUAL = IntentSettings()
