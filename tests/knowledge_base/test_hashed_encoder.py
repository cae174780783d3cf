import numpy as np

from knowledge_base.hashed_encoder import HashedEncoder


def similarity(one: str, other: str) -> float:
    vectors = HashedEncoder().encode_questions([one, other])
    return float(vectors[0] @ vectors[1])


def test_every_vector_has_length_one_even_of_an_empty_or_strange_text():
    vectors = HashedEncoder(64).encode_questions(["", "？！", "how are you", "\ud800", "退货"])
    assert vectors.shape == (5, 64)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_the_same_text_gives_the_same_vector_alone_and_in_a_batch():
    encoder = HashedEncoder()
    alone = encoder.encode_questions(["怎么退货"])
    together = encoder.encode_passages(["where is my parcel", "怎么退货"])
    np.testing.assert_array_equal(alone[0], together[1])
    assert encoder.asked == 3


def test_a_reworded_question_is_nearer_than_a_foreign_one():
    assert similarity("how do I return shoes", "returning shoes") > 0.4
    assert similarity("how do I return shoes", "opening hours on sunday") < 0.3
    assert similarity("怎么申请退货", "我想退货怎么申请") > 0.6
    assert similarity("怎么申请退货", "几点开门") < 0.2
