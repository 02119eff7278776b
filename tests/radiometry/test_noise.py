"""The noise of a frame, the unit of the sky gate's amplitudes."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.frames.rebin import rebin
from napari_iris.radiometry.noise import GATE_SHAPE, gate_copy, white_noise


def noisy(sigma: float, shape: tuple[int, int] = (512, 640)) -> np.ndarray:
    y, x = np.mgrid[: shape[0], : shape[1]] / shape[1]
    smooth = 600 + 90 * x + 40 * y * x - 60 * y**2
    return smooth + np.random.default_rng(1).normal(0, sigma, shape)


@pytest.mark.parametrize("shape", [(64, 80), (128, 160), (256, 320), (512, 640)])
def test_white_noise_is_found_at_any_sampling(shape: tuple[int, int]) -> None:
    small, seen, noise = gate_copy(noisy(3.0, shape))
    assert small.shape == GATE_SHAPE
    assert seen.all()
    # the quietest tiles of white noise are some 12 % quieter than all
    assert noise == pytest.approx(0.88 * 3.0 * GATE_SHAPE[0] / shape[0], rel=0.1)


def test_clouds_and_stripes_hardly_add_to_it() -> None:
    frame = noisy(3.0)
    expected = gate_copy(frame)[2]
    rng = np.random.default_rng(2)
    y, x = np.mgrid[:512, :640] / 640
    clouds = 200 * np.sin(9 * x) * np.cos(7 * y) + 100 * np.sin(40 * x * y)
    stripes = rng.normal(0, 2, (512, 1)) + rng.normal(0, 2, 640)
    assert gate_copy(frame + clouds + stripes)[2] == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("step", [0.5, 4.0, 40.0])
def test_rounding_adds_what_averaging_leaves(step: float) -> None:
    exact, rounded = noisy(3.0), np.rint(noisy(3.0) / step) * step
    added = np.hypot(gate_copy(exact)[2], 0.29 * step if step > 20 else 0)
    assert gate_copy(rounded)[2] == pytest.approx(added, rel=0.35)


def test_blank_pixels_are_left_out() -> None:
    frame = noisy(3.0)
    expected = gate_copy(frame)[2]
    frame[100:300, 200:400] = np.nan
    frame[::9, ::11] = np.nan
    _, seen, noise = gate_copy(frame)
    assert 0.05 < np.mean(~seen) < 0.2
    assert noise == pytest.approx(expected, rel=0.2)
    assert white_noise(np.full((20, 20), np.nan)) == 0


def test_noise_that_interpolation_took_from_pixels_is_found_in_blocks() -> None:
    from scipy.ndimage import zoom

    frame = noisy(3.0, (128, 160))
    enlarged = zoom(frame, 2, order=1)
    of_pixels = white_noise(rebin(enlarged, (128, 160))) / 2
    assert of_pixels < 0.4 * gate_copy(frame)[2]
    assert gate_copy(enlarged)[2] > 1.6 * of_pixels
