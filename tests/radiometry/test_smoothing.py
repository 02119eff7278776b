"""Smoothing of the excess: less noise, the same edges."""

from __future__ import annotations

import numpy as np

from napari_iris.radiometry.excess import _smooth


def test_noise_is_smoothed_and_the_edge_of_a_cloud_stays() -> None:
    rng = np.random.default_rng(0)
    truth = np.where(np.arange(60) < 30, 0.0, 500.0) * np.ones((40, 1))
    values = (truth + rng.normal(0, 1, truth.shape)).astype(np.float32)
    smooth = _smooth(values, 3.0)
    assert (smooth - truth)[:, :25].std() < 0.4
    assert np.abs(smooth - truth).max() < 8, "a Gaussian alone raises pixels at the edge by 150"
    assert np.abs(smooth - values).max() <= 3.0 + 1e-4


def test_blank_pixels_stay_blank_and_touch_no_other() -> None:
    values = np.full((20, 20), 7.0, np.float32)
    values[5:9, 5:9] = np.nan
    smooth = _smooth(values, 3.0)
    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(values))
    np.testing.assert_allclose(smooth[np.isfinite(smooth)], 7.0, rtol=1e-6)
