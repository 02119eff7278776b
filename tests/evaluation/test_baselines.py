"""What is had without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.cli.main import main
from napari_iris.evaluation.baselines import BASELINES, baselines
from napari_iris.evaluation.config import EvaluateConfig
from napari_iris.evaluation.evaluate import evaluate_frames
from napari_iris.frames.names import frame_stem
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import rebin
from napari_iris.inference.prediction_file import Prediction, write_prediction
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe
from napari_iris.radiometry.archive import references_of
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def frame() -> np.ndarray:
    """Cold sky on the left, warm cloud on the right."""
    rng = np.random.default_rng(0)
    return (600 + 80 * (np.arange(40) >= 25) + rng.normal(0, 4, (30, 40))).astype(np.float32)


def between_classes(values: np.ndarray, cut: float) -> float:
    """Variance between the two sides of a cut, which Otsu makes as large as may be."""
    low, high = values[values <= cut], values[values > cut]
    if not (low.size and high.size):
        return 0.0
    return low.size * high.size * (low.mean() - high.mean()) ** 2


def test_every_baseline_has_a_mask(frame: np.ndarray) -> None:
    found = baselines(frame)
    assert tuple(found) == BASELINES
    assert all(mask.shape == frame.shape and mask.dtype == bool for mask in found.values())
    assert found["all_cloud"].all()
    np.testing.assert_array_equal(found["recipe"], recipe(frame).mask == 1)
    gated = make_mask(frame, MaskConfig(shape=(30, 40))).mask
    np.testing.assert_array_equal(found["recipe_gate"], gated == 1)
    np.testing.assert_array_equal(found["reference"], gated == 1, "there is no reference")


@pytest.mark.slow
def test_with_a_reference_it_is_the_mask_that_the_gate_makes_with_it() -> None:
    some = nights(5, 20)
    references = references_of(some.statistics)
    frame, header = some.pixels[0], some.frames[0].header
    made = make_mask(frame, MaskConfig(), header, references)
    assert made.reference == "measured"
    found = baselines(frame, header, references)
    np.testing.assert_array_equal(found["reference"], made.mask == 1)
    np.testing.assert_array_equal(found["recipe_gate"], baselines(frame)["recipe_gate"])


def test_otsu_maximises_the_variance_between_the_classes(frame: np.ndarray) -> None:
    found = baselines(frame)["otsu"]
    cut = frame[~found].max()
    best = max(between_classes(frame, one) for one in np.linspace(frame.min(), frame.max(), 256))
    assert between_classes(frame, cut) == pytest.approx(best, rel=0.01)  # 256 bins
    assert frame[found].min() > cut


def test_blank_pixels_are_no_cloud_and_move_nothing(frame: np.ndarray) -> None:
    frame[:3] = np.nan
    found = baselines(frame)
    for name in ("otsu", "recipe", "recipe_gate", "reference"):
        assert not found[name][:3].any(), name
    np.testing.assert_array_equal(found["otsu"][3:], baselines(frame[3:])["otsu"])


@pytest.mark.parametrize("value", [0.0, 0.05, 600.0])
def test_a_constant_frame_has_no_otsu_or_recipe_cloud(value: float) -> None:
    found = baselines(np.full((12, 16), value, np.float32))
    assert found["all_cloud"].all()
    assert not any(found[name].any() for name in ("otsu", "recipe", "recipe_gate", "reference"))


@pytest.mark.slow
def test_an_evaluation_learns_the_clear_sky_from_the_predicted_frames(tmp_path: Path) -> None:
    sky, out = tmp_path / "sky", tmp_path / "predictions"
    out.mkdir()
    assert main(["simulate", str(sky), "--nights", "1", "--count", "24", "--seed", "4"]) == 0
    for path in sorted((sky / "frames").iterdir()):
        found = read_frame(path)
        small = rebin(found.data, (128, 160))
        prediction = Prediction(small, np.zeros_like(small), found.header, "m", 0.5)
        write_prediction(out / f"{frame_stem(path)}_pred.fits", prediction)
    accuracy = {}
    for choice in ("auto", "none"):
        config = EvaluateConfig(reference=choice, resamples=100, jobs=1)
        scores = evaluate_frames(out, sky, config).pixels.scores
        accuracy[choice] = scores["reference"]["accuracy"], scores["recipe_gate"]["accuracy"]
    assert accuracy["none"][0] == accuracy["none"][1] == accuracy["auto"][1]
    assert accuracy["auto"][0] > 0.98
    assert 1 - accuracy["auto"][0] < 0.6 * (1 - accuracy["none"][0]), "fewer errors than alone"
