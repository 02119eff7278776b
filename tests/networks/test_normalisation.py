"""Input normalization: level and gain do not matter; the recipe splits at 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from napari_iris.labels import CLOUD
from napari_iris.masks.recipe import recipe
from napari_iris.masks.zscale import zscale_limits
from napari_iris.networks.normalisation import CONTRAST, network_input


def sky(seed: int) -> np.ndarray:
    """A cloudy frame: noisy clear sky, and clouds over part of it."""
    rng = np.random.default_rng(seed)
    cloud = gaussian_filter(rng.normal(size=(64, 80)), 8)
    cloud = np.maximum(cloud / cloud.std() - rng.uniform(-1, 0.5), 0)
    return 600 + 150 * cloud + rng.normal(0, 2, cloud.shape)


@pytest.mark.parametrize("how", ["zscale", "recipe"])
@given(seed=st.integers(0, 50), level=st.floats(-300, 3000), gain=st.sampled_from([0.25, 2.0, 8.0]))
def test_level_and_gain_do_not_matter(how: str, seed: int, level: float, gain: float) -> None:
    frame = sky(seed)
    changed = network_input(frame * gain + level, how)
    # the logarithm is steep where a pixel is at the lower limit, so a few may flip sides there
    assert np.median(np.abs(changed - network_input(frame, how))) < 1e-3


def test_cloud_of_the_recipe_is_above_zero() -> None:
    for seed in range(20):
        frame = sky(seed)
        frame[3, :7] = np.nan
        found, mask = network_input(frame, "recipe"), recipe(frame).mask
        np.testing.assert_array_equal(found > 0, mask == CLOUD)
        assert found.min() >= -2
        assert found.max() <= 1


def test_below_the_lower_limit_pixels_still_differ() -> None:
    frame = sky(5)
    found = network_input(frame, "recipe")
    coldest = frame < zscale_limits(frame.astype(np.float64), CONTRAST)[0]
    assert coldest.sum() > 200
    assert len(np.unique(found[coldest])) == len(np.unique(frame[coldest]))


@pytest.mark.parametrize("how", ["zscale", "recipe", "full-scale"])
def test_blank_and_constant_frames_are_finite(how: str) -> None:
    frame = sky(1)
    frame[:5] = np.nan
    found = network_input(frame, how)
    assert np.isfinite(found).all()
    assert not found[:5].any()
    assert np.isfinite(network_input(np.full((16, 20), 700.0), how)).all()
    assert not network_input(np.full((16, 20), np.nan), how).any()
