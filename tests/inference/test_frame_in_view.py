"""The frame in view is predicted within 250 ms: a raw frame, the published U-Net, model open."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits

from napari_iris.inference.config import PredictConfig
from napari_iris.inference.predictor import Predictor
from napari_iris.networks.card import ModelCard, write_card
from napari_iris.networks.spec import NetworkSpec
from napari_iris.networks.weights import WEIGHTS, initial_weights, save_weights
from napari_iris.sky import SimulationConfig, simulate_frame
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from pathlib import Path

    from napari_iris.inference.predictor import Prediction

pytestmark = [pytest.mark.slow, pytest.mark.learning]

WITHIN_S = 0.25


@pytest.mark.timed
@pytest.mark.parametrize("classifier", [False, True])
def test_a_single_frame_is_predicted_quickly(tmp_path: Path, *, classifier: bool) -> None:
    for kind, threshold in (("unet", 0.5), ("vgg8", 0.0)):  # no frame is clear
        network = NetworkSpec.model_validate({"kind": kind})
        (tmp_path / kind).mkdir()
        save_weights(tmp_path / kind / WEIGHTS, initial_weights(network, 0))
        write_card(tmp_path / kind, ModelCard.of(network, threshold=threshold))
    first = tmp_path / "vgg8" if classifier else None
    predictor = Predictor.open(tmp_path / "unet", first, PredictConfig(engine="openvino"))
    frame = simulate_frame(SimulationConfig(count=1, sky="cloudy"), 0).data
    assert frame.shape == (512, 640)

    def predict() -> Prediction:
        return next(iter(predictor.predict([predictor.prepare(frame, fits.Header())])))

    assert_within(WITHIN_S, lambda: median(seconds(predict) for _ in range(9)))
    found = predict()
    assert found.probability.shape == (128, 160)
    assert found.probability.any()
