"""Truth rebinned to a mask's shape."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.sky import rebin_truth


@pytest.mark.parametrize(
    ("cloudy_pixels", "mask"), [(0, 0), (1, 0), (8, 0), (9, 1), (15, 1), (16, 1)]
)
def test_the_majority_of_a_block_decides(cloudy_pixels: int, mask: int) -> None:
    block = (np.arange(16) < cloudy_pixels).reshape(4, 4)
    rebinned = rebin_truth(np.tile(block, (8, 10)), (8, 10))
    assert rebinned.dtype == np.uint8
    np.testing.assert_array_equal(rebinned, np.full((8, 10), mask))


def test_a_ratio_that_is_no_whole_number_weighs_by_area() -> None:
    truth = np.zeros((12, 12), np.bool_)
    truth[:, :5] = True
    expected = np.tile(np.array([1, 1, 1, 0, 0, 0, 0, 0], np.uint8), (8, 1))
    np.testing.assert_array_equal(rebin_truth(truth, (8, 8)), expected)
