"""Where the excess is sure, a mask can be wrong; elsewhere it cannot be known."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.radiometry.agreement import disagreement
from napari_iris.radiometry.excess import Excess

VALUES = np.array([[0, 0, 15, 50], [0, 15, 50, 50]], np.float32)
CLOUD = np.array([[0, 1, 1, 0], [0, 0, 1, 1]], bool)


def excess(kind: str, values: np.ndarray) -> Excess:
    return Excess(kind, values, 600.0, clear_sky_in_view=True, clear_below=12, cloud_above=20)


def test_only_pixels_that_are_sure_count() -> None:
    assert disagreement(excess("measured", VALUES), CLOUD) == 2 / 8
    assert disagreement(excess("measured", VALUES), VALUES > 20) == 0
    assert disagreement(excess("measured", VALUES), VALUES < 12) == 6 / 8


def test_blank_pixels_do_not_count() -> None:
    half = VALUES.copy()
    half[0] = np.nan
    assert disagreement(excess("measured", half), ~(half > 20)) == 3 / 4
    assert disagreement(excess("measured", np.full((2, 4), np.nan, np.float32)), CLOUD) == 0


@pytest.mark.parametrize(("level", "expected"), [(0, 0), (100, 4 / 8)])
def test_a_limit_is_sure_of_cloud_in_frames_that_are_wholly_warmer(
    level: float, expected: float
) -> None:
    assert disagreement(excess("limit", VALUES + level), CLOUD) == expected
