"""What `shopkeeper train` makes, as folders: a few files, a manifest, and the encoder they fit.

The same folders as `knowledge_base.model_folder` writes and checks; what is added is that vectors
of another encoder are refused, and that the repairing command is `shopkeeper train`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_folder import Manifest, new_folder, verify

REPAIR = "train it again with: shopkeeper train"
ENCODER_DIGEST = "encoder_digest"


@dataclass(frozen=True)
class TrainedFolder:
    """A checked folder: its files by name, and what its manifest says."""

    files: Mapping[str, bytes]
    manifest: Manifest

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with any file."""
        return self.manifest.digest()


def write_trained(
    folder: Path,
    kind: str,
    files: Mapping[str, bytes],
    *,
    facts: Mapping[str, Any],
    made_from: Mapping[str, Any],
) -> str:
    """Write files as `folder`, replacing what was there in one step; gives its digest.

    Args:
        kind: what the folder holds, with its version, e.g. "intents-1".
        facts: what serving must know; `encoder_digest` where vectors play a part.
        made_from: what it was trained on, JSON values.
    """
    manifest = Manifest(folder.name, kind, made_from, facts)
    with new_folder(folder, manifest) as fresh:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
    return verify(folder, kind).digest()


def read_trained(folder: Path, kind: str, encoder_digest: str | None = None) -> TrainedFolder:
    """Read a folder after comparing every file with the manifest.

    Args:
        encoder_digest: of the encoder that serves; None where vectors play no part.

    Raises:
        ModelFolderRefused: missing, altered, of another kind or made with another encoder; says
            how to repair it.
    """
    try:
        manifest = verify(folder, kind)
    except ModelFolderRefused as error:
        what = str(error).split(" Make it again", 1)[0]
        raise ModelFolderRefused(f"{what} Please {REPAIR}") from error
    made_with = manifest.facts.get(ENCODER_DIGEST)
    if encoder_digest is not None and made_with != encoder_digest:
        raise ModelFolderRefused(
            f"{folder} was made with the encoder {made_with!r}, but {encoder_digest!r} is in use "
            f"and its vectors mean something else. Please {REPAIR}",
            f"已学到的内容（{folder.name}）由另一个编码模型生成，与现在使用的不同。"
            "请先重新学习（shopkeeper prepare）。",
            f"What was learnt ({folder.name}) was made with another encoder than the one in use. "
            "Have the assistant learn again first (`shopkeeper prepare`).",
        )
    return TrainedFolder({name: (folder / name).read_bytes() for name in manifest.files}, manifest)
