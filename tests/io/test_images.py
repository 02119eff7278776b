"""Images of a FITS file by name or number, whoever wrote the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.io.images import read_images

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = np.arange(12, dtype=np.int16).reshape(3, 4)


def write(path: Path, *, plain: bool) -> None:
    """Three images and, in a file that is not plain, a table between them."""
    units = [
        fits.PrimaryHDU(PIXELS),
        fits.ImageHDU(PIXELS + 1, fits.Header({"EXTNAME": "FIRST", "NOTE": True})),
        fits.ImageHDU(PIXELS + 2, name="SECOND"),
    ]
    if not plain:
        units.insert(1, fits.BinTableHDU.from_columns([fits.Column("a", "J", array=[1])], name="T"))
    fits.HDUList(units).writeto(path)


@pytest.mark.parametrize("plain", [True, False])
def test_an_image_is_found_by_name_or_number(tmp_path: Path, plain: bool) -> None:
    write(path := tmp_path / "a.fits", plain=plain)
    frame, named, fallback, missing = read_images(path, (0,), ("SECOND", 1), ("NONE", 0), (7, "X"))
    assert frame
    assert named
    assert fallback
    assert missing is None
    assert [one.number for one in (frame, named, fallback)] == [0, 2 if plain else 3, 0]
    np.testing.assert_array_equal(named.data, PIXELS + 2)
    assert named.header["EXTNAME"] == "SECOND"


@pytest.mark.parametrize("plain", [True, False])
def test_names_are_found_in_any_case(tmp_path: Path, plain: bool) -> None:
    write(path := tmp_path / "a.fits", plain=plain)
    fits.setval(path, "EXTNAME", value="first", ext=1 if plain else 2)
    [found] = read_images(path, ("FIRST",))
    assert found
    np.testing.assert_array_equal(found.data, PIXELS + 1)


def test_a_table_is_no_image(tmp_path: Path) -> None:
    write(path := tmp_path / "a.fits", plain=False)
    assert read_images(path, (1,), ("T",)) == [None, None]


def test_an_empty_hdu_has_no_pixels(tmp_path: Path) -> None:
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(PIXELS)]).writeto(path := tmp_path / "a.fits")
    empty, image = read_images(path, (0,), (1,))
    assert empty
    assert image
    assert empty.data is None
    np.testing.assert_array_equal(image.data, PIXELS)


def test_a_card_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    write(path := tmp_path / "a.fits", plain=True)
    content = path.read_bytes()
    path.write_bytes(
        content.replace(str(fits.Card("NOTE", True)).encode(), b"NOTE    = 1\n2".ljust(80))
    )
    _, image = read_images(path, (0,), (1,))
    assert image
    assert "NOTE" not in image.header
    np.testing.assert_array_equal(image.data, PIXELS + 1)
