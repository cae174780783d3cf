"""Small trained changes to other models, which this project ships in `training/adapters`.

A change is the product of two narrow matrices for each weight that it changes, named after it:
`LAYER.lora_A`, (rank, inputs), and `LAYER.lora_B`, (outputs, rank). A reader's file has more.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import Adapter
from knowledge_base.model_folder import sha256_of

ADAPTERS = Path(__file__).with_name("adapters")
ADAPTER_FILE = "adapter.safetensors"


@dataclass(frozen=True, slots=True)
class AdapterFile:
    """An adapter on disk, compared with the catalogue, and its scale."""

    path: Path
    scale: float

    def changes(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """The name of each weight that it changes, and what is to be added to it."""
        matrices = load_file(self.path)
        for name in sorted(matrices):
            if name.endswith(".lora_A"):
                layer = name.removesuffix(".lora_A")
                outer, inner = matrices[f"{layer}.lora_B"], matrices[name]
                product = outer.astype(np.float32) @ inner.astype(np.float32)
                yield f"{layer}.weight", self.scale * product

    def beside(self) -> dict[str, NDArray[np.float32]]:
        """What was learnt beside the changes, by its name."""
        kept = load_file(self.path)
        changes = (".lora_A", ".lora_B")
        return {
            name: array.astype(np.float32)
            for name, array in kept.items()
            if not name.endswith(changes)
        }

    def changes_of(self, weights: Container[str]) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """The same, of a model that has these weights.

        Raises:
            ModelFolderRefused: it changes one that the model does not have.
        """
        for name, change in self.changes():
            if name not in weights:
                raise ModelFolderRefused(
                    f"The adapter changes {name}, which the model does not have."
                )
            yield name, change


def verified_adapter(adapter: Adapter, adapters: Path = ADAPTERS) -> AdapterFile:
    """Find the adapter's file and compare it with the catalogue.

    Raises:
        ModelFolderRefused: it is missing or altered.
    """
    path = adapters / adapter.folder / ADAPTER_FILE
    if not path.is_file() or sha256_of(path) != adapter.sha256:
        raise ModelFolderRefused(
            f"The adapter {path} is missing or not the one of the catalogue. Take it from the "
            "source again, or name another model in the settings."
        )
    return AdapterFile(path, adapter.scale)
