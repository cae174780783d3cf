"""An intent classifier as a folder: the form in which training keeps it and a server opens it.

Numbers are safetensors, words are JSON, fine-tuned layers are ONNX graphs; nothing is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from bot.answering.calibration import Calibration
from bot.answering.intent_classifier import FEATURES, OUTCOMES, Examples, Head, IntentClassifier
from bot.answering.ngram_space import NgramIndex, NgramSpace
from bot.answering.second_half import SecondHalf
from bot.answering.trained_folder import ENCODER_DIGEST, REPAIR, read_trained, write_trained
from bot.answering.tuned_encoder import Asked, Prototypes, TunedEncoder, tuned_from
from knowledge_base.centring import Centres
from knowledge_base.encoder import Encoder
from knowledge_base.errors import ModelFolderRefused

KIND = "intents-4"
SECOND, SECOND_DIGEST = "second_encoder", "second_encoder_digest"
PROTOTYPE_PARTS = ("centre", "directions", "bias")


def write_intents(
    classifier: IntentClassifier, folder: Path, encoder_name: str, encoder_digest: str
) -> None:
    """Write everything as `folder`, in one step; `read_intents` gives an equal classifier.

    Args:
        classifier: its `version` becomes that of the folder.
        encoder_name, encoder_digest: of the first encoder.
    """
    facts = {"encoder": encoder_name, ENCODER_DIGEST: encoder_digest}
    if classifier.second is not None:
        beside_it = classifier.second.encoder
        facts |= {SECOND: beside_it.name, SECOND_DIGEST: beside_it.digest}
    classifier.version = write_trained(
        folder,
        KIND,
        {
            "tensors.safetensors": _tensors(classifier),
            "model.json": _facts(classifier),
            **{_graph_file(one.asked): one.graph for one in classifier.tuned},
        },
        facts=facts,
        made_from=classifier.made_from,
    )


def read_intents(
    folder: Path,
    encoder_digest: str,
    encoder_named: Callable[[str], Encoder] | None = None,
) -> IntentClassifier:
    """Read a folder that `write_intents` wrote.

    Args:
        encoder_named: loads an encoder by its catalogue name, for a classifier that was made
            with a second one.

    Raises:
        ModelFolderRefused: missing, altered, or made with another encoder; says how to repair.
    """
    trained = read_trained(folder, KIND, encoder_digest)
    second = _second(folder, trained.manifest.facts, encoder_named)
    try:
        tensors = load_tensors(trained.files["tensors.safetensors"])
        facts = json.loads(trained.files["model.json"])
        classifier = _built(tensors, facts, trained.manifest.made_from, trained.digest)
        if second is not None:
            classifier.second = SecondHalf(second, tensors["second_centre"])
        classifier.tuned = tuple(
            _tuned(asked, one, tensors, trained.files, second, encoder_named)
            for asked, one in facts["tuned"].items()
        )
        return classifier
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ModelFolderRefused(f"{folder} is not whole ({error}). Please {REPAIR}") from error


def _tensors(classifier: IntentClassifier) -> bytes:
    vocabulary = sorted(classifier.space.vocabulary, key=classifier.space.vocabulary.__getitem__)
    blob = "\n".join(vocabulary).encode("utf-8", errors="surrogatepass")
    tensors: dict[str, NDArray[Any]] = {
        "centres": classifier.head.centres.means,
        "head_dense": classifier.head.dense,
        "head_pieces": classifier.head.pieces,
        "bias": classifier.head.bias,
        "rarity": classifier.space.rarity,
        "vocabulary": np.frombuffer(blob, dtype=np.uint8),
        "example_labels": classifier.examples.labels,
        "example_vectors": classifier.examples.vectors,
        "example_pulls": classifier.examples.pulls,
        "posting_starts": classifier.examples.index.starts,
        "posting_texts": classifier.examples.index.texts,
        "posting_weights": classifier.examples.index.weights,
    }
    if classifier.second is not None:
        tensors["second_centre"] = classifier.second.centre
    for one in classifier.tuned:
        for name in PROTOTYPE_PARTS:
            tensors[f"tuned_{one.asked}_{name}"] = getattr(one.prototypes, name)
    return bytes(save_tensors({name: np.ascontiguousarray(a) for name, a in tensors.items()}))


def _facts(classifier: IntentClassifier) -> bytes:
    facts = {
        "intents": list(classifier.intents),
        "examples": list(classifier.examples.texts),
        "dense_weight": classifier.head.dense_weight,
        "temperature": classifier.head.temperature,
        "similarity_weight": classifier.head.similarity_weight,
        "features": list(FEATURES),
        "tuned": {
            one.asked: {
                "encoder": one.base_name,
                "digest": one.digest,
                "scale": one.prototypes.scale,
                "weight": one.prototypes.weight,
            }
            for one in classifier.tuned
        },
        "calibrations": {name: one.as_json() for name, one in classifier.calibrations.items()},
    }
    return json.dumps(facts, ensure_ascii=False).encode("utf-8", errors="surrogatepass")


def _built(
    tensors: Mapping[str, NDArray[Any]],
    facts: Mapping[str, Any],
    made_from: Mapping[str, Any],
    version: str,
) -> IntentClassifier:
    """The classifier that a folder's contents describe."""
    if tuple(facts["features"]) != FEATURES:
        raise ValueError("it was calibrated on other features")
    vocabulary = tensors["vocabulary"].tobytes().decode("utf-8", errors="surrogatepass").split("\n")
    space = NgramSpace({piece: at for at, piece in enumerate(vocabulary)}, tensors["rarity"])
    texts = tuple(facts["examples"])
    index = NgramIndex(
        tensors["posting_starts"], tensors["posting_texts"], tensors["posting_weights"], len(texts)
    )
    head = Head(
        Centres(tensors["centres"]),
        tensors["head_dense"],
        tensors["head_pieces"],
        tensors["bias"],
        float(facts["dense_weight"]),
        float(facts["temperature"]),
        float(facts["similarity_weight"]),
    )
    calibrations = {
        name: Calibration.from_json(one, len(FEATURES), len(OUTCOMES))
        for name, one in facts["calibrations"].items()
    }
    return IntentClassifier(
        facts["intents"],
        head,
        space,
        Examples(
            texts,
            tensors["example_labels"],
            tensors["example_vectors"],
            index,
            tensors["example_pulls"],
        ),
        calibrations,
        made_from,
        version,
    )


