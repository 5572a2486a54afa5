"""The logistic regression behind the learned heads."""

import numpy as np

from models.training.bodies.logistic import fit


def test_it_tells_apart_what_differs_in_one_feature() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(200) % 2 == 0
    features = np.column_stack([rng.normal(size=200) + 3 * positive, np.full(200, 7.0)])
    head = fit(features, positive, np.arange(200), 1.0)
    told = head.probability(features)
    assert ((told > 0.5) == positive).mean() > 0.9
    assert head.weight[1] == 0  # the same everywhere
    weight, bias = head.unstandardised()
    np.testing.assert_allclose(features @ weight + bias, head.odds(features))


def test_a_clip_counts_once_however_many_rows_it_has() -> None:
    features, positive = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([False, True, False, True])
    often = np.repeat(np.arange(4), [1, 9, 4, 2])
    once = fit(features, positive, np.arange(4), 1.0)
    asked = np.array([[0.5], [2.5]])
    many = fit(features[often], positive[often], often, 1.0)
    # Standardised by other rows, weighed alike: who is more like a positive stays so.
    assert np.sign(np.diff(many.odds(asked))) == np.sign(np.diff(once.odds(asked)))
