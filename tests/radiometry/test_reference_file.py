"""Reference files: read as written, and refused in one line where they cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import ReferenceFileError
from napari_iris.radiometry.archive import references_of
from napari_iris.radiometry.reference_file import read_references, write_references
from tests.radiometry.conftest import nights

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_iris.radiometry.reference import Reference


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "camera.fits"
    write_references(path, [written()])
    return path


def written() -> Reference:
    (found,) = references_of(nights(5).statistics).found
    return replace(found, shape_limit=42.0)


def test_a_reference_is_read_as_written(file: Path) -> None:
    before, (found,) = written(), read_references(file)
    numbers = ("level_sigma", "pixel_sigma", "shape_limit", "unit", "clear_frames", "frames")
    for name in ("kind", "camera", *numbers):
        assert getattr(found, name) == getattr(before, name)
    np.testing.assert_array_equal(found.pattern, before.pattern)
    for one in nights(5).statistics:
        assert found.level(one) == pytest.approx(before.level(one))


def test_a_file_of_an_older_program_has_no_limit_of_the_shape(file: Path, tmp_path: Path) -> None:
    with fits.open(file) as units:
        del units["PATTERN1"].header["SHPLIM"]
        units.writeto(older := tmp_path / "older.fits")
    (found,) = read_references(older)
    assert found.shape_limit == 0


def test_a_reference_is_readable_by_others(file: Path) -> None:
    header = fits.getheader(file, "PATTERN1")
    assert header["BUNIT"] == "adu"
    assert header["KIND"] == "measured"
    assert header["NFRAMES"] == 60
    assert header["LEVSIG"] > 0
    assert fits.getdata(file, "NIGHT1").columns.names == ["start", "offset"]


def newer(units: fits.HDUList) -> None:
    units[0].header["IRISREF"] = 99


def foreign(units: fits.HDUList) -> None:
    del units[0].header["IRISREF"]


def not_finite(units: fits.HDUList) -> None:
    units["PATTERN1"].data[3, 3] = np.nan


def without_night(units: fits.HDUList) -> None:
    del units["NIGHT1"]


def negative(units: fits.HDUList) -> None:
    units["PATTERN1"].header["PIXSIG"] = -1.0


def negative_limit(units: fits.HDUList) -> None:
    units["PATTERN1"].header["SHPLIM"] = -1.0


def unknown_kind(units: fits.HDUList) -> None:
    units["PATTERN1"].header["KIND"] = "guessed"


def huge_image(units: fits.HDUList) -> None:
    units["PATTERN1"].data = np.zeros((640, 512), np.float32)


def too_large(units: fits.HDUList) -> None:
    units["PATTERN1"].header["LEVSIG"] = 1e300


def a_text(units: fits.HDUList) -> None:
    units["PATTERN1"].header["INTERCEP"] = "six hundred"


def infinite_frame(units: fits.HDUList) -> None:
    units["FRAMES1"].data["floor"][0] = np.inf


def many_rows(units: fits.HDUList) -> None:
    table = fits.BinTableHDU.from_columns([fits.Column("offset", "D", array=np.zeros(20_000))])
    table.name = "NIGHT1"
    units["NIGHT1"] = table


def an_image_for_a_table(units: fits.HDUList) -> None:
    units["POINTING1"] = fits.ImageHDU(np.zeros((2, 2)), name="POINTING1")


def empty(units: fits.HDUList) -> None:
    while len(units) > 1:
        units.pop()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (newer, "version 99"),
        (foreign, "not a clear-sky reference"),
        (not_finite, "not a number"),
        (without_night, "damaged"),
        (negative, "not a number"),
        (negative_limit, "not a number"),
        (huge_image, "shape"),
        (too_large, "far too large"),
        (a_text, "damaged"),
        (infinite_frame, "not a number"),
        (many_rows, "too large"),
        (an_image_for_a_table, "damaged"),
        (unknown_kind, "guessed"),
        (empty, "holds no reference"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    file: Path, tmp_path: Path, change: Callable[[fits.HDUList], None], reason: str
) -> None:
    path = tmp_path / "changed.fits"
    with fits.open(file) as units:
        change(units)
        units.writeto(path, checksum=False)
    with pytest.raises(ReferenceFileError, match=reason) as caught:
        read_references(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"SIMPLE  =", b"\x00" * 3000, b"not FITS" * 500])
def test_damaged_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.fits"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match="damaged|no clear-sky"):
        read_references(path)


def test_an_image_that_would_fill_the_memory_is_not_read(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "huge.fits"
    content = file.read_bytes()
    old = b"NAXIS1  =                   80"
    assert old in content
    path.write_bytes(content.replace(old, b"NAXIS1  =            900000000"))
    with pytest.raises(ReferenceFileError, match="shape"):
        read_references(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceFileError, match="does not exist"):
        read_references(tmp_path / "none.fits")
