"""Inputs: level and gain do not matter; the recipe splits at 0; excess is a plane of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from napari_iris.labels import CLOUD
from napari_iris.masks.recipe import recipe
from napari_iris.masks.zscale import zscale_limits
from napari_iris.networks.normalisation import (
    ABSENT,
    CONTRAST,
    FARTHEST,
    HIGHEST_EXCESS,
    LOWEST_EXCESS,
    Normalisation,
    excess_plane,
    frame_plane,
    network_input,
)
from napari_iris.radiometry.excess import Excess
from napari_iris.radiometry.noise import white_noise


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
    changed = frame_plane(frame * gain + level, how)
    # the logarithm is steep where a pixel is at the lower limit, so a few may flip sides there
    assert np.median(np.abs(changed - frame_plane(frame, how))) < 1e-3


def test_cloud_of_the_recipe_is_above_zero() -> None:
    for seed in range(20):
        frame = sky(seed)
        frame[3, :7] = np.nan
        found, mask = frame_plane(frame, "recipe"), recipe(frame).mask
        np.testing.assert_array_equal(found > 0, mask == CLOUD)
        assert found.min() >= -2
        assert found.max() <= 1


def test_below_the_lower_limit_pixels_still_differ() -> None:
    frame = sky(5)
    found = frame_plane(frame, "recipe")
    coldest = frame < zscale_limits(frame.astype(np.float64), CONTRAST)[0]
    assert coldest.sum() > 200
    assert len(np.unique(found[coldest])) == len(np.unique(frame[coldest]))


@pytest.mark.parametrize("how", ["zscale", "recipe", "full-scale", "asinh"])
def test_blank_and_constant_frames_are_finite(how: str) -> None:
    frame = sky(1)
    frame[:5] = np.nan
    found = frame_plane(frame, how)
    assert np.isfinite(found).all()
    assert not found[:5].any()
    assert np.isfinite(frame_plane(np.full((16, 20), 700.0), how)).all()
    assert not frame_plane(np.full((16, 20), np.nan), how).any()


@given(
    seed=st.integers(0, 50),
    level=st.floats(-3000, 30000),
    gain=st.floats(1e-4, 1e4),
    kind=st.sampled_from([np.float32, np.float64]),
)
def test_in_asinh_level_and_gain_do_not_matter_to_any_pixel(
    seed: int, level: float, gain: float, kind: type
) -> None:
    frame = sky(seed).astype(np.float32).astype(np.float64)
    frame[:9, :9] = np.nan
    same = frame_plane(frame, "asinh")
    np.testing.assert_allclose(frame_plane((frame * gain).astype(kind), "asinh"), same, atol=1e-3)
    # a level far above the frame's own costs it digits as float32
    np.testing.assert_allclose(frame_plane((frame + level).astype(kind), "asinh"), same, atol=0.01)


@given(st.integers(0, 50), st.floats(1e-3, 1e5))
def test_noise_alone_stays_near_0_in_asinh(seed: int, noise: float) -> None:
    """An eighth, and somewhat more, as the noise is measured in the quietest parts of a frame."""
    frame = np.random.default_rng(seed).normal(700, noise, (128, 160))
    assert 1 / 8 < np.std(frame_plane(frame, "asinh")) < 1 / 6


def test_asinh_is_linear_about_the_median_and_logarithmic_far_from_it() -> None:
    frame = sky(3)
    scale = max(1.4826 * np.median(np.abs(frame - np.median(frame))), 4 * white_noise(frame))
    expected = np.arcsinh((frame - np.median(frame)) / scale) / 2
    np.testing.assert_allclose(frame_plane(frame, "asinh"), expected, atol=1e-5)
    frame[0, 0], frame[0, 1] = 1e30, -1e30
    assert frame_plane(frame, "asinh")[0, :2].tolist() == [FARTHEST, -FARTHEST]


def test_where_most_pixels_have_one_value_the_others_still_differ_in_asinh() -> None:
    frame = np.full((64, 80), 700.0)
    frame[:10, :10] = 800
    frame[:3, :3] = 900
    found = frame_plane(frame, "asinh")
    assert found[-1, -1] == 0 < found[9, 9] < found[0, 0] < FARTHEST
    np.testing.assert_array_equal(found, frame_plane(8 * frame, "asinh"))


def excess_of(values: np.ndarray) -> Excess:
    return Excess("measured", np.float32(values), 650.0, True, 20.0, 60.0)


def test_the_excess_is_0_at_the_limit_of_clear_and_1_at_that_of_cloud() -> None:
    values = np.array([[20, 60, np.nan, -20, 5000]])
    relative = excess_of(values).relative
    np.testing.assert_array_equal(relative, np.float32([[0, 1, np.nan, -1, 124.5]]))
    assert relative.dtype == np.float32
    half = [0, np.arcsinh(1) / 2, ABSENT, -np.arcsinh(1) / 2, np.arcsinh(124.5) / 2]
    np.testing.assert_allclose(excess_plane(relative), [half], atol=1e-6)


def test_the_planes_are_the_frame_and_its_excess() -> None:
    frame = sky(2)
    frame[:4] = np.nan
    relative = excess_of(np.random.default_rng(0).normal(0, 1e4, frame.shape)).relative
    relative[:4] = np.nan
    found = network_input(frame, "asinh", relative, 2)
    assert (found.shape, found.dtype) == ((64, 80, 2), np.float32)
    np.testing.assert_array_equal(found[..., 0], frame_plane(frame, "asinh"))
    np.testing.assert_array_equal(found[..., 1], excess_plane(relative))
    assert (found[:4, :, 1] == ABSENT).all()
    assert (found[4:, :, 1].min(), found[..., 1].max()) == (LOWEST_EXCESS, HIGHEST_EXCESS)


def test_without_a_reference_the_excess_is_one_value_that_no_pixel_has() -> None:
    frame = sky(2)
    found = network_input(frame, "asinh", None, 2)
    np.testing.assert_array_equal(found[..., 0], frame_plane(frame, "asinh"))
    assert (found[..., 1] == ABSENT).all()
    assert ABSENT < LOWEST_EXCESS


@pytest.mark.parametrize("how", ["zscale", "asinh"])
def test_of_colour_a_network_sees_the_grey_frame_and_ratios_whatever_the_brightness(
    how: Normalisation,
) -> None:
    colour = np.random.default_rng(0).uniform(10, 200, (64, 80, 3)).astype(np.float32)
    colour[0, 0], colour[0, 1] = 0, np.nan
    found, brighter = (network_input(gain * colour, how, None, 3) for gain in (1, 1.25))
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    np.testing.assert_array_equal(found[..., 0], network_input(grey, how)[..., 0])
    np.testing.assert_allclose(brighter, found, atol=1e-4)
    red, _, blue = colour[5, 6]
    assert found[5, 6, 1] == pytest.approx(4 * (red - blue) / (red + blue), rel=1e-5)
    assert (found[0, :2, 1:] == 0).all()
    assert not network_input(grey, how, None, 3)[..., 1:].any()


def test_at_full_scale_the_planes_are_red_green_and_blue() -> None:
    colour = np.random.default_rng(0).uniform(0, 255, (64, 80, 3)).astype(np.float32)
    found = network_input(colour, "full-scale", None, 3)
    np.testing.assert_allclose(found, colour / 2**14, rtol=1e-6)


def test_a_network_without_an_excess_plane_sees_the_frame_alone() -> None:
    frame = sky(4)
    found = network_input(frame, "zscale", np.zeros_like(frame), 1)
    assert found.shape == (64, 80, 1)
    np.testing.assert_array_equal(found[..., 0], frame_plane(frame, "zscale"))
