"""From what a model sees to the probability that it is right: logistic models with named inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# An input further out than this many spreads was never seen in training: it counts as this much.
FARTHEST = 5.0


@dataclass(frozen=True)
class Calibration:
    """Logistic models over one set of standardised inputs, one for each outcome.

    Attributes:
        centre, spread: of each input, (inputs,).
        weights: (inputs, outcomes).
        bias: (outcomes,).
    """

    centre: Floats
    spread: Floats
    weights: Floats
    bias: Floats

    def probabilities(self, inputs: Floats) -> Floats:
        """Probability of each outcome, (n, outcomes); an input that is nan counts as unknown."""
        standard = (inputs - self.centre) / self.spread
        standard = _within(np.where(np.isnan(standard), 0.0, standard), FARTHEST)
        logits = _within(standard @ self.weights + self.bias, 30.0)
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))

    def as_json(self) -> dict[str, Any]:
        """JSON values from which `from_json` makes an equal one."""
        return {
            name: getattr(self, name).tolist() for name in ("centre", "spread", "weights", "bias")
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any], inputs: int, outcomes: int) -> Calibration:
        """Read what `as_json` wrote.

        Raises:
            ValueError: it is not of this many inputs and outcomes, or holds no finite numbers.
        """
        shapes = {
            "centre": (inputs,),
            "spread": (inputs,),
            "weights": (inputs, outcomes),
            "bias": (outcomes,),
        }
        parts = {name: np.array(written[name], dtype=np.float64) for name in shapes}
        for name, shape in shapes.items():
            if parts[name].shape != shape or not np.isfinite(parts[name]).all():
                raise ValueError(f"the {name} of a calibration is not {shape} finite numbers")
        return cls(**parts)


def _within(numbers: Floats, most: float) -> Floats:
    return np.minimum(np.maximum(numbers, -most), most)  # a third of the time of `np.clip`
