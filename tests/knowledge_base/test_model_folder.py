import json
from random import Random

import pytest

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import catalogue, catalogue_model, model_folder
from knowledge_base.model_folder import MANIFEST, Manifest, new_folder, read_manifest, verify

MANIFEST_OF_A_TINY_MODEL = Manifest("tiny", "encoder", {"from": "a test"}, {"dimensions": 3})


@pytest.fixture
def folder(tmp_path):
    with new_folder(tmp_path / "tiny", MANIFEST_OF_A_TINY_MODEL) as new:
        (new / "serving").mkdir()
        (new / "serving" / "weights.bin").write_bytes(bytes(range(256)) * 4)
        (new / "words.txt").write_text("退货", encoding="utf-8")
    return tmp_path / "tiny"


def test_a_new_folder_says_what_it_is_and_holds(folder):
    manifest = verify(folder, kind="encoder")
    assert manifest.name == "tiny"
    assert manifest.facts == {"dimensions": 3}
    assert {path: one.bytes for path, one in manifest.files.items()} == {
        "serving/weights.bin": 1024,
        "words.txt": 6,
    }


def test_a_flipped_byte_anywhere_is_refused_with_the_repairing_command(folder):
    file = folder / "serving" / "weights.bin"
    good = file.read_bytes()
    random = Random(5)
    for _ in range(200):
        at = random.randrange(len(good))
        file.write_bytes(
            good[:at] + bytes([good[at] ^ (1 << random.randrange(8))]) + good[at + 1 :]
        )
        with pytest.raises(ModelFolderRefused, match="shopkeeper models fetch tiny"):
            verify(folder)
    file.write_bytes(good)
    verify(folder)


def test_a_missing_file_a_short_file_and_a_link_are_refused(folder, tmp_path):
    file = folder / "words.txt"
    file.write_bytes(b"1")
    with pytest.raises(ModelFolderRefused, match=r"altered words\.txt"):
        verify(folder)
    file.unlink()
    with pytest.raises(ModelFolderRefused, match=r"lacks words\.txt"):
        verify(folder)
    (tmp_path / "elsewhere").write_text("退货", encoding="utf-8")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelFolderRefused, match="outside itself"):
        verify(folder)


def test_only_the_part_that_serves_may_be_checked(folder):
    (folder / "words.txt").write_text("changed", encoding="utf-8")
    verify(folder, under="serving/")
    with pytest.raises(ModelFolderRefused, match="no files under"):
        verify(folder, under="float/")


@pytest.mark.parametrize(
    "spoiled",
    ["", "[]", "{}", "null", '{"format": 99}', '{"format": 1, "files": 3}', "\x00", "[" * 50_000],
)
def test_a_spoiled_manifest_is_refused(folder, spoiled):
    (folder / MANIFEST).write_text(spoiled, encoding="utf-8")
    with pytest.raises(ModelFolderRefused, match="shopkeeper models fetch"):
        read_manifest(folder)


def test_a_manifest_that_names_a_file_outside_is_refused(folder, tmp_path):
    (tmp_path / "secret").write_text("", encoding="utf-8")
    raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    raw["files"]["../secret"] = {"bytes": 0, "sha256": "0" * 64}
    (folder / MANIFEST).write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ModelFolderRefused, match="outside itself"):
        verify(folder)


def test_a_model_of_another_kind_is_refused(folder):
    with pytest.raises(ModelFolderRefused, match="not 'generator'"):
        verify(folder, kind="generator")


def test_a_conversion_that_fails_leaves_the_old_folder_and_nothing_else(folder, tmp_path):
    with pytest.raises(ZeroDivisionError), new_folder(folder, MANIFEST_OF_A_TINY_MODEL) as new:
        (new / "half").write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
    verify(folder)


def test_what_a_killed_conversion_left_behind_is_swept_by_the_next(folder, tmp_path):
    left = tmp_path / ".tiny.0011aabb.new"
    left.mkdir()
    (left / "half").write_text("half", encoding="utf-8")
    with new_folder(folder, MANIFEST_OF_A_TINY_MODEL) as new:
        (new / "words.txt").write_text("new", encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
    assert list(verify(folder).files) == ["words.txt"]


def test_the_digest_changes_with_a_file_or_a_fact_that_serves_and_with_nothing_else(folder):
    before = read_manifest(folder).digest("serving/")
    with new_folder(folder, MANIFEST_OF_A_TINY_MODEL) as new:
        (new / "serving").mkdir()
        (new / "serving" / "weights.bin").write_bytes(bytes(range(256)) * 4)
    assert read_manifest(folder).digest("serving/") == before
    with new_folder(folder, MANIFEST_OF_A_TINY_MODEL) as new:
        (new / "serving").mkdir()
        (new / "serving" / "weights.bin").write_bytes(bytes(1024))
    assert read_manifest(folder).digest("serving/") != before


def test_the_catalogue_pins_every_byte_it_names():
    assert next(iter(catalogue())) == "multilingual-e5-small"
    for model in catalogue().values():
        assert model.kind in ("encoder", "generator")
        assert model.licence
        assert model.about
        for piece in model.pieces:
            assert len(piece.sha256) == len(piece.wheel_sha256) == 64
            assert "==" in piece.wheel


def test_a_name_that_is_no_catalogue_model_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ModelFolderRefused, match="multilingual-e5-small"):
        catalogue_model("bert-gigantic")
    with pytest.raises(ModelFolderRefused, match="there are"):
        model_folder(tmp_path, "../../etc")
