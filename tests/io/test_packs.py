"""Packs: what is read from one is what was written, for other programs too, after any stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from napari_iris.errors import FileError
from napari_iris.io.fits_files import write_fits
from napari_iris.io.fits_reader import open_fits
from napari_iris.io.outputs import Mark
from napari_iris.io.pack_file import PackError
from napari_iris.io.pack_writer import Pack, pack_file
from napari_iris.io.packs import (
    check_packs,
    find_file,
    find_packed,
    is_pack,
    packed_names,
    read_packed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Images = list[tuple[NDArray[np.generic], fits.Header]]

OPEN = Path("/proc/self/fd")

MARK = Mark("mask", "/sky.fits")

NAMES = ["sky_10_mask.fits", "sky_9_mask.fits", "night 2/sky_1_mask.fits", "Wölkchen_mask.fits"]


def images(number: int, *, side: int = 6) -> Images:
    """A frame with a blank pixel, and a mask."""
    draw = np.random.default_rng(number)
    frame = draw.normal(600, 9, (side, 8)).astype(np.float32)
    frame[number % side, 3] = np.nan
    mask = draw.integers(0, 3, frame.shape).astype(np.uint8)
    header = fits.Header([("DATE-OBS", f"2024-01-15T18:{number:02}:00"), ("NUMBER", number)])
    return [(frame, header), (mask, fits.Header([("EXTNAME", "MASK"), ("METHOD", "RECIPE")]))]


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    """A frame's file, of which the others are said to be made."""
    path = tmp_path / "sky.fits"
    path.write_bytes(b"SIMPLE")
    return path


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    (tmp_path / "out").mkdir()
    return Pack(tmp_path / "out" / "mask.1-of-1_pack.fits", tmp_path / "mask.journal")


def filled(pack: Pack, frame: Path, names: list[str] = NAMES) -> Path:
    """Put some files into a pack."""
    for number, name in enumerate(names):
        pack.add(pack_file(name, images(number), MARK, frame))
    pack.write(names)
    return pack.path


def test_files_are_restored_byte_by_byte(pack: Pack, frame: Path, tmp_path: Path) -> None:
    path = filled(pack, frame)
    assert list(packed_names(path)) == NAMES
    for number, name in enumerate(NAMES):
        write_fits(single := tmp_path / "single.fits", images(number), mark=MARK)
        assert read_packed(path / name).getvalue() == single.read_bytes()
    with open_fits(path / NAMES[1]) as units:
        assert units[0].header["NUMBER"] == 1
        assert units["MASK"].header["METHOD"] == "RECIPE"


def test_astropy_reads_tables_and_cubes(pack: Pack, frame: Path) -> None:
    with fits.open(filled(pack, frame)) as units:
        units.verify("exception")
        names = [unit.name for unit in units]
        assert names == ["PRIMARY", "FILES", "FRAME", "MASK"]
        cubes = units["FRAME"].data, units["MASK"].data
        rows = units["FILES"].data
        for number in range(len(NAMES)):
            for cube, (data, _) in zip(cubes, images(number), strict=True):
                assert cube.dtype.name == data.dtype.name
                np.testing.assert_array_equal(cube[number], data)
            header = fits.Header.fromstring(rows["HEADER_FRAME"][number].tobytes())
            assert header["NUMBER"] == number
        assert rows["FILE"].tolist() == [*NAMES[:3], "W%C3%B6lkchen_mask.fits"]
        assert set(rows["TIME"]) == {frame.stat().st_mtime_ns}


def test_images_of_several_shapes(pack: Pack, frame: Path) -> None:
    for number, side in enumerate((6, 9, 6)):
        pack.add(pack_file(f"{number}", images(number, side=side), MARK, frame))
    pack.write("012")
    for number, side in enumerate((6, 9, 6)):
        with open_fits(pack.path / f"{number}") as units:
            np.testing.assert_array_equal(units[1].data, images(number, side=side)[1][0])


def test_the_order_of_work_and_stops_do_not_matter(pack: Pack, frame: Path) -> None:
    whole = filled(pack, frame).read_bytes()
    changed = pack.path.stat().st_mtime_ns
    pack.write(NAMES)
    assert pack.path.stat().st_mtime_ns == changed, "nothing is new"
    pack.write(NAMES[2:])
    assert list(packed_names(pack.path)) == NAMES[2:]
    for number in (1, 0):
        pack.add(pack_file(NAMES[number], images(number), MARK, frame))
    pack.write(NAMES)
    assert pack.path.read_bytes() == whole
    pack.write([])
    assert not pack.path.exists()


