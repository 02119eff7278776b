"""Frame and mask get the same map, within the ranges; masks get no new values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from napari_iris.dataset.augment import AugmentConfig, augment, draw_map
from tests.timing import assert_within, seconds

SHAPE = (128, 160)
STILL = {"rotate_deg": 0, "flip": False, "shear": 0, "zoom": (1, 1), "shift": 0}
seeds = st.integers(0, 10_000)


def blob(rows: np.ndarray | int = 40, columns: int = 60, radius: float = 20) -> np.ndarray:
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (np.hypot(row - rows, column - columns) < radius).astype(np.uint8)


@given(seeds)
def test_frame_and_mask_stay_aligned(seed: int) -> None:
    mask = blob()
    frame, turned = augment(mask.astype("f4"), mask, AugmentConfig(), np.random.default_rng(seed))
    assert np.mean((frame > 0.5) != (turned == 1)) < 0.005, "the border alone may differ"


@given(seeds)
def test_a_mask_gets_no_new_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.integers(0, 3, SHAPE).astype(np.uint8)
    values = rng.random(SHAPE).astype(np.float32)
    frame, turned = augment(values, mask, AugmentConfig(), rng)
    assert turned.dtype == np.uint8
    assert frame.dtype == np.float32
    assert frame.shape == turned.shape == SHAPE
    assert set(np.unique(turned)) <= {0, 1, 2}
    assert values.min() - 1e-6 <= frame.min() <= frame.max() <= values.max() + 1e-6


@given(seeds)
def test_the_map_is_within_the_ranges(seed: int) -> None:
    config = AugmentConfig()
    matrix, offset = draw_map(config, SHAPE, np.random.default_rng(seed))
    zoom = abs(np.linalg.det(matrix)) ** -0.5
    assert 1 - 1e-9 <= zoom <= 1.8 + 1e-9
    angle = np.rad2deg(np.arctan2(-matrix[0, 1], matrix[1, 1]))
    mirrored = np.linalg.det(matrix) < 0
    turn = np.rad2deg(np.arctan2(matrix[0, 1], -matrix[1, 1])) if mirrored else angle
    assert abs(turn) <= 45 + 1e-6
    middle = (np.array(SHAPE) - 1) / 2
    shift = middle - np.linalg.solve(matrix, middle - offset)
    assert np.all(np.abs(shift) <= 0.1 * np.array(SHAPE) + 1e-6)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, lambda frame: frame),
        ({"shift": 0.0, "flip": True}, lambda frame: frame[:, ::-1]),
    ],
)
def test_known_maps(change: dict[str, object], expected: object) -> None:
    frame = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    config = AugmentConfig(**{**STILL, **change})
    found = [augment(frame, None, config, np.random.default_rng(seed))[0] for seed in range(8)]
    assert any(np.allclose(one, expected(frame), atol=1e-5) for one in found)
    assert all(np.allclose(one, frame) or np.allclose(one, frame[:, ::-1]) for one in found)


def test_zoom_magnifies_about_the_centre() -> None:
    mask = blob(64, 80, 20)
    config = AugmentConfig(**{**STILL, "zoom": (2, 2)})
    _, turned = augment(mask.astype("f4"), mask, config, np.random.default_rng(0))
    assert turned.sum() == pytest.approx(4 * mask.sum(), rel=0.05)


def test_the_border_is_reflected() -> None:
    frame = np.tile(np.arange(SHAPE[1], dtype=np.float32), (SHAPE[0], 1))
    config = AugmentConfig(**{**STILL, "shift": 0.1})
    for seed in range(10):
        turned, _ = augment(frame, None, config, np.random.default_rng(seed))
        assert np.all(np.abs(np.diff(turned, axis=1)) <= 1 + 1e-3), "no edge, no filling"


def test_blank_pixels_stay_blank_and_do_not_spread() -> None:
    frame = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    frame[30:40, 50:60] = np.nan
    mask = np.where(np.isnan(frame), 2, 1).astype(np.uint8)
    for seed in range(10):
        turned, seen = augment(frame, mask, AugmentConfig(), np.random.default_rng(seed))
        np.testing.assert_array_equal(np.isnan(turned), seen == 2)


def test_a_copy_is_reproducible_by_its_seed_for_any_range() -> None:
    frame = np.random.default_rng(0).random(SHAPE).astype(np.float32)
    one, other = (augment(frame, None, AugmentConfig(), np.random.default_rng(3)) for _ in "ab")
    np.testing.assert_array_equal(one[0], other[0])
    left = []
    for config in (AugmentConfig(), AugmentConfig(**STILL)):
        rng = np.random.default_rng(3)
        augment(frame, None, config, rng)
        left.append(rng.random())
    assert left[0] == left[1]


@pytest.mark.timed
def test_a_copy_takes_a_few_milliseconds() -> None:
    frame, mask = np.ones(SHAPE, np.float32), blob()
    rng = np.random.default_rng(0)

    def copy() -> None:
        augment(frame, mask, AugmentConfig(), rng)

    assert_within(0.003, lambda: min(seconds(copy) for _ in range(5)))


@pytest.mark.parametrize(
    "wrong",
    [{"zoom": (2, 1)}, {"zoom": (0, 1)}, {"rotate_deg": -1}, {"shift": 0.6}, {"hue": 1}],
)
def test_invalid_ranges_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AugmentConfig(**wrong)
