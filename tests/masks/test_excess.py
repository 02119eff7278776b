"""Cloud by excess: what is sure, and what touches it."""

from __future__ import annotations

import numpy as np

from napari_iris.masks.excess import _connected


def test_undecided_pixels_are_cloud_where_they_touch_sure_cloud() -> None:
    values = np.zeros((6, 9), np.float32)
    values[1, 1:4] = 20, 15, 12  # sure cloud and its edge
    values[4, 5:7] = 15, 12  # a speck of humid air
    values[0, 8] = np.nan
    cloud = _connected(values, threshold=10, sure=18)
    assert set(zip(*map(list, np.nonzero(cloud)), strict=True)) == {(1, 1), (1, 2), (1, 3)}
