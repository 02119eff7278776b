"""OpenVINO equals the reference for any shape, any number of frames, in both precisions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from napari_iris.errors import IrisError
from napari_iris.inference import engine as room
from napari_iris.inference.engine import OpenVINOEngine, make_engine
from napari_iris.networks import devices
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import initial_weights

from .conftest import plain_logits, sharp_weights, sky_inputs

if TYPE_CHECKING:
    from pathlib import Path

# OpenVINO has threads of its own, beside which no other test may fork
pytestmark = [pytest.mark.slow, pytest.mark.learning]

SPECS = {
    "halves exactly": NetworkSpec(kind="unet", channels=(4, 8, 5), shape=(32, 40)),
    "odd, in colour": NetworkSpec(kind="unet", channels=(4, 6), shape=(37, 51), planes=3),
    "frame and excess": NetworkSpec(kind="unet", channels=(4, 6), shape=(38, 52), planes=2),
    "odd one way": NetworkSpec(kind="unet", channels=(3, 4, 2), shape=(16, 35)),
    "single conv": NetworkSpec(kind="unet", channels=(4, 6), shape=(24, 32), convolutions=1),
    "one level": NetworkSpec(kind="unet", channels=(5,), shape=(13, 8)),
    "vgg8": NetworkSpec(kind="vgg8", channels=(4, 6), shape=(33, 41)),
    "vgg8, frame and excess": NetworkSpec(kind="vgg8", channels=(3,), shape=(16, 20), planes=2),
    "vgg8, single conv": NetworkSpec(kind="vgg8", channels=(3,), shape=(16, 20), convolutions=1),
}
UNET = SPECS["halves exactly"]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_openvino_equals_the_reference_computation(spec: NetworkSpec) -> None:
    weights, x = sharp_weights(spec), sky_inputs(spec, 3)
    truth = plain_logits(spec, weights, x)
    found = make_engine(spec, weights, "openvino", "float32").logits(x)
    assert found.dtype == np.float32
    assert found.shape == truth.shape
    assert truth.std() > 0.1
    np.testing.assert_allclose(found, truth, atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 33])
def test_any_number_of_frames_is_predicted_in_order(count: int) -> None:
    weights, x = sharp_weights(UNET), sky_inputs(UNET, count)
    engine = make_engine(UNET, weights, "openvino", "float32")
    found = engine.logits(x)
    assert found.shape == (count, *UNET.shape, 1)
    for frame, one in zip(x, found, strict=True):
        np.testing.assert_allclose(engine.logits(frame[None])[0], one, atol=1e-5)


def test_outputs_are_not_shared_between_calls() -> None:
    engine = make_engine(UNET, sharp_weights(UNET), "openvino")
    for count in (1, 4):
        first = engine.logits(sky_inputs(UNET, count))
        kept = first.copy()
        engine.logits(sky_inputs(UNET, count, seed=9))
        np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("precision", ["auto", "bfloat16"])
def test_bfloat16_keeps_the_mask(precision: str) -> None:
    weights, x = sharp_weights(UNET), sky_inputs(UNET, 8)
    truth = expit(plain_logits(UNET, weights, x))
    engine = make_engine(UNET, weights, "openvino", precision)
    found = expit(engine.logits(x))
    assert engine.precision in ("float32", "bfloat16")
    assert np.mean((found >= 0.5) == (truth >= 0.5)) >= 0.98  # of an untrained, noisy net
    assert np.abs(found - truth).mean() < 0.01


def test_auto_is_float32_where_bfloat16_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Intel without AMX, OpenVINO's own choice took 1.7 times as long."""
    monkeypatch.setattr("napari_iris.inference.engine.cpu_is_faster_in_bf16", lambda: False)
    assert make_engine(UNET, initial_weights(UNET, 0), "openvino", "auto").precision == "float32"


def test_float32_is_used_where_requested() -> None:
    assert make_engine(UNET, initial_weights(UNET, 0), "openvino", "float32").precision == "float32"


def test_an_interrupted_batch_leaves_the_engine_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_engine(UNET, sharp_weights(UNET), "openvino", "float32")
    x = sky_inputs(UNET, 6)
    truth = engine.logits(x)

    class Interrupting:
        """Inputs that Ctrl+C comes in the middle of."""

        def __len__(self) -> int:
            return len(x)

        def __getitem__(self, part: slice) -> np.ndarray:
            if part.start == 4:
                raise KeyboardInterrupt
            return x[part]

    with pytest.raises(KeyboardInterrupt):
        engine.logits(Interrupting())
    np.testing.assert_array_equal(engine.logits(x), truth)


@pytest.mark.parametrize(
    ("name", "library", "fix"),
    [
        ("openvino", "openvino", "pip install openvino"),
        ("keras", "tensorflow", "pip install 'napari-iris[cpu]' or 'napari-iris[gpu]'"),
        ("flax", "jax", "pip install 'napari-iris[flax]'"),
    ],
)
def test_an_engine_that_is_not_installed_is_named_with_its_fix(
    monkeypatch: pytest.MonkeyPatch, name: str, library: str, fix: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(IrisError) as raised:
        make_engine(UNET, initial_weights(UNET, 0), name)
    assert str(raised.value) == f"{library} is not installed; {fix}"


def test_without_a_gpu_the_engine_is_openvino(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "NVIDIA_DRIVER", tmp_path / "none")
    assert isinstance(make_engine(UNET, initial_weights(UNET, 0)), OpenVINOEngine)


@pytest.mark.parametrize(
    ("framework", "chosen"), [("keras", "keras"), ("flax", "flax"), (None, "openvino")]
)
def test_with_a_gpu_the_engine_is_one_that_can_use_it(
    monkeypatch: pytest.MonkeyPatch, framework: str | None, chosen: str
) -> None:
    monkeypatch.setattr(room, "framework_with_gpu", lambda: framework)
    monkeypatch.setattr(room, "ENGINES", {name: lambda *_, n=name: n for name in room.ENGINES})
    assert make_engine(UNET, {}) == chosen
