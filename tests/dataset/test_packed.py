"""Packed samples: small, and as good as the samples."""

from __future__ import annotations

import numpy as np
import pytest

from napari_iris.dataset.packed import PackedSample
from napari_iris.dataset.samples import Sample

SHAPE = (16, 20)


def frame_of(low: float, high: float) -> np.ndarray:
    return np.random.default_rng(0).uniform(low, high, SHAPE).astype(np.float32)


@pytest.mark.parametrize(("low", "high"), [(600, 700), (0.03, 0.1), (-30, 16000)])
def test_a_frame_keeps_its_values_and_its_blank_pixels(low: float, high: float) -> None:
    frame = frame_of(low, high)
    frame[2, 3:9] = np.nan
    mask = np.random.default_rng(1).integers(0, 3, SHAPE).astype(np.uint8)
    excess = 20 * np.random.default_rng(2).normal(size=SHAPE).astype(np.float32)
    excess[2, 3:9] = np.nan
    packed = PackedSample.of(Sample(frame, mask, excess))
    assert packed.nbytes == 5 * frame.size
    found = packed.unpack()
    assert [one.dtype for one in found] == [np.float32, np.uint8, np.float32]
    np.testing.assert_allclose(found.frame, frame, atol=(high - low) / 65534, rtol=1e-6)
    np.testing.assert_array_equal(found.mask, mask)
    np.testing.assert_allclose(found.excess, excess, rtol=1e-3, atol=1e-6)


def test_what_is_not_known_stays_unknown() -> None:
    found = PackedSample.of(Sample(frame_of(0, 1), None)).unpack()
    assert found.mask is None
    assert found.excess is None


@pytest.mark.parametrize("value", [np.nan, 700.0])
def test_a_frame_of_one_value_is_kept(value: float) -> None:
    frame = np.full(SHAPE, value, np.float32)
    np.testing.assert_array_equal(PackedSample.of(Sample(frame, None)).unpack().frame, frame)


def test_pixels_of_one_value_stay_equal() -> None:
    frame = np.round(frame_of(0, 255))
    found = PackedSample.of(Sample(frame, None)).unpack().frame
    assert len(np.unique(found)) == len(np.unique(frame))
