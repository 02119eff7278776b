"""A frame's normalisation: neither level nor gain matter, and where Otsu splits is one value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from napari_iris.masks.recipe import recipe
from napari_iris.networks.normalisation import network_input


def sky(seed: int) -> np.ndarray:
    """A cloudy frame: a floor with noise, and clouds over part of it."""
    rng = np.random.default_rng(seed)
    cloud = gaussian_filter(rng.normal(size=(64, 80)), 8)
    cloud = np.maximum(cloud / cloud.std() - rng.uniform(-1, 0.5), 0)
    return (600 + 150 * cloud + rng.normal(0, 2, cloud.shape)).astype(np.float32)


@pytest.mark.parametrize("how", ["zscale", "stretch"])
@given(seed=st.integers(0, 50), level=st.floats(-300, 3000), gain=st.sampled_from([0.25, 2.0, 8.0]))
def test_level_and_gain_do_not_matter(how: str, seed: int, level: float, gain: float) -> None:
    frame = sky(seed)
    changed = network_input(frame * gain + level, how)
    # the logarithm is steep where a pixel is at the lower limit, so a few may flip sides there
    assert np.median(np.abs(changed - network_input(frame, how))) < 1e-3


def test_stretched_frames_lie_between_minus_one_and_one() -> None:
    for seed in range(20):
        found = network_input(sky(seed), "stretch")
        low, high = np.percentile(found, [0.5, 99.5])
        assert (low, high) == pytest.approx((-1, 1), abs=1e-5)


def test_where_the_recipe_splits_is_nearly_one_value_of_the_stretch_and_not_of_zscale() -> None:
    frames = [sky(seed) for seed in range(40)]
    cut = [recipe(frame).threshold for frame in frames]
    spread = {}
    for how in ("zscale", "stretch"):
        x = [network_input(frame, how) for frame in frames]
        truth = np.array([frame > at for frame, at in zip(frames, cut, strict=True)])
        cuts = np.quantile(x, np.linspace(0.01, 0.99, 99))
        spread[how] = min(float(np.mean((np.array(x) > one) != truth)) for one in cuts)
    assert spread["stretch"] < spread["zscale"]


@pytest.mark.parametrize("how", ["zscale", "stretch", "full-scale"])
def test_blank_and_flat_frames_are_numbers(how: str) -> None:
    frame = sky(1)
    frame[:5] = np.nan
    found = network_input(frame, how)
    assert np.isfinite(found).all()
    assert not found[:5].any()
    assert np.isfinite(network_input(np.full((16, 20), 700.0), how)).all()
    assert not network_input(np.full((16, 20), np.nan), how).any()
