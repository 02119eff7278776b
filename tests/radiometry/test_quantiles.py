"""The quick quantiles are numpy's; percentiles to rounding, which changes with its version."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.radiometry.quantiles import median, percentile


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 2, 3, 10, 21, 320, 5121])
def test_quantiles_are_those_of_numpy(dtype: type[np.floating], size: int) -> None:
    generator = np.random.default_rng(size)
    for scale in (1e-3, 1, 300):
        values = (generator.normal(2, scale, size)).astype(dtype)
        before = values.copy()
        assert median(values) == np.median(values)
        rounding = 2 * float(np.finfo(dtype).eps * np.abs(values).max())
        for percent in (0, 2, 5.0, 20.0, 50, 97.5, 98, 100):
            expected = pytest.approx(np.percentile(values, percent), rel=0, abs=rounding)
            assert percentile(values, percent) == expected
        np.testing.assert_array_equal(values, before)


def test_quantiles_are_of_all_pixels_of_an_image() -> None:
    image = np.random.default_rng(0).normal(size=(6, 8))
    assert median(image) == np.median(image)
    assert percentile(image, 5) == np.percentile(image, 5)
