"""The circle of an all-sky fisheye is found in a night of frames, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.frames.fisheye import find_fisheye, fisheye_circle
from napari_iris.frames.paths import find_frames
from napari_iris.resources import sample_night
from napari_iris.sky.config import SeriesConfig
from napari_iris.sky.nights import simulate_nights
from napari_iris.sky.samples import draw_sample

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (96, 120)
LWIR = Path(__file__).parents[3] / "shared" / "data" / "lwir" / "frames"


def night(sky: str, seed: int) -> np.ndarray:
    """Frames of a camera that sees the sky everywhere."""
    config = SeriesConfig.model_validate(
        {"count": 10, "nights": 1, "sky": sky, "seed": seed, "shape": SHAPE, "truth_shape": SHAPE}
    )
    return np.stack([np.asarray(one.data, np.float32) for one in simulate_nights(config)])


def ring(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Where an all-sky lens shows no sky, and what is seen there: dark or warm, and of one look."""
    rng = np.random.default_rng(seed)
    row, column = SHAPE[0] / 2 + rng.normal(0, 2), SHAPE[1] / 2 + rng.normal(0, 2)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    outside = np.hypot(y - row, x - column) > SHAPE[0] * rng.uniform(0.38, 0.6)
    return outside, rng.uniform(200, 2000) + 8 * np.sin(x / 9) * np.cos(y / 7)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("sky", ["clear", "cloudy", "overcast", "mixed"])
def test_the_circle_is_found_and_no_sky_is_lost(sky: str, seed: int) -> None:
    frames, rng = night(sky, seed), np.random.default_rng(seed)
    outside, seen = ring(seed)
    drift = rng.normal(0, 10, (len(frames), 1, 1))  # the camera's, which the ring shares
    frames = np.where(outside, seen + rng.normal(0, 3, frames.shape), frames) + drift
    circle = fisheye_circle(frames)
    assert circle is not None
    found = circle.distance(SHAPE) > 0
    assert (found & outside).sum() > 0.95 * (found | outside).sum()
    assert (found & ~outside).sum() < 0.02 * (~outside).sum()
    assert fisheye_circle(night(sky, seed)) is None


def test_frames_of_many_cameras_have_no_circle_in_common() -> None:
    """Of `simulate --cameras any`, each frame has a lens of its own."""
    frames = np.stack([draw_sample(3, number, SHAPE).frame for number in range(24)])
    assert fisheye_circle(frames) is None


@pytest.mark.parametrize("kind", ["vignetting", "horizon", "square", "blank", "off centre"])
def test_what_is_no_circle_is_left_alone(kind: str) -> None:
    frames = night("mixed", 1)
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    away = np.hypot(y - 48, x - 60) / 60
    changed = {
        "vignetting": frames * (1 - 0.3 * away**2),
        "horizon": np.where(y > 70 + 4 * np.sin(x / 5), 300, frames),
        "square": np.where((np.abs(y - 48) > 40) | (np.abs(x - 60) > 40), 300, frames),
        "blank": np.where(away > 0.7, np.nan, frames),
        "off centre": np.where(np.hypot(y - 20, x - 30) > 30, 300, frames),
    }
    assert fisheye_circle(changed[kind]) is None


def test_it_is_found_in_files_at_their_own_size(write_frame: Callable[..., Path]) -> None:
    outside, seen = ring(0)
    paths = []
    for number, frame in enumerate(night("cloudy", 2)):
        data = np.where(outside, seen, frame).repeat(2, 0).repeat(2, 1)
        paths.append(write_frame(f"night/sky_{number}.fits", data.astype(np.float32)))
    site = find_fisheye(paths)
    assert site is not None
    assert site.found
    (image,) = site.images
    assert image.shape == (192, 240)
    assert (image != outside.repeat(2, 0).repeat(2, 1)).mean() < 0.03
    assert find_fisheye(paths[:5]) is None, "too few frames to tell"


def test_the_sample_night_has_none() -> None:
    assert find_fisheye(find_frames([sample_night()])[0]) is None


@pytest.mark.slow
@pytest.mark.skipif(not LWIR.is_dir(), reason="needs the real frames of ../shared/data")
def test_the_real_frames_have_none() -> None:
    paths = list(find_frames([LWIR])[0])
    assert find_fisheye(paths) is None
    assert not any(find_fisheye(paths[first : first + 20]) for first in range(0, len(paths), 20))
