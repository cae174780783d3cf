"""Turns a GGUF file of a small causal model into a transformers folder with safetensors.

transformers unpacks the quantised tensors; what is written holds plain weights and no trace of
the quantisation, so that the serving side needs neither the gguf library nor its format.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knowledge_base.model_folder import write_json
from training.adapter_files import AdapterFile


def merge_adapter(model: Any, adapter: AdapterFile) -> None:
    """Add the product of an adapter's matrices to the weights they change, in float32.

    Raises:
        ModelFolderRefused: it changes a weight that the model does not have.
    """
    import torch

    weights = dict(model.named_parameters())
    for name, change in adapter.changes_of(weights):
        weights[name].data += torch.from_numpy(change).to(weights[name].dtype)


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
