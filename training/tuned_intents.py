"""Fine-tuned layers for the intents of a shop: made from its phrases, and kept where they gain.

What was tuned once is kept in the state folder by everything it depends on, so that a training
that was killed goes on where it was, and one that is repeated takes no time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from bot.answering.intent_classifier import OUT_OF_SCOPE
from bot.answering.intent_folder import PROTOTYPE_PARTS
from bot.answering.ngram_space import Floats
from bot.answering.tuned_encoder import (
    Asked,
    Prototypes,
    TunedEncoder,
    asked_about,
    serving_encoder,
)
from knowledge_base.encoder import FLOAT_FOLDER, Encoder, OnnxEncoder
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import model_folder
from knowledge_base.model_folder import read_manifest
from training.intent_head import Labelled, least_loss
from training.progress import Progress

if TYPE_CHECKING:
    from bot.settings import Settings

TUNING_VERSION = 3  # changes when the same phrases would become other layers
LEAST_PHRASES = 150  # of the languages it is asked about; fewer teach it nothing
MOST_PHRASES = 30_000
LEAST_GAIN = 0.02  # of the log loss, as a share of it; fine-tuning costs time a message
KEPT_FILES = 16


@dataclass(frozen=True)
class Tunable:
    """An encoder that can be fine-tuned.

    Attributes:
        encoder: as it serves.
        float_folder: its float32 weights.
        products: see `training.encoder_graph`.
        layers: how many it has.
        asked: which texts the tuned one is asked about.
        kept: the folder for what was tuned once.
    """

    encoder: OnnxEncoder
    float_folder: Path
    products: Any
    layers: int
    asked: Asked
    kept: Path

    def taught(self, labelled: Labelled) -> NDArray[np.int64]:
        """Rows that teach it: in scope, and of the languages it is asked about."""
        rows = [
            row
            for row, (text, intent) in enumerate(zip(labelled.texts, labelled.intents, strict=True))
            if intent != OUT_OF_SCOPE and asked_about(text, self.asked)
        ]
        return np.array(rows, dtype=np.int64)

    def is_worth_trying(self, labelled: Labelled) -> bool:
        """Whether there are phrases enough, of more intents than one, and not too many."""
        rows = self.taught(labelled)
        intents = {labelled.intents[row] for row in rows}
        return LEAST_PHRASES <= len(rows) <= MOST_PHRASES and len(intents) > 1

    def tuned(
        self, labelled: Labelled, intents: Sequence[str], seed: int, progress: Progress
    ) -> TunedEncoder | None:
        """Fine-tune on phrases, or take what was kept; None where they have one intent only.

        Args:
            intents: all intents of the classifier, in its order.
        """
        from training.tune_encoder import recipe_for_tuning, short_numbers, tune

        rows = self.taught(labelled)
        place = {intent: at for at, intent in enumerate(intents)}
        labels = np.array([place[labelled.intents[row]] for row in rows], dtype=np.int64)
        if len(set(labels.tolist())) < 2:
            return None
        texts = [labelled.texts[row] for row in rows]
        recipe = recipe_for_tuning(len(rows), self.layers)
        learnt = {name: value for name, value in asdict(recipe).items() if name != "weight"}
        counts = None if labelled.counts is None else labelled.counts[rows]
        facts = [TUNING_VERSION, self.encoder.digest, seed, learnt, list(intents), short_numbers()]
        counted = None if counts is None else counts.tolist()
        if counted and not labelled.doubted:
            facts.append("not doubted")
        digest = _digest([*facts, texts, labels.tolist(), counted])
        found = _read(self.kept / f"{digest}.safetensors", recipe.weight)
        if found is None:
            made = tune(
                self.encoder.question_tokens(texts),
                labels,
                len(intents),
                self.float_folder,
                self.products,
                recipe,
                seed,
                lambda done, total: progress("fine-tune", done, total),
                counts,
                labelled.doubted,
            )
            found = made.graph, made.prototypes
            _keep(self.kept, digest, *found)
        return TunedEncoder(self.encoder, self.asked, found[0], digest, found[1])


@dataclass(frozen=True)
class Trial:
    """What a head said about phrases of known intents that it had not learnt, without and with.

    They are compared by `least_loss`.

    Attributes:
        texts: the phrases.
        truth: the place of the intent of each, (n,).
        plain, tuned: scores, (n, intents).
    """

    texts: tuple[str, ...]
    truth: NDArray[np.int64]
    plain: Floats
    tuned: Floats

    def losses(self, asked: Asked) -> tuple[float, float]:
        """Sum of the log losses without and with, over the texts that are asked about."""
        rows = [at for at, text in enumerate(self.texts) if asked_about(text, asked)]
        if not rows:
            return 0.0, 0.0
        truth = self.truth[rows]
        return least_loss(self.plain[rows], truth), least_loss(self.tuned[rows], truth)


def gains(trials: Sequence[Trial], asked: Asked) -> bool:
    """Whether fine-tuning is worth its time for these texts."""
    losses = np.array([one.losses(asked) for one in trials]).sum(axis=0)
    return bool(losses[1] < losses[0] * (1.0 - LEAST_GAIN))


def tunable_encoders(
    settings: Settings, encoder: Encoder, second: Encoder | None
) -> tuple[Tunable, ...]:
    """The encoders of the settings that can be fine-tuned: one for Chinese, one for the rest."""
    if settings.fine_tuning == "off":
        return ()
    return tunable_in(settings.state_folder, encoder, second)


def tunable_as_before(
    state_folder: Path, encoder: Encoder, second: Encoder | None
) -> tuple[Tunable, ...]:
    """The same where the intents in place were fine-tuned, else none: it takes minutes."""
    try:
        before = read_manifest(state_folder / "intents").made_from.get("fine_tuned")
    except ModelFolderRefused:
        return ()
    return tunable_in(state_folder, encoder, second) if before else ()


def tunable_in(state_folder: Path, encoder: Encoder, second: Encoder | None) -> tuple[Tunable, ...]:
    """The encoders of a state folder that can be fine-tuned."""
    rest = encoder if second is None else second
    found = [_tunable(state_folder, encoder, "zh"), _tunable(state_folder, rest, "rest")]
    return tuple(one for one in found if one is not None)


def _tunable(state_folder: Path, encoder: Encoder, asked: Asked) -> Tunable | None:
    serving = serving_encoder(encoder)
    if serving is None:
        return None
    folder = model_folder(state_folder, serving.name)
    config = folder / FLOAT_FOLDER / "config.json"
    if not config.is_file():
        return None
    layers = int(json.loads(config.read_text(encoding="utf-8"))["num_hidden_layers"])
    products = read_manifest(folder).facts["products"]
    kept = state_folder / "cache" / "tuned"
    return Tunable(serving, folder / FLOAT_FOLDER, products, layers, asked, kept)


def _digest(facts: Any) -> str:
    written = json.dumps(facts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _read(path: Path, weight: float) -> tuple[bytes, Prototypes] | None:
    """What was kept; None when it was not, or is not whole."""
    try:
        tensors = load_file(path)
        parts = {name: tensors[name] for name in PROTOTYPE_PARTS}
        scale = float(tensors["scale"][0])
        return tensors["graph"].tobytes(), Prototypes(**parts, scale=scale, weight=weight)
    except (OSError, SafetensorError, KeyError):
        return None


def _keep(folder: Path, digest: str, graph: bytes, prototypes: Prototypes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: np.ascontiguousarray(getattr(prototypes, name)) for name in PROTOTYPE_PARTS}
    tensors |= {
        "graph": np.frombuffer(graph, dtype=np.uint8),
        "scale": np.array([prototypes.scale], dtype=np.float32),
    }
    fresh = folder / f"{digest}.{os.getpid()}.new"
    save_file(tensors, fresh)
    fresh.replace(folder / f"{digest}.safetensors")
    by_age = sorted(folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime)
    for path in by_age[: max(0, len(by_age) - KEPT_FILES)]:
        path.unlink(missing_ok=True)
