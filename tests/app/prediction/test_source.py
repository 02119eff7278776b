"""A stored prediction is shown of the very frame that it was made of, whatever that is called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.app.prediction.source import FileSource, ModelSource, OpenPredictors
from napari_iris.app.review.review import read_review
from napari_iris.frames.paths import find_frames
from napari_iris.frames.sequence import FrameSequence
from napari_iris.inference.pipeline import predict_frames
from napari_iris.inference.prediction_file import PredictionError, read_prediction, write_prediction
from napari_iris.matching.names import prediction_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.learning


@pytest.fixture
def model(make_model: Callable[..., Path]) -> Path:
    return make_model()


@pytest.fixture
def other(make_night: Callable[..., Path]) -> Path:
    """Another night, its frames called like the first one's."""
    folder = make_night(3, "other")
    for path in folder.iterdir():
        pixels, header = fits.getdata(path, header=True)
        fits.writeto(path, pixels[:, ::-1] + 7, header, overwrite=True)
    return folder


def of_older_version(folder: Path) -> None:
    """Take away what says of which frame the predictions are."""
    for path in folder.glob("*_pred.fits"):
        known = read_prediction(path)
        write_prediction(path, replace(known, frame_id="", frame_path="", run=""))


@pytest.mark.parametrize("age", ["new", "old"])
def test_another_night_s_prediction_is_not_shown(
    make_night: Callable[..., Path],
    other: Path,
    model: Path,
    make_predictions: Callable[..., Path],
    age: str,
) -> None:
    night = make_night(3)
    out = make_predictions(night, model)
    if age == "old":
        of_older_version(out)
    ours, theirs = (FrameSequence(find_frames([one])[0]) for one in (night, other))
    live, stored = ModelSource(OpenPredictors(), model, folder=out), FileSource(out)
    for source in (live, stored):
        assert source.get(ours, 2).file == out / "sky_3_pred.fits"
    found = live.get(theirs, 2)
    assert found.file is None, "the model is asked"
    np.testing.assert_array_equal(found.prediction.frame, theirs.pixels(2))
    said = str(night / "sky_3.fits") if age == "new" else "another frame of this name"
    with pytest.raises(PredictionError, match=f"is of {said}, not of the current frame; predict"):
        stored.get(theirs, 2)


def test_namesakes_of_two_nights_are_each_shown_their_own(
    make_night: Callable[..., Path], other: Path, model: Path, tmp_path: Path
) -> None:
    night, out = make_night(3), tmp_path / "out"
    predictor = OpenPredictors().get(model, None, turned=False)
    paths = find_frames([night, other])[0]
    assert len(list(predict_frames(paths, out, predictor))) == 6
    source = FileSource(out)
    sequence = FrameSequence(paths)
    assert source.get(sequence, 2).file == out / "sky_3_pred.fits"
    assert source.get(sequence, 5).file == out / "other" / "sky_3_pred.fits"
    review = read_review(out, find_frames([other])[0])
    names = dict(zip(review.names, review.places.tolist(), strict=True))
    assert names["other/sky_3"] == 2
    assert names["sky_3"] == -1


def test_a_night_that_has_moved_is_known_by_its_pixels(
    make_night: Callable[..., Path],
    other: Path,
    model: Path,
    make_predictions: Callable[..., Path],
    tmp_path: Path,
) -> None:
    night = make_night(3)
    out = make_predictions(night, model)
    assert read_review(out, find_frames([night])[0]).places.tolist() == [0, 1, 2]
    assert read_review(out, find_frames([other])[0]).places.tolist() == [-1, -1, -1]
    night.rename(tmp_path / "archive")
    moved = find_frames([tmp_path / "archive"])[0]
    assert read_review(out, moved).places.tolist() == [0, 1, 2]
    assert FileSource(out).get(FrameSequence(moved), 1).file == prediction_path(moved[1], out)