def test_of_two_files_of_a_name_the_last_counts(pack: Pack, frame: Path) -> None:
    filled(pack, frame)
    pack.add(pack_file(NAMES[0], images(7), MARK, frame))
    pack.write(NAMES)
    with open_fits(pack.path / NAMES[0]) as units:
        assert units[0].header["NUMBER"] == 7


def test_after_a_kill_at_any_byte_the_whole_files_are_there(
    pack: Pack, frame: Path, tmp_path: Path
) -> None:
    for number, name in enumerate(NAMES):
        pack.add(pack_file(name, images(number), MARK, frame))
    journal = (tmp_path / "mask.journal").read_bytes()
    pack.write([])
    found = set()
    for end in [*range(0, len(journal), 61), len(journal)]:
        (tmp_path / "mask.journal").write_bytes(journal[:end])
        Pack(pack.path, tmp_path / "mask.journal").write(NAMES)
        names = list(packed_names(pack.path)) if pack.path.exists() else []
        assert names == NAMES[: len(names)]
        for number, name in enumerate(names):
            with open_fits(pack.path / name) as units:
                assert units[0].header["NUMBER"] == number
        found.add(len(names))
        pack.path.unlink(missing_ok=True)
    assert found == {0, 1, 2, 3, 4}


def test_a_damaged_pack_is_one_line_or_as_it_was(pack: Pack, frame: Path, tmp_path: Path) -> None:
    content = filled(pack, frame).read_bytes()
    path = tmp_path / "mask.2-of-9_pack.fits"
    right = [read_packed(pack.path / name).getvalue() for name in NAMES]
    draw = np.random.default_rng(5)
    failed, lines = 0, set[str]()
    for trial in range(400):
        damaged = bytearray(content)
        if trial % 4:
            damaged[draw.integers(len(content))] ^= 1 << draw.integers(8)
        else:
            del damaged[draw.integers(len(content)) :]
        path.write_bytes(damaged)
        os.utime(path, ns=(trial, trial))
        try:
            pixels = [read_packed(path / name).getvalue() for name in packed_names(path)]
            failed += pixels != right
        except FileError as error:
            lines.add(str(error))
        except FileNotFoundError:  # its name is damaged
            failed += 1
    assert failed + len(lines) > 20
    assert all(line.startswith(str(path)) and "\n" not in line for line in lines)


def test_another_file_with_the_name_of_a_pack(pack: Pack, frame: Path, tmp_path: Path) -> None:
    write_fits(pack.path, images(1))
    assert not is_pack(pack.path)
    with pytest.raises(PackError, match="is not a pack of napari-iris; move it away"):
        find_packed(pack.path.parent, [pack.path.name], "")
    before = pack.path.read_bytes()
    pack.add(pack_file(NAMES[0], images(0), MARK, frame))
    with pytest.raises(PackError, match="is not a pack of napari-iris"):
        pack.write(NAMES)
    assert pack.path.read_bytes() == before
    with pytest.raises(NotADirectoryError):
        read_packed(frame / "inside.fits")


def test_files_are_found_single_or_packed(pack: Pack, frame: Path, tmp_path: Path) -> None:
    path = filled(pack, frame)
    out = path.parent
    assert find_file(out, NAMES[2]) == path / NAMES[2]
    assert find_file(out, "sky_1_mask.fits") is None
    (out / NAMES[0]).touch()
    assert find_file(out, NAMES[0]) == out / NAMES[0], "a single file comes first"
    names = [one.name for one in out.iterdir()]
    assert find_packed(out, names, "_mask.fits") == [f"{path.name}/{name}" for name in NAMES[1:]]
    path.rename(out / "mask.1-of-2_pack.fits")
    assert find_file(out, NAMES[2]) == out / "mask.1-of-2_pack.fits" / NAMES[2]
    assert find_file(tmp_path / "gone", NAMES[2]) is None


def test_single_files_and_packs_of_other_shards_are_refused(pack: Pack, frame: Path) -> None:
    out = filled(pack, frame).parent
    check_packs(out, "mask", 1)
    check_packs(out, "predict")
    for count in (0, 2):
        with pytest.raises(FileError, match="already has results of mask; go on with"):
            check_packs(out, "mask", count)


@pytest.mark.skipif(not OPEN.is_dir(), reason="needs /proc")
def test_no_file_stays_open(pack: Pack, frame: Path) -> None:
    before = len(list(OPEN.iterdir()))
    path = filled(pack, frame)
    for name in NAMES:
        read_packed(path / name)
    assert len(list(OPEN.iterdir())) == before
