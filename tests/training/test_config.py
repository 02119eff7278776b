"""The learning rate follows its schedule."""

from __future__ import annotations

import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.training.config import TrainConfig


@pytest.mark.parametrize(
    ("halve_every", "rates"),
    [(1, [8, 4, 2, 1]), (2, [8, 8, 4, 4]), (3, [8, 8, 8, 4]), (10, [8, 8, 8, 8])],
)
def test_the_learning_rate_is_halved_every_n_epochs(halve_every: int, rates: list[int]) -> None:
    network = NetworkSpec(kind="unet")
    config = TrainConfig(network=network, learning_rate=8e-3, halve_every=halve_every)
    assert [config.learning_rate_at(epoch) for epoch in range(4)] == [
        pytest.approx(rate * 1e-3) for rate in rates
    ]
