"""Lower precisions learn as float32 does: what is too small for float16 is not lost."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.networks.weights import initial_weights
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

pytestmark = [pytest.mark.slow, pytest.mark.learning]


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_a_precision_learns_to_the_same_loss(
    config: TrainConfig, sky: tuple, precision: str
) -> None:
    ends = {}
    for one in ("float32", precision):
        engine = make_trainer(config, one)
        engine.set_weights(initial_weights(config.network, 3))
        losses = [
            engine.step(batch.x, batch.y, batch.weight, 1e-2)
            for number in range(12)
            for batch in sky[0].epoch(number)
        ]
        assert losses[-1] < 0.6 * losses[0]
        ends[one] = np.mean(losses[-6:])
        assert engine.predict(sky[0].x).dtype == np.float32
        assert all(value.dtype == np.float32 for value in engine.weights().values())
    assert ends[precision] == pytest.approx(ends["float32"], rel=0.2)


def test_small_slopes_reach_the_weights_in_float16(config: TrainConfig, sky: tuple) -> None:
    """Slopes of 1e-8 are zero in float16, unless the loss is scaled."""
    moved = {}
    for precision in ("float32", "float16"):
        engine = make_trainer(config, precision)
        before = engine.weights()["down1_conv1/kernel"]
        (batch, *_) = sky[0].epoch(0)
        weight = np.full_like(batch.weight, 1e-6)
        weight[0, 8, 10] = 1.0
        engine.step(batch.x, batch.y, weight, 1e-3)
        moved[precision] = engine.weights()["down1_conv1/kernel"] - before
    told = np.abs(moved["float32"]) > 5e-4
    assert told.mean() > 0.5
    assert (np.sign(moved["float16"]) == np.sign(moved["float32"]))[told].mean() > 0.9
