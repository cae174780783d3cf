"""Writing an encoder with what an adapter changes."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import catalogue_model
from training.adapter_files import AdapterFile
from training.make_model import write_floats

WEIGHT = "encoder.layer.0.output.dense"


@pytest.fixture
def pieces(tmp_path):
    folder = tmp_path / "pieces"
    model = replace(catalogue_model("all-MiniLM-L6-v2"), adapter=None)
    for piece in model.pieces:
        (folder / piece.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / piece.file).write_text("{}")
    weights = {f"{WEIGHT}.weight": np.eye(3, dtype=np.float32), "other": np.ones(2, np.float32)}
    save_file(weights, folder / "model.safetensors")
    return model, folder


def an_adapter(folder, weight, scale):
    path = folder / "adapter.safetensors"
    outer, inner = np.ones((3, 1), np.float16), np.full((1, 3), 2, np.float16)
    save_file({f"{weight}.lora_A": inner, f"{weight}.lora_B": outer}, path)
    return AdapterFile(path, scale)


def test_an_encoder_is_written_with_the_changes_of_its_adapter(pieces, tmp_path):
    model, folder = pieces
    write_floats(model, folder, tmp_path / "plain", None)
    write_floats(model, folder, tmp_path / "changed", an_adapter(tmp_path, WEIGHT, 0.5))
    plain, changed = (
        load_file(tmp_path / name / "model.safetensors") for name in ("plain", "changed")
    )
    np.testing.assert_array_equal(plain[f"{WEIGHT}.weight"], np.eye(3))
    np.testing.assert_array_equal(changed[f"{WEIGHT}.weight"], np.eye(3) + 1)
    np.testing.assert_array_equal(changed["other"], plain["other"])
    assert {path.name for path in (tmp_path / "changed").rglob("*.json")} == {
        path.name for path in folder.rglob("*.json")
    }


def test_an_adapter_of_another_model_is_refused(pieces, tmp_path):
    model, folder = pieces
    with pytest.raises(ModelFolderRefused, match=r"changes encoder\.layer\.9"):
        write_floats(
            model, folder, tmp_path / "out", an_adapter(tmp_path, "encoder.layer.9.key", 1.0)
        )
