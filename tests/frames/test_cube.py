"""Cubes: opened once, read plane by plane, in memory that does not grow with them."""

from __future__ import annotations

import bz2
import gzip
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FrameError
from napari_iris.frames.cube import FrameCube
from napari_iris.frames.read import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLANES, ROWS, COLUMNS = 6, 12, 16
STACK = np.arange(PLANES * ROWS * COLUMNS).reshape(PLANES, ROWS, COLUMNS)


@pytest.fixture
def open_cube() -> Iterator[Callable[..., FrameCube]]:
    """Open cubes that are closed at the end of the test."""
    opened: list[FrameCube] = []

    def open_one(path: Path, **which: int) -> FrameCube:
        opened.append(FrameCube(path, **which))
        return opened[-1]

    yield open_one
    for cube in opened:
        cube.close()


def as_written(path: Path, kind: str) -> Path:
    """Write the cube in one of the ways that FITS knows."""
    header = fits.Header({"DATE-OBS": "2024-01-15T18:00:00"})
    if kind == "scaled":
        unit = fits.PrimaryHDU(STACK.astype(np.float32), header)
        unit.scale("int16", bscale=0.5, bzero=100)
    elif kind == "unsigned":
        unit = fits.PrimaryHDU(STACK.astype(np.uint16), header)
    elif kind == "thin":
        unit = fits.PrimaryHDU(STACK.astype(np.float64)[:, None, :, :, None], header)
    else:
        unit = fits.PrimaryHDU(STACK.astype(np.int16), header)
    if kind == "tiles":
        tiles = fits.CompImageHDU(STACK.astype(np.int16), header, tile_shape=(1, ROWS, COLUMNS))
        fits.HDUList([fits.PrimaryHDU(), tiles]).writeto(path)
        return path
    unit.writeto(path)
    for suffix, compress in {"gz": gzip.compress, "bz2": bz2.compress}.items():
        if kind == suffix:
            path.write_bytes(compress(path.read_bytes()))
    return path


@pytest.mark.parametrize("kind", ["plain", "scaled", "unsigned", "thin", "tiles", "gz", "bz2"])
def test_planes_are_those_that_read_frame_gives(
    tmp_path: Path, open_cube: Callable[..., FrameCube], kind: str
) -> None:
    path = as_written(tmp_path / "cube.fits", kind)
    cube = open_cube(path)
    assert (cube.shape, cube.dtype, len(cube)) == (STACK.shape, np.float32, PLANES)
    for plane in (3, 0, 5, 4):
        frame, alone = cube.frame(plane), read_frame(path, plane=plane)
        np.testing.assert_array_equal(frame.data, STACK[plane])
        np.testing.assert_array_equal(frame.data, alone.data)
        assert (frame.path, frame.hdu, frame.plane) == (path, alone.hdu, plane)
        assert frame.header["DATE-OBS"] == "2024-01-15T18:00:00"
    np.testing.assert_array_equal(np.asarray(cube), STACK)
    np.testing.assert_array_equal(cube[1:3, ..., 2], STACK[1:3, :, 2])


def test_blank_pixels_are_nan(
    write_frame: Callable[..., Path], open_cube: Callable[..., FrameCube]
) -> None:
    cube = open_cube(write_frame("cube.fits", STACK.astype(np.int16), BLANK=7))
    assert np.isnan(cube[0]).sum() == 1


def test_the_file_is_opened_once_for_all_planes(
    write_frame: Callable[..., Path],
    open_cube: Callable[..., FrameCube],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = []
    fits_open = fits.open
    monkeypatch.setattr(fits, "open", lambda *a, **k: (opened.append(a), fits_open(*a, **k))[1])
    cube = open_cube(write_frame("cube.fits", STACK.astype(np.int16)))
    np.testing.assert_array_equal(np.asarray(cube), STACK)
    assert len(opened) == 1


def test_memory_does_not_grow_with_the_cube(
    write_frame: Callable[..., Path],
    open_cube: Callable[..., FrameCube],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("napari_iris.frames.stack.CACHE_BYTES", 0)
    path = write_frame("cube.fits", np.zeros((200, 128, 160), np.int16))
    plane = 4 * 128 * 160
    open_cube(path).pixels(0)  # imports are not counted
    tracemalloc.start()
    try:
        cube = open_cube(path)
        for number in range(200):
            cube.pixels(number)
        assert tracemalloc.get_traced_memory()[1] < 20 * plane
    finally:
        tracemalloc.stop()


def test_a_closed_cube_has_no_file_open(
    write_frame: Callable[..., Path], count_open_files: Callable[[], int]
) -> None:
    path = write_frame("cube.fits", STACK.astype(np.int16))
    before = count_open_files()
    cube = FrameCube(path)
    cube.pixels(0)
    assert count_open_files() == before + 1
    cube.close()
    assert count_open_files() == before
    np.testing.assert_array_equal(cube[0], STACK[0], "planes in memory are still there")
    with pytest.raises(FrameError, match="is closed; open it again"):
        cube.frame(4)
    other = FrameCube(path)
    del other
    assert count_open_files() == before


@pytest.mark.parametrize(
    ("shape", "reason"),
    [((ROWS, COLUMNS), r"has shape \(12, 16\); give a cube"), ((2, 2, 3, 4), "give a cube")],
)
def test_what_is_not_a_cube_is_refused(
    write_frame: Callable[..., Path],
    shape: tuple[int, ...],
    reason: str,
    count_open_files: Callable[[], int],
) -> None:
    path = write_frame("one.fits", np.zeros(shape, np.int16))
    before = count_open_files()
    with pytest.raises(FrameError, match=reason):
        FrameCube(path)
    assert count_open_files() == before


def test_a_truncated_cube_has_blank_planes_with_their_reason(
    write_frame: Callable[..., Path], open_cube: Callable[..., FrameCube]
) -> None:
    path = write_frame("cube.fits", STACK.astype(np.int32))
    path.write_bytes(path.read_bytes()[: 2880 + 3 * 4 * ROWS * COLUMNS])
    cube = open_cube(path)
    np.testing.assert_array_equal(cube[0], STACK[0])
    assert np.isnan(cube[5]).all()
    with pytest.raises(FrameError, match=r"cube\.fits: is damaged"):
        cube.frame(5)
