"""Turns a GGUF file of a small causal model into a transformers folder with safetensors.

transformers unpacks the quantised tensors; what is written holds plain weights and no trace of
the quantisation, so that the serving side needs neither the gguf library nor its format.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import Adapter
from knowledge_base.model_folder import sha256_of, write_json

ADAPTERS = Path(__file__).with_name("adapters")


@dataclass(frozen=True, slots=True)
class AdapterFile:
    """An adapter on disk, compared with the catalogue, and its scale."""

    path: Path
    scale: float


def verified_adapter(adapter: Adapter, adapters: Path = ADAPTERS) -> AdapterFile:
    """Find the adapter's file and compare it with the catalogue.

    Raises:
        ModelFolderRefused: it is missing or altered.
    """
    path = adapters / adapter.folder / "adapter.safetensors"
    if not path.is_file() or sha256_of(path) != adapter.sha256:
        raise ModelFolderRefused(
            f"The adapter {path} is missing or not the one of the catalogue. Take it from the "
            f'source again, or name another model, such as generator = "{adapter.base}".'
        )
    return AdapterFile(path, adapter.scale)


def merge_adapter(model: Any, adapter: AdapterFile) -> None:
    """Add the product of an adapter's matrices to the weights they change, in float32.

    Raises:
        ModelFolderRefused: it changes a weight that the model does not have.
    """
    from safetensors.torch import load_file

    changes = load_file(adapter.path)
    weights = dict(model.named_parameters())
    for name in sorted(changes):
        if not name.endswith(".lora_A"):
            continue
        layer = name.removesuffix(".lora_A")
        weight = weights.get(f"{layer}.weight")
        if weight is None:
            raise ModelFolderRefused(f"The adapter changes {layer}, which the model does not have.")
        product = changes[f"{layer}.lora_B"].float() @ changes[name].float()
        weight.data += (adapter.scale * product).to(weight.dtype)


def write_generator_folder(packed: Path, folder: Path, adapter: AdapterFile | None = None) -> None:
    """Convert the GGUF file at `packed` into `folder`, which is made, with an adapter or without.

    Raises:
        ModelFolderRefused: the adapter is for another model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(packed.parent, gguf_file=packed.name)
    model = AutoModelForCausalLM.from_pretrained(
        packed.parent, gguf_file=packed.name, dtype=torch.float32
    )
    if adapter is not None:
        merge_adapter(model, adapter)
    # the weights are plain by now; without its quantiser the model may be saved
    model.hf_quantizer = None
    del model.config.quantization_config
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config.pop("quantization_config", None)
    write_json(folder / "config.json", config)
