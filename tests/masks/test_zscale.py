"""Zscale limits are astropy's."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.visualization import ZScaleInterval
from hypothesis import given
from hypothesis import strategies as st

from napari_iris.masks.zscale import zscale_limits

KINDS = ("smooth", "whole numbers", "few values", "one value and noise", "holes", "skewed")


@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(KINDS),
    spread=st.sampled_from([1e-9, 1e-3, 0.1, 5, 300]),
    contrast=st.sampled_from([0.1, 0.25, 0.9, 2]),
)
def test_limits_are_astropys(seed: int, kind: str, spread: float, contrast: float) -> None:
    rng = np.random.default_rng(seed)
    shape = rng.integers(3, 60, 2)
    values = 600 + rng.normal(0, spread, shape)
    if kind == "whole numbers":
        values = values.round()
    elif kind == "few values":
        values = rng.integers(0, 3, shape).astype(np.float64)
    elif kind == "one value and noise":
        values[rng.random(shape) < 0.98] = 600
    elif kind == "holes":
        values[rng.random(shape) < 0.3] = np.nan
        values[0, 0] = 600
    elif kind == "skewed":
        values = np.exp(rng.normal(0, 3, shape))
    low, high = ZScaleInterval(contrast=contrast).get_limits(values)
    ours = zscale_limits(values, contrast)
    assert ours == pytest.approx((low, high), rel=0, abs=1e-9 * (high - low))


def test_most_samples_rejected_gives_the_whole_range() -> None:
    """Beyond half of them astropy gives the line up."""
    values = np.concatenate([np.zeros(400), np.linspace(0, 1e4, 600) ** 3])
    low, high = ZScaleInterval(contrast=0.9).get_limits(values)
    assert zscale_limits(values, 0.9) == pytest.approx((low, high), rel=1e-12)
