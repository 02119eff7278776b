"""Cloud by excess: what is sure, and what touches it."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.masks.excess import _connected, gate_by_excess
from napari_iris.masks.recipe import recipe
from napari_iris.radiometry.reference_set import ReferenceSet
from napari_iris.radiometry.statistics import STATISTICS_SHAPE
from tests.radiometry.references import reference


def test_undecided_pixels_are_cloud_where_they_touch_sure_cloud() -> None:
    values = np.zeros((6, 9), np.float32)
    values[1, 1:4] = 20, 15, 12  # sure cloud and its edge
    values[4, 5:7] = 15, 12  # a speck of humid air
    values[0, 8] = np.nan
    cloud = _connected(values, threshold=10, sure=18)
    assert set(zip(*map(list, np.nonzero(cloud)), strict=True)) == {(1, 1), (1, 2), (1, 3)}


@pytest.mark.parametrize(("height", "sky"), [(0, None), (25, None), (60, "overcast")])
def test_above_the_limit_of_the_clear_sky_a_frame_is_overcast(
    height: float, sky: str | None
) -> None:
    """The limit is known to 10 ADU: what is less than 30 above it may be clear."""
    rng = np.random.default_rng(2)
    frame = (700 + height + rng.normal(0, 1, STATISTICS_SHAPE)).astype(np.float32)
    limit = reference("limit", 700, sigma=10)
    found = gate_by_excess(frame, recipe(frame), None, ReferenceSet((limit,)))
    assert found is not None
    assert (found.gate and found.gate.sky) == sky
