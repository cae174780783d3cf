import os

import numpy as np
import pytest

from knowledge_base.hashed_encoder import HashedEncoder
from training import cached_vectors
from training.cached_vectors import CachedEncoder

TEXTS = ["运费多少", "where is my parcel", "运费多少", "", "\ud800"]


def test_each_text_is_encoded_once_and_in_the_order_asked(tmp_path):
    inside = HashedEncoder()
    cached = CachedEncoder(inside, tmp_path)
    np.testing.assert_array_equal(
        cached.encode_questions(TEXTS), HashedEncoder().encode_questions(TEXTS)
    )
    cached.encode_questions(TEXTS[::-1])
    assert inside.asked == 4


def test_what_was_encoded_before_is_found_in_the_folder(tmp_path):
    first = CachedEncoder(HashedEncoder(), tmp_path).encode_questions(TEXTS)
    inside = HashedEncoder()
    np.testing.assert_array_equal(CachedEncoder(inside, tmp_path).encode_questions(TEXTS), first)
    assert inside.asked == 0


def test_another_encoder_does_not_get_these_vectors(tmp_path):
    CachedEncoder(HashedEncoder(), tmp_path).encode_questions(TEXTS)
    other = HashedEncoder(dimensions=64)
    assert CachedEncoder(other, tmp_path).encode_questions(TEXTS).shape == (5, 64)
    assert other.asked == 4


def test_questions_and_passages_are_kept_apart(tmp_path):
    inside = HashedEncoder()
    cached = CachedEncoder(inside, tmp_path)
    cached.encode_questions(["a"])
    cached.encode_passages(["a"])
    assert inside.asked == 2


@pytest.mark.parametrize("content", [b"", b"no safetensors"])
def test_a_spoiled_file_is_made_again(tmp_path, content):
    CachedEncoder(HashedEncoder(), tmp_path).encode_questions(TEXTS)
    (file,) = tmp_path.glob("*/*.safetensors")
    file.write_bytes(content)
    inside = HashedEncoder()
    CachedEncoder(inside, tmp_path).encode_questions(TEXTS)
    assert inside.asked == 4


def test_progress_is_told(tmp_path):
    told = []
    cached = CachedEncoder(HashedEncoder(), None, lambda done, total: told.append((done, total)))
    cached.encode_questions([f"text {n}" for n in range(300)])
    assert told[-1] == (300, 300)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_beyond_what_may_be_kept_the_oldest_go_and_what_is_gone_already_does_no_harm(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(cached_vectors, "LOOKED_EVERY_BYTES", 0)
    monkeypatch.setattr(cached_vectors, "KEPT_BYTES", 5_000)
    inside = HashedEncoder()
    cached = CachedEncoder(inside, tmp_path)
    old = tmp_path / "another" / "old.safetensors"
    old.parent.mkdir()
    old.write_bytes(bytes(4_000))
    os.utime(old, (1, 1))
    # What another program deletes between the look at the folder and the look at the file.
    (old.parent / "gone.safetensors").symlink_to(tmp_path / "nowhere")
    cached.encode_questions(["a"])
    cached.encode_questions(["b"])
    assert not old.exists()
    again = HashedEncoder()
    CachedEncoder(again, tmp_path).encode_questions(["a", "b"])
    assert again.asked == 0
