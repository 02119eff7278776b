"""The camera's noise, pattern and narcissus, each against what defines it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_iris.sky.camera import Camera, Pattern, camera_pattern, draw_camera, expose
from napari_iris.sky.config import CameraConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = (200, 240)
SILENT = Camera(
    bias=300,
    hot_columns=0,
    cold_columns=0,
    column_level=0.1,
    read_noise=0,
    sky_noise=1e-9,
    fixed_pattern=0,
    stripes=0,
    radius=40,
    blur=20,
    centre_x=119.5,
    centre_y=99.5,
    intensity=0,
    stacked=1,
)
"""A camera that adds nothing but its bias."""

FLAT = np.full(SHAPE, 700, np.float32)


def pattern(**values: Any) -> Pattern:
    return camera_pattern(replace(SILENT, **values), SHAPE, np.random.default_rng(0))


def frame(radiance: NDArray[np.float32] = FLAT, **values: Any) -> NDArray[np.int16]:
    camera = replace(SILENT, **values)
    shared = camera_pattern(camera, SHAPE, np.random.default_rng(0))
    return expose(camera, shared, radiance, np.random.default_rng(1))


def test_a_silent_camera_adds_its_bias() -> None:
    np.testing.assert_array_equal(frame(), 1000)


@pytest.mark.parametrize(
    ("values", "mean", "deviation"),
    [
        ({"read_noise": 5}, 1000, 5),
        ({"read_noise": 20, "stacked": 16}, 1000, 5),
        ({"sky_noise": 14}, 1014, 14**0.5),
        ({"sky_noise": 5}, 1005, 5**0.5),
        ({"sky_noise": 14, "stacked": 4}, 1014, 3.5**0.5),
        ({"fixed_pattern": 9}, 1000, 9 / 3**0.5),
        ({"read_noise": 5, "sky_noise": 9, "fixed_pattern": 6}, 1009, (25 + 9 + 12) ** 0.5),
    ],
)
def test_noise_has_its_mean_and_deviation(
    values: dict[str, Any], mean: float, deviation: float
) -> None:
    rounding = 1 / 12
    data = frame(**values)
    assert data.mean() == pytest.approx(mean, abs=0.1)
    assert data.var() == pytest.approx(deviation**2 + rounding, rel=0.03)


def test_fixed_pattern_is_uniform_between_its_limits() -> None:
    offset = pattern(fixed_pattern=9).offset - 300
    assert -9 <= offset.min() < -8.99 < 8.99 < offset.max() <= 9


def test_hot_and_cold_columns_are_counted_and_bounded() -> None:
    offset = pattern(hot_columns=7, cold_columns=5).offset - 300
    columns = offset.mean(axis=0)
    assert ((columns > 0).sum(), (columns < 0).sum()) == (7, 5)
    assert np.abs(offset).max() <= 0.1 * 300


def test_stripes_shift_whole_rows_and_columns() -> None:
    offset = pattern(stripes=2).offset
    rows, columns = offset.mean(axis=1, keepdims=True), offset.mean(axis=0)
    np.testing.assert_allclose(offset, rows + columns - offset.mean(), atol=1e-3)
    assert rows.std() == pytest.approx(2, rel=0.2)
    assert columns.std() == pytest.approx(2, rel=0.2)


def test_narcissus_is_a_blurred_disc_that_takes_its_part_of_the_whole_signal() -> None:
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    disc = np.hypot(rows - 99.5, columns - 119.5) <= 40
    blurred = gaussian_filter(disc.astype(float), 20, truncate=6)
    expected = 1 - 0.04 * blurred / blurred.max()
    np.testing.assert_allclose(pattern(intensity=0.04).gain, expected, atol=4e-4)
    np.testing.assert_allclose(frame(intensity=0.04), 1000 * expected, atol=1)


@pytest.mark.parametrize(("radiance", "expected"), [(-1000, 0), (20000, 2**14 - 1)])
def test_the_converter_clips_at_14_bits(radiance: float, expected: int) -> None:
    data = frame(np.full(SHAPE, radiance, np.float32))
    assert data.dtype == np.int16
    np.testing.assert_array_equal(data, expected)


def test_bad_columns_never_outnumber_the_columns() -> None:
    config = CameraConfig(bad_columns=(0.5, 0.5))
    camera = draw_camera(config, (8, 9), np.random.default_rng(0))
    assert camera.hot_columns + camera.cold_columns == 8
