"""An encoder that is only loaded when something must be encoded; its digest is known at once."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.encoder import SERVING_FOLDER, Encoder, OnnxEncoder, load_encoder
from knowledge_base.model_folder import read_manifest


class EncoderOnDemand:
    """An encoder's name and digest at once, and the encoder itself only when it is needed."""

    def __init__(self, folder: Path) -> None:
        manifest = read_manifest(folder)
        self.digest = OnnxEncoder(folder / SERVING_FOLDER, manifest).digest
        self._folder = folder
        self._loaded: Encoder | None = None

    def load(self) -> Encoder:
        """Give the encoder, loaded and compared with its manifest the first time."""
        if self._loaded is None:
            self._loaded = load_encoder(self._folder)
        return self._loaded
