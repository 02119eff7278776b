"""The laws of rebinning by area mean, and of normalising."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_iris.errors import FrameError, IrisError
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import is_normalised, normalise, rebin, rebin_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIDES = st.integers(8, 40)
SHAPES = st.tuples(SIDES, SIDES)
ADU = st.integers(0, 2**14 - 1)
FRAMES = hnp.arrays(np.int16, SHAPES, elements=ADU)


@given(st.tuples(st.integers(8, 16), st.integers(8, 16)), st.data())
def test_a_whole_ratio_gives_the_block_mean_exactly(
    shape: tuple[int, int], data: st.DataObject
) -> None:
    rows, columns = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    size = (shape[0] * rows, shape[1] * columns)
    frame = data.draw(hnp.arrays(np.int16, size, elements=ADU))
    blocks = frame.astype(np.float32).reshape(shape[0], rows, shape[1], columns)
    binned = rebin(frame, shape)
    assert binned.dtype == np.float32
    np.testing.assert_array_equal(binned, blocks.mean(axis=(1, 3)))


def test_a_raw_frame_gives_the_block_mean_exactly(shared_data: Path) -> None:
    frame = read_frame(shared_data / "lwir/raw/cloud_sky_sample.fits").data
    expected = frame.reshape(128, 4, 160, 4).mean(axis=(1, 3))
    np.testing.assert_array_equal(rebin(frame, (128, 160)), expected)


@given(FRAMES, SHAPES)
def test_any_ratio_keeps_the_mean_and_the_range(frame: np.ndarray, shape: tuple[int, int]) -> None:
    binned = rebin(frame, shape)
    assert binned.shape == shape
    assert binned.mean() == pytest.approx(frame.mean(), rel=1e-4, abs=1e-3)
    assert binned.min() >= frame.min() * (1 - 1e-5) - 1e-3
    assert binned.max() <= frame.max() * (1 + 1e-5) + 1e-3


@given(FRAMES, SHAPES, st.floats(-5, 5), st.floats(-1000, 1000))
def test_rebinning_is_linear(
    frame: np.ndarray, shape: tuple[int, int], factor: float, offset: float
) -> None:
    expected = factor * rebin(frame, shape) + offset
    found = rebin(factor * frame.astype(float) + offset, shape)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=0.2)


def test_a_border_pixel_counts_by_its_area() -> None:
    """12 pixels to 8: each new one is 1.5 wide."""
    frame = np.tile(np.arange(12.0), (12, 1))
    expected = [1 / 3, 5 / 3, 10 / 3, 14 / 3, 19 / 3, 23 / 3, 28 / 3, 32 / 3]
    np.testing.assert_allclose(rebin(frame, (8, 8)), np.tile(expected, (8, 1)), rtol=1e-6)


@given(FRAMES, st.data())
def test_blank_pixels_are_left_out_of_the_mean(frame: np.ndarray, data: st.DataObject) -> None:
    """Whatever a blank pixel's value would be, its neighbours' mean does not know it."""
    blank = data.draw(hnp.arrays(np.bool_, frame.shape))
    shape = data.draw(SHAPES)
    values = np.where(blank, np.nan, frame)
    binned = rebin(values, shape)
    seen = np.isfinite(binned)
    if not blank.all():
        assert np.all(binned[seen] >= np.nanmin(values) * (1 - 1e-4) - 1e-2)
        assert np.all(binned[seen] <= np.nanmax(values) * (1 + 1e-4) + 1e-2)
    weight = rebin(np.where(blank, 0.0, 1.0), shape)
    np.testing.assert_array_equal(seen, weight > 0)


def test_a_new_pixel_is_blank_only_where_its_whole_area_is() -> None:
    frame = np.full((16, 16), 7.0)
    frame[:2, :2] = np.nan
    frame[0, 3] = np.inf
    frame[2, 2] = 11
    binned = rebin(frame, (8, 8))
    assert np.isnan(binned[0, 0])
    assert np.isfinite(binned).sum() == 63
    assert binned[0, 1] == 7, "an infinite pixel is blank"
    assert binned[1, 1] == 8


@pytest.mark.parametrize("shape", [(8, 8), (9, 10), (16, 16), (20, 30)])
def test_infinite_pixels_are_blank_at_any_ratio(shape: tuple[int, int]) -> None:
    frame = np.full((16, 16), 7.0)
    infinite = frame.copy()
    infinite[0, :3] = np.inf, -np.inf, np.nan
    frame[0, :3] = np.nan
    np.testing.assert_array_equal(rebin(infinite, shape), rebin(frame, shape))


@pytest.mark.parametrize(
    ("size", "shape"),
    [((7, 40), (8, 8)), ((40, 7), (8, 8)), ((40, 40), (7, 8)), ((1, 1), (128, 160))],
)
def test_too_few_pixels_are_refused(size: tuple[int, int], shape: tuple[int, int]) -> None:
    with pytest.raises(IrisError, match="each side needs at least 8"):
        rebin(np.zeros(size), shape)


def test_a_rebinned_file_keeps_its_header_but_no_card_of_the_old_numbers(
    tmp_path: Path,
) -> None:
    frame = np.arange(32 * 40, dtype=np.uint16).reshape(32, 40) + 40_000
    unit = fits.PrimaryHDU(frame)
    unit.header["TARGET"], unit.header["DATAMAX"] = "zenith", float(frame.max())
    unit.writeto(tmp_path / "a.fits", checksum=True)
    (tmp_path / "out").mkdir()
    target = rebin_file(tmp_path / "a.fits", tmp_path / "out", (8, 10))
    assert target == tmp_path / "out" / "a.fits"
    with fits.open(target, checksum=True) as units:
        assert units[0].header["TARGET"] == "zenith"
        assert units[0].header["BITPIX"] == -32
        for keyword in ("BZERO", "BSCALE", "DATAMAX", "CHECKSUM", "DATASUM"):
            assert keyword not in units[0].header
        np.testing.assert_array_equal(units[0].data, rebin(frame, (8, 10)))


def test_a_frame_is_never_replaced_by_its_rebinned_copy(
    write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_frame("a.fits")
    before = path.read_bytes()
    with pytest.raises(FrameError, match="would be replaced by its rebinned copy"):
        rebin_file(path, tmp_path, (8, 8))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ([[0, 2**14]], [[0, 1]]),
        ([[574, 701]], [[574 / 2**14, 701 / 2**14]]),
        ([[0.036, 0.097]], [[0.036, 0.097]]),
        ([[0.0, 1.0]], [[0, 1]]),
        ([[0.036, np.nan]], [[0.036, np.nan]]),
        ([[0.036, np.inf]], [[0.036, np.inf]]),
        ([[-0.5, 1.0]], [[-0.5 / 2**14, 2.0**-14]]),
        ([[np.nan, np.nan]], [[np.nan, np.nan]]),
    ],
)
def test_adu_become_parts_of_full_scale(frame: object, expected: object) -> None:
    normalised = normalise(np.array(frame))
    assert normalised.dtype == np.float32
    np.testing.assert_array_equal(normalised, np.array(expected, np.float32))


@given(hnp.arrays(np.float32, (8, 8), elements=st.floats(1.5, 16000, width=32)))
def test_normalising_twice_changes_nothing_more(frame: np.ndarray) -> None:
    once = normalise(frame)
    assert is_normalised(once)
    assert not is_normalised(frame)
    np.testing.assert_array_equal(normalise(once), once)