def _second(
    folder: Path, facts: Mapping[str, Any], encoder_named: Callable[[str], Encoder] | None
) -> Encoder | None:
    """The second encoder that a manifest names, the very one it was made with."""
    if SECOND not in facts:
        return None
    if encoder_named is None:
        raise ModelFolderRefused(f"{folder} needs a second encoder, {facts[SECOND]!r}.")
    second = encoder_named(str(facts[SECOND]))
    if second.digest != facts.get(SECOND_DIGEST):
        raise ModelFolderRefused(
            f"{folder} was made with another {second.name} than the one that is here. "
            f"Please {REPAIR}"
        )
    return second


def _tuned(
    asked: Asked,
    facts: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    files: Mapping[str, bytes],
    second: Encoder | None,
    encoder_named: Callable[[str], Encoder] | None,
) -> TunedEncoder:
    """Fine-tuned layers on the encoder they were made from, the second one or another by name."""
    name = str(facts["encoder"])
    if second is None or second.name != name:
        if encoder_named is None:
            raise ModelFolderRefused(f"The intents need the encoder {name!r}.")
        second = encoder_named(name)
    parts = {part: tensors[f"tuned_{asked}_{part}"] for part in PROTOTYPE_PARTS}
    scale, weight = float(facts["scale"]), float(facts["weight"])
    prototypes = Prototypes(**parts, scale=scale, weight=weight)
    graph = files[_graph_file(asked)]
    return TunedEncoder(tuned_from(second, name), asked, graph, str(facts["digest"]), prototypes)


def _graph_file(asked: str) -> str:
    return f"tuned_{asked}.onnx"
