"""One frame evaluated: which pixels count, and which files are refused."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.dataset.find import find_samples
from napari_iris.errors import FrameError
from napari_iris.evaluation.baselines import BASELINES, baselines
from napari_iris.evaluation.frame_score import FrameScore, _cloudy, score_match
from napari_iris.evaluation.matches import match_predictions
from napari_iris.inference.prediction_file import PredictionError
from napari_iris.metrics.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Frame = Callable[..., tuple[NDArray, NDArray, NDArray]]


def score(night: object, threshold: float | None = None, other: bool = False) -> FrameScore:
    against = night.folder / "other" if other else None
    return score_match(
        match_predictions(night.predictions, find_samples(night.truth), against)[0], threshold
    )


def test_ignored_pixels_are_not_counted(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(1)
    night.write(frame, mask, probability)
    found = score(night)
    p, truth = night.counted()
    assert (mask == 2).any()
    assert found.pixels.models["model"].counts == Counts.of(p >= 0.5, truth)
    assert tuple(found.pixels.baselines) == BASELINES
    for name, counts in found.pixels.baselines.items():
        expected = Counts.of(baselines(frame)[name][mask != 2], truth)
        assert counts == expected, name
    assert found.true_cloud == truth.mean()
    assert found.cloud == np.mean(p >= 0.5)


def test_predictions_at_ignored_pixels_change_nothing(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(1)
    night.write(frame, mask, probability)
    before = score(night).pixels.models["model"]
    probability[mask == 2] = np.nan
    night.write(frame, mask, probability, name="sky_000")
    after = score(night).pixels.models["model"]
    assert after.counts == before.counts
    assert after.loss == before.loss


def test_a_fully_ignored_frame_counts_nothing(night: object, make_frame: Frame) -> None:
    frame, _, probability = make_frame(1)
    night.write(frame, np.full(frame.shape, 2), probability)
    found = score(night)
    assert found.pixels.models["model"].counts == Counts()
    assert set(found.pixels.baselines.values()) == {Counts()}
    assert isnan(found.cloud)
    assert isnan(found.true_cloud)


def test_blank_pixels_of_the_frame_are_ignored(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(2)
    frame[:2] = probability[:2] = np.nan
    night.write(frame, mask, probability)
    assert score(night).pixels.models["model"].counts.total == np.count_nonzero(mask[2:] != 2)


def test_a_prediction_that_lacks_pixels_of_the_truth_is_refused(
    night: object, make_frame: Frame
) -> None:
    frame, mask, probability = make_frame(2)
    mask[3, 4] = 1
    probability[3, 4] = np.nan
    path = night.write(frame, mask, probability)
    with pytest.raises(PredictionError) as raised:
        score(night)
    assert str(raised.value) == (
        f"{path}: does not fit its truth: 1 of {np.count_nonzero(mask != 2)} probabilities are NaN "
        "or outside 0..1; predict it again from the frame that the mask is of"
    )


@pytest.mark.parametrize("threshold", [None, 0.2, 0.9])
def test_the_threshold_is_the_files_unless_another_is_given(
    night: object, make_frame: Frame, threshold: float | None
) -> None:
    night.write(*make_frame(4), threshold=0.7)
    found = score(night, threshold)
    p, truth = night.counted()
    at = 0.7 if threshold is None else threshold
    assert found.threshold == at
    assert found.pixels.models["model"].counts == Counts.of(p >= np.float32(at), truth)


def test_the_truth_is_brought_to_the_predictions_shape(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(5)
    big = np.kron(mask, np.ones((4, 4), np.uint8))
    night.write(np.kron(frame, np.ones((4, 4), np.float32)), big, probability)
    counted = mask != 2
    expected = Counts.of(probability[counted] >= 0.5, mask[counted] == 1)
    with pytest.raises(PredictionError, match="differ in shape"):
        score(night)  # a prediction's own frame has its shape
    night.write(frame, None, probability, name="sky_000")
    assert score(night).pixels.models["model"].counts == expected


def test_models_of_two_shapes_are_each_evaluated_in_their_own(
    night: object, make_frame: Frame
) -> None:
    frame, mask, probability = make_frame(5)
    mask[mask == 2] = 0
    night.write(frame, mask, probability)
    twice = [np.kron(one, np.ones((2, 2), np.float32)) for one in (frame, probability)]
    night.write(twice[0], None, twice[1], name="sky_000", to="other")
    found = score(night, other=True).pixels.models
    assert found["against"].counts.total == 4 * found["model"].counts.total
    assert found["against"].counts.hit == 4 * found["model"].counts.hit
    assert found["against"].loss == pytest.approx(4 * found["model"].loss)


@pytest.mark.parametrize(
    ("p_cloud", "cards", "cloudy", "expected"),
    [
        (0.8, {}, True, Counts(hit=1)),
        (0.5, {}, True, Counts(hit=1)),
        (0.4, {}, True, Counts(missed=1)),
        (0.4, {}, False, Counts(clear=1)),
        (0.6, {}, False, Counts(false=1)),
        (0.6, {"CLASS": "clear"}, True, Counts(false=1)),
        (0.6, {"CLASS": "cloudy"}, False, Counts(hit=1)),
    ],
)
def test_the_true_class_is_the_label_else_from_the_mask(
    night: object,
    make_frame: Frame,
    p_cloud: float,
    cards: dict[str, str],
    cloudy: bool,
    expected: Counts,
) -> None:
    frame, mask, probability = make_frame(0)
    mask[:] = 0
    mask[0, : 2 if cloudy else 0] = 1  # 1 % of the pixels
    night.write(frame, mask, probability, truth_cards=cards, p_cloud=p_cloud)
    found = score(night).classes
    assert found.models["model"].counts == expected
    truth = bool(expected.hit or expected.missed)
    assert found.baselines["all_cloud"] == Counts.of(np.array([True]), np.array([truth]))


def test_half_a_percent_of_cloud_is_still_clear(night: object) -> None:
    mask = np.zeros((20, 20), np.uint8)
    mask[0, :2] = 1
    night.write(np.eye(20) + 600, mask, np.zeros((20, 20)), p_cloud=0.1)
    assert score(night).classes.models["model"].counts == Counts(clear=1)


@pytest.mark.parametrize("why", ["no classifier", "nobody is sure"])
def test_without_a_predicted_or_a_true_class_there_is_no_class_score(
    night: object, make_frame: Frame, why: str
) -> None:
    known = {"p_cloud": 0.7} if why == "nobody is sure" else {}
    cards = {"CLASS": "unsure"} if why == "nobody is sure" else {}
    night.write(*make_frame(0), truth_cards=cards, **known)
    found = score(night)
    assert found.classes is None
    assert found.pixels is not None


def test_a_frame_with_a_class_alone_needs_a_classifier(
    night: object, make_frame: Frame, source_of_class: Callable
) -> None:
    frame, _, probability = make_frame(0)
    night.write(frame, None, probability, name="sky_0", p_cloud=0.9)
    match = match_predictions(night.predictions, source_of_class(frame, "sky_0", "cloudy"))[0]
    found = score_match(match)
    assert found.pixels is None
    assert found.classes.models["model"].counts == Counts(hit=1)
    night.write(frame, None, probability, name="sky_0")
    with pytest.raises(
        FrameError, match="neither a mask of its own nor a class predicted by a classifier"
    ):
        score_match(match)


@pytest.fixture
def source_of_class(tmp_path: object) -> Callable:
    """Samples with one frame and a class that was said, without a mask."""
    from napari_iris.project.indexing import index
    from napari_iris.project.project import Project

    def make(frame: NDArray, name: str, sky: str) -> object:
        from astropy.io import fits

        path = tmp_path / "frames" / f"{name}.fits"
        path.parent.mkdir()
        fits.PrimaryHDU(frame).writeto(path)
        with Project(tmp_path / "project", by="ada") as project:
            list(index(project, [path], None, jobs=1))
            project.set_class(int(project.table.id[0]), sky)
        return find_samples(tmp_path / "project")

    return make


def test_a_truth_of_the_same_name_from_another_night_is_refused(
    night: object, make_frame: Frame
) -> None:
    frame, mask, probability = make_frame(1)
    night.write(frame, mask, probability, name="sky_1")
    night.write(make_frame(2)[0], None, probability, name="sky_1", to="other")
    truth = find_samples(night.truth)
    reason = "is not of the frame whose truth is .*sky_1_mask.fits; give the truth"
    with pytest.raises(PredictionError, match=reason):
        score_match(match_predictions(night.folder / "other", truth)[0])


def test_a_truth_in_another_unit_is_of_the_same_frame(night: object, make_frame: Frame) -> None:
    frame, mask, probability = make_frame(1)
    night.write(frame, mask, probability, name="sky_1")
    noise = np.random.default_rng(0).normal(0, 0.1 * frame.std(), frame.shape)
    night.write(frame / 2**14 + noise / 2**14, None, probability, name="sky_1", to="scaled")
    truth = find_samples(night.truth)
    scaled = score_match(match_predictions(night.folder / "scaled", truth)[0])
    assert scaled.pixels.models["model"].counts == score(night).pixels.models["model"].counts


def test_the_class_is_scored_at_the_threshold_that_decided_it(
    night: object, make_frame: Frame
) -> None:
    """A classifier's own behind a U-Net; a classifier alone has one threshold for all."""
    frame, mask, probability = make_frame(1)
    night.write(frame, mask, probability, p_cloud=0.8, class_threshold=0.9, cloud_fraction=0.5)
    found = score(night)
    assert found.class_threshold == 0.9
    assert found.classes.models["model"].counts == Counts(missed=1)
    assert score(night, threshold=0.1).class_threshold == 0.9, "that one is for pixels"
    alone = np.full(frame.shape, 0.8)
    night.write(frame, mask, alone, name="sky_000", p_cloud=np.float32(0.8), threshold=0.99)
    assert score(night).class_threshold == 0.99
    assert score(night).classes.models["model"].counts == Counts(missed=1)
    assert score(night, threshold=0.5).classes.models["model"].counts == Counts(hit=1)


def test_a_baseline_calls_a_frame_cloudy_above_half_a_percent_of_its_seen_pixels() -> None:
    seen = np.ones((20, 20), bool)
    seen[10:] = False  # 200 pixels are left: one is 0.5 %
    masks = {count: np.zeros((20, 20), bool) for count in (0, 1, 2)}
    for count, mask in masks.items():
        mask[0, :count] = True
        mask[12] = True  # blank there
    assert _cloudy(masks, seen) == {0: [False], 1: [False], 2: [True]}
