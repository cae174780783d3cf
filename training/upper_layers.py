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

LONGEST = 64  # tokens of a text that are learnt from
ENCODED_AT_ONCE = 64


class UpperLayers:
    """Texts as the layers below leave them, and the layers above that learn.

    Attributes:
        states: of all tokens of all texts, one after another, (tokens, hidden).
        starts, lengths: where a text begins, and of how many tokens it is.
        layers: how many lie below.
        top: the layers that learn.
    """

    def __init__(
        self, states: Tensor, lengths: NDArray[np.int64], layers: int, top: nn.ModuleList
    ) -> None:
        self.states = states
        self.layers = layers
        self.lengths = lengths
        self.starts = np.cumsum(lengths) - lengths
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
        disable_progress_bar()
        set_verbosity_error()
        model = BertModel.from_pretrained(
            str(float_folder), local_files_only=True, use_safetensors=True, add_pooling_layer=False
        )
        model.eval()
        cut = [list(ids) if len(ids) <= LONGEST else [*ids[: LONGEST - 1], ids[-1]]
               for ids in tokens]  # fmt: skip
        lengths = np.array([len(ids) for ids in cut], dtype=np.int64)
        everything = list(model.encoder.layer)
        stays = len(everything) - layers
        found: list[Tensor | None] = [None] * len(cut)
        order = np.argsort(lengths, kind="stable")
        with torch.no_grad():
            for start in range(0, len(order), ENCODED_AT_ONCE):
                rows = order[start : start + ENCODED_AT_ONCE]
                longest = int(lengths[rows].max())
                ids = torch.tensor([cut[row] + [0] * (longest - len(cut[row])) for row in rows])
                state, mask = model.embeddings(ids), _mask(lengths[rows], longest)
                for layer in everything[:stays]:
                    state = _through(layer, state, mask)
                for at, row in enumerate(rows):
                    found[row] = state[at, : lengths[row]].to(torch.bfloat16)
        top = nn.ModuleList(everything[stays:])
        for part in top.modules():
            if isinstance(part, nn.Dropout):
                part.p = dropout
        return cls(torch.cat([one for one in found if one is not None]), lengths, stays, top)

    def copied(self) -> UpperLayers:
        """The same texts and layers, which do not learn with these."""
        return UpperLayers(self.states, self.lengths, self.layers, deepcopy(self.top))

    def vectors(self, rows: NDArray[np.int64]) -> Tensor:
        """Unit vectors of some texts by the layers above, (n, hidden)."""
        lengths = self.lengths[rows]
        longest = int(lengths.max())
        places = torch.from_numpy(np.minimum(np.arange(longest), lengths[:, None] - 1))
        state = self.states[places + torch.from_numpy(self.starts[rows])[:, None]].float()
        mask = _mask(lengths, longest)
        for layer in self.top:
            state = _through(layer, state, mask)
        seen = mask[:, 0, 0, :, None].float()
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


def _mask(lengths: NDArray[np.int64], longest: int) -> Tensor:
    return torch.from_numpy(np.arange(longest) < lengths[:, None])[:, None, None, :]


def _through(layer: nn.Module, state: Tensor, mask: Tensor) -> Tensor:
    after = layer(state, mask)
    return after[0] if isinstance(after, tuple) else after
