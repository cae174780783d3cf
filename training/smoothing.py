"""Makes the inputs of an encoder's products alike in size, so that 8 bits a row tell them all.

A few inputs of MiniLM are dozens of times as large as the others, which vanish beside them when a
row is scaled by its largest. So each input is divided by a factor and its weights are multiplied by
it (SmoothQuant, Xiao and others, 2022), and the few that still stand out are multiplied in 32 bits
beside the rest (LLM.int8, Dettmers and others, 2022). A factor lies between what the input and what
its weights would need.

Which inputs those are was measured once and ships as `smoothings/NAME.safetensors`: two machines
whose arithmetic differs in the last bit must make the very same model of the same weights. Made
anew, for a model that has been fetched, by

    python -m training.smoothing all-MiniLM-L6-v2 training/smoothings/all-MiniLM-L6-v2.safetensors
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from knowledge_base.encoder import FLOAT_FOLDER, Vectors, load_encoder
from knowledge_base.errors import ModelFolderRefused

SMOOTHING_FILE = "smoothing.safetensors"
TOWARDS_INPUTS = 0.55  # how far factors follow the inputs, and the rest the weights
OUTLIERS = 16  # inputs of a product that stay in 32 bits
_FACTORS, _OUTLIERS = ".factors", ".outliers"
_LEAST = 1e-5


@dataclass(frozen=True, slots=True)
class Smoothing:
    """What is done to the inputs of one product.

    Attributes:
        factors: what each is divided by, numbers that float16 holds exactly, (inputs,).
        outliers: positions of those that stay in 32 bits, (m,).
    """

    factors: Vectors
    outliers: NDArray[np.int64]


def shipped_smoothing(name: str) -> Path:
    """The file that ships for a catalogue model.

    Raises:
        ModelFolderRefused: there is none.
    """
    path = Path(__file__).with_name("smoothings") / f"{name}.safetensors"
    if not path.is_file():
        raise ModelFolderRefused(f"No smoothing ships for {name}: see training/smoothing.py.")
    return path


def read_smoothing(path: Path) -> dict[str, Smoothing]:
    """Read what `write_smoothing` wrote, by the name of the product's (first) weight."""
    tensors = load_file(path)
    return {
        name.removesuffix(_FACTORS): Smoothing(
            factors.astype(np.float32),
            tensors[name.removesuffix(_FACTORS) + _OUTLIERS].astype(np.int64),
        )
        for name, factors in tensors.items()
        if name.endswith(_FACTORS)
    }


def write_smoothing(smoothing: Mapping[str, Smoothing], path: Path) -> None:
    """Write the file of a model."""
    tensors: dict[str, NDArray[Any]] = {}
    for name, one in smoothing.items():
        tensors[name + _FACTORS] = one.factors.astype(np.float16)
        tensors[name + _OUTLIERS] = one.outliers.astype(np.int32)
    save_file(tensors, path)


def smoothing_for(sizes: Vectors, weight: Vectors) -> Smoothing:
    """Choose the factors of one product.

    Args:
        sizes: the largest of each input that was seen, (inputs,).
        weight: (outputs, inputs).
    """
    seen = np.maximum(sizes, _LEAST)
    needed = np.maximum(np.abs(weight).max(axis=0), _LEAST)
    factors = seen**TOWARDS_INPUTS / needed ** (1 - TOWARDS_INPUTS)
    factors = np.asarray(factors / np.exp(np.log(factors).mean()), np.float16).astype(np.float32)
    # At least one of four stays in the 8-bit rows, also of a model as small as those of the tests.
    most = min(OUTLIERS, len(seen) // 4)
    outliers = np.sort(np.argsort(-seen / factors, kind="stable")[:most])
    return Smoothing(factors, outliers)


def measured_smoothing(float_folder: Path, tokens: Sequence[Sequence[int]]) -> dict[str, Smoothing]:
    """See how large the inputs of every product get while texts are read.

    Args:
        float_folder: the encoder's float32 weights.
        tokens: of each text.
    """
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(
        str(float_folder), local_files_only=True, use_safetensors=True, add_pooling_layer=False
    ).eval()
    layers = {
        name: part for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)
    }
    sizes = {name: np.zeros(part.in_features, np.float32) for name, part in layers.items()}

    def watch(name: str) -> Any:
        def see(_: Any, inputs: Any) -> None:
            largest = inputs[0].abs().reshape(-1, inputs[0].shape[-1]).amax(0)
            sizes[name] = np.maximum(sizes[name], largest.numpy())

        return see

    for name, part in layers.items():
        part.register_forward_pre_hook(watch(name))
    with torch.inference_mode():
        for ids in tokens:
            model(torch.tensor([list(ids)]))
    # Query, key and value have one input, and are one product under the name of the query.
    weights = {name: part.weight.detach().numpy() for name, part in layers.items()}
    return {
        name: smoothing_for(sizes[name], _with_its_like(name, weights))
        for name in layers
        if not name.endswith((".key", ".value"))
    }


def _with_its_like(name: str, weights: Mapping[str, Vectors]) -> Vectors:
    if not name.endswith(".query"):
        return weights[name]
    stem = name.removesuffix("query")
    return np.concatenate([weights[stem + part] for part in ("query", "key", "value")])


def main(name: str, out: Path) -> None:
    """Measure a model of the catalogue on questions of our own, in the languages it knows."""
    from bot.settings import load_settings
    from knowledge_base.model_catalogue import catalogue_model, model_folder
    from knowledge_base.script import language_of
    from training.far_questions import every_question

    folder = model_folder(load_settings(None).state_folder, name)
    known = catalogue_model(name).languages
    texts = [text for text in every_question() if language_of(text) in known]
    tokens = load_encoder(folder).question_tokens(texts)
    write_smoothing(measured_smoothing(folder / FLOAT_FOLDER, tokens), out)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
