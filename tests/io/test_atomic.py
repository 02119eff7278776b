"""Files are complete or absent, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError
from napari_iris.io.atomic import atomic_open, make_folder
from napari_iris.io.fits_files import write_fits

if TYPE_CHECKING:
    from collections.abc import Callable

NEW = [(np.ones((20, 30), np.float32), fits.Header({"TARGET": "zenith"}))]


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "mask.fits"
    path.write_bytes(b"old")
    return path


def test_the_new_file_replaces_the_old_one_at_the_end(old: Path) -> None:
    with atomic_open(old) as file:
        file.write(b"new")
        file.flush()
        assert old.read_bytes() == b"old"
    assert old.read_bytes() == b"new"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit, MemoryError])
def test_a_failing_writer_leaves_the_old_file(old: Path, error: type[BaseException]) -> None:
    def write() -> None:
        with atomic_open(old) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write()
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize(("part", "name"), [(Path, "replace"), (os, "fsync")])
def test_a_full_disk_leaves_the_old_file_and_is_reported(
    old: Path, monkeypatch: pytest.MonkeyPatch, part: object, name: str
) -> None:
    monkeypatch.setattr(part, name, no_space)
    with pytest.raises(FileError, match=r"cannot be written .No space left on device.; make room"):
        write_fits(old, NEW, durable=True)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_disk_that_fills_up_during_writing_is_reported(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_open = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode: plain_open(Path("/dev/full"), mode))
    with pytest.raises(FileError, match="No space left on device"):
        write_fits(old, NEW)
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize(
    ("name", "reason"), [("gone/a.fits", "No such file"), ("file/a.fits", "Not a directory")]
)
def test_a_folder_that_cannot_be_written_to_is_named(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=reason) as raised:
        write_fits(tmp_path / name, NEW)
    assert raised.value.path == tmp_path / name


def test_a_read_only_folder_is_named(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for the system, as the superuser may write everywhere."""

    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FileError, match=r"cannot be written .Permission denied."):
        write_fits(old, NEW)


IMAGES = {
    "float32": np.linspace(0, 1, 12 * 7, dtype=np.float32).reshape(12, 7),
    "int16": np.arange(-40, 44, dtype=np.int16).reshape(12, 7),
    "uint8": np.arange(84, dtype=np.uint8).reshape(12, 7),
    "big-endian": np.linspace(0, 1, 84, dtype=">f4").reshape(12, 7),
    "transposed": np.arange(84, dtype=np.int16).reshape(12, 7).T,
    "NaN": np.full((720, 1), np.nan, np.float32),
    "whole blocks": np.zeros((288, 10), np.uint8),
}


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("kind", IMAGES)
def test_written_images_read_back(tmp_path: Path, kind: str, *, durable: bool) -> None:
    path, image = tmp_path / "a.fits", IMAGES[kind]
    header = fits.Header({"EXTNAME": "MASK", "METHOD": "HUMAN"})
    write_fits(path, [*NEW, (image, header)], durable=durable)
    assert path.stat().st_size % 2880 == 0
    assert list(tmp_path.iterdir()) == [path]
    with fits.open(path) as units:
        units.verify("exception")
        assert len(units) == 2
        np.testing.assert_array_equal(units[0].data, NEW[0][0])
        np.testing.assert_array_equal(units["MASK"].data, image)
        assert units["MASK"].data.dtype.newbyteorder("=") == image.dtype.newbyteorder("=")
        assert units["MASK"].header["METHOD"] == "HUMAN"


def test_every_kind_of_card_is_kept(tmp_path: Path) -> None:
    """Only the cards that describe the old pixels' layout are made anew."""
    header = fits.PrimaryHDU(np.zeros((5, 4, 3), np.uint16)).header
    cards = [
        ("TS", 1466.123456789012, "[s] since start"),
        ("GAIN", "high", ""),
        ("NOTE", "a long story " * 12 + "ends", ""),
        ("HIERARCH ESO TEL ALT", 45.5, "[deg]"),
        ("STACKED", True, ""),
        ("COMMENT", "first", ""),
        ("COMMENT", "second", ""),
        ("HISTORY", "binned", ""),
        ("BZEROED", 7, "no layout"),
        ("UNSET", None, ""),
    ]
    header.extend(cards)
    write_fits(tmp_path / "a.fits", [(np.zeros((8, 9), np.float32), header)])
    with fits.open(tmp_path / "a.fits") as units:
        units.verify("exception")
        found = units[0].header
        assert units[0].data.shape == (8, 9)
    assert found["BITPIX"] == -32
    assert not {"NAXIS3", "BZERO", "BSCALE"} & set(found)
    assert found["NOTE"] == ("a long story " * 12 + "ends")
    assert list(found["COMMENT"]) == ["first", "second"]
    for keyword in ("TS", "GAIN", "ESO TEL ALT", "STACKED", "BZEROED", "UNSET"):
        assert found[keyword] == header[keyword]
        assert found.comments[keyword] == header.comments[keyword]


def test_a_header_of_an_extension_or_of_tiles_is_accepted_for_a_primary_hdu(tmp_path: Path) -> None:
    tiles = fits.CompImageHDU(np.zeros((8, 9), np.int16), name="SKY").header
    tiles["GAIN"] = 2.5
    write_fits(tmp_path / "a.fits", [(np.ones((8, 9), np.float32), tiles)])
    with fits.open(tmp_path / "a.fits") as units:
        units.verify("exception")
        assert units[0].header["GAIN"] == 2.5
        np.testing.assert_array_equal(units[0].data, np.ones((8, 9)))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can sync a folder")
@pytest.mark.parametrize(("durable", "synced"), [(False, 0), (True, 2)])
def test_a_durable_file_and_its_folder_entry_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, durable: bool, synced: int
) -> None:
    handles: list[int] = []
    monkeypatch.setattr(os, "fsync", handles.append)
    write_fits(tmp_path / "a.fits", NEW, durable=durable)
    assert len(handles) == synced


def test_concurrent_writers_leave_one_complete_file(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    values = range(40)

    def write(value: int) -> None:
        write_fits(path, [(np.full((50, 50), value, np.int16), fits.Header())])
        assert np.ptp(fits.getdata(path)) == 0

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, values)) == [None] * len(values)
    assert list(tmp_path.iterdir()) == [path]


def test_writing_leaves_no_file_open(
    old: Path, monkeypatch: pytest.MonkeyPatch, count_open_files: Callable[[], int]
) -> None:
    before = count_open_files()
    write_fits(old, NEW, durable=True)
    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(FileError):
        write_fits(old, NEW, durable=True)
    assert count_open_files() == before


def test_a_folder_is_created_with_its_parents(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("name", "reason"), [("file", "File exists"), ("file/deeper", "Not a directory")]
)
def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    message = rf"cannot be created \({reason}\); choose another folder"
    with pytest.raises(FileError, match=message):
        make_folder(tmp_path / name)


def test_a_folder_is_not_reached_through_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="leads through a folder that does not exist"):
        make_folder(tmp_path / "gone" / ".." / "new")
    assert not any(tmp_path.iterdir())
    (tmp_path / "here").mkdir()
    make_folder(tmp_path / "here" / ".." / "new")
    assert (tmp_path / "new").is_dir()
