"""Frames in every encoding that FITS allows come in as native float32, or say why they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FrameError
from napari_iris.frames.read import count_planes, read_colour, read_frame, read_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNTS = np.arange(12 * 16, dtype=np.int16).reshape(12, 16) * 80
FRACTIONS = np.linspace(0.03, 0.1, 12 * 16).reshape(12, 16)


def with_blank(data: np.ndarray) -> np.ndarray:
    """The values with NaN in one pixel."""
    values = data.astype(np.float64)
    values[3, 5] = np.nan
    return values


def blank_unit(**scale: float) -> fits.PrimaryHDU:
    """Integers whose pixel (3, 5) is BLANK."""
    data = COUNTS.copy()
    data[3, 5] = -32768
    unit = fits.PrimaryHDU(data)
    unit.header["BLANK"] = -32768
    unit.header.update(scale)
    return unit


def scaled_unit() -> fits.PrimaryHDU:
    """Counts stored as 0.04 K a unit above absolute zero."""
    unit = fits.PrimaryHDU(COUNTS * 0.04 - 273.15)
    unit.scale("int16", bscale=0.04, bzero=-273.15)
    return unit


ENCODINGS = {
    "int16": ("a.fits", lambda: fits.PrimaryHDU(COUNTS), COUNTS),
    "gzip": ("a.fits.gz", lambda: fits.PrimaryHDU(COUNTS), COUNTS),
    "bzip2": ("a.fits.bz2", lambda: fits.PrimaryHDU(COUNTS), COUNTS),
    "Rice tiles": ("a.fits.fz", lambda: fits.CompImageHDU(COUNTS), COUNTS),
    "gzip tiles": ("a.fz", lambda: fits.CompImageHDU(COUNTS, compression_type="GZIP_1"), COUNTS),
    "uint8": ("a.fit", lambda: fits.PrimaryHDU((COUNTS // 80).astype(np.uint8)), COUNTS // 80),
    "uint16 by BZERO": (
        "a.fts",
        lambda: fits.PrimaryHDU(COUNTS.astype(np.uint16) + 40_000),
        COUNTS.astype(float) + 40_000,
    ),
    "int32": ("a.fits", lambda: fits.PrimaryHDU(COUNTS.astype(np.int32) * 9), COUNTS * 9.0),
    "BSCALE": ("a.fits", scaled_unit, COUNTS * 0.04 - 273.15),
    "BLANK": ("a.fits", blank_unit, with_blank(COUNTS)),
    "BLANK and BSCALE": ("a.fits", lambda: blank_unit(BSCALE=2.0), with_blank(COUNTS * 2.0)),
    "float32": ("a.fits", lambda: fits.PrimaryHDU(FRACTIONS.astype(np.float32)), FRACTIONS),
    "float64": ("a.fits", lambda: fits.PrimaryHDU(FRACTIONS), FRACTIONS),
    "NaN": ("a.fits", lambda: fits.PrimaryHDU(with_blank(FRACTIONS)), with_blank(FRACTIONS)),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_reads_as_native_float32(tmp_path: Path, encoding: str) -> None:
    name, unit, expected = ENCODINGS[encoding]
    units = [unit()] if isinstance(unit(), fits.PrimaryHDU) else [fits.PrimaryHDU(), unit()]
    fits.HDUList(units).writeto(tmp_path / name)
    frame = read_frame(tmp_path / name)
    assert frame.data.dtype == np.float32
    assert frame.data.dtype.isnative
    np.testing.assert_allclose(
        frame.data, expected, rtol=1e-6, atol=1e-7 * np.nanmax(np.abs(expected))
    )
    assert frame.path == tmp_path / name


def test_a_frame_packed_by_unix_compress_reads(shared_data: Path) -> None:
    pytest.importorskip("uncompresspy", reason="a dependency that this environment lacks")
    frame = read_frame(shared_data / "odd_fits/astropy_tests/lzw.fits.Z")
    assert frame.data.shape == (101, 101)
    assert 0 < np.ptp(frame.data) < np.inf


def test_the_fix_of_a_missing_library_is_named(
    write_frame: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("The optional package uncompresspy is necessary.")

    path = write_frame("a.fits.gz")
    monkeypatch.setattr(fits, "open", lacking)
    with pytest.raises(FrameError, match=r"uncompresspy is necessary; pip install uncompresspy$"):
        read_frame(path)


@pytest.fixture
def two_images(tmp_path: Path) -> Path:
    """An empty primary unit with facts, a table, and two images."""
    path = tmp_path / "two.fits"
    primary, table = fits.PrimaryHDU(), fits.BinTableHDU(np.zeros(3, [("x", "f4")]))
    primary.header["DATE-OBS"], primary.header["TARGET"] = "2024-01-15T18:00:00", "zenith"
    first, second = fits.ImageHDU(COUNTS), fits.ImageHDU(COUNTS + 1)
    first.header["TARGET"] = "horizon"
    fits.HDUList([primary, table, first, second]).writeto(path)
    return path


def test_the_first_image_is_found_and_the_primary_header_completes_its_own(
    two_images: Path,
) -> None:
    frame = read_frame(two_images)
    np.testing.assert_array_equal(frame.data, COUNTS)
    assert frame.hdu == 2
    assert frame.header["DATE-OBS"] == "2024-01-15T18:00:00"
    assert frame.header["TARGET"] == "horizon", "the image's own card wins"
    assert frame.header["NAXIS"] == 2, "the primary's NAXIS = 0 does not"
    assert read_header(two_images).tostring() == frame.header.tostring()


def test_an_image_is_chosen_by_number(two_images: Path) -> None:
    frame = read_frame(two_images, hdu=3)
    np.testing.assert_array_equal(frame.data, COUNTS + 1)
    assert frame.header["TARGET"] == "zenith"


@pytest.mark.parametrize("hdu", [0, 1, 4])
def test_a_unit_without_image_is_refused(two_images: Path, hdu: int) -> None:
    message = f"holds no image in HDU {hdu} .it has 4.; choose another with --hdu"
    for read in (read_frame, read_header, count_planes):
        with pytest.raises(FrameError, match=message):
            read(two_images, hdu=hdu)


def test_a_colour_image_reads_as_colour_and_as_grey(write_frame: Callable[..., Path]) -> None:
    colour = np.random.default_rng(0).integers(0, 255, (3, 12, 16)).astype(np.float32)
    path = write_frame("colour.fits", colour, COLORSPC="RGB")
    found, header = read_colour(path)
    assert (found.shape, found.dtype, header["COLORSPC"]) == ((12, 16, 3), np.float32, "RGB")
    np.testing.assert_array_equal(found[..., 2], colour[2])
    np.testing.assert_allclose(read_frame(path).data, found @ [0.299, 0.587, 0.114], rtol=1e-5)
    for grey in (write_frame("cube.fits", colour), write_frame("grey.fits", COLORSPC="RGB")):
        with pytest.raises(FrameError, match=r"is not a colour image .* --rgb"):
            read_colour(grey)


@pytest.mark.parametrize("shape", [(12, 16, 1), (1, 12, 16), (1, 12, 1, 16)])
@pytest.mark.parametrize("plane", [None, 0])
def test_axes_of_length_one_are_dropped(
    write_frame: Callable[..., Path], shape: tuple[int, ...], plane: int | None
) -> None:
    path = write_frame("a.fits", COUNTS.reshape(shape))
    np.testing.assert_array_equal(read_frame(path, plane=plane).data, COUNTS)
    assert count_planes(path) == 1


def test_a_cube_gives_the_plane_asked_for(write_frame: Callable[..., Path]) -> None:
    cube = np.stack([COUNTS, COUNTS + 1, COUNTS + 2])
    path = write_frame("cube.fits", cube)
    assert count_planes(path) == 3
    for plane in range(3):
        np.testing.assert_array_equal(read_frame(path, plane=plane).data, cube[plane])


@pytest.mark.parametrize(
    ("shape", "plane", "message"),
    [
        ((3, 12, 16), None, r"is a cube of 3 frames \(12, 16\); choose one with --plane 0 to 2"),
        ((3, 12, 16), 3, "choose one with --plane 0 to 2"),
        ((3, 12, 16), -1, "choose one with --plane 0 to 2"),
        ((12, 16), 1, "is a single frame and has no plane 1; leave out --plane"),
        ((2, 3, 12, 16), 0, r"has shape \(2, 3, 12, 16\); give a two-dimensional image"),
        ((12,), None, "holds no image"),
        ((12, 1), None, None),
    ],
)
def test_planes_and_shapes_that_make_no_frame_are_refused(
    write_frame: Callable[..., Path], shape: tuple[int, ...], plane: int | None, message: str | None
) -> None:
    path = write_frame("a.fits", np.zeros(shape, np.int16))
    if message is None:
        assert read_frame(path, plane=plane).data.shape == shape
        return
    with pytest.raises(FrameError, match=message):
        read_frame(path, plane=plane)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "does not exist; check the name"),
        (lambda path: path.mkdir(), "is a folder; give the files in it"),
        (lambda path: path.touch(), r"is empty \(0 bytes\); copy it again"),
        (lambda path: path.write_text("no FITS\n" * 999), "is damaged or not FITS .No SIMPLE"),
    ],
)
def test_what_is_wrong_is_reported(
    tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "a.fits"
    make(path)
    for read in (read_frame, read_header):
        with pytest.raises(FrameError, match=reason):
            read(path)


def test_a_frame_without_permission_is_refused(
    write_frame: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in for the system, as the superuser may read everything."""

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    path = write_frame("a.fits.gz")
    monkeypatch.setattr(fits, "open", refuse)
    with pytest.raises(FrameError, match="is not readable; ask for permission"):
        read_frame(path)


