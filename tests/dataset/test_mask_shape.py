"""A rebinned mask has no new values and stays aligned with its frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_iris.dataset.mask_shape import rebin_mask, rebin_sample
from napari_iris.errors import FrameError

sides = st.tuples(st.integers(8, 40), st.integers(8, 40))
masks = sides.flatmap(lambda shape: arrays(np.uint8, shape, elements=st.integers(0, 2)))


@given(masks, sides)
def test_a_rebinned_mask_has_no_other_values(mask: np.ndarray, shape: tuple[int, int]) -> None:
    found = rebin_mask(mask, shape)
    assert found.shape == shape
    assert found.dtype == np.uint8
    assert set(np.unique(found)) <= set(np.unique(mask)) | {0}


@given(masks, st.integers(1, 4), st.integers(1, 4))
def test_a_mask_rebinned_finer_and_back_is_unchanged(
    mask: np.ndarray, down: int, right: int
) -> None:
    finer = np.kron(mask, np.ones((down, right), np.uint8))
    np.testing.assert_array_equal(rebin_mask(finer, mask.shape), mask)
    np.testing.assert_array_equal(rebin_mask(mask, finer.shape), finer)


@pytest.mark.parametrize(
    ("block", "label"),
    [
        ([0, 0, 0, 0], 0), ([1, 1, 1, 1], 1), ([2, 2, 2, 2], 2), ([0, 0, 1, 1], 0),
        ([0, 1, 1, 1], 1), ([2, 2, 2, 0], 2), ([2, 2, 2, 1], 2), ([2, 2, 1, 1], 1),
        ([2, 2, 0, 0], 0), ([2, 2, 0, 1], 0), ([2, 1, 1, 0], 1), ([2, 1, 0, 0], 0),
    ],
)  # fmt: skip
def test_the_majority_of_the_visible_area_decides(block: list[int], label: int) -> None:
    mask = np.tile(np.array(block, np.uint8).reshape(2, 2), (8, 8))
    assert np.all(rebin_mask(mask, (8, 8)) == label)


def test_blank_pixels_are_ignored_and_a_small_frame_grows() -> None:
    frame = np.arange(80, dtype=np.float32).reshape(8, 10)
    frame[2, 3] = np.nan
    small, mask = rebin_sample(Path("a.fits"), frame, np.ones((8, 10), np.uint8), (16, 20))
    assert small.shape == mask.shape == (16, 20)
    np.testing.assert_array_equal(mask == 2, np.isnan(small))
    assert np.isnan(small).sum() == 4


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (np.full((24, 32), np.nan), "a.fits: is blank: every pixel is NaN; reject or remove it"),
        (
            np.full((24, 32), 16383.0),
            "a.fits: has the same value everywhere (blank, saturated or shuttered); reject or "
            "remove it",
        ),
        (np.zeros((7, 32)), "a.fits: is only 7 x 32 pixels; each side needs 8 or more"),
    ],
)
def test_a_useless_frame_is_refused(frame: np.ndarray, message: str) -> None:
    with pytest.raises(FrameError) as raised:
        rebin_sample(Path("a.fits"), frame.astype(np.float32), None, (8, 8))
    assert str(raised.value) == message
