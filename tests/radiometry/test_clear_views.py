"""Clear sky is found in the gaps between clouds, and teaches pattern and tilt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from napari_iris.radiometry.clear_views import clear_views, learn_pattern, low_pattern
from napari_iris.radiometry.covariates import Covariates
from napari_iris.radiometry.envelope import base_levels
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, frame_statistics

if TYPE_CHECKING:
    from napari_iris.radiometry.clear_views import ClearViews
    from napari_iris.radiometry.statistics import FrameStatistics

ROWS, COLUMNS = STATISTICS_SHAPE
LEVEL, NOISE = 650.0, 2.0
DOWN, RIGHT = np.meshgrid(np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS), indexing="ij")


def cloudy(seed: int, cover: float) -> np.ndarray:
    """A clear sky with noise, and cloud of many heights over a part of it."""
    rng = np.random.default_rng(seed)
    frame = rng.normal(LEVEL, NOISE, STATISTICS_SHAPE)
    first = rng.integers(COLUMNS)
    place = (np.arange(COLUMNS) - first) % COLUMNS < cover * COLUMNS
    height = rng.uniform(30, 400, (ROWS, int(place.sum())))
    frame[:, place] += height
    return frame.astype(np.float32)


def views_of(frames: list[np.ndarray]) -> ClearViews:
    stack = np.stack(frames)
    return clear_views(stack, base_levels(stack), sigma=5.0)


@pytest.mark.parametrize("cover", [0.0, 0.3, 0.6])
def test_a_gap_has_the_level_of_the_clear_sky(cover: float) -> None:
    views = views_of([cloudy(seed, cover) for seed in range(4)])
    assert views.sure.all()
    np.testing.assert_allclose(views.levels, LEVEL, atol=0.5)
    np.testing.assert_allclose(views.clear.mean(axis=(1, 2)), 1 - cover, atol=0.05)


def test_a_deck_of_many_levels_shows_none() -> None:
    deck = (900 + 120 * DOWN + 60 * np.sin(9 * RIGHT)).astype(np.float32)
    assert not views_of([deck]).sure.any()


def test_without_a_pattern_nothing_is_taken_for_clear() -> None:
    frames = np.stack([cloudy(1, 0.2)])
    views = clear_views(frames, base_levels(frames), sigma=None)
    assert not views.clear.any()
    np.testing.assert_array_equal(views.levels, base_levels(frames))


def statistics(small: np.ndarray, elevation: float) -> FrameStatistics:
    return replace(frame_statistics(small.astype(np.float32)), elevation=elevation, azimuth=0.0)


def test_gaps_teach_the_pattern_and_the_tilt_of_each_pointing() -> None:
    pattern = (25 * np.exp(-((RIGHT - 1) ** 2 + (DOWN - 1) ** 2))).astype(np.float32)
    pattern -= np.median(pattern)
    tilt = {80.0: 0.0, 30.0: 40.0}
    frames = [
        statistics(cloudy(seed, 0.4) + pattern + np.float32(tilt[elevation]) * DOWN, elevation)
        for seed, elevation in enumerate([80.0, 30.0] * 12)
    ]
    small = np.stack([one.small for one in frames]).astype(np.float32)
    terms, every = Covariates.of(frames), np.ones(len(frames), bool)
    found = low_pattern(small - np.float32(LEVEL))
    for _ in range(8):
        excess = small - found - terms.tilted(frames)
        views = clear_views(excess, base_levels(excess), sigma=5.0)
        found, tilts = learn_pattern(excess, views, every, found, terms, frames)
        terms = Covariates(terms.centre, terms.pointings, terms.nights, terms.coefficients, tilts)
    down = terms.tilts[:, 0]
    steep, level = np.argmin(terms.pointings[:, 0]), np.argmax(terms.pointings[:, 0])
    assert down[steep] - down[level] == pytest.approx(40, abs=4)
    shape = found + terms.tilted(frames)
    for one, elevation, expected in zip(shape, [80.0, 30.0], (0.0, 40.0), strict=False):
        left = one - pattern - expected * DOWN
        assert np.std(left) < 2.5, elevation
