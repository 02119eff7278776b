"""Pictures of frames."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.exporters.png_exporter import stretch

RAMP = np.linspace(600, 700, 1001, dtype=np.float32).reshape(7, 143)


@pytest.mark.parametrize(
    ("frame", "greys"),
    [
        (RAMP, [0, 128, 255]),
        (RAMP / 2**14, [0, 128, 255]),
        (-RAMP, [255, 128, 0]),
        (np.where(RAMP == 600, np.float32(-9999), RAMP), [0, 128, 255]),
        (np.full((7, 143), 600, np.float32), [0, 0, 0]),
        (np.full((7, 143), np.nan, np.float32), [0, 0, 0]),
        (np.where(RAMP == 700, np.float32(np.nan), RAMP), [0, 128, 0]),
    ],
)
def test_pictures_are_stretched_between_percentiles(frame: np.ndarray, greys: list[int]) -> None:
    found = stretch(frame)
    assert found.dtype == np.uint8
    assert found.ravel()[[0, 500, -1]].tolist() == pytest.approx(greys, abs=1)
