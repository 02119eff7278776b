"""World coordinates of rebinned frames: every new pixel lies where its old ones did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from napari_iris.frames.rebin import rebin_file
from napari_iris.frames.wcs import rebinned_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHAPE = (512, 640)
TAN = {
    "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 120.0, "CRVAL2": 30.0,
    "CRPIX1": 300.0, "CRPIX2": 200.5,
}  # fmt: skip
TURNED = {"1_1": -0.009, "1_2": 0.004, "2_1": 0.004, "2_2": 0.009}
CD = {f"CD{name}": value for name, value in TURNED.items()}
PC = {f"PC{name}": 100 * value for name, value in TURNED.items()}
SIP = {
    "A_ORDER": 2, "B_ORDER": 2, "AP_ORDER": 2, "BP_ORDER": 2, "A_2_0": 2e-5, "A_1_1": -1e-5,
    "B_0_2": 3e-5, "B_1_1": 1e-5, "AP_2_0": -2e-5, "BP_0_2": -3e-5,
}  # fmt: skip

HEADERS = {
    "step": {**TAN, "CDELT1": -0.01, "CDELT2": 0.01},
    "rotation": {**TAN, "CDELT1": -0.01, "CDELT2": 0.01, "CROTA2": 20.0},
    "CD": {**TAN, **CD},
    "PC": {**TAN, **PC, "CDELT1": 0.01, "CDELT2": 0.012},
    "part of PC": {**TAN, "PC1_2": 0.1, "CDELT1": -0.01, "CDELT2": 0.01},
    "SIP": {**TAN, "CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP", **CD, **SIP},
    "defaults": {"CTYPE1": "LINEAR", "CTYPE2": "LINEAR", "CRVAL1": 5.0},
}


SHAPES = [(128, 160), (64, 160), (100, 150), SHAPE]
CASES = [
    (name, shape)
    for name in HEADERS
    for shape in SHAPES
    if name != "rotation" or shape in ((128, 160), SHAPE)
]
"""Headers and shapes; CROTA2 cannot describe pixels that are turned and not square."""


@pytest.mark.parametrize(("name", "shape"), CASES)
def test_pixels_keep_their_place_in_the_sky(name: str, shape: tuple[int, int]) -> None:
    header = fits.Header(HEADERS[name])
    before = WCS(header)
    after = WCS(rebinned_header(header, SHAPE, shape))
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, SHAPE[1] - 1, 50), rng.uniform(0, SHAPE[0] - 1, 50)
    fx, fy = SHAPE[1] / shape[1], SHAPE[0] / shape[0]
    moved = (x + 0.5) / fx - 0.5, (y + 0.5) / fy - 0.5
    expected = before.all_pix2world(x, y, 0)
    np.testing.assert_allclose(after.all_pix2world(*moved, 0), expected, rtol=0, atol=1e-9)


def test_the_given_header_stays_and_other_cards_are_kept() -> None:
    header = fits.Header({**HEADERS["CD"], "GAIN": 2, "BZERO": 32768, "CRPIX1A": 10.5})
    before = header.copy()
    moved = rebinned_header(header, SHAPE, (128, 160))
    assert header == before
    assert (moved["GAIN"], moved["CRPIX1A"]) == (2, 3.0)
    assert "BZERO" not in moved


def test_a_header_without_world_coordinates_gains_none() -> None:
    header = fits.Header({"GAIN": 2, "PCOUNT": 0})
    assert rebinned_header(header, SHAPE, (128, 160)) is header


def test_a_rebinned_file_has_the_coordinates_of_its_own_pixels(
    write_frame: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_frame("sky.fits", np.ones(SHAPE, np.int16), **HEADERS["step"])
    (tmp_path / "out").mkdir()
    header = fits.getheader(rebin_file(path, tmp_path / "out", (128, 160)))
    assert header["CRPIX1"] == (300 - 0.5) / 4 + 0.5
    assert header["CDELT1"] == pytest.approx(-0.04)
