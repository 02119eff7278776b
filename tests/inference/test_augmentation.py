"""Turned copies: a network that sees the same in all of them is sure, any other is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter

from napari_iris.inference.augmentation import FLIPS, SHIFTS, augmented_probability

COPIES = len(FLIPS) * len(SHIFTS)


def frames(count: int, rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, rows, columns, 1)).astype(np.float32)


def as_it_is(x: np.ndarray) -> np.ndarray:
    return x[..., 0]


@given(st.integers(1, 3), st.integers(8, 30), st.integers(8, 30), st.integers(0, 99))
def test_an_equivariant_answer_has_no_spread(
    count: int, rows: int, columns: int, seed: int
) -> None:
    """Every copy's answer comes back to the very pixels that it is of."""
    x = frames(count, rows, columns, seed)
    mean, spread = augmented_probability(as_it_is, x)
    np.testing.assert_allclose(mean, x[..., 0], atol=1e-6)
    assert spread.max() < 1e-3
    assert mean.dtype == spread.dtype == np.float32


@given(st.floats(0, 1, width=32))
def test_a_constant_output_has_no_spread(p: float) -> None:
    mean, spread = augmented_probability(
        lambda x: np.full(x.shape[:3], p, np.float32), frames(1, 9, 11)
    )
    np.testing.assert_allclose(mean, p, atol=1e-6)
    assert spread.max() < 1e-3


def test_an_answer_that_depends_on_the_side_is_averaged_and_has_a_spread() -> None:
    def cloud_at_the_left(x: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.linspace(1, 0, x.shape[2]), x.shape[:3])

    mean, spread = augmented_probability(cloud_at_the_left, frames(1, 20, 41))
    middle = mean[0, :, 20]
    np.testing.assert_allclose(middle, 0.5, atol=0.1)
    assert spread[0, :, 0].min() > 0.3, "left and right, the copies contradict one another"
    assert spread[0, :, 20].max() < 0.1


def test_an_answer_that_depends_on_the_pooling_grid_has_a_spread() -> None:
    """As a network's does, by the even pixels alone: a shift by an odd number shows it."""

    def even(x: np.ndarray) -> np.ndarray:
        blocks = x[:, ::2, ::2, 0].repeat(2, axis=1).repeat(2, axis=2)
        return blocks[:, : x.shape[1], : x.shape[2]]

    x = frames(1, 16, 20)
    _, spread = augmented_probability(even, x)
    assert spread.mean() > 0.1


def test_each_flip_and_shift_is_predicted_once() -> None:
    asked = []

    def note(x: np.ndarray) -> np.ndarray:
        assert x.flags.c_contiguous
        asked.append(x[..., 0].copy())
        return x[..., 0]

    x = frames(2, 10, 12)
    augmented_probability(note, x)
    assert len(asked) == COPIES == 8
    assert {one.shape for one in asked} == {(2, 10, 12)}
    flat = x[..., 0]
    for flip in ((), (1,), (2,), (1, 2)):
        assert any(np.array_equal(one, np.flip(flat, flip)) for one in asked)
    assert len({one.tobytes() for one in asked}) == COPIES


def test_the_mean_of_a_local_filter_is_close_to_it() -> None:
    """Only the border, where a shifted copy sees its own reflection, may differ."""

    def warmest_around(x: np.ndarray) -> np.ndarray:
        return maximum_filter(x[..., 0], (0, 3, 3))

    x = frames(1, 24, 30)
    mean, spread = augmented_probability(warmest_around, x)
    inner = (slice(None), slice(5, -5), slice(7, -7))
    np.testing.assert_allclose(mean[inner], warmest_around(x)[inner], atol=1e-6)
    assert spread[inner].max() < 1e-3


@pytest.mark.parametrize("shape", [(8, 8), (8, 30), (9, 8)])
def test_the_smallest_frames_can_be_augmented(shape: tuple[int, int]) -> None:
    mean, _ = augmented_probability(as_it_is, frames(1, *shape))
    assert mean.shape == (1, *shape)
