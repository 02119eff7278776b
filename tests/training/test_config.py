"""The learning rate follows its schedule."""

from __future__ import annotations

from itertools import pairwise

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


def config_of(**chosen: object) -> TrainConfig:
    return TrainConfig.of(NetworkSpec(kind="unet"), learning_rate=1.0, **chosen)


def test_a_cosine_goes_from_the_learning_rate_to_a_hundredth_of_it() -> None:
    config = config_of(schedule="cosine", epochs=8)
    rates = [config.learning_rate_at(epoch / 4) for epoch in range(33)]
    assert rates[0] == 1
    assert rates[16] == pytest.approx(0.505)
    assert rates[32] == pytest.approx(0.01)
    assert all(one > other for one, other in pairwise(rates)), "from step to step"


@pytest.mark.parametrize("schedule", ["halve", "cosine"])
def test_the_learning_rate_rises_before_it_falls(schedule: str) -> None:
    warm = config_of(schedule=schedule, epochs=100, warmup=2.0)
    cold = config_of(schedule=schedule, epochs=100)
    parts = [warm.learning_rate_at(at) / cold.learning_rate_at(at) for at in (0, 0.5, 1, 2, 3)]
    assert parts == pytest.approx([0.01, 0.25, 0.5, 1, 1])
