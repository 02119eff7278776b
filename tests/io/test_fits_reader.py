"""FITS files are read whatever their compression; a header without an end is not."""

from __future__ import annotations

import bz2
import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

import napari_iris
from napari_iris.errors import FileError
from napari_iris.frames.read import count_planes, read_colour, read_frame, read_header
from napari_iris.frames.site_mask_file import read_site_mask
from napari_iris.importers.fits_pairs import published_probability
from napari_iris.inference.prediction_file import read_prediction
from napari_iris.io.blocks import BLOCK
from napari_iris.io.fits_reader import MAX_CARDS, LongHeaderError, open_fits
from napari_iris.masks.mask_file import is_mask_file, read_mask
from napari_iris.radiometry.reference_file import read_references

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: list[Callable[[Path], object]] = [
    read_frame,
    read_header,
    read_colour,
    count_planes,
    read_mask,
    read_prediction,
    read_references,
    read_site_mask,
    published_probability,
]
COMPRESS = {".fits": bytes, ".fits.gz": gzip.compress, ".fits.bz2": bz2.compress}


def made(path: Path, cards: int, extension: int = 0) -> Path:
    """Write a file of a header with that many cards: the primary one, or that of HDU 1."""
    units = [fits.PrimaryHDU(np.full((8, 10), 600, np.int16))]
    units += [fits.ImageHDU(np.ones((8, 10), np.uint8)) for _ in range(extension)]
    content = []
    for number, unit in enumerate(units):
        more = cards - len(unit.header) if number == extension else 0
        text = "".join(map(str, unit.header.cards))
        text += "".join(f"K{one:07}={one:20}".ljust(80) for one in range(more)) + "END".ljust(80)
        pixels = unit.data.astype(unit.data.dtype.newbyteorder(">")).tobytes()
        content += [text.ljust(-(-len(text) // BLOCK) * BLOCK).encode(), pixels.ljust(BLOCK, b"\0")]
    path.write_bytes(COMPRESS["".join(path.suffixes)](b"".join(content)))
    return path


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_header_of_many_cards_is_read(tmp_path: Path, suffix: str) -> None:
    path = made(tmp_path / f"a{suffix}", MAX_CARDS)
    frame = read_frame(path)
    assert len(frame.header) == MAX_CARDS
    assert (frame.data == 600).all()


@pytest.mark.parametrize("suffix", COMPRESS)
def test_one_of_too_many_cards_is_refused_in_a_line(tmp_path: Path, suffix: str) -> None:
    path = made(tmp_path / f"a{suffix}", 2 * MAX_CARDS)
    for reader in READERS:
        with pytest.raises(FileError, match="header.* more than 3,500 cards.*; ") as raised:
            reader(path)
        assert str(raised.value).startswith(f"{path}: "), reader


@pytest.mark.parametrize("reader", [read_mask, published_probability, read_prediction])
def test_so_is_one_in_an_extension(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    with pytest.raises(FileError, match="more than 3,500 cards"):
        reader(made(tmp_path / "a.fits", 2 * MAX_CARDS, extension=1))
    assert not is_mask_file(tmp_path / "a.fits")


def test_two_headers_that_are_long_together_are_refused(tmp_path: Path) -> None:
    """The one of an image is completed with the primary one, and written into each product."""
    path = made(tmp_path / "a.fits", MAX_CARDS)
    with pytest.raises(FileError, match="more than 3,500 cards; remove"):
        read_header(made(path, MAX_CARDS + 1))


def test_no_other_module_opens_fits_files() -> None:
    """Each reader of headers has the same bound."""
    package = Path(napari_iris.__file__).parent
    opens = re.compile(r"fits\.(open|getdata|getheader|getval)\(")
    found = [path.name for path in package.rglob("*.py") if opens.search(path.read_text())]
    assert found == ["fits_reader.py"]


def test_an_endless_header_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Of 2 GB without data on the disk, where each block would be read and kept."""
    path = made(tmp_path / "a.fits", MAX_CARDS)
    with path.open("rb+") as file:
        file.seek(2880)
        file.write(b" " * 2880 * 200)
        file.truncate(2**31)
    with pytest.raises(LongHeaderError), open_fits(path):
        pass


@pytest.mark.parametrize("suffix", COMPRESS)
def test_headers_that_lead_back_to_themselves_are_refused(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit of negative size is followed by its own header, which was read forever."""
    monkeypatch.setattr("napari_iris.io.fits_reader._MAX_ALL_BLOCKS", 200)  # soon
    path = made(tmp_path / "a.fits", 20, extension=1)
    content = path.read_bytes()
    place = content.rindex(b"NAXIS1  =")
    content = content[:place] + b"NAXIS1  =                 -360" + content[place + 30 :]
    path = path.with_name(f"b{suffix}")
    path.write_bytes(COMPRESS[suffix](content))
    with pytest.raises(FileError, match="; make it again"):
        read_mask(path)
    assert not is_mask_file(path)


def test_units_without_pixels_have_headers_of_their_own(tmp_path: Path) -> None:
    empty = [fits.PrimaryHDU(), *(fits.ImageHDU() for _ in range(150))]
    fits.HDUList([*empty, fits.ImageHDU(np.ones((8, 10)))]).writeto(tmp_path / "a.fits")
    assert read_frame(tmp_path / "a.fits").data.shape == (8, 10)
