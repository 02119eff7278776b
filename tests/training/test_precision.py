"""Lower precisions train as float32 does: gradients too small for float16 are not lost."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.networks.weights import initial_weights
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

pytestmark = [pytest.mark.slow, pytest.mark.learning]


def train(config: TrainConfig, sky: tuple, precision: str) -> float:
    """Train for twelve epochs; return the mean loss of the last two."""
    trainer = make_trainer(config, precision)
    trainer.set_weights(initial_weights(config.network, 3))
    losses = [
        trainer.step(batch.x, batch.y, batch.weight, 1e-2)
        for number in range(12)
        for batch in sky[0].epoch(number)
    ]
    assert losses[-1] < 0.6 * losses[0]
    assert trainer.predict(sky[0].x).dtype == np.float32
    assert all(value.dtype == np.float32 for value in trainer.weights().values())
    return float(np.mean(losses[-6:]))


def test_each_precision_trains_to_the_same_loss(config: TrainConfig, sky: tuple) -> None:
    full = train(config, sky, "float32")
    for precision in ("bfloat16", "float16"):
        assert train(config, sky, precision) == pytest.approx(full, rel=0.2)


def test_small_gradients_reach_the_weights_in_float16(config: TrainConfig, sky: tuple) -> None:
    """Gradients of 1e-8 are zero in float16, unless the loss is scaled."""
    moved = {}
    for precision in ("float32", "float16"):
        trainer = make_trainer(config, precision)
        before = trainer.weights()["down1_conv1/kernel"]
        (batch, *_) = sky[0].epoch(0)
        weight = np.full_like(batch.weight, 1e-6)
        weight[0, 8, 10] = 1.0
        trainer.step(batch.x, batch.y, weight, 1e-3)
        moved[precision] = trainer.weights()["down1_conv1/kernel"] - before
    clear = np.abs(moved["float32"]) > 5e-4
    assert clear.mean() > 0.5
    assert (np.sign(moved["float16"]) == np.sign(moved["float32"]))[clear].mean() > 0.9
