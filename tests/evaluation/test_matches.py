"""Predictions are matched with labelled frames; unmatched files are named."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset.find import find_samples
from napari_iris.dataset.sample_table import SampleTable
from napari_iris.dataset.samples import Samples
from napari_iris.errors import IrisError
from napari_iris.evaluation.matches import match_predictions
from napari_iris.frames.paths import FramePaths
from napari_iris.inference.prediction_file import PredictionError, read_prediction

from .conftest import SHAPE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Frame = Callable[..., tuple[NDArray, NDArray, NDArray]]


def test_matches_are_in_order_of_time(night: object, make_frame: Frame) -> None:
    for number, hours in enumerate([3.0, 1.0, 2.0]):
        night.write(*make_frame(number), name=f"sky_{number}", hours=hours)
    found = match_predictions(night.predictions, find_samples(night.truth))
    assert found.names == ["sky_1", "sky_2", "sky_0"]
    assert [match.prediction.name for match in found] == [f"{n}_pred.fits" for n in found.names]
    assert [match.row for match in found] == [0, 1, 2]
    assert not found.unmatched
    assert not found.problems
    frame, mask, _ = found[2].sample.read(0, (12, 16))
    assert (frame == night.frames[0]).all()
    assert (mask == night.masks[0]).all()


def test_files_without_counterpart_are_named(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(0)
    night.write(frame, mask, probability, name="both")
    night.write(frame, None, probability, name="no_truth")
    night.write(frame, mask, probability, name="no_prediction", to="elsewhere")
    found = match_predictions(night.predictions, find_samples(night.truth))
    assert found.names == ["both"]
    assert {(one.frame, one.reason, one.failed) for one in found.unmatched} == {
        ("no_truth", "no labelled frame", False),
        ("no_prediction", "no prediction in pred", False),
    }


def test_two_models_are_evaluated_on_their_common_frames(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(0)
    night.write(frame, mask, probability, name="both")
    night.write(frame, None, probability, name="both", to="other")
    night.write(frame, mask, probability, name="ours_only")
    found = match_predictions(night.predictions, find_samples(night.truth), night.folder / "other")
    assert found.names == ["both"]
    assert found[0].against == night.folder / "other" / "both_pred.fits"
    assert [(one.frame, one.reason) for one in found.unmatched] == [
        ("ours_only", "no prediction in other")
    ]


def test_a_name_of_two_frames_is_ambiguous(
    night: object, make_frame: Frame, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        night.write(*make_frame(0), name=name)
    (night.truth / "a_mask.fits").rename(night.truth / "a_mask.fit")
    (night.truth / "a_mask.fits").write_bytes((night.truth / "b_mask.fits").read_bytes())
    found = match_predictions(night.predictions, find_samples(night.truth))
    assert found.names == ["b"]
    assert [str(problem) for problem in found.problems] == [
        f"{night.predictions / 'a_pred.fits'}: is of one of several labelled frames called a; "
        "give each of them its own folder of predictions, and its own truth"
    ]


def test_frames_of_one_name_are_distinguished_by_file_and_pixels(
    night: object, make_frame: Frame, tmp_path: Path
) -> None:
    """Two nights of a project, predicted into one folder; then the project's frames have moved."""
    samples = find_samples(night.write_two_nights(), "auto")
    found = match_predictions(night.predictions, samples)
    assert found.names == ["sky_0", "tue/sky_0"]
    assert not found.problems
    assert not found.unmatched
    for match, frame in zip(found, night.frames, strict=True):
        np.testing.assert_array_equal(match.sample.read(0, SHAPE)[0], frame)
        np.testing.assert_array_equal(read_prediction(match.prediction).frame, frame)
    moved = FramePaths.of(tmp_path / "moved" / path.name for path in samples.paths)
    again = match_predictions(night.predictions, replace(samples, paths=moved))
    assert [match.prediction for match in again] == [match.prediction for match in found]
    only = match_predictions(night.predictions, samples, only=[samples.paths[1]])
    assert only.names == ["tue/sky_0"]
    assert not only.unmatched
    against = match_predictions(night.predictions, samples, night.predictions)
    assert against.against == found.predictions


def test_a_prediction_of_the_same_name_beside_the_frames_own_is_left_out(night: object) -> None:
    samples = find_samples(night.write_two_nights(), "auto")
    one = Samples(
        SampleTable(*(getattr(samples.table, field.name)[1:] for field in fields(SampleTable))),
        FramePaths(samples.paths.packed[1:]),
        samples.keys[1:],
        samples.store,
    )
    found = match_predictions(night.predictions, one)
    assert found.names == ["tue/sky_0"]
    assert [(left.frame, left.failed) for left in found.unmatched] == [("sky_0", False)]


def test_two_predictions_of_a_frame_are_ambiguous(night: object, make_frame: Frame) -> None:
    for name in ("a", "b"):
        night.write(*make_frame(0), name=name)
    copy = night.predictions / "a_pred.fit"
    copy.write_bytes((night.predictions / "a_pred.fits").read_bytes())
    found = match_predictions(night.predictions, find_samples(night.truth))
    assert found.names == ["b"]
    assert len(found.problems) == 2
    assert all("another prediction is also of a" in str(one) for one in found.problems)


def test_a_damaged_truth_counts_only_where_it_was_predicted(
    night: object, make_frame: Frame
) -> None:
    for name in ("good", "bad"):
        night.write(*make_frame(0), name=name)
    night.write(*make_frame(0), name="far", to="elsewhere")
    for name in ("bad", "far"):
        (night.truth / f"{name}_mask.fits").write_bytes(b"no FITS at all")
    found = match_predictions(night.predictions, find_samples(night.truth))
    assert found.names == ["good"]
    assert [problem.path.name for problem in found.problems] == ["bad_mask.fits"]
    assert not found.unmatched


def test_only_some_frames_can_be_used(night: object, make_frame: Frame) -> None:
    """Of a project and a folder of predictions that hold more, as after a training."""
    for name in ("train", "test", "alone"):
        night.write(*make_frame(0), name=name)
    (night.predictions / "alone_pred.fits").unlink()
    night.write(make_frame(0)[0], None, make_frame(0)[2], name="other")
    only = [night.truth / f"{name}_mask.fits" for name in ("test", "alone")]
    found = match_predictions(night.predictions, find_samples(night.truth), only=only)
    assert found.names == ["test"]
    assert [one.frame for one in found.unmatched] == ["alone"]
    with pytest.raises(IrisError, match="none of 3 predictions"):
        match_predictions(
            night.predictions, find_samples(night.truth), only=[night.truth / "elsewhere"]
        )


def test_nothing_in_common_is_an_error_that_names_both(night: object, make_frame: Frame) -> None:
    night.write(*make_frame(0), name="ours", to="elsewhere")
    night.write(make_frame(0)[0], None, make_frame(0)[2], name="theirs")
    with pytest.raises(IrisError) as raised:
        match_predictions(night.predictions, find_samples(night.truth))
    text = str(raised.value)
    assert "none of 1 predictions (first: theirs) is of one of 1 frames (first: ours)" in text
    assert "\n" not in text


def test_a_folder_without_predictions_is_an_error(night: object, make_frame: Frame) -> None:
    night.write(*make_frame(0))
    with pytest.raises(PredictionError, match="holds no prediction"):
        match_predictions(night.truth, find_samples(night.truth))
