"""Awkward files of the real world: each reads, or says in one line what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FrameError
from napari_iris.frames.facts import facts, without_scaling
from napari_iris.frames.frame import Frame
from napari_iris.frames.read import read_frame, read_header

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = sorted(
    path.relative_to(DATA).as_posix()
    for folder in ("odd_fits", "allsky")
    for path in (DATA / folder).rglob("*")
    if path.is_file()
)

READS = {
    "allsky/cloudynight/000.fits.bz2": (1040, 1392),
    "allsky/tudo/cta_images/cloudy.fits.gz": (1699, 1699),
    "allsky/tudo/iceact_images/starry.fits": (480, 640),
    "allsky/tudo/magic_images/20180816_2101.fits": (1040, 1392),
    "odd_fits/astropy_tests/blank.fits": (1, 1),
    "odd_fits/astropy_tests/checksum_false.fits": (40, 30),
    "odd_fits/astropy_tests/comp.fits": (300, 440),
    "odd_fits/astropy_tests/fixed-1890.fits": (100, 100),
    "odd_fits/astropy_tests/o4sp040b0_raw.fits": (44, 62),
    "odd_fits/astropy_tests/test0.fits": (40, 40),
    "odd_fits/ccdproc/science-mef.fits": (10, 10),
    "odd_fits/derived/05_gzip.fits.gz": (512, 640),
    "odd_fits/derived/06_rice.fits.fz": (512, 640),
    "odd_fits/derived/11_trailing_axis_1.fits": (128, 160),
    "odd_fits/derived/18_odd_shape_513x641.fits": (513, 641),
    "odd_fits/derived/21_non_ascii_header.fits": (512, 640),
    "odd_fits/derived/23_second_hdu_mask_GROUND-TRUTH.fits": (128, 160),
    "odd_fits/fitsio/test_rice_dither2_seed42.fits.fz": (100, 100),
}
"""Shape of the frame in some files that must read."""

REFUSED = {
    "odd_fits/astropy_tests/ascii_i4-i20.fits": "holds no image",
    "odd_fits/astropy_tests/invalid/group_invalid.fits": "holds no image",
    "odd_fits/astropy_tests/table.fits": "holds no image",
    "odd_fits/astropy_tests/zerowidth.fits": "holds no image",
    "odd_fits/derived/01_truncated_data.fits": "is damaged or not FITS",
    "odd_fits/derived/02_truncated_header.fits": "is damaged or not FITS",
    "odd_fits/derived/03_empty.fits": "is empty (0 bytes)",
    "odd_fits/derived/10_cube_3_frames.fits": "is a cube of 3 frames (128, 160)",
    "odd_fits/derived/20_table_only_no_image.fits": "holds no image",
    "odd_fits/derived/22_not_fits.fits": "is damaged or not FITS",
}
"""Reason that must be given for some files that hold no frame."""


def frame_or_error(path: Path) -> Frame | FrameError:
    try:
        return read_frame(path)
    except FrameError as error:
        return error


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name.startswith("allsky") else [])
        for name in FILES
    ],
)
def test_a_file_reads_or_says_in_one_line_why_not(name: str) -> None:
    path = DATA / name
    frame = frame_or_error(path)
    if isinstance(frame, FrameError):
        assert name not in READS
        assert REFUSED.get(name, "") in frame.reason
        assert str(frame) == f"{path}: {frame.reason}; {frame.fix}"
        assert str(frame).isprintable(), "one line"
        assert min(len(frame.reason), len(frame.fix)) > 8
    else:
        assert name not in REFUSED
        assert frame.data.shape == READS.get(name, frame.data.shape)
        assert frame.data.dtype == np.float32
        assert frame.data.ndim == 2
        assert facts(read_header(path)) == facts(frame.header)
        fits.PrimaryHDU(frame.data, without_scaling(frame.header)).verify("exception")


def test_celsius_and_counts_of_one_frame_are_a_scale_apart(shared_data: Path) -> None:
    celsius = read_frame(shared_data / "odd_fits/derived/08_bscale_bzero_celsius.fits")
    counts = read_frame(shared_data / "lwir/raw/cloud_sky_sample.fits")
    np.testing.assert_allclose(celsius.data, counts.data * 0.04 - 273.15, rtol=1e-5)


def test_a_frame_cut_by_compression_equals_the_plain_one(shared_data: Path) -> None:
    counts = read_frame(shared_data / "lwir/raw/cloud_sky_sample.fits").data
    for name in ("05_gzip.fits.gz", "06_rice.fits.fz", "21_non_ascii_header.fits"):
        packed = read_frame(shared_data / "odd_fits/derived" / name).data
        np.testing.assert_array_equal(packed, counts)
