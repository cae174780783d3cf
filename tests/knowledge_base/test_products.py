import numpy as np
import pytest

from knowledge_base.products import FEW, products


@pytest.mark.parametrize("vectors", [0, 1, FEW, FEW + 1, 40])
def test_every_vector_meets_every_row(vectors):
    chance = np.random.default_rng(1)
    few = chance.normal(size=(vectors, 24)).astype(np.float32)
    many = chance.normal(size=(300, 24)).astype(np.float32)

    found = products(few, many)

    assert found.shape == (vectors, 300) and found.dtype == np.float32
    wanted = few.astype(np.float64) @ many.astype(np.float64).T
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_vector_gives_the_same_alone_and_beside_a_few_others():
    chance = np.random.default_rng(2)
    few = chance.normal(size=(FEW, 384)).astype(np.float32)
    many = chance.normal(size=(999, 384)).astype(np.float32)

    np.testing.assert_array_equal(products(few, many)[2], products(few[2:3], many)[0])
