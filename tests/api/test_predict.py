"""Predictions in memory: those of the command line, in batches, with or without a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units

import napari_iris as iris
from napari_iris.cli.main import main
from napari_iris.errors import ModelError
from napari_iris.inference import predictor as room
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.resources import models_folder

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.learning

FRAMES = iris.simulate(3, sky="mixed", seed=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("night")
    for number, frame in enumerate(FRAMES):
        iris.read_frame(frame).to_fits(place / f"sky_{number}.fits")
    return place


def test_they_are_those_of_the_command_line(folder: Path, tmp_path: Path) -> None:
    assert main(["predict", "unet-lwir", str(folder), "--out", str(tmp_path)]) == 0
    with iris.open_night(folder) as night:
        found = iris.predict(night)
        assert len(found) == 3
        for number, prediction in enumerate(found):
            stored = read_prediction(tmp_path / f"sky_{number}_pred.fits")
            np.testing.assert_allclose(prediction.probability, stored.probability, atol=1e-6)
            assert prediction.model == stored.model
            assert prediction.cloud_fraction == stored.cloud_fraction
            assert prediction.frame_path == stored.frame_path == str(folder / f"sky_{number}.fits")


def test_one_frame_gives_one_prediction() -> None:
    found = iris.predict(FRAMES[0].data)
    assert isinstance(found, iris.Prediction)
    assert found.frame_path == ""
    assert repr(found).startswith("Prediction(128x160, p_cloud 0.")
    assert "unet-lwir@" in repr(found)


def test_a_lazy_sequence_is_predicted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    predict = room.Predictor.predict

    def counted(self: room.Predictor, frames: list[room.NetworkInput]) -> list[iris.Prediction]:
        sizes.append(len(frames))
        return predict(self, frames)

    monkeypatch.setattr(room.Predictor, "predict", counted)
    found = iris.predict(FRAMES, batch_size=2)
    assert len(list(found)) == 3
    assert sizes == [2, 1]
    assert found[1].frame_id == iris.predict(FRAMES[1]).frame_id


@pytest.mark.parametrize("classifier", [None, "none"])
def test_the_classifier_may_be_left_out(classifier: str | None) -> None:
    assert np.isnan(iris.predict(FRAMES[0], classifier=classifier).p_cloud)
    assert 0 <= iris.predict(FRAMES[0], classifier=models_folder() / "vgg8-lwir").p_cloud <= 1


def test_a_classifier_alone() -> None:
    found = iris.predict(FRAMES[0], model="vgg8-lwir")
    assert 0 <= found.p_cloud <= 1
    assert np.isnan(found.cloud_fraction)


def test_masked_pixels_are_nan_and_masked_again(tmp_path: Path) -> None:
    hidden = np.arange(640) < np.full((512, 1), 80)
    found = iris.predict(np.ma.MaskedArray(FRAMES[0].data, mask=hidden))
    assert np.isnan(found.probability[:, :20]).all()
    assert np.isfinite(found.probability[:, 20:]).all()
    ccd = found.to_ccddata()
    np.testing.assert_array_equal(ccd.mask, np.isnan(found.probability))
    assert ccd.unit == units.dimensionless_unscaled
    assert ccd.header["MODELID"] == found.model
    found.to_fits(tmp_path / "a_pred.fits")
    again = read_prediction(tmp_path / "a_pred.fits")
    np.testing.assert_array_equal(again.probability, found.probability)


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="nothing: is no"):
        iris.predict(FRAMES[0], model="nothing")
