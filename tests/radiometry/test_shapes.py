"""The shape of the clear sky: it decides at any level, where decks hide it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_iris.radiometry.excess import frame_excess
from napari_iris.radiometry.shapes import ShapeViews
from napari_iris.radiometry.statistics import STATISTICS_SHAPE, frame_statistics
from tests.radiometry.references import PIXEL_SIGMA, reference

LEVEL, DECK = 650.0, 600.0
SHAPE = np.broadcast_to(np.linspace(-120, 120, STATISTICS_SHAPE[0])[:, None], STATISTICS_SHAPE)
NO_GAPS = np.zeros(0)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, STATISTICS_SHAPE)


def limit(heights: list[float], decks: int, kept: float, gaps: np.ndarray = NO_GAPS) -> float:
    """Limit of clear frames at some heights, and of decks that keep a part of the shape."""
    clear = [height + noise(seed) for seed, height in enumerate(heights)]
    hidden = [DECK - (1 - kept) * SHAPE + noise(seed + 99) for seed in range(decks)]
    above = np.stack([*clear, *hidden]).astype(np.float32)
    shapes = np.broadcast_to(SHAPE, above.shape).astype(np.float32)
    shown = np.arange(len(above)) < 4
    return ShapeViews.of(above, shapes, PIXEL_SIGMA).limit(shown, gaps)


def test_clear_frames_show_how_far_the_level_moves() -> None:
    heights = [0.0, 5, -5, 0, 60, 80]  # the last two are far above what is near the level
    expected = 3 * np.sqrt(np.mean(np.square(heights)))
    assert limit(heights, decks=4, kept=0.2) == pytest.approx(expected, rel=0.02)


def test_so_do_gaps_between_clouds() -> None:
    gaps = np.array([50.0, 60.0])
    expected = 3 * np.sqrt(np.mean(np.square([0, 0, 0, 0, *gaps])))
    assert limit([0.0] * 4, 4, 0.2, gaps) == pytest.approx(expected, rel=0.02)


def test_the_limit_is_at_most_half_way_to_the_decks() -> None:
    assert limit([0.0, 0, 0, 0, 250, 280], decks=4, kept=0.2) == pytest.approx(DECK / 2, rel=0.02)


@pytest.mark.parametrize(("decks", "kept"), [(4, 1.0), (4, 0.75), (2, 0.2), (0, 0.2)])
def test_without_decks_that_hide_the_shape_it_decides_nothing(decks: int, kept: float) -> None:
    assert limit([0.0, 5, -5, 0, 60, 80], decks, kept) == 0


def test_blank_pixels_are_left_out() -> None:
    above = np.stack([noise(seed) for seed in range(8)]).astype(np.float32)
    above[4:] += np.float32(DECK) - SHAPE
    above[:, :9] = np.nan
    shapes = np.broadcast_to(SHAPE, above.shape).astype(np.float32)
    shown = np.arange(8) < 4
    found = ShapeViews.of(above, shapes, PIXEL_SIGMA).limit(shown, np.array([30.0]))
    assert found == pytest.approx(3 * 30 / np.sqrt(5), rel=0.02)


@pytest.mark.parametrize(
    ("height", "kept", "shape_limit", "in_view"),
    [
        (80, 1.0, 120, True),  # clear sky, with more vapour than the model expects
        (80, 1.0, 0, False),  # of a camera whose decks look the same
        (140, 1.0, 120, False),  # farther above than clear sky has ever been
        (130, 0.2, 150, False),  # cloud of such a level, without the gradient of the sky
        (-80, 1.0, 120, False),  # colder than the sky can be
    ],
)
def test_what_has_the_shape_is_clear_sky_up_to_the_limit(
    height: float, kept: float, shape_limit: float, in_view: bool
) -> None:
    known = replace(reference("measured", LEVEL, 5, SHAPE), shape_limit=shape_limit)
    frame = (LEVEL + height + kept * SHAPE + noise(1)).astype(np.float32)
    excess = frame_excess(frame, frame_statistics(frame), known)
    assert excess.clear_sky_in_view is in_view
    if in_view:
        assert excess.level == pytest.approx(LEVEL + height, abs=1)
        assert excess.parts[0] > 0.99


def test_a_gap_above_the_level_is_clear_sky() -> None:
    known = replace(reference("measured", LEVEL, 5, SHAPE), shape_limit=120.0)
    frame = (LEVEL + 80 + SHAPE + noise(1)).astype(np.float32)
    frame[:, 40:] += 300
    excess = frame_excess(frame, frame_statistics(frame), known)
    assert excess.clear_sky_in_view
    assert excess.parts == pytest.approx((0.5, 0.5, 0), abs=0.05)
