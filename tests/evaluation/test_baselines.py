"""What is had without a network."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.evaluation.baselines import BASELINES, baselines
from napari_iris.masks.config import MaskConfig
from napari_iris.masks.make import make_mask
from napari_iris.masks.recipe import recipe


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


def test_otsu_maximises_the_variance_between_the_classes(frame: np.ndarray) -> None:
    found = baselines(frame)["otsu"]
    cut = frame[~found].max()
    best = max(between_classes(frame, one) for one in np.linspace(frame.min(), frame.max(), 256))
    assert between_classes(frame, cut) == pytest.approx(best, rel=0.01)  # 256 bins
    assert frame[found].min() > cut


def test_blank_pixels_are_no_cloud_and_move_nothing(frame: np.ndarray) -> None:
    frame[:3] = np.nan
    found = baselines(frame)
    for name in ("otsu", "recipe", "recipe_gate"):
        assert not found[name][:3].any(), name
    np.testing.assert_array_equal(found["otsu"][3:], baselines(frame[3:])["otsu"])


@pytest.mark.parametrize("value", [0.0, 0.05, 600.0])
def test_a_constant_frame_has_no_otsu_or_recipe_cloud(value: float) -> None:
    found = baselines(np.full((12, 16), value, np.float32))
    assert found["all_cloud"].all()
    assert not any(found[name].any() for name in ("otsu", "recipe", "recipe_gate"))
