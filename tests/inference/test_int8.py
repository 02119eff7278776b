"""8-bit integers: the same masks for any network; other engines refuse them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit

from napari_iris.errors import IrisError
from napari_iris.frames.rebin import rebin
from napari_iris.inference.config import PredictConfig
from napari_iris.inference.engine import make_engine
from napari_iris.inference.model import open_model
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.openvino_int8 import quantize
from napari_iris.networks.openvino_network import build_openvino
from napari_iris.networks.spec import NetworkSpec
from napari_iris.radiometry.archive import resolve_references
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.sky import SimulationConfig, simulate_frame
from napari_iris.sky.samples import draw_sample

from .conftest import plain_logits, sharp_weights, sky_inputs
from .test_engines import SPECS, UNET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.learning]


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("count", [1, 4])
def test_any_network_in_bfloat16_is_close_to_the_reference(spec: NetworkSpec, count: int) -> None:
    weights, x = sharp_weights(spec), sky_inputs(spec, count)
    engine = make_engine(spec, weights, "auto", "int8", lambda: sky_inputs(spec, 4, seed=5))
    assert (engine.name, engine.precision) == ("openvino", "int8")
    found, truth = expit(engine.logits(x)), expit(plain_logits(spec, weights, x))
    assert found.shape == truth.shape
    assert np.abs(found - truth).mean() < 0.05


def test_only_inner_convolutions_are_quantised() -> None:
    model = quantize(build_openvino(UNET, sharp_weights(UNET), batch=1), sky_inputs(UNET, 2))
    plain = []
    for node in model.get_ordered_ops():
        if node.get_type_name() in ("Convolution", "ConvolutionBackpropData"):
            sources = [node.input_value(place).get_node().get_type_name() for place in (0, 1)]
            assert (sources[0] in ("FakeQuantize", "MaxPool")) == (sources[1] == "FakeQuantize")
            if sources[1] != "FakeQuantize":
                plain.append(node)
    assert len(plain) == 2
    assert plain[0].input_value(1).get_shape()[1] == 1, "the frame goes in"
    assert plain[1].input_value(1).get_shape()[0] == 1, "the logit comes out"


def test_layers_that_are_not_quantised_are_computed_in_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a model would answer otherwise where the CPU has bfloat16."""
    import openvino

    asked = []
    compile_model = openvino.compile_model

    def watched(model: Any, device: str, hints: dict[str, str]) -> Any:
        asked.append(hints["INFERENCE_PRECISION_HINT"])
        return compile_model(model, device, hints)

    monkeypatch.setattr(openvino, "compile_model", watched)
    engine = make_engine(UNET, sharp_weights(UNET), "auto", "int8", lambda: sky_inputs(UNET, 2))
    engine.logits(sky_inputs(UNET, 2))
    assert asked == ["f32"] * 3, "to find the steps, for one frame, for many"


@pytest.fixture(scope="module")
def skies() -> list[np.ndarray]:
    """Frames that neither the shipped models nor the steps have been fitted to."""
    config = SimulationConfig(count=12, seed=4)
    return [rebin(simulate_frame(config, number).data, (128, 160)) for number in range(12)]


@pytest.mark.parametrize("kind", ["unet", "vgg8"])
def test_with_an_excess_plane_it_answers_as_float32_with_a_reference_and_without(
    save_model: Callable[..., Path], kind: str
) -> None:
    spec = NetworkSpec.model_validate(
        {"kind": kind, "channels": (4, 8), "shape": (64, 80), "planes": 2}
    )
    folder = save_model(kind, spec, normalisation="asinh")
    exact, found = (open_model(folder, "openvino", how) for how in ("float32", "int8"))
    samples = [draw_sample(1, number, spec.shape) for number in range(12)]
    for known in (True, False):
        x = np.stack([exact.input(one.frame, one.excess if known else None) for one in samples])
        difference = found.probability(x) - exact.probability(x)
        assert np.abs(difference).mean() < 0.02, known


def of_pixels(precision: Any, frames: list[np.ndarray], name: str = "unet-lwir") -> np.ndarray:
    model = open_model(name, "openvino", precision)
    return model.probability(np.stack([model.input(frame) for frame in frames]))


def test_the_shipped_models_give_the_same_masks(skies: list[np.ndarray]) -> None:
    exact, found = of_pixels("float32", skies), of_pixels("int8", skies)
    assert 0.1 < np.mean(exact >= 0.5) < 0.9
    assert np.mean((found >= 0.5) == (exact >= 0.5)) >= 0.995
    np.testing.assert_array_equal(of_pixels("int8", skies), found, "opened again, it is the same")
    exact, found = (of_pixels(one, skies, "vgg8-lwir") for one in ("float32", "int8"))
    np.testing.assert_array_equal(found >= 0.5, exact >= 0.5)
    np.testing.assert_allclose(found, exact, atol=0.05)


def test_real_frames_get_the_same_masks(shared_data: Path) -> None:
    paths = sorted((shared_data / "lwir" / "frames").iterdir())[::10]
    for reference in (resolve_references("auto", paths), ReferenceSet()):
        masks = []
        for precision in ("float32", "int8"):
            config = PredictConfig(precision=precision)
            predictor = Predictor.open("unet-lwir", None, config)
            predictor.clear_sky = reference
            found = predictor.predict([predictor.load(path) for path in paths])
            masks.append([one.cloud for one in found])
        assert np.mean(np.equal(*masks)) >= 0.995


@pytest.mark.parametrize("name", ["keras", "flax"])
def test_int8_without_openvino_is_refused(name: Any) -> None:
    with pytest.raises(IrisError, match=f"^{name} does not compute in int8; use openvino$"):
        make_engine(UNET, sharp_weights(UNET), name, "int8", lambda: sky_inputs(UNET, 2))
    with pytest.raises(ValueError, match="typical: expected a callable"):
        make_engine(UNET, sharp_weights(UNET), "openvino", "int8")
