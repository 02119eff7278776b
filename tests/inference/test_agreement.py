"""OpenVINO, Keras and Flax agree: to 1e-3 in float32, in any precision on 99.5 % of the pixels.

Measured on simulated skies, with weights that spread the probabilities all over 0 to 1.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from scipy.special import expit

from napari_iris.frames.rebin import rebin
from napari_iris.inference.engine import make_engine
from napari_iris.networks.normalisation import network_input
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import Weights, initial_weights
from napari_iris.sky import SimulationConfig, simulate_frame

from .conftest import sharp_weights, sky_inputs

# found, not imported: this module is collected in the window's process too
INSTALLED = find_spec("tensorflow") and find_spec("flax")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.learning,
    pytest.mark.skipif(not INSTALLED, reason="TensorFlow or Flax is not installed"),
]

ENGINES = ("openvino", "keras", "flax")
SMALL = {
    "double conv": NetworkSpec(kind="unet", channels=(4, 8, 16), shape=(32, 40)),
    "odd, in colour": NetworkSpec(kind="unet", channels=(4, 8), shape=(37, 51), planes=3),
    "frame and excess": NetworkSpec(kind="unet", channels=(4, 6), shape=(38, 52), planes=2),
    "single conv": NetworkSpec(kind="unet", channels=(4, 8), shape=(32, 40), convolutions=1),
    "vgg8": NetworkSpec(kind="vgg8", channels=(4, 8, 8), shape=(65, 81)),
}


@pytest.mark.parametrize("spec", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("count", [1, 5])
def test_engines_agree_for_any_network(spec: NetworkSpec, count: int) -> None:
    weights, x = sharp_weights(spec), sky_inputs(spec, count)
    logits = [
        make_engine(spec, weights, name, "float32").logits(x)  # type: ignore[arg-type]
        for name in ENGINES
    ]
    assert logits[0].std() > 0.5 or logits[0].size == 1
    for name, found in zip(ENGINES, logits, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, logits[0], atol=1e-4, err_msg=name)
        assert np.abs(expit(found) - expit(logits[0])).max() < 1e-3, name
        assert np.mean((found >= 0) == (logits[0] >= 0)) >= 0.999, name


@pytest.fixture(scope="module")
def skies() -> np.ndarray:
    """Six simulated frames, as the published networks take them."""
    config = SimulationConfig(count=6, seed=4)
    frames = [rebin(simulate_frame(config, number).data, (128, 160)) for number in range(6)]
    return np.stack([network_input(frame, "zscale") for frame in frames])


def spread_out(spec: NetworkSpec, x: np.ndarray) -> Weights:
    """Weights whose logits have a spread of 3 about 0, as those of a trained network."""
    weights = initial_weights(spec, 3)
    logits = make_engine(spec, weights, "openvino", "float32").logits(x)
    scale = np.float32(3 / logits.std())
    weights["logit/kernel"] *= scale
    weights["logit/bias"][:] = -np.median(logits) * scale
    return weights


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_the_published_networks_give_the_same_masks(kind: str, skies: np.ndarray) -> None:
    spec = NetworkSpec.model_validate({"kind": kind})
    weights = spread_out(spec, skies)
    truth = expit(make_engine(spec, weights, "flax", "float32").logits(skies))
    assert truth.std() > 0.2, "probabilities all over 0 to 1"
    for name in ENGINES:
        for precision in ("float32", "auto", "bfloat16"):
            engine = make_engine(spec, weights, name, precision)  # type: ignore[arg-type]
            found = expit(engine.logits(skies))
            what = f"{name}, asked for {precision}, in {engine.precision}"
            assert np.mean((found >= 0.5) == (truth >= 0.5)) >= 0.995, what
            furthest = np.abs(found - truth).max()
            assert furthest < (1e-3 if engine.precision == "float32" else 0.1), what


def test_keras_and_flax_predict_any_number_of_frames() -> None:
    spec = SMALL["double conv"]
    weights = sharp_weights(spec)
    for name in ("keras", "flax"):
        engine = make_engine(spec, weights, name)  # type: ignore[arg-type]
        whole = engine.logits(sky_inputs(spec, 7))
        for place, one in enumerate(whole):
            np.testing.assert_allclose(
                engine.logits(sky_inputs(spec, 7)[place : place + 1])[0], one, atol=1e-5
            )
