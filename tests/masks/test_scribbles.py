"""Masks that follow strokes, and the clouds from frame to frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from napari_iris.errors import IrisError
from napari_iris.labels import CLOUD, IGNORE, SKY
from napari_iris.masks.edit import stroke
from napari_iris.masks.scribbles import REACH, carry_mask, follow_stroke

SHAPE = (128, 160)


def heights(seed: int = 0, shift: float = 0) -> np.ndarray:
    """Clouds of 60 ADU over clear sky, with noise of 2 ADU, that move to the right."""
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    clouds = np.clip(np.cos(row / 12) * np.cos((column - shift) / 14), 0, 1)
    noise = np.random.default_rng(seed).normal(0, 2, SHAPE)
    return (60 * clouds + noise).astype(np.float32)


TRUTH = (heights() > 20).astype(np.uint8)
AT_CLOUD = stroke(SHAPE, (0, 80), (0, 95), 2)
AT_SKY = stroke(SHAPE, (45, 60), (45, 75), 2)


@pytest.mark.parametrize(("where", "value"), [(AT_CLOUD, CLOUD), (AT_SKY, SKY)])
def test_what_is_like_a_stroke_around_it_follows(where: np.ndarray, value: int) -> None:
    wrong = np.full(SHAPE, 1 - value, np.uint8)
    mask = follow_stroke(heights(), wrong, where, value)
    changed = mask != wrong
    assert (mask[where] == value).all()
    assert changed.sum() > 5 * where.sum()
    assert np.mean(TRUTH[changed] == value) > 0.95
    assert not changed[distance_transform_edt(~where) > REACH * max(SHAPE)].any()


PLACES = st.integers(-20, 170)


@given(st.integers(0, 2), PLACES, PLACES, st.integers(0, 3), st.booleans())
def test_ignored_and_blank_pixels_change_under_the_stroke_only(
    value: int, row: int, column: int, seed: int, is_blank: bool
) -> None:
    frame, mask = heights(seed), TRUTH.copy()
    mask[30:60] = IGNORE
    if is_blank:
        frame[:, 100:] = np.nan
    where = stroke(SHAPE, (row, column), (row + 9, column + 9), 3)
    after = follow_stroke(frame, mask, where, value)
    fixed = (mask == IGNORE) | np.isnan(frame)
    assert (after[where] == value).all()
    assert (after[fixed & ~where] == mask[fixed & ~where]).all()
    assert set(after[~fixed & (after != mask)].tolist()) <= {value}


def test_a_stroke_of_ignore_stays_as_it_is_drawn() -> None:
    after = follow_stroke(heights(), TRUTH, AT_CLOUD, IGNORE)
    assert ((after == IGNORE) == AT_CLOUD).all()


@pytest.mark.parametrize("level", [0.0, 25.0, -300.0])
def test_a_mask_is_carried_on_as_the_clouds_move_and_the_level_drifts(level: float) -> None:
    later = heights(1, shift=6)
    truth = (later > 20).astype(np.uint8)
    carried = carry_mask(heights(), TRUTH, later + np.float32(level))
    assert np.mean(carried == truth) > 0.97 > np.mean(truth == TRUTH) + 0.02


def test_a_drawn_mask_is_carried_on_where_nothing_changes() -> None:
    drawn = TRUTH.copy()
    drawn[:40, :40] = CLOUD  # a person says so, whatever the frame shows
    drawn[100:, :] = IGNORE
    carried = carry_mask(heights(0), drawn, heights(1))
    assert np.mean(carried == drawn) > 0.97
    assert ((carried == IGNORE) == (drawn == IGNORE)).all()


@pytest.mark.parametrize("value", [SKY, CLOUD, IGNORE])
def test_a_mask_of_one_value_is_carried_on_as_it_is(value: int) -> None:
    mask = np.full(SHAPE, value, np.uint8)
    assert (carry_mask(heights(), mask, heights(1, 20)) == value).all()


def test_other_shapes_are_refused() -> None:
    with pytest.raises(IrisError, match="differ in shape"):
        follow_stroke(heights()[:10], TRUTH, AT_SKY, SKY)
    with pytest.raises(IrisError, match="differ in shape"):
        carry_mask(heights(), TRUTH, heights()[:10])
