"""Turns a GGUF file of a small causal model into a transformers folder with safetensors.

transformers unpacks the quantised tensors; what is written holds plain weights and no trace of
the quantisation, so that the serving side needs neither the gguf library nor its format.
"""

from __future__ import annotations

import json
from pathlib import Path

from knowledge_base.model_folder import write_json


def write_generator_folder(packed: Path, folder: Path) -> None:
    """Convert the GGUF file at `packed` into `folder`, which is made."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(packed.parent, gguf_file=packed.name)
    model = AutoModelForCausalLM.from_pretrained(
        packed.parent, gguf_file=packed.name, dtype=torch.float32
    )
    # the weights are plain by now; without its quantiser the model may be saved
    model.hf_quantizer = None
    del model.config.quantization_config
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config.pop("quantization_config", None)
    write_json(folder / "config.json", config)
