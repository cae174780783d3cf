"""The upper layers of an encoder, which learn, over the lower ones, which stay as they are.

The lower layers are computed once for all texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from knowledge_base.encoder import cut_tokens

LONGEST = 64  # tokens of a text that are learnt from
ENCODED_AT_ONCE = 64


class LayerStates:
    """Texts as they are on the way into the upper layers of an encoder, which learn nothing here.

    Attributes:
        states: of all tokens of all texts, one after another, (tokens, hidden): on the way into the
            lowest of the upper layers, and into those above it where these are kept too.
        starts, lengths: where a text begins, and of how many tokens it is.
        first: how many layers lie below.
        top: the upper layers.
    """

    def __init__(
        self,
        states: Sequence[Tensor],
        lengths: NDArray[np.int64],
        first: int,
        top: nn.ModuleList,
    ) -> None:
        self.states = states
        self.lengths = lengths
        self.starts = np.cumsum(lengths) - lengths
        self.first = first
        self.top = top

    @classmethod
    def of(
        cls, tokens: Sequence[Sequence[int]], float_folder: Path, layers: int, kept: int
    ) -> LayerStates:
        """Compute the layers once, without what makes them forget.

        Args:
            tokens: of each text, as the encoder is asked them.
            float_folder: the encoder's float32 weights.
            layers: how many are the upper ones.
            kept: on the way into how many of these, from the lowest, texts are kept.
        """
        disable_progress_bar()
        set_verbosity_error()
        model = BertModel.from_pretrained(
            str(float_folder), local_files_only=True, use_safetensors=True, add_pooling_layer=False
        )
        model.eval()
        lengths = np.array([len(ids) for ids in tokens], dtype=np.int64)
        starts = np.cumsum(lengths) - lengths
        everything = list(model.encoder.layer)
        first = len(everything) - layers
        hidden = int(model.config.hidden_size)
        states = [
            torch.empty(int(lengths.sum()), hidden, dtype=torch.bfloat16) for _ in range(kept)
        ]
        order = np.argsort(lengths, kind="stable")
        with torch.no_grad():
            for start in range(0, len(order), ENCODED_AT_ONCE):
                rows = order[start : start + ENCODED_AT_ONCE]
                longest = int(lengths[rows].max())
                ids = torch.tensor(
                    [[*tokens[row], *[0] * (longest - len(tokens[row]))] for row in rows]
                )
                state, mask = model.embeddings(ids), _mask(lengths[rows], longest)
                for number, layer in enumerate(everything[: first + kept]):
                    if number >= first:
                        for at, row in enumerate(rows):
                            place = slice(starts[row], starts[row] + lengths[row])
                            states[number - first][place] = state[at, : lengths[row]].bfloat16()
                    if number < first + kept - 1:
                        state = _through(layer, state, mask)
        return cls(states, lengths, first, nn.ModuleList(everything[first:]))

    def padded(self, rows: NDArray[np.int64]) -> tuple[list[Tensor], Tensor]:
        """Some texts on the way into each layer, (n, longest, hidden), and the places they fill."""
        lengths = self.lengths[rows]
        longest = int(lengths.max())
        places = torch.from_numpy(np.minimum(np.arange(longest), lengths[:, None] - 1))
        places = places + torch.from_numpy(self.starts[rows])[:, None]
        return [states[places].float() for states in self.states], _filled(lengths, longest)


class UpperLayers:
    """Texts as the layers below leave them, and the layers above that learn.

    Attributes:
        below: the texts, on the way into the lowest of the layers that learn.
        lengths: of how many tokens a text is.
        layers: how many lie below.
        top: the layers that learn.
    """

    def __init__(self, below: LayerStates, top: nn.ModuleList) -> None:
        self.below = below
        self.lengths = below.lengths
        self.layers = below.first
        self.top = top

    @classmethod
    def of(
        cls, tokens: Sequence[Sequence[int]], float_folder: Path, layers: int, dropout: float
    ) -> UpperLayers:
        """Compute the layers below once, without what makes them forget.

        Args:
            tokens: of each text, as the encoder is asked them.
            float_folder: the encoder's float32 weights.
            layers: how many learn.
            dropout: of what these pass on, while they learn.
        """
        below = LayerStates.of(
            [cut_tokens(ids, LONGEST) for ids in tokens], float_folder, layers, 1
        )
        for part in below.top.modules():
            if isinstance(part, nn.Dropout):
                part.p = dropout
        return cls(below, below.top)

    def copied(self) -> UpperLayers:
        """The same texts and layers, which do not learn with these."""
        return UpperLayers(self.below, deepcopy(self.top))

    def vectors(self, rows: NDArray[np.int64]) -> Tensor:
        """Unit vectors of some texts by the layers above, (n, hidden)."""
        (state,), filled = self.below.padded(rows)
        mask = filled[:, None, None, :]
        for layer in self.top:
            state = _through(layer, state, mask)
        seen = filled[:, :, None].float()
        return functional.normalize((state * seen).sum(1) / seen.sum(1), dim=1)

    def all_vectors(self) -> Tensor:
        """Unit vectors of all texts without what makes layers forget, (n, hidden)."""
        learning = self.top.training
        self.top.eval()
        rows = np.arange(len(self.lengths))
        starts = range(0, len(rows), ENCODED_AT_ONCE)
        with torch.no_grad():
            parts = [self.vectors(rows[start : start + ENCODED_AT_ONCE]) for start in starts]
        self.top.train(learning)
        return torch.cat(parts)


def _filled(lengths: NDArray[np.int64], longest: int) -> Tensor:
    return torch.from_numpy(np.arange(longest) < lengths[:, None])


def _mask(lengths: NDArray[np.int64], longest: int) -> Tensor:
    return _filled(lengths, longest)[:, None, None, :]


def _through(layer: nn.Module, state: Tensor, mask: Tensor) -> Tensor:
    after = layer(state, mask)
    return after[0] if isinstance(after, tuple) else after
