"""Keras and Flax compute the same network and train alike."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights
from napari_iris.training.config import TrainConfig
from napari_iris.training.framework import make_trainer

# found, not imported: this module is collected in the window's process too
INSTALLED = find_spec("tensorflow") and find_spec("flax")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(not INSTALLED, reason="TensorFlow or Flax is not installed"),
]

SPECS = [
    NetworkSpec(kind="unet", channels=(4, 8, 16), shape=(32, 40)),
    NetworkSpec(kind="unet", channels=(4, 8), shape=(37, 51), planes=3),
    NetworkSpec(kind="unet", channels=(4, 8), shape=(32, 40), convolutions=1),
    NetworkSpec(kind="vgg8", channels=(4, 8, 8), shape=(64, 80)),
]


@pytest.mark.parametrize("spec", SPECS)
def test_both_frameworks_compute_the_same(spec: NetworkSpec) -> None:
    weights = initial_weights(spec, 1)
    x = np.random.default_rng(0).normal(size=(2, *spec.shape, spec.planes)).astype(np.float32)
    outputs = []
    for name in ("keras", "flax"):
        engine = make_trainer(TrainConfig.of(spec, engine=name), "float32")
        engine.set_weights(weights)
        outputs.append(engine.predict(x))
        for key, value in engine.weights().items():
            np.testing.assert_array_equal(value, weights[key])
        assert engine.weights().keys() == weights.keys()
    assert np.abs(outputs[0]).max() > 1e-3
    np.testing.assert_allclose(*outputs, atol=1e-5)


@pytest.mark.parametrize("loss", ["bce", "focal", "dice"])
def test_both_frameworks_train_to_the_same_loss(loss: str, sky: tuple) -> None:
    spec = NetworkSpec(kind="unet", channels=(4, 8), shape=(16, 20))
    ends = {}
    for name in ("keras", "flax"):
        engine = make_trainer(TrainConfig.of(spec, engine=name, loss=loss), "float32")
        engine.set_weights(initial_weights(spec, 3))
        losses = [
            engine.step(batch.x, batch.y, batch.weight, 1e-2)
            for number in range(12)
            for batch in sky[0].epoch(number)
        ]
        ends[name] = (losses[0], np.mean(losses[-6:]))
    assert ends["keras"][0] == pytest.approx(ends["flax"][0], rel=1e-5), "the first step is exact"
    assert ends["keras"][1] == pytest.approx(ends["flax"][1], rel=0.02)
    assert ends["keras"][1] < 0.6 * ends["keras"][0]


@pytest.mark.parametrize("name", ["keras", "flax"])
def test_a_gradient_above_the_limit_is_scaled_down_to_it(name: str, sky: tuple) -> None:
    spec = NetworkSpec(kind="unet", channels=(4, 8), shape=(16, 20))
    batch = next(iter(sky[0].epoch(0)))

    def mean_of_gradients(clip_norm: float) -> np.ndarray:
        """Return what Adam keeps after a step: a tenth of the gradient."""
        engine = make_trainer(TrainConfig.of(spec, engine=name, clip_norm=clip_norm), "float32")
        engine.set_weights(initial_weights(spec, 3))
        engine.step(batch.x, batch.y, batch.weight, 1e-3)
        state = engine.optimizer_state()
        kernel = max(value.size for value in state.values())
        moments = [value for value in state.values() if value.size == kernel]
        return max(moments, key=lambda one: np.abs(one).max())

    free, limited, loose = (mean_of_gradients(clip) for clip in (0, 1e-3, 1e6))
    np.testing.assert_array_equal(loose, free)
    scale = np.abs(limited).max() / np.abs(free).max()
    assert scale < 0.1
    np.testing.assert_allclose(limited, scale * free, rtol=1e-3, atol=1e-12)
