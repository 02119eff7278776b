"""A frame in memory: to FITS, to astropy's CCDData and back, with mask, unit, header and WCS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.nddata import CCDData, NDData
from astropy.wcs import WCS

from napari_iris.errors import IrisError
from napari_iris.frames.ccddata import count_unit, from_nddata, header_unit
from napari_iris.frames.frame import Frame
from napari_iris.frames.masked import filled
from napari_iris.frames.read import read_frame
from napari_iris.frames.rebin import normalise, rebin

if TYPE_CHECKING:
    from pathlib import Path

CARDS = {
    "DATE-OBS": "2024-01-15T18:00:00", "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN",
    "CRPIX1": 8.0, "CRPIX2": 6.0, "CDELT1": -0.1, "CDELT2": 0.1,
}  # fmt: skip
PIXELS = np.linspace(600, 700, 12 * 16, dtype=np.float32).reshape(12, 16)


@pytest.fixture
def frame() -> Frame:
    data = PIXELS.copy()
    data[2, 3] = np.nan
    return Frame(data, fits.Header(CARDS))


def test_it_is_written_and_read_again(frame: Frame, tmp_path: Path) -> None:
    frame.to_fits(tmp_path / "sky.fits")
    again = read_frame(tmp_path / "sky.fits")
    np.testing.assert_array_equal(again.data, frame.data)
    assert {name: again.header[name] for name in CARDS} == CARDS
    assert again.path == tmp_path / "sky.fits"


@pytest.mark.parametrize(
    ("frame_of", "text"),
    [
        (lambda data: Frame(data, fits.Header()), "Frame(12x16, in memory)"),
        (
            lambda data: Frame(data, fits.Header(CARDS)),
            "Frame(12x16, in memory, 2024-01-15T18:00:00)",
        ),
    ],
)
def test_it_is_described_in_one_line(frame_of: object, text: str) -> None:
    assert repr(frame_of(PIXELS)) == text


def test_a_file_is_named_with_its_plane(tmp_path: Path) -> None:
    fits.writeto(tmp_path / "cube.fits", np.stack([PIXELS, PIXELS]))
    assert repr(read_frame(tmp_path / "cube.fits", plane=1)) == "Frame(12x16, cube.fits, plane 1)"


def test_ccddata_keeps_mask_header_unit_and_world_coordinates(frame: Frame) -> None:
    ccd = frame.to_ccddata()
    assert isinstance(ccd, CCDData)
    assert ccd.unit == units.adu
    np.testing.assert_array_equal(ccd.mask, np.isnan(frame.data))
    assert ccd.header["DATE-OBS"] == CARDS["DATE-OBS"]
    assert ccd.wcs.wcs.crpix.tolist() == [8, 6]
    data, header = from_nddata(ccd)
    np.testing.assert_array_equal(data, frame.data)
    assert {name: header[name] for name in CARDS} == CARDS
    assert header["BUNIT"] == "adu"


@pytest.mark.filterwarnings("ignore::astropy.wcs.FITSFixedWarning")
def test_ccddata_survives_its_own_file(frame: Frame, tmp_path: Path) -> None:
    frame.to_ccddata().write(tmp_path / "ccd.fits")
    data, header = from_nddata(CCDData.read(tmp_path / "ccd.fits"))
    np.testing.assert_array_equal(data, frame.data)
    before, after = WCS(frame.header), WCS(header)
    np.testing.assert_allclose(after.wcs_pix2world(3, 4, 0), before.wcs_pix2world(3, 4, 0))


@pytest.mark.parametrize(("bunit", "unit"), [("K", units.K), ("ADU", units.adu), ("?", units.adu)])
def test_the_unit_is_that_of_the_header(bunit: str, unit: units.UnitBase) -> None:
    assert Frame(PIXELS, fits.Header({"BUNIT": bunit})).to_ccddata().unit == unit


@pytest.mark.parametrize("mask", [None, False, PIXELS > 650, True])
def test_masked_pixels_of_nddata_are_nan(mask: object) -> None:
    data, header = from_nddata(NDData(PIXELS, mask=mask, meta={"GAIN": 2, "a b": 1, "list": []}))
    expected = np.zeros(PIXELS.shape, bool) if mask is None else mask
    np.testing.assert_array_equal(np.isnan(data), np.broadcast_to(expected, PIXELS.shape))
    assert list(header) == ["GAIN"]


@pytest.mark.parametrize(
    ("unit", "factor", "name"),
    [
        ("adu", 1, "adu"), ("kadu", 1000, "adu"), ("DN", 1, "DN"), ("ct", 1, "ct"), ("", 1, ""),
    ],
)  # fmt: skip
def test_counts_are_taken(unit: str, factor: float, name: str) -> None:
    assert count_unit(unit) == (factor, name)
    data, header = from_nddata(NDData(PIXELS, unit=unit))
    np.testing.assert_array_equal(data, PIXELS)
    assert header_unit(header) == (units.Unit(unit) if unit else None)


@pytest.mark.parametrize("unit", ["Jy", "K", "electron", "W m-2 sr-1", "adu s-1"])
def test_other_units_are_refused_in_one_line(unit: str) -> None:
    with pytest.raises(IrisError, match=r"^unit .*: expected counts \(adu, DN, ct or"):
        count_unit(unit)


def test_a_masked_array_keeps_its_mask() -> None:
    masked = np.ma.MaskedArray(PIXELS.astype(np.int16), mask=PIXELS > 650)
    np.testing.assert_array_equal(np.isnan(filled(masked, np.float32)), masked.mask)
    np.testing.assert_array_equal(np.isnan(normalise(masked)), masked.mask)
    assert filled(PIXELS, np.float32) is PIXELS


def test_masked_pixels_are_left_out_of_the_mean() -> None:
    masked = np.ma.MaskedArray(np.full((16, 16), 600.0), mask=np.zeros((16, 16), bool))
    masked.data[0, :2] = 9999
    masked.mask[0, :2] = masked.mask[4:6, 4:6] = True
    binned = rebin(masked, (8, 8))
    assert binned[0, 0] == 600
    assert np.isnan(binned[2, 2])
    assert np.isnan(binned).sum() == 1