@pytest.mark.parametrize(
    ("card", "keyword", "value"),
    [
        (b"OBSERVER= 'J\xe9r\xf4me'", "OBSERVER", "J?r?me"),
        (b"OBSERVER= 'J\xe9r\xf4me\x00 '", "OBSERVER", None),
        (b"DATE-OBS= 2018-08-16T21:01:00", "DATE-OBS", "2018-08-16T21:01:00"),
        (b"BAD     = 'unclosed", "BAD", "'unclosed"),
        (b"B D     = 3", "B D", None),
    ],
)
def test_a_bad_card_costs_no_frame(
    write_frame: Callable[..., Path], tmp_path: Path, card: bytes, keyword: str, value: str | None
) -> None:
    """It is mended or left out, so that the header can be read, and written to a mask."""
    path = write_frame("a.fits", COUNTS, FILLER="x", GAIN=2.5)
    whole = path.read_bytes()
    place = whole.index(b"FILLER")
    path.write_bytes(whole[:place] + card.ljust(80) + whole[place + 80 :])
    frame = read_frame(path)
    np.testing.assert_array_equal(frame.data, COUNTS)
    assert frame.header.get(keyword) == value
    assert frame.header["GAIN"] == 2.5
    fits.PrimaryHDU(frame.data, frame.header).writeto(tmp_path / "b.fits")
    assert read_header(tmp_path / "b.fits").get(keyword) == value


def test_reading_leaves_no_file_open(
    two_images: Path, tmp_path: Path, count_open_files: Callable[[], int]
) -> None:
    (tmp_path / "cut.fits").write_bytes(two_images.read_bytes()[:9000])
    before = count_open_files()
    kept = [read_frame(two_images), read_header(two_images)]
    for hdu in (None, 0, 7):
        with pytest.raises(FrameError):
            read_frame(tmp_path / "cut.fits", hdu=hdu)
    assert count_open_files() == before
    assert len(kept) == 2
