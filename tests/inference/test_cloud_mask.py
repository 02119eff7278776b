"""A probability becomes a mask: cloud from the threshold on, compared as float32."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.inference.cloud_mask import cloud_mask, is_cloud


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.4, 0.5, 0.7, 1.0])
def test_a_pixel_at_the_threshold_is_cloud(threshold: float) -> None:
    at = np.float32(threshold)
    below, above = np.nextafter(at, np.float32(-1)), np.nextafter(at, np.float32(2))
    assert is_cloud(np.array([below, at, above]), threshold).tolist() == [False, True, True]


def test_blank_pixels_are_ignored_and_no_cloud() -> None:
    p = np.array([[0.2, np.nan], [0.6, 0.4]], np.float32)
    assert is_cloud(p, 0.0).tolist() == [[True, False], [True, True]]
    assert cloud_mask(p, 0.4).tolist() == [[0, 2], [1, 1]]
    assert cloud_mask(p, 0.4).dtype == np.uint8


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0, 1))
def test_the_mask_and_the_comparison_agree(values: list[float], threshold: float) -> None:
    p = np.array([values])
    np.testing.assert_array_equal(cloud_mask(p, threshold) == 1, is_cloud(p, threshold))
