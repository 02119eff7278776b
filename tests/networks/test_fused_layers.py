"""Fused joins and logits have the outputs and gradients of plain ones."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights

pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

SPECS = {
    "even": NetworkSpec(kind="unet", channels=(4, 8, 16), shape=(32, 40)),
    "odd below": NetworkSpec(kind="unet", channels=(4, 8), shape=(34, 42)),
    "odd": NetworkSpec(kind="unet", channels=(4, 8), shape=(37, 51), planes=3),
    "single": NetworkSpec(kind="unet", channels=(4, 8), shape=(32, 40), convolutions=1),
    "one filter": NetworkSpec(kind="unet", channels=(1, 1), shape=(16, 20)),
    "vgg8": NetworkSpec(kind="vgg8", channels=(4, 8), shape=(32, 40)),
}


@pytest.mark.parametrize("name", SPECS)
def test_fused_layers_compute_the_same(name: str) -> None:
    import tensorflow as tf

    from napari_iris.networks.keras_network import (
        build_keras,
        keras_weights,
        set_keras_weights,
    )

    spec = SPECS[name]
    rng = np.random.default_rng(0)
    weights = {
        key: value + rng.normal(0, 0.05, value.shape).astype(np.float32)
        for key, value in initial_weights(spec, 1).items()
    }
    x = rng.normal(size=(2, *spec.shape, spec.planes)).astype(np.float32)
    found = []
    for lean in (False, True):
        model = build_keras(spec, fused=lean)
        set_keras_weights(model, weights)
        back = keras_weights(model)
        assert back.keys() == weights.keys()
        for key, value in back.items():
            np.testing.assert_array_equal(value, weights[key])
        with tf.GradientTape() as tape:
            logits = model(x)
            loss = tf.reduce_mean(logits**2)
        slopes = tape.gradient(loss, model.trainable_variables)
        found.append([np.asarray(one) for one in (logits, *slopes)])
    for plain, lean in zip(*found, strict=True):
        np.testing.assert_allclose(lean, plain, atol=2e-5 * max(1, np.abs(plain).max()))
    assert np.abs(found[0][0]).max() > 0.01


def test_fused_layers_are_used_where_possible() -> None:
    from napari_iris.networks.keras_network import build_keras

    kinds = {
        name: type(build_keras(spec, fused=True).get_layer("logit")).__name__
        for name, spec in SPECS.items()
    }
    assert kinds == {name: "Dense" if name == "vgg8" else "PixelLogit" for name in SPECS}
    layers = [layer.name for layer in build_keras(SPECS["odd below"], fused=True).layers]
    assert "join1" not in layers, "34 is twice 17"
    assert "join2" in layers, "17 is not twice 8"
