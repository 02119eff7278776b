"""Whether clear sky is in view, and the zero that the excess is taken from."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.radiometry.excess import frame_excess
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, frame_statistics
from tests.radiometry.references import reference

LEVEL = 650.0
ROWS, COLUMNS = STATISTICS_SHAPE
DOWN, RIGHT = np.meshgrid(np.linspace(-1, 1, ROWS), np.linspace(-1, 1, COLUMNS), indexing="ij")
PATTERN = (25 * np.exp(-((RIGHT - 1) ** 2 + (DOWN - 1) ** 2))).astype(np.float32)


def sky(height: np.ndarray | float) -> np.ndarray:
    """A frame that is some ADU above the clear sky, with noise."""
    noise = np.random.default_rng(3).normal(0, 1, STATISTICS_SHAPE)
    return (LEVEL + PATTERN + noise + height).astype(np.float32)


@pytest.mark.parametrize(
    ("height", "in_view"), [(0, True), (15, True), (-15, True), (40, False), (-40, False)]
)
def test_clear_sky_is_in_view_where_the_coldest_part_has_its_level(
    height: float, in_view: bool
) -> None:
    """Within three standard deviations of the level, and two of the pattern: 23 ADU."""
    frame = sky(height)
    excess = frame_excess(frame, frame_statistics(frame), reference("measured", LEVEL, 5, PATTERN))
    assert excess.clear_sky_in_view is in_view
    expected = LEVEL + np.clip(height, -15, 12.5) if in_view else LEVEL
    assert excess.level == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("height", [0.0, 60.0])
def test_a_level_that_is_hardly_known_needs_a_gap(height: float) -> None:
    level = reference("measured", LEVEL, 40, PATTERN)
    gap = sky(height + np.where(RIGHT < 0, 0, 300 + 100 * np.sin(40 * DOWN)))
    excess = frame_excess(gap, frame_statistics(gap), level)
    assert excess.clear_sky_in_view
    assert excess.level == pytest.approx(LEVEL + height, abs=1), "of the gap itself"
    deck = sky(height + 60 * (1 + DOWN))  # near the level, and nowhere at one
    excess = frame_excess(deck, frame_statistics(deck), level)
    assert not excess.clear_sky_in_view
    assert excess.level == pytest.approx(LEVEL - 3 * 40), "the coldest that the sky may be"
