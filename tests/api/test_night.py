"""A night: frames when indexed, a table, and a lazy array for numpy, dask and xarray."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

import napari_iris as iris
from napari_iris.errors import FrameError, MissingPackageError
from tests.timing import assert_within, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

COUNT, ROWS, COLUMNS = 5, 12, 16
STACK = np.arange(COUNT * ROWS * COLUMNS, dtype=np.int16).reshape(COUNT, ROWS, COLUMNS)


@pytest.fixture
def folder(write_frame: Callable[..., Path]) -> Path:
    for number, data in enumerate(STACK):
        path = write_frame(
            f"night/sky_{number}.fits",
            data,
            DATE_OBS=f"2024-01-15T18:0{number}:00",
            CAMERA="TAU2",
            GAIN=number if number else 0.5,
        )
    return path.parent


@pytest.fixture
def cube(write_frame: Callable[..., Path]) -> Path:
    return write_frame("cube.fits", STACK, DATE_OBS="2024-01-15T18:00:00")


@pytest.fixture(params=["files", "cube"])
def night(request: pytest.FixtureRequest, folder: Path, cube: Path) -> Iterator[iris.Night]:
    with iris.open_night(folder if request.param == "files" else cube) as opened:
        yield opened


def test_an_index_gives_a_frame(night: iris.Night) -> None:
    assert len(night) == COUNT
    for number in (0, 3, -1, np.int64(2)):
        frame = night[number]
        assert isinstance(frame, iris.Frame)
        np.testing.assert_array_equal(frame.data, STACK[number])
    for number in (COUNT, -COUNT - 1):
        with pytest.raises(IndexError, match="expected a frame from 0 to 4"):
            night[number]
    np.testing.assert_array_equal(np.array(list(night)), STACK)


@pytest.mark.parametrize(
    "key",
    [slice(1, 4), slice(None, None, -2), slice(3, 3), [0, 3], np.array([True, False] * 2 + [True])],
    ids=str,
)
def test_a_slice_gives_a_night(night: iris.Night, key: Any) -> None:
    part = night[key]
    assert isinstance(part, iris.Night)
    assert part.shape == STACK[key].shape
    np.testing.assert_array_equal(np.asarray(part), STACK[key])
    if len(part):
        np.testing.assert_array_equal(part[-1].data, STACK[key][-1])
        np.testing.assert_array_equal(part[:1][0].data, STACK[key][0])


@pytest.mark.parametrize(
    "key",
    [..., (0,), (slice(None), 3), (2, ..., 4), (..., 1), (slice(1, 3), slice(2), slice(None))],
    ids=str,
)
def test_an_index_of_axes_gives_pixels(night: iris.Night, key: Any) -> None:
    np.testing.assert_array_equal(night[key], STACK[key])


def test_it_describes_itself_as_an_array(night: iris.Night) -> None:
    assert (night.shape, night.dtype, night.ndim) == (STACK.shape, np.float32, 3)
    assert (night.size, night.chunks) == (STACK.size, ((1,) * COUNT, (ROWS,), (COLUMNS,)))
    np.testing.assert_array_equal(np.asarray(night), STACK)
    assert np.asarray(night, np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="is always copied"):
        np.asarray(night, copy=False)


def test_it_is_described_in_one_line(folder: Path, cube: Path) -> None:
    with iris.open_night(folder) as night:
        assert repr(night) == "Night(5 frames of 12x16, sky_0.fits to sky_4.fits)"
        assert repr(night[1:1]) == "Night(0 frames of 12x16)"
    with iris.open_night(cube) as night:
        assert repr(night) == "Night(5 frames of 12x16, cube.fits)"


def test_its_table_has_file_time_and_facts(folder: Path) -> None:
    (folder / "sky_2.fits").write_bytes(b"no FITS")
    fits.setval(folder / "sky_3.fits", "CAMERA", value="TAU3")
    fits.delval(folder / "sky_4.fits", "GAIN")
    with iris.open_night(folder) as night:
        table = night.table
        assert night.table is table
        assert night[2:4].table["file"].tolist() == table["file"][2:4].tolist()
    assert table.colnames == ["file", "time", "DATE-OBS", "CAMERA", "GAIN"]
    assert table["file"].tolist() == [str(folder / f"sky_{number}.fits") for number in range(COUNT)]
    assert table["time"][1] == np.datetime64("2024-01-15T18:01:00")
    assert np.isnat(table["time"]).tolist() == [False, False, True, False, False]
    assert table["CAMERA"].tolist() == ["TAU2", "TAU2", None, "TAU3", "TAU2"]
    assert table["GAIN"].tolist() == [0.5, 1.0, None, 3.0, None]


def test_the_table_of_a_cube_has_a_row_a_plane(cube: Path) -> None:
    with iris.open_night(cube) as night:
        assert night.table["file"].tolist() == [str(cube)] * COUNT
        assert night.table["DATE-OBS"].tolist() == ["2024-01-15T18:00:00"] * COUNT


def test_dask_reads_a_frame_a_chunk(night: iris.Night) -> None:
    pytest.importorskip("dask", reason="dask comes with napari, not with the base install")
    array = night.to_dask()
    assert array.chunks == night.chunks
    assert array.dtype == np.float32
    np.testing.assert_array_equal(array.compute(scheduler="synchronous"), STACK)
    np.testing.assert_array_equal(
        array[1:4, 2:4].max(axis=0).compute(scheduler="synchronous"), STACK[3, 2:4]
    )


def test_without_dask_the_package_is_named(
    night: iris.Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dask.array", None)
    with pytest.raises(MissingPackageError, match="needs dask: pip install dask"):
        night.to_dask()


def test_xarray_takes_it(night: iris.Night) -> None:
    xarray = pytest.importorskip("xarray", reason="xarray is installed for the tests alone")
    np.testing.assert_array_equal(xarray.DataArray(night, dims=("frame", "y", "x")), STACK)


@pytest.mark.slow
@pytest.mark.timed
def test_a_hundred_thousand_frames_become_a_dask_array_at_once(
    folder: Path, write_frame: Callable[..., Path]
) -> None:
    pytest.importorskip("dask", reason="dask comes with napari, not with the base install")
    from napari_iris.frames.paths import FramePaths
    from napari_iris.frames.sequence import FrameSequence

    paths = FramePaths.of([folder / "sky_0.fits"] * 100_000)

    def read(chunk: Any) -> np.ndarray:
        return chunk.compute(scheduler="synchronous")

    with iris.Night(FrameSequence(paths)) as night:
        array = night.to_dask()
        assert_within(2, lambda: seconds(night.to_dask))
        assert_within(2, lambda: seconds(lambda: read(array[77_777])))
        np.testing.assert_array_equal(read(array[77_777]), STACK[0])


def test_it_can_be_sent_to_other_processes(night: iris.Night) -> None:
    with pickle.loads(pickle.dumps(night[1:3])) as again:
        np.testing.assert_array_equal(np.asarray(again), STACK[1:3])


def test_a_frame_that_cannot_be_read_is_blank_and_raises(folder: Path) -> None:
    (folder / "sky_2.fits").write_bytes(b"no FITS")
    with iris.open_night(folder) as night:
        assert np.isnan(np.asarray(night)).all(axis=(1, 2)).tolist() == [0, 0, 1, 0, 0]
        with pytest.raises(FrameError, match=r"sky_2\.fits: is damaged"):
            night[2]


def test_sources_are_files_folders_and_globs(folder: Path) -> None:
    with iris.open_night([folder / "sky_3.fits", str(folder / "sky_[01].fits")]) as night:
        np.testing.assert_array_equal(np.asarray(night), STACK[[3, 0, 1]])
    with iris.open_night(folder, shape=(6, 8)) as night:
        assert night.shape == (COUNT, 6, 8)
    with pytest.raises(FrameError, match="does not exist"):
        iris.open_night([folder, folder / "gone.fits"])


def test_one_plane_of_each_cube(cube: Path) -> None:
    with iris.open_night(cube, plane=3) as night:
        np.testing.assert_array_equal(np.asarray(night), STACK[3:4])


def test_no_file_stays_open(folder: Path, cube: Path, count_open_files: Callable[[], int]) -> None:
    before = count_open_files()
    for source in (folder, cube):
        with iris.open_night(source) as night:
            np.asarray(night)
        assert count_open_files() == before
